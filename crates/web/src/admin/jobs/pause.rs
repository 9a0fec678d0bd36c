use super::view;
use super::views::Job;
use crate::call::{Answer, At, Call};
use crate::problem::Problem;
use axum::Json;
use kernel::JobId;

/// Pause a job: what is done stays done, and POST /jobs/{id}/resume takes it up where it was.
///
/// Permission: `ManageJobs`.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/pause", operation_id = "pause_job", tag = "jobs", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Job), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(job.id = %id))]
pub async fn pause(call: Call, At(id): At<JobId>) -> Answer<Json<Job>> {
    call.workflows.pause_job(call.actor(), id).await?;
    let job = call.workflows.find_job(id).await?;
    let job = job.ok_or_else(|| Problem::not_found("job_unknown"))?;
    Ok(Json(view(&job, call.workflows.now())))
}
