use super::views::{AuditCategory, AuditRow, Checkpoint};
use crate::admin::shared::views::{Outcome, PersonRef};
use crate::admin::shared::{actor_name, actor_person, event_params, person_ref};
use ::audit::{AuditRecord, Category, VerifierKey};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use directory::Person;
use kernel::{ActorId, PersonId};
use std::collections::{BTreeMap, BTreeSet};
use workflows::views::{AuditEntry, EventNames};

/// A line of the journal; `None` for an entry that this version cannot read.
pub fn row(
    entry: &AuditEntry,
    people: &BTreeMap<PersonId, Person>,
    homonyms: &BTreeSet<PersonId>,
    names: &EventNames,
) -> Option<AuditRow> {
    let record = AuditRecord::from_bytes(entry.body.as_bytes()).ok()?;
    let named = |id: PersonId| -> Option<PersonRef> {
        people.get(&id).map(|known| person_ref(known, homonyms.contains(&id)))
    };
    let params = event_params(&record, names);
    Some(AuditRow {
        seq: entry.seq,
        index: entry.index.and_then(|index| i64::try_from(index).ok()),
        at: entry.at,
        sealed_at: None,
        received_at: None,
        event: entry.event.clone(),
        category: category(record.event.category()),
        actor: actor_name(record.event.actor(), people),
        actor_person: actor_person(record.event.actor()).and_then(named),
        subject: entry.person.and_then(named),
        subject_label: None,
        r#where: place_of(&record, &params),
        outcome: outcome(record.event.outcome()),
        reference: entry.reference.clone(),
        params: Some(params),
    })
}

/// Where it happened, in a word: what an operator did at the console, somebody at the machine, else the application or the
/// source that it happened to, or the page of a login. Nothing for what the appliance does of itself.
fn place_of(record: &AuditRecord, params: &BTreeMap<String, String>) -> Option<String> {
    let told = |name: &str| params.get(name).cloned();
    match record.event.actor() {
        ActorId::Operator { .. } => Some("Console".to_owned()),
        ActorId::CommandLine { .. } => Some("Ligne de commande".to_owned()),
        _ if record.event.name().starts_with("register_") => Some("Annuaire Santé".to_owned()),
        _ => {
            told("client").or_else(|| told("source")).or_else(|| match told("listener")?.as_str() {
                "admin" => Some("Console".to_owned()),
                _ => Some("Page de connexion".to_owned()),
            })
        }
    }
}

pub fn outcome(outcome: ::audit::Outcome) -> Outcome {
    match outcome {
        ::audit::Outcome::Accepted => Outcome::Accepted,
        ::audit::Outcome::Refused => Outcome::Refused,
        ::audit::Outcome::Read => Outcome::Read,
    }
}

fn category(category: Category) -> AuditCategory {
    match category {
        Category::Login => AuditCategory::Login,
        Category::Means => AuditCategory::Means,
        Category::People => AuditCategory::People,
        Category::Sources => AuditCategory::Sources,
        Category::Reconciliation => AuditCategory::Reconciliation,
        Category::Applications => AuditCategory::Applications,
        Category::Sessions => AuditCategory::Sessions,
        Category::Console => AuditCategory::Console,
        Category::System => AuditCategory::System,
        Category::Audit => AuditCategory::Audit,
    }
}

pub fn checkpoint(
    checkpoint: &::audit::Checkpoint,
    note: &str,
    signed_at: DateTime<Utc>,
    key: &VerifierKey,
) -> Checkpoint {
    Checkpoint {
        origin: checkpoint.origin.to_string(),
        tree_size: i64::try_from(checkpoint.size).unwrap_or(i64::MAX),
        root: BASE64_STANDARD.encode(checkpoint.root.as_bytes()),
        signed_at,
        note: note.to_owned(),
        key: key.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::audit::{AccessKind, AuditEvent, Code, Digest};
    use kernel::{ClientId, OperatorId, Uuid};

    #[test]
    fn each_line_says_where_it_happened_or_nothing() {
        let (person, client) = (PersonId::from(Uuid::nil()), ClientId::from(Uuid::nil()));
        let by_id = BTreeMap::from([(client.to_string(), "DPI Valmont".to_owned())]);
        let names = EventNames { by_id, zone: kernel::Zone::default() };
        let operator = ActorId::Operator { operator: OperatorId::from(Uuid::nil()), person };
        let job = ActorId::Job { name: "register".to_owned() };
        let stopped = |by| AuditEvent::SystemStopped { by };
        let (file, brake) = (Digest::of(b"file"), Code::of("persons"));
        let held = AuditEvent::RegisterHeld { by: job.clone(), file, brake, count: 1 };
        let (by, session) = (ActorId::Person { person }, Uuid::nil().into());
        let withdrawn =
            AuditEvent::ConsentWithdrawn { by: by.clone(), person, client, session, count: 1 };
        let opened = |listener| {
            let (by, opening) = (by.clone(), Uuid::nil().into());
            AuditEvent::SessionOpened { by, person, session, opening, listener }
        };
        for (event, place) in [
            (stopped(operator), Some("Console")),
            (stopped(ActorId::CommandLine { uid: 0 }), Some("Ligne de commande")),
            (stopped(job), None),
            (held, Some("Annuaire Santé")),
            (withdrawn, Some("DPI Valmont")),
            (opened(AccessKind::Public), Some("Page de connexion")),
            (opened(AccessKind::Admin), Some("Console")),
        ] {
            let record = AuditRecord { at: DateTime::<Utc>::MIN_UTC, node: "n1".to_owned(), event };
            let params = event_params(&record, &names);
            assert_eq!(place_of(&record, &params).as_deref(), place, "{:?}", record.event);
        }
    }
}
