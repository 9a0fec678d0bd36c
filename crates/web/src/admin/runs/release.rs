use super::show::shown;
use super::views::Run;
use crate::call::{Answer, At, Call, Tagged};
use crate::problem::Problem;
use kernel::RunId;
use workflows::ConfirmedAct;

/// Second approval of a plan above a brake, by another person than who began it and who applies it. Good for 15 minutes.
///
/// Permission: `ReleaseBrakes`. The key is asked again.
#[utoipa::path(post, path = "/api/v1/runs/{id}/release", operation_id = "release_run", tag = "runs",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = Run), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(run.id = %id))]
pub async fn release(call: Call, At(id): At<RunId>) -> Answer<Tagged<Run>> {
    call.workflows.may_release_brakes(call.actor()).await?;
    call.must_confirm(ConfirmedAct::ReleaseBrake).await?;
    call.workflows.release_run(call.actor(), id).await?;
    shown(&call, id).await
}
