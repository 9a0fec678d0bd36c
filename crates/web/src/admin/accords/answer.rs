use crate::call::{Answer, At, Call};
use crate::problem::Problem;
use axum::http::StatusCode;
use kernel::AccordId;

/// Let happen what somebody else asked for: it is done before this answers.
///
/// Permission: anybody at the console; then the right of the act itself, for another person than who asked. The key is
/// asked again, for the kind of act that it is.
#[utoipa::path(post, path = "/api/v1/accords/{id}/give", operation_id = "give_accord", tag = "accords",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 204), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(accord.id = %id))]
pub async fn give(call: Call, At(id): At<AccordId>) -> Answer<StatusCode> {
    call.workflows.give_accord(&call.caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Say no, or take one's own question back.
///
/// Permission: anybody at the console; then the right of the act itself.
#[utoipa::path(post, path = "/api/v1/accords/{id}/refuse", operation_id = "refuse_accord", tag = "accords",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 204), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(accord.id = %id))]
pub async fn refuse(call: Call, At(id): At<AccordId>) -> Answer<StatusCode> {
    call.workflows.refuse_accord(call.actor(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
