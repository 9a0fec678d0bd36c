use chrono::{DateTime, Utc};
use identity::{ExternalKey, Identity};
use kernel::{ActorId, PersonId, PlanItemId, RunId, SourceId};
use serde::{Deserialize, Serialize};

/// Where a run stands (design §4: read, stage, decide, plan, check brakes, apply).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunState {
    Reading,
    Deciding,
    /// The plan is stored and may be applied.
    Planned,
    /// A brake was passed: a human looks first.
    Waiting,
    Applying,
    Applied,
    /// The source could not be read whole; nothing changed.
    Failed,
    /// The data moved since the plan, or somebody set it aside; nothing changed.
    Refused,
    Stopped,
}

impl RunState {
    pub const ALL: [Self; 9] = [
        Self::Reading,
        Self::Deciding,
        Self::Planned,
        Self::Waiting,
        Self::Applying,
        Self::Applied,
        Self::Failed,
        Self::Refused,
        Self::Stopped,
    ];
    pub fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Deciding => "deciding",
            Self::Planned => "planned",
            Self::Waiting => "waiting",
            Self::Applying => "applying",
            Self::Applied => "applied",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Stopped => "stopped",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What a run reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunKind {
    /// A source of people or accounts.
    Sync,
    /// People against the register.
    Reconcile,
}

impl RunKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Reconcile => "reconcile",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Sync, Self::Reconcile].into_iter().find(|kind| kind.name() == name)
    }
}

/// How many items of each kind, and what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RunCounts {
    /// Records read (a record is one person or account, of one or several lines).
    pub records: u64,
    pub unchanged: u64,
    pub create: u64,
    pub change: u64,
    pub close: u64,
    pub reopen: u64,
    pub link: u64,
    pub conflict: u64,
    pub doubt: u64,
    /// Records of the last reading that this one lacks.
    pub absent: u64,
    /// Records set aside because a value of theirs does not hold.
    pub faulty: u64,
}

impl RunCounts {
    pub fn items(&self) -> u64 {
        self.create
            + self.change
            + self.close
            + self.reopen
            + self.link
            + self.conflict
            + self.doubt
    }
}

/// One brake as it was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrakeReading {
    /// `creations`, `changes`, `closings`, `absences` or `unit_closings`.
    pub name: String,
    pub value: u64,
    pub limit: u64,
    /// The unit, for `unit_closings`.
    pub unit: Option<String>,
    pub passed: bool,
}

/// One fault of the feed, as an operator sees it. `found` may hold personal data: shown, never logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedFault {
    pub line: Option<u64>,
    pub column: Option<String>,
    pub found: Option<String>,
    pub expected: Option<String>,
    /// One French sentence: what, where, what to do.
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub id: RunId,
    pub source: Option<SourceId>,
    pub kind: RunKind,
    pub state: RunState,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub lines: u64,
    pub counts: RunCounts,
    pub brakes: Vec<BrakeReading>,
    /// At most [`Run::FAULTS_KEPT`]; `counts.faulty` tells them all.
    pub faults: Vec<FeedFault>,
    pub warnings: Vec<String>,
    /// The directory's version that the plan was computed on; another one now refuses the plan.
    pub data_version: i64,
    /// Why it failed or was refused, one French sentence.
    pub error: Option<String>,
    pub by: ActorId,
    /// The second accord, on a plan that a brake holds.
    pub released: Option<crate::Release>,
}

impl Run {
    pub const FAULTS_KEPT: usize = 200;
}

/// What kind of change a line of the plan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ItemKind {
    Doubt,
    Conflict,
    Close,
    Create,
    Reopen,
    Change,
    Link,
}

impl ItemKind {
    pub const ALL: [Self; 7] = [
        Self::Doubt,
        Self::Conflict,
        Self::Close,
        Self::Create,
        Self::Reopen,
        Self::Change,
        Self::Link,
    ];
    pub fn name(self) -> &'static str {
        match self {
            Self::Doubt => "doubt",
            Self::Conflict => "conflict",
            Self::Close => "close",
            Self::Create => "create",
            Self::Reopen => "reopen",
            Self::Change => "change",
            Self::Link => "link",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One value before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// What applying the line does. Each is idempotent: done already, it does nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// A new person from an HR record.
    CreatePerson {
        identity: Box<Identity>,
    },
    /// The person takes what the record now says; reopened when closed and `reopen`.
    ChangePerson {
        person: PersonId,
        identity: Box<Identity>,
        reopen: bool,
    },
    /// All ends: contract over, or absent longer than the grace.
    ClosePerson {
        person: PersonId,
        motive: String,
    },
    /// A new account, of this person or of nobody yet.
    CreateAccount {
        identity: Box<Identity>,
        person: Option<PersonId>,
    },
    ChangeAccount {
        account: kernel::AccountId,
        identity: Box<Identity>,
        person: Option<PersonId>,
    },
    /// A tombstone, or absent longer than the grace.
    CloseAccount {
        account: kernel::AccountId,
    },
    /// A national identity that the register gives beyond doubt. `evidence` is the matcher's explanation (JSON).
    LinkNational {
        person: PersonId,
        id_nat: String,
        channel: String,
        evidence: String,
    },
    /// Complete readings lack the record: its grace clock starts.
    StartAbsence,
    /// The record is back.
    EndAbsence,
    /// A question for a human, of a kind of [`crate::CaseKind`]. `payload` is the case's (JSON).
    OpenCase {
        case_kind: String,
        dedupe_key: String,
        payload: String,
        priority: i64,
    },
}

/// One line of a stored plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanItem {
    pub id: PlanItemId,
    pub run: RunId,
    pub ordinal: u64,
    pub kind: ItemKind,
    pub person: Option<PersonId>,
    pub external_key: ExternalKey,
    /// Equal for lines that may be read as one (same field, same before, same after); empty when never folded.
    pub pattern_key: String,
    /// Who it is about, as lists show and sort it.
    pub label: String,
    pub unit: Option<String>,
    pub act: Act,
    /// Hash of the record's content that the plan was made from.
    pub content_hash: Option<[u8; 32]>,
    pub changes: Vec<FieldChange>,
    /// One French sentence.
    pub reason: String,
    pub lines: Vec<u64>,
    pub selected: bool,
    pub outcome: Option<String>,
    pub applied_at: Option<DateTime<Utc>>,
}
