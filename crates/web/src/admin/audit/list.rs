use super::rows::row;
use super::views::AuditPage;
use crate::call::{Answer, Asked, Call, Paging, listed, listed_as};
use crate::problem::Problem;
use ::audit::{AuditEvent, Category, Outcome};
use axum::Json;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::PersonId;
use serde::Deserialize;
use utoipa::IntoParams;
use workflows::views::audit_trail::AuditFilter;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    category: Option<String>,
    /// The person who acted.
    actor: Option<String>,
    /// The person it was done to.
    subject: Option<String>,
    outcome: Option<String>,
    reference: Option<String>,
    /// A day of the hospital (`2026-11-22`) from its first minute on, or an instant.
    from: Option<String>,
    /// A day of the hospital to its end, or the instant before which.
    to: Option<String>,
    event: Option<String>,
    /// The application that was part of it, by its `client_id`; over the last month unless `from` says more.
    pub(super) client: Option<String>,
    /// A name of a person, an application, a source, an event, or a reference; over the last month unless `from` says more.
    pub(super) q: Option<String>,
    cursor: Option<String>,
    limit: Option<u64>,
}

/// The log, newest first.
///
/// Permission: `ReadAudit`.
#[utoipa::path(get, path = "/api/v1/audit", operation_id = "list_audit", tag = "audit", params(AuditQuery),
    responses((status = 200, body = AuditPage), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn list(call: Call, Asked(query): Asked<AuditQuery>) -> Answer<Json<AuditPage>> {
    let filter = filter(&call, &query).await?;
    let limit = Paging { cursor: None, limit: query.limit }.limit();
    let before: Option<i64> = call.open_cursor(query.cursor.as_deref())?;
    let found = call.workflows.read_journal(call.actor(), &filter, before, limit).await?;
    let last = found.page.entries.last().filter(|_| found.page.more).map(|entry| entry.seq);
    let rows = found
        .page
        .entries
        .iter()
        .filter_map(|entry| row(entry, &found.people, &found.homonyms, &found.names));
    Ok(Json(AuditPage {
        searched_from: query.q.as_ref().or(query.client.as_ref()).and(filter.from),
        items: rows.collect(),
        next_cursor: last.map(|seq| call.seal_cursor(&seq)),
        total: i64::try_from(found.page.total).unwrap_or(i64::MAX),
        waiting_seal: i64::try_from(found.page.waiting_seal).unwrap_or(i64::MAX),
    }))
}

/// The filter, with what its text means.
pub(super) async fn filter(call: &Call, query: &AuditQuery) -> Result<AuditFilter, Problem> {
    let filter = match query.client.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => {
            call.workflows.journal_of_client(call.actor(), name, fields(call, query)?).await?
        }
        None => fields(call, query)?,
    };
    match query.q.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => Ok(call.workflows.journal_text(call.actor(), text, filter).await?),
        None => Ok(filter),
    }
}

fn fields(call: &Call, query: &AuditQuery) -> Result<AuditFilter, Problem> {
    let person = |field: &str, text: &Option<String>| match text.as_deref() {
        None | Some("") => Ok(None),
        Some(text) => match text.parse::<PersonId>() {
            Ok(id) => Ok(Some(id)),
            Err(_) => Err(Problem::bad_request(format!("{field} is the id of a person"))),
        },
    };
    let reference = match query.reference.as_deref() {
        None | Some("") => None,
        Some(text) => {
            Some(text.parse().map_err(|_| Problem::bad_request("reference: six characters"))?)
        }
    };
    let events = listed(query.event.as_deref());
    if events.iter().any(|name| !AuditEvent::NAMES.contains(&name.as_str())) {
        return Err(Problem::bad_request("event has an unknown name"));
    }
    Ok(AuditFilter {
        categories: listed_as("category", query.category.as_deref(), Category::from_name)?,
        outcomes: listed_as("outcome", query.outcome.as_deref(), Outcome::from_name)?,
        events,
        actor: person("actor", &query.actor)?,
        subject: person("subject", &query.subject)?,
        reference,
        from: bound(call, "from", query.from.as_deref())?,
        to: bound(call, "to", query.to.as_deref())?,
        ..AuditFilter::default()
    })
}

/// A day is meant whole: from its beginning here, up to that of the next one.
fn bound(call: &Call, field: &str, text: Option<&str>) -> Result<Option<DateTime<Utc>>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let found = match text.parse::<NaiveDate>() {
        Ok(day) if field == "to" => day.succ_opt().and_then(|next| first_of(call, next)),
        Ok(day) => first_of(call, day),
        Err(_) => text.parse().ok(),
    };
    let wanted = || Problem::bad_request(format!("{field} is a day (2026-11-22) or an instant"));
    found.map(Some).ok_or_else(wanted)
}

fn first_of(call: &Call, day: NaiveDate) -> Option<DateTime<Utc>> {
    call.workflows.parts().zone.start_of(day)
}
