use super::follow_views::Settled;
use crate::call::{Answer, At, Call};
use crate::problem::Problem;
use axum::Json;
use kernel::RegisterChangeId;

/// Somebody looked at a change of the register.
///
/// Permission: `DecideCases`.
#[utoipa::path(post, path = "/api/v1/register/changes/{id}/settle", operation_id = "settle_register_change", tag = "register",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = Settled), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(change.id = %id))]
pub async fn settle(call: Call, At(id): At<RegisterChangeId>) -> Answer<Json<Settled>> {
    let settled = call.workflows.settle_change(call.actor(), id).await?;
    Ok(Json(Settled { settled }))
}
