use super::views::PreviewStarted;
use crate::call::{Accepted, Answer, At, Call};
use crate::problem::Problem;
use kernel::SourceId;

/// Begin a dry run.
///
/// Permission: `RunSources`.
#[utoipa::path(post, path = "/api/v1/sources/{id}/preview", operation_id = "preview_source", tag = "sources",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 202, body = PreviewStarted), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(source.id = %id))]
pub async fn preview(call: Call, At(id): At<SourceId>) -> Answer<Accepted<PreviewStarted>> {
    let (run, job) = call.workflows.start_sync(call.actor(), id, false).await?;
    Ok(Accepted(PreviewStarted { run_id: run.id.uuid(), job_id: job.id.uuid() }))
}
