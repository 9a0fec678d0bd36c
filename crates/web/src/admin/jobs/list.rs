use super::view;
use super::views::JobList;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use axum::Json;

/// Running and recent jobs.
///
/// Permission: anybody at the console.
#[utoipa::path(get, path = "/api/v1/jobs", operation_id = "list_jobs", tag = "jobs",
    responses((status = 200, body = JobList), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn list(call: Call) -> Answer<Json<JobList>> {
    let now = call.workflows.now();
    let jobs = call.workflows.list_jobs(50).await?;
    Ok(Json(JobList { items: jobs.iter().map(|job| view(job, now)).collect() }))
}
