use crate::admin::shared::views::JobRef;
use crate::call::{Accepted, Answer, Call};
use crate::problem::Problem;
use workflows::sync::ImportLimits;

/// Look at the register's publisher, and import what is new.
///
/// Permission: `ImportRegister`.
#[utoipa::path(post, path = "/api/v1/register/refresh", operation_id = "refresh_register", tag = "register",
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 202, body = JobRef), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn refresh(call: Call) -> Answer<Accepted<JobRef>> {
    let limits = ImportLimits::default();
    let job = call.workflows.start_register_refresh(call.actor(), limits).await?;
    Ok(Accepted(JobRef { job_id: job.id.uuid() }))
}
