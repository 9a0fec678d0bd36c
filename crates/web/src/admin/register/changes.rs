use super::follow_views::{RegisterChange, RegisterChanges};
use crate::call::{Answer, Call};
use crate::problem::Problem;
use axum::Json;

/// More than this waits for the next look.
const MOST: u64 = 1_000;

/// What the register changed about people here and nobody looked at yet, the newest first.
///
/// Permission: `ReadCases`.
#[utoipa::path(get, path = "/api/v1/register/changes", operation_id = "list_register_changes", tag = "register",
    responses((status = 200, body = RegisterChanges), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn changes(call: Call) -> Answer<Json<RegisterChanges>> {
    let changes = call.workflows.register_changes(call.actor(), MOST).await?;
    let items = changes.into_iter().map(|change| RegisterChange {
        id: change.id.uuid(),
        person_id: change.person.uuid(),
        kind: change.kind.name().to_owned(),
        was: change.was,
        became: change.became,
        told_by: change.by.name().to_owned(),
        seen_at: change.seen_at,
    });
    Ok(Json(RegisterChanges { items: items.collect() }))
}
