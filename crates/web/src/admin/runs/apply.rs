use super::views::{ApplyRequest, Selection};
use crate::admin::shared::views::JobRef;
use crate::call::{Accepted, Answer, At, Body, Call};
use crate::problem::{FieldFault, Problem};
use kernel::{PlanItemId, RunId};
use uuid::Uuid;
use workflows::{ConfirmedAct, sync};

/// Apply the plan, whole or in part.
///
/// A plan that a brake holds must have been let go by another person (409 brake_needs_second_approval, same_person_approves).
///
/// Permission: `ApplyPlans`. The key is asked again.
#[utoipa::path(post, path = "/api/v1/runs/{id}/apply", operation_id = "apply_run", tag = "runs",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    request_body = ApplyRequest,
    responses((status = 202, body = JobRef), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(run.id = %id))]
pub async fn apply(
    call: Call,
    At(id): At<RunId>,
    Body(body): Body<ApplyRequest>,
) -> Answer<Accepted<JobRef>> {
    let shown: i64 = body
        .data_version
        .parse()
        .map_err(|_| Problem::fields(vec![FieldFault::new("data_version", "required")]))?;
    let selection = match &body.selection {
        Selection::AllBut(all) if !all.all => {
            return Err(Problem::fields(vec![FieldFault::new("selection", "required")]));
        }
        Selection::AllBut(all) => sync::Selection::AllBut(ids(&all.except)),
        Selection::Some(some) if some.items.is_empty() => {
            return Err(Problem::conflict("plan_empty"));
        }
        Selection::Some(some) => sync::Selection::Only(ids(&some.items)),
    };
    call.workflows.may_apply_plans(call.actor()).await?;
    call.must_confirm(ConfirmedAct::ApplyPlan).await?;
    let selection = call.workflows.unfold(call.actor(), id, shown, selection).await?;
    let job = call.workflows.start_apply(call.actor(), id, &selection).await?;
    Ok(Accepted(JobRef { job_id: job.id.uuid() }))
}

fn ids(items: &[Uuid]) -> Vec<PlanItemId> {
    items.iter().copied().map(PlanItemId::from).collect()
}
