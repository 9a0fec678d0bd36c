//! What several screens show the same way.
pub mod views;
pub mod words;

use ::audit::{AuditEvent, AuditRecord, SettingChange, SettingValue};
use chrono::Duration;
use directory::Person;
use identity::Sex;
use kernel::{ActorId, PersonId};
use std::collections::{BTreeMap, BTreeSet};
use views::{PersonRef, Reason};
use workflows::views::EventNames;

pub fn reason(code: &str, text: impl Into<String>) -> Reason {
    Reason { code: code.to_owned(), text: text.into(), params: None }
}

/// A reason whose words need something: a number, a date.
pub fn reason_with(code: &str, text: impl Into<String>, params: &[(&str, String)]) -> Reason {
    let params = params.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    Reason { params: Some(params.collect()), ..reason(code, text) }
}

/// Enough to name a person; the birth date only where somebody else bears the same names.
pub fn person_ref(person: &Person, homonym: bool) -> PersonRef {
    PersonRef {
        id: person.id.uuid(),
        family: family(person),
        birth_family: other_birth_family(person),
        given: person.names.given().unwrap_or_default().to_owned(),
        sex: person.sex.map(sex),
        birth_date: person.birth_date.filter(|_| homonym),
    }
}

pub fn sex(sex: Sex) -> views::Sex {
    match sex {
        Sex::Female => views::Sex::Female,
        Sex::Male => views::Sex::Male,
    }
}

pub fn family(person: &Person) -> String {
    person.names.family().unwrap_or_default().to_owned()
}

/// The birth name, where it is not the one in use.
pub fn other_birth_family(person: &Person) -> Option<String> {
    let names = &person.names;
    let birth = names.birth_family.as_deref().filter(|birth| Some(*birth) != names.family());
    birth.map(str::to_owned)
}

/// How screens name whoever acted.
pub fn actor_name(actor: &ActorId, people: &BTreeMap<PersonId, Person>) -> Option<String> {
    match actor {
        ActorId::Operator { person, .. } | ActorId::Person { person } => {
            people.get(person).map(Person::display_name)
        }
        ActorId::CommandLine { uid: 0 } => Some("Administrateur (ligne de commande)".to_owned()),
        ActorId::CommandLine { uid } => Some(format!("Compte {uid} (ligne de commande)")),
        ActorId::Job { .. } => Some("Hygie".to_owned()),
        ActorId::Client { .. } => Some("Application".to_owned()),
        ActorId::Nobody => None,
    }
}

/// The person behind an actor.
pub fn actor_person(actor: &ActorId) -> Option<PersonId> {
    match actor {
        ActorId::Operator { person, .. } | ActorId::Person { person } => Some(*person),
        ActorId::CommandLine { .. }
        | ActorId::Job { .. }
        | ActorId::Client { .. }
        | ActorId::Nobody => None,
    }
}

/// What an event says beside who, whom and when: its own fields, as texts; applications and sources by their names.
pub fn event_params(record: &AuditRecord, names: &EventNames) -> BTreeMap<String, String> {
    let told = serde_json::to_value(&record.event).unwrap_or_default();
    let known = ["event", "by", "person", "reference", "changes"];
    let fields = told.as_object().into_iter().flatten();
    let others = fields.filter(|(name, value)| !known.contains(&name.as_str()) && !value.is_null());
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => names.by_id.get(text).unwrap_or(text).clone(),
        other => other.to_string(),
    };
    let mut params: BTreeMap<_, _> =
        others.map(|(name, value)| (name.clone(), text(value))).collect();
    if let AuditEvent::PersonClosingPlanned { from: Some(from), .. } = &record.event {
        // All closes as the next day begins here, wherever it is read.
        let last_day = names.zone.at(*from - Duration::seconds(1)).date();
        params.insert("last_day".to_owned(), last_day.to_string());
    }
    if let Some((before, after)) = setting_changes(record) {
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let said = |side: &Settings, name: &String| side.get(name).cloned().unwrap_or_default();
        let line =
            |name: &String| format!("{name}: {} > {}", said(&before, name), said(&after, name));
        let lines: Vec<String> = names.into_iter().map(line).collect();
        params.insert("changes".to_owned(), lines.join("; "));
    }
    params
}

type Settings = BTreeMap<String, String>;

/// The settings of an application that an event says were changed, before and after.
pub fn setting_changes(record: &AuditRecord) -> Option<(Settings, Settings)> {
    let AuditEvent::ClientChanged { changes, .. } = &record.event else { return None };
    let side = |of: fn(&SettingChange) -> Option<&SettingValue>| -> Settings {
        let told = changes.iter().filter_map(|change| {
            let text = match of(change)? {
                // Enough to tell two addresses apart.
                SettingValue::Digest(digest) => digest.to_string().chars().take(12).collect(),
                value => value.to_string(),
            };
            Some((change.setting.to_string(), text))
        });
        told.collect()
    };
    let told = (side(|change| change.before.as_ref()), side(|change| change.after.as_ref()));
    (!changes.is_empty()).then_some(told)
}
