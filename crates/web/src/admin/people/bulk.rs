use super::query::PeopleQuery;
use super::views::{BulkAction, BulkRequest, BulkResult, LeftAside};
use crate::call::{Answer, Body, Call};
use crate::problem::{FieldFault, Problem};
use axum::Json;
use kernel::PersonId;
use workflows::{BulkAct, Chosen, ConfirmedAct};

/// The same act on many people: the chosen ones, or all who answer a filter.
///
/// Permission: `CloseSessions` to end sessions, `ClosePeople` to close (the key is asked again), and `ReadPeople`.
#[utoipa::path(post, path = "/api/v1/people/bulk", operation_id = "act_on_people", tag = "people",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = BulkRequest,
    responses((status = 200, body = BulkResult), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn act(call: Call, Body(body): Body<BulkRequest>) -> Answer<Json<BulkResult>> {
    let motive = body.motive.clone().unwrap_or_default();
    let act = match body.action {
        BulkAction::Close => BulkAct::Close { motive },
        BulkAction::EndSessions => BulkAct::EndSessions,
    };
    call.workflows.may_act_on_people(call.actor(), &act).await?;
    if matches!(act, BulkAct::Close { .. }) {
        call.must_confirm(ConfirmedAct::ClosePeople).await?;
    }
    let chosen = match (&body.ids, &body.filter) {
        (Some(ids), None) => Chosen::These(ids.iter().copied().map(PersonId::from).collect()),
        (None, Some(filter)) => Chosen::Filter(Box::new(PeopleQuery::filter(filter, &call)?)),
        (None, None) | (Some(_), Some(_)) => {
            return Err(Problem::fields(vec![FieldFault::new("ids", "ids_or_filter")]));
        }
    };
    let count = u64::try_from(body.count).unwrap_or(0);
    let report = call.workflows.act_on_people(call.actor(), &act, chosen, count).await?;
    let left = report.left.iter();
    let number = |value| i64::try_from(value).unwrap_or(i64::MAX);
    Ok(Json(BulkResult {
        done: number(report.done),
        sessions_ended: number(report.sessions),
        left: left
            .map(|(person, code)| LeftAside { person: person.uuid(), code: (*code).to_owned() })
            .collect(),
    }))
}
