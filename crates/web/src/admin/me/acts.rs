use super::views::{OwnAct, OwnActs, UndoRef};
use crate::admin::audit::row;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use axum::Json;

/// What the caller did in the last quarter of an hour, and what of it may still be taken back.
///
/// Permission: anybody at the console.
#[utoipa::path(get, path = "/api/v1/me/acts", operation_id = "own_acts", tag = "me",
    responses((status = 200, body = OwnActs), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn acts(call: Call) -> Answer<Json<OwnActs>> {
    let (acts, journal) = call.workflows.own_acts(call.actor()).await?;
    let items = acts.iter().filter_map(|act| {
        let row = row(&act.entry, &journal.people, &journal.homonyms, &journal.names)?;
        Some(OwnAct {
            at: row.at,
            event: row.event,
            params: row.params,
            subject: row.subject,
            undo: act.undo.map(|(case, until)| UndoRef { case_id: case.uuid(), until }),
        })
    });
    Ok(Json(OwnActs { items: items.collect() }))
}
