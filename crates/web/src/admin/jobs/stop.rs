use super::view;
use super::views::Job;
use crate::call::{Answer, At, Call};
use crate::problem::Problem;
use axum::Json;
use kernel::JobId;

/// End a job for good, running, paused or failed; what is done stays done.
///
/// Permission: `ManageJobs`.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/stop", operation_id = "stop_job", tag = "jobs", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Job), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(job.id = %id))]
pub async fn stop(call: Call, At(id): At<JobId>) -> Answer<Json<Job>> {
    call.workflows.stop_job(call.actor(), id).await?;
    let job = call.workflows.find_job(id).await?;
    let job = job.ok_or_else(|| Problem::not_found("job_unknown"))?;
    Ok(Json(view(&job, call.workflows.now())))
}
