use chrono::{DateTime, Utc};
use identity::ExternalKey;
use kernel::{ActorId, CaseId, IdNat, PersonId, SourceId};

/// What a human is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseKind {
    /// Which register entry, if any, is this person?
    NationalIdentity,
    /// Two sources, or two lines, disagree on one value.
    Conflict,
    /// Is this newcomer somebody we know?
    Duplicate,
    /// Whose account is this?
    Account,
}

impl CaseKind {
    pub const ALL: [Self; 4] =
        [Self::NationalIdentity, Self::Conflict, Self::Duplicate, Self::Account];
    pub fn name(self) -> &'static str {
        match self {
            Self::NationalIdentity => "national_identity",
            Self::Conflict => "conflict",
            Self::Duplicate => "duplicate",
            Self::Account => "account",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseState {
    Open,
    /// HR was asked; the case comes back when its record changes.
    AskedHr,
    /// The person's card will tell.
    WaitingCard,
    /// Decided: linked, or none fits.
    Decided,
}

impl CaseState {
    pub const ALL: [Self; 4] = [Self::Open, Self::AskedHr, Self::WaitingCard, Self::Decided];
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::AskedHr => "asked_hr",
            Self::WaitingCard => "waiting_card",
            Self::Decided => "decided",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What a human answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// This candidate (an IdNat, a person's id…), on this evidence.
    Link {
        candidate: String,
        evidence: String,
    },
    NoneFits,
    AskHr,
    WaitCard,
}

impl Decision {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Link { .. } => "link",
            Self::NoneFits => "none_fits",
            Self::AskHr => "ask_hr",
            Self::WaitCard => "wait_card",
        }
    }
    pub fn leads_to(&self) -> CaseState {
        match self {
            Self::Link { .. } | Self::NoneFits => CaseState::Decided,
            Self::AskHr => CaseState::AskedHr,
            Self::WaitCard => CaseState::WaitingCard,
        }
    }
}

/// One question for a human. `payload` holds the records side by side, as JSON of the matcher's types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub id: CaseId,
    pub kind: CaseKind,
    pub state: CaseState,
    pub person: Option<PersonId>,
    pub source: Option<SourceId>,
    pub external_key: Option<ExternalKey>,
    /// The same question is never open twice, nor asked again once decided on the same facts.
    pub dedupe_key: String,
    pub payload: String,
    /// Higher first; somebody waiting at the desk is 100.
    pub priority: i64,
    pub opened_at: DateTime<Utc>,
    pub decided_at: Option<DateTime<Utc>>,
    pub decided_by: Option<ActorId>,
    pub decision: Option<String>,
    pub note: Option<String>,
    /// Who is to answer it, when somebody said so.
    pub assigned_to: Option<PersonId>,
    /// What her card or Pro Santé Connect said, against what is kept: whoever bears that number is not named by it while
    /// nobody has answered (threats DA-12).
    pub claims: Option<IdNat>,
    pub version: i64,
}
