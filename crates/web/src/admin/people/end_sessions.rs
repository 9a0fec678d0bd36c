use super::views::EndedSessions;
use crate::call::{Answer, At, Call};
use crate::problem::Problem;
use axum::Json;
use kernel::PersonId;

/// End all sessions of a person.
///
/// Permission: `CloseSessions`.
#[utoipa::path(post, path = "/api/v1/people/{id}/end-sessions", operation_id = "end_person_sessions", tag = "people",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = EndedSessions), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(person.id = %id))]
pub async fn end_sessions(call: Call, At(id): At<PersonId>) -> Answer<Json<EndedSessions>> {
    let ended = call.workflows.end_sessions_of(call.actor(), id).await?;
    let ended = ended.ok_or_else(|| Problem::not_found("person_unknown"))?;
    let ended = i64::try_from(ended).unwrap_or(i64::MAX);
    Ok(Json(EndedSessions { ended, notified: Vec::new(), pending: Vec::new() }))
}
