use crate::call::{Answer, At, Call};
use crate::problem::Problem;
use axum::http::StatusCode;
use kernel::SessionId;

/// End one session, wherever it is open.
///
/// Permission: `CloseSessions`.
#[utoipa::path(post, path = "/api/v1/sessions/{id}/end", operation_id = "end_session", tag = "people",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 204), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(session.id = %id))]
pub async fn end_session(call: Call, At(id): At<SessionId>) -> Answer<StatusCode> {
    call.workflows.end_session(call.actor(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
