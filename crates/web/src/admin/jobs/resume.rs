use super::view;
use super::views::Job;
use crate::call::{Accepted, Answer, At, Call};
use crate::problem::Problem;
use kernel::JobId;

/// Take up a job that was paused or that failed, where it was: a new job does what was left.
///
/// Permission: `ManageJobs`.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/resume", operation_id = "resume_job", tag = "jobs",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 202, body = Job), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(job.id = %id))]
pub async fn resume(call: Call, At(id): At<JobId>) -> Answer<Accepted<Job>> {
    let job = call.workflows.resume_job(call.actor(), id).await?;
    Ok(Accepted(view(&job, call.workflows.now())))
}
