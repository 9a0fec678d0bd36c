use super::views::{Accord, AccordList};
use crate::call::{Answer, Call};
use crate::problem::Problem;
use axum::Json;
use workflows::TwoPeopleAct;

/// What waits for a second person, and that the caller may let happen or asked for.
///
/// Permission: anybody at the console; each sees the acts that she has the right to.
#[utoipa::path(get, path = "/api/v1/accords", operation_id = "list_accords", tag = "accords",
    responses((status = 200, body = AccordList), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn list(call: Call) -> Answer<Json<AccordList>> {
    let waiting = call.workflows.waiting_accords(call.actor()).await?;
    let me = call.caller.person.id;
    let items = waiting.into_iter().map(|waiting| Accord {
        id: waiting.accord.id.uuid(),
        act: waiting.act.name().to_owned(),
        subject: waiting.act.subject(),
        person_name: waiting.about.map(|person| person.display_name()),
        case_id: match &waiting.act {
            TwoPeopleAct::LinkIdentity { case, .. } => Some(case.uuid()),
            TwoPeopleAct::AcceptRegister { .. }
            | TwoPeopleAct::DismissRegister { .. }
            | TwoPeopleAct::GrantRoles { .. }
            | TwoPeopleAct::MergePeople { .. }
            | TwoPeopleAct::RelaxClient { .. } => None,
        },
        asked_by: waiting.asked_by.map(|person| person.display_name()),
        asked_at: waiting.accord.asked_at,
        until: waiting.accord.expires_at,
        mine: waiting.accord.asked_by == me,
    });
    Ok(Json(AccordList { items: items.collect() }))
}
