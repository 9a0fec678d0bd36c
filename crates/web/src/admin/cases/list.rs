use super::views::{Assignee, CaseDecided, CaseRow, CasesPage};
use super::{kind, priority, state};
use crate::admin::shared::views::PersonRef;
use crate::admin::shared::{actor_name, person_ref};
use crate::call::{Answer, Asked, Call, Paging, listed_as};
use crate::problem::Problem;
use axum::Json;
use directory::{Case, Person};
use kernel::PersonId;
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::IntoParams;
use uuid::Uuid;
use workflows::views::case_queue::{CaseFilter, CasePage};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CasesQuery {
    kind: Option<String>,
    state: Option<String>,
    /// `me`, `nobody`, or the id of a person.
    assigned: Option<String>,
    cursor: Option<String>,
    limit: Option<u64>,
}

/// The queue.
///
/// Permission: `ReadCases`.
#[utoipa::path(get, path = "/api/v1/cases", operation_id = "list_cases", tag = "cases", params(CasesQuery),
    responses((status = 200, body = CasesPage), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn list(call: Call, Asked(query): Asked<CasesQuery>) -> Answer<Json<CasesPage>> {
    let filter = filter(&query, &call)?;
    let limit = Paging { cursor: None, limit: query.limit }.limit();
    let offset: u64 = call.open_cursor(query.cursor.as_deref())?.unwrap_or(0);
    let (page, deciders) = call.workflows.list_cases(call.actor(), &filter, offset, limit).await?;
    let end = offset + page.cases.len() as u64;
    let decided = page.last_decided.as_ref().and_then(|case| {
        let by = case.decided_by.as_ref().and_then(|by| actor_name(by, &deciders));
        Some(CaseDecided { at: case.decided_at?, by: by.unwrap_or_default() })
    });
    Ok(Json(CasesPage {
        items: page.cases.iter().map(|case| row(case, &page, &deciders)).collect(),
        next_cursor: page.more.then(|| call.seal_cursor(&end)),
        total: i64::try_from(page.total).unwrap_or(i64::MAX),
        last_decided: decided,
    }))
}

pub(super) fn filter(query: &CasesQuery, call: &Call) -> Result<CaseFilter, Problem> {
    // What was decided, or waits for others, leaves the queue.
    let states = query.state.as_deref().or(Some("open"));
    let assigned =
        match query.assigned.as_deref() {
            None | Some("") => None,
            Some("nobody") => Some(None),
            Some("me") => Some(Some(call.caller.person.id)),
            Some(id) => Some(Some(id.parse().map_err(|_| {
                Problem::bad_request("assigned: me, nobody, or the id of a person")
            })?)),
        };
    Ok(CaseFilter {
        kinds: listed_as("kind", query.kind.as_deref(), directory::CaseKind::from_name)?,
        states: listed_as("state", states, state_named)?,
        assigned,
    })
}

/// States by the names of the screens.
fn state_named(name: &str) -> Option<directory::CaseState> {
    match name {
        "ask_hr" => Some(directory::CaseState::AskedHr),
        "wait_card" => Some(directory::CaseState::WaitingCard),
        other => directory::CaseState::from_name(other),
    }
}

pub(super) fn row(case: &Case, page: &CasePage, named: &BTreeMap<PersonId, Person>) -> CaseRow {
    let payload: serde_json::Value = serde_json::from_str(&case.payload).unwrap_or_default();
    let line = case.person.and_then(|person| page.people.get(&person));
    let known = line.map(|line| person_ref(&line.person, line.homonym));
    let candidates = payload["candidates"].as_array().map_or(0, Vec::len);
    CaseRow {
        id: case.id.uuid(),
        kind: kind(case.kind),
        state: state(case.state),
        person: known.unwrap_or_else(|| of_record(&payload)),
        candidates: i64::try_from(candidates).unwrap_or(i64::MAX),
        waiting_since: case.opened_at,
        priority: priority(case.priority),
        assigned_to: case.assigned_to.map(|person| assignee(person, named.get(&person))),
        field: payload["evidence"]["field"].as_str().map(str::to_owned),
    }
}

pub(super) fn assignee(id: PersonId, known: Option<&Person>) -> Assignee {
    Assignee {
        id: id.uuid(),
        name: known.map(Person::display_name).unwrap_or_default(),
        birth_date: None,
    }
}

/// Whoever a record speaks of, when nobody of ours is concerned yet.
pub(super) fn of_record(payload: &serde_json::Value) -> PersonRef {
    let names = &payload["record"]["names"];
    let text = |name: &str| names[name].as_str().map(str::to_owned);
    let birth = text("birth_family");
    let family = text("usage_family").or_else(|| birth.clone());
    let account = payload["record"]["account"]["login"].as_str().map(str::to_owned);
    PersonRef {
        id: Uuid::nil(),
        birth_family: birth.filter(|birth| Some(birth) != family.as_ref()),
        family: family.or(account).unwrap_or_default(),
        given: text("usual_given").or_else(|| text("given")).unwrap_or_default(),
        sex: None,
        birth_date: None,
    }
}
