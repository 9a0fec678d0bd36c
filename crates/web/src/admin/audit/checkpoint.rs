use super::rows;
use super::views::Checkpoint;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use axum::Json;

/// Last signed checkpoint.
///
/// Permission: `ReadAudit`.
#[utoipa::path(get, path = "/api/v1/audit/checkpoint", operation_id = "find_checkpoint", tag = "audit",
    responses((status = 200, body = Checkpoint), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn checkpoint(call: Call) -> Answer<Json<Checkpoint>> {
    let found = call.workflows.last_checkpoint(call.actor()).await?;
    let (checkpoint, note, at) = found.ok_or_else(|| Problem::not_found("audit_empty"))?;
    let key = call.workflows.audit_key()?;
    Ok(Json(rows::checkpoint(&checkpoint, &note, at, &key)))
}
