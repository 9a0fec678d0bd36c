use super::views::{AuditCategory, AuditRow, Checkpoint};
use crate::admin::shared::views::{Outcome, PersonRef};
use crate::admin::shared::{actor_name, actor_person, event_params, person_ref};
use ::audit::{AuditRecord, Category, VerifierKey};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use directory::Person;
use kernel::PersonId;
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
        r#where: None,
        outcome: outcome(record.event.outcome()),
        reference: entry.reference.clone(),
        params: Some(event_params(&record, names)),
    })
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
