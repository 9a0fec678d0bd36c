use super::views::{Accord, AccordList};
use crate::admin::cases::kind;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use axum::Json;

/// What waits for a second person, and that the caller may let happen or asked for.
///
/// Permission: anybody at the console; each sees the acts that she has the right to.
#[utoipa::path(get, path = "/api/v1/accords", operation_id = "list_accords", tag = "accords",
    responses((status = 200, body = AccordList), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn list(call: Call) -> Answer<Json<AccordList>> {
    let waiting = call.workflows.waiting_accords(call.actor()).await?;
    let me = call.caller.person.id;
    let total = i64::try_from(waiting.total).unwrap_or(i64::MAX);
    let items = waiting.items.into_iter().map(|waiting| Accord {
        id: waiting.accord.id.uuid(),
        act: waiting.act.name().to_owned(),
        subject: waiting.act.subject(),
        person_name: waiting.about.map(|person| person.display_name()),
        case_id: waiting.act.case().map(|case| case.uuid()),
        case_kind: waiting.act.case_kind().map(kind),
        register_content: waiting.act.register_content().map(|content| content.to_string()),
        asked_by: waiting.asked_by.map(|person| person.display_name()),
        asked_at: waiting.accord.asked_at,
        until: waiting.accord.expires_at,
        mine: waiting.accord.asked_by == me,
    });
    Ok(Json(AccordList { items: items.collect(), total }))
}
