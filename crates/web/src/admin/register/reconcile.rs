use crate::admin::shared::views::JobRef;
use crate::call::{Accepted, Answer, Call};
use crate::problem::Problem;

/// Compare everybody with the register.
///
/// Permission: `RunSources`.
#[utoipa::path(post, path = "/api/v1/register/reconcile", operation_id = "reconcile_register", tag = "register",
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 202, body = JobRef), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn reconcile(call: Call) -> Answer<Accepted<JobRef>> {
    let (_, job) = call.workflows.start_reconcile(call.actor()).await?;
    Ok(Accepted(JobRef { job_id: job.id.uuid() }))
}
