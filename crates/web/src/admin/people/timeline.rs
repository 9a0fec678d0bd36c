use super::views::{TimelineEntry, TimelinePage, TimelineSource};
use crate::admin::shared::views::Outcome;
use crate::admin::shared::{actor_name, actor_person, event_params};
use crate::call::{Answer, Asked, At, Call, Paging, listed};
use crate::problem::Problem;
use axum::Json;
use directory::Person;
use kernel::{ActorId, PersonId};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::IntoParams;
use workflows::views::{AuditEntry, EventNames};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TimelineQuery {
    /// Kinds of origin to keep, separated by commas.
    source: Option<String>,
    cursor: Option<String>,
    limit: Option<u64>,
}

/// What happened to a person, newest first.
///
/// Permission: `ReadPeople`.
#[utoipa::path(get, path = "/api/v1/people/{id}/timeline", operation_id = "person_timeline", tag = "people",
    params(("id" = uuid::Uuid, Path), TimelineQuery),
    responses((status = 200, body = TimelinePage), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(person.id = %id))]
pub async fn timeline(
    call: Call,
    At(id): At<PersonId>,
    Asked(query): Asked<TimelineQuery>,
) -> Answer<Json<TimelinePage>> {
    let limit = Paging { cursor: None, limit: query.limit }.limit();
    let before: Option<i64> = call.open_cursor(query.cursor.as_deref())?;
    let found = call.workflows.person_timeline(call.actor(), id, before, limit).await?;
    let last = found.page.entries.last().filter(|_| found.page.more).map(|entry| entry.seq);
    let wanted = listed(query.source.as_deref());
    let entries =
        found.page.entries.iter().filter_map(|entry| shown(entry, &found.actors, &found.names));
    let named = |source: TimelineSource| serde_json::to_value(source).unwrap_or_default();
    let kept = entries.filter(|entry| {
        wanted.is_empty() || wanted.iter().any(|name| named(entry.source) == name.as_str())
    });
    Ok(Json(TimelinePage {
        items: kept.collect(),
        next_cursor: last.map(|seq| call.seal_cursor(&seq)),
        total: i64::try_from(found.page.total).unwrap_or(i64::MAX),
    }))
}

/// `None` for an entry that this version cannot read.
fn shown(
    entry: &AuditEntry,
    actors: &BTreeMap<PersonId, Person>,
    names: &EventNames,
) -> Option<TimelineEntry> {
    let record = ::audit::AuditRecord::from_bytes(entry.body.as_bytes()).ok()?;
    let outcome = match record.event.outcome() {
        ::audit::Outcome::Accepted => Outcome::Accepted,
        ::audit::Outcome::Refused => Outcome::Refused,
        ::audit::Outcome::Read => Outcome::Read,
    };
    Some(TimelineEntry {
        at: entry.at,
        event: entry.event.clone(),
        source: source(&record.event),
        text: None,
        actor: actor_name(record.event.actor(), actors),
        actor_id: actor_person(record.event.actor()).map(PersonId::uuid),
        r#where: None,
        reference: entry.reference.clone(),
        outcome: Some(outcome),
        index: entry.index.and_then(|index| i64::try_from(index).ok()),
        params: Some(event_params(&record, names)),
        before: None,
        after: None,
    })
}

fn source(event: &::audit::AuditEvent) -> TimelineSource {
    use ::audit::Category;
    let by_hand = matches!(event.actor(), ActorId::Operator { .. } | ActorId::CommandLine { .. });
    match event.category() {
        Category::Login | Category::Sessions | Category::Applications => TimelineSource::Login,
        Category::Means if by_hand => TimelineSource::Console,
        Category::Means => TimelineSource::Login,
        Category::Console | Category::Audit | Category::System => TimelineSource::Console,
        Category::Reconciliation if by_hand => TimelineSource::Console,
        Category::Reconciliation => TimelineSource::Register,
        Category::People if event.name().starts_with("account_") => TimelineSource::ActiveDirectory,
        Category::People if event.name() == "person_read" => TimelineSource::Console,
        Category::People | Category::Sources => TimelineSource::Hr,
    }
}
