use super::show::shown;
use super::views::Run;
use crate::call::{Answer, At, Call, Tagged};
use crate::problem::Problem;
use kernel::RunId;

/// Set the plan aside.
///
/// Permission: `ApplyPlans`.
#[utoipa::path(post, path = "/api/v1/runs/{id}/dismiss", operation_id = "dismiss_run", tag = "runs",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = Run), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(run.id = %id))]
pub async fn dismiss(call: Call, At(id): At<RunId>) -> Answer<Tagged<Run>> {
    call.workflows.dismiss_run(call.actor(), id).await?;
    shown(&call, id).await
}
