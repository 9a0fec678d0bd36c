use super::follow_views::{RegisterChange, RegisterChanges};
use crate::admin::shared::actor_name;
use crate::call::{Answer, Asked, Call};
use crate::problem::Problem;
use axum::Json;
use serde::Deserialize;

/// More than this waits for the next look.
const MOST: u64 = 1_000;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Looked {
    #[serde(default)]
    settled: bool,
}

/// What the register changed about people here and nobody looked at yet, or what was settled; the newest first.
///
/// Permission: `ReadCases`.
#[utoipa::path(get, path = "/api/v1/register/changes", operation_id = "list_register_changes", tag = "register",
    params(("settled" = Option<bool>, Query)),
    responses((status = 200, body = RegisterChanges), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn changes(call: Call, Asked(looked): Asked<Looked>) -> Answer<Json<RegisterChanges>> {
    let changes = match looked.settled {
        true => call.workflows.settled_changes(call.actor(), MOST).await?,
        false => call.workflows.register_changes(call.actor(), MOST).await?,
    };
    let people = call.workflows.people_of_changes(&changes).await?;
    let items = changes.into_iter().map(|change| RegisterChange {
        id: change.id.uuid(),
        person_id: change.person.uuid(),
        display_name: people.get(&change.person).map(directory::Person::display_name),
        kind: change.kind.name().to_owned(),
        was: change.was,
        became: change.became,
        told_by: change.by.name().to_owned(),
        seen_at: change.seen_at,
        settled_at: change.settled_at,
        settled_by: change.settled_by.as_ref().and_then(|by| actor_name(by, &people)),
    });
    Ok(Json(RegisterChanges { items: items.collect() }))
}
