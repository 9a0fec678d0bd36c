use super::views::{ConfirmationAnswer, Confirmed};
use crate::call::{Answer, At, Body, Call};
use crate::problem::Problem;
use axum::Json;
use kernel::ConfirmationId;

/// What my key answered; good for ten minutes of the same kind of act.
///
/// Permission: the session that asked.
#[utoipa::path(post, path = "/api/v1/confirmations/{id}", operation_id = "answer_confirmation", tag = "confirmations",
    params(("id" = uuid::Uuid, Path)), request_body = ConfirmationAnswer,
    responses((status = 200, body = Confirmed), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(confirmation.id = %id))]
pub async fn answer(
    call: Call,
    At(id): At<ConfirmationId>,
    Body(body): Body<ConfirmationAnswer>,
) -> Answer<Json<Confirmed>> {
    let answer = body.answer.to_string();
    let (act, until) = call.workflows.confirm(&call.caller, id, &answer).await?;
    Ok(Json(Confirmed { act: act.into(), until }))
}
