//! From what a source says now and what was known before, the plan: pure, so that a dry run is the run (design §4).
//! Absence never deletes: it starts a clock. A brake holds the plan until a human looks.
mod accounts;
mod brakes;
mod changes;
mod people;

pub use accounts::plan_accounts;
pub use changes::{account_changes, person_changes};
pub use people::plan_people;

use crate::{Account, Act, BrakeReading, FieldChange, ItemKind, Person, Post, RunCounts};
use chrono::{DateTime, NaiveDate, Utc};
use identity::mapping::Brakes;
use identity::{ExternalKey, Identity};
use kernel::{AccountId, PersonId};
use reconciliation::Why;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A complete reading.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    pub records: Vec<ReadRecord>,
    /// Present, but some value does not hold: set aside, neither changed nor absent.
    pub faulty: BTreeSet<ExternalKey>,
    /// Some lines belong to nobody known: whoever they are about only looks absent, so no clock starts.
    pub has_strays: bool,
}

#[derive(Debug, Clone)]
pub struct ReadRecord {
    pub identity: Identity,
    pub hash: [u8; 32],
}

/// What was known of one record before.
#[derive(Debug, Clone)]
pub struct KnownRecord {
    pub person: Option<PersonId>,
    pub account: Option<AccountId>,
    pub hash: [u8; 32],
    pub identity: Identity,
    pub absent_since: Option<DateTime<Utc>>,
}

/// What was known before the reading.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub people: HashMap<PersonId, (Person, Vec<Post>)>,
    pub accounts: HashMap<AccountId, Account>,
    /// Records of this source alone.
    pub records: BTreeMap<ExternalKey, KnownRecord>,
    /// Questions asked already, by their keys: nothing is asked twice.
    pub asked: BTreeSet<String>,
}

/// By which rules.
#[derive(Debug, Clone)]
pub struct PlanRules {
    pub now: DateTime<Utc>,
    pub today: NaiveDate,
    pub grace_days: u32,
    pub brakes: Brakes,
    /// No plan of this source was applied to its end yet: what is known of it is what was made before a stop.
    pub is_first: bool,
}

/// Who is this? As reconciliation answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolution {
    Same(PersonId, Why),
    Nobody,
    Doubt { candidates: Vec<PersonId>, why: Why },
}

/// A line of the plan before it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub kind: ItemKind,
    pub person: Option<PersonId>,
    pub key: ExternalKey,
    pub label: String,
    pub unit: Option<String>,
    pub act: Act,
    pub changes: Vec<FieldChange>,
    pub reason: String,
    pub lines: Vec<u64>,
}

impl Draft {
    /// Equal for lines that may be read as one: one field, the same before and after, on people who stay.
    pub fn pattern_key(&self) -> String {
        match (self.kind, self.changes.as_slice()) {
            (ItemKind::Change, [change]) => {
                let text = |value: &Option<String>| value.clone().unwrap_or_default();
                format!("{}|{}|{}", change.field, text(&change.before), text(&change.after))
            }
            _ => String::new(),
        }
    }
}

/// The plan, and whether a human must look first.
#[derive(Debug, Clone, Default)]
pub struct Planned {
    /// Doubts and conflicts first, then closings, creations, changes.
    pub drafts: Vec<Draft>,
    pub counts: RunCounts,
    pub brakes: Vec<BrakeReading>,
}

impl Planned {
    pub fn is_held(&self) -> bool {
        self.brakes.iter().any(|brake| brake.passed)
    }

    fn finish(mut self, rules: &PlanRules, known: &Known) -> Self {
        self.drafts.sort_by(|left, right| {
            (left.kind, &left.label, &left.key).cmp(&(right.kind, &right.label, &right.key))
        });
        for draft in &self.drafts {
            match draft.kind {
                ItemKind::Create => self.counts.create += 1,
                ItemKind::Change => self.counts.change += 1,
                ItemKind::Close => self.counts.close += 1,
                ItemKind::Reopen => self.counts.reopen += 1,
                ItemKind::Link => self.counts.link += 1,
                ItemKind::Conflict => self.counts.conflict += 1,
                ItemKind::Doubt => self.counts.doubt += 1,
            }
        }
        self.brakes = brakes::readings(&self, rules, known);
        self
    }
}

/// Shown label of a record: family name in capitals, then given name.
fn label(identity: &Identity) -> String {
    let family = identity.names.family().unwrap_or_default().to_uppercase();
    let shown = format!("{family} {}", identity.names.given().unwrap_or_default());
    match (shown.trim(), &identity.account) {
        ("", Some(account)) => account.login.clone(),
        (shown, _) => shown.to_owned(),
    }
}

fn unit(identity: &Identity) -> Option<String> {
    identity.posts.iter().find_map(|post| post.unit_code.clone())
}

/// `1 janvier` habits apart, the console writes dates as 22/11/2026.
fn french_date(date: NaiveDate) -> String {
    date.format("%d/%m/%Y").to_string()
}

#[cfg(test)]
mod tests;
