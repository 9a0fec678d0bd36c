use chrono::{DateTime, NaiveDate, Utc};
use identity::{AccountFields, BirthPlace, Names, PostFields, Sex};
use kernel::{AccountId, ActorId, IdNat, NationalIdentityId, PersonId, PostId, SourceId};

/// Whether a person may use anything at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PersonState {
    Active,
    /// Locked for now by a human; nothing is issued.
    Suspended,
    /// Left; nothing is ever issued again unless reopened.
    Closed,
}

impl PersonState {
    pub const ALL: [Self; 3] = [Self::Active, Self::Suspended, Self::Closed];
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// When and why a person is closed; a moment to come is a closing that somebody planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    pub at: DateTime<Utc>,
    pub motive: String,
}

/// One human being, for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: PersonId,
    pub state: PersonState,
    pub names: Names,
    pub sex: Option<Sex>,
    pub birth_date: Option<NaiveDate>,
    pub birth_place: BirthPlace,
    pub mail: Option<String>,
    /// The RPPS that HR declared, a claim to check.
    pub declared_rpps: Option<kernel::Rpps>,
    pub closing: Option<Closing>,
    pub created_at: DateTime<Utc>,
    /// Raised by one at each change; what `If-Match` and the choke point compare.
    pub version: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostState {
    Planned,
    Current,
    Over,
}

/// One affectation of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    pub id: PostId,
    pub person: PersonId,
    pub source: SourceId,
    pub fields: PostFields,
}

impl Post {
    /// Both ends are inside: a contract that ends on the 22nd is worked on the 22nd.
    pub fn state(&self, today: NaiveDate) -> PostState {
        match (self.fields.starts_on, self.fields.ends_on) {
            (Some(start), _) if start > today => PostState::Planned,
            (_, Some(end)) if end < today => PostState::Over,
            _ => PostState::Current,
        }
    }
}

/// A login in one system that belongs to a person, or to nobody yet (service accounts, unlinked).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    pub source: SourceId,
    pub external_key: identity::ExternalKey,
    pub person: Option<PersonId>,
    pub fields: AccountFields,
    pub mail: Option<String>,
    pub first_seen: DateTime<Utc>,
}

/// By which way a national identity was proved, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// The person showed a CPS, e-CPS or Pro Santé Connect login.
    CredentialProved,
    /// A human decided on a case, with evidence.
    HumanDecided,
    /// HR declared it and the register agrees beyond the name.
    HrDeclaredChecked,
    /// The register matched beyond doubt.
    RegisterMatch,
}

impl Channel {
    pub const ALL: [Self; 4] =
        [Self::CredentialProved, Self::HumanDecided, Self::HrDeclaredChecked, Self::RegisterMatch];
    pub fn name(self) -> &'static str {
        match self {
            Self::CredentialProved => "credential_proved",
            Self::HumanDecided => "human_decided",
            Self::HrDeclaredChecked => "hr_declared_checked",
            Self::RegisterMatch => "register_match",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }
}

/// A link person ↔ IdNat: at most one RPPS a person, at most one person an IdNat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NationalIdentity {
    pub id: NationalIdentityId,
    pub person: PersonId,
    pub id_nat: IdNat,
    pub channel: Channel,
    /// The explanation kept with the link (JSON of the matcher's `Why`, or the human's evidence).
    pub evidence: String,
    pub decided_by: ActorId,
    pub verified_at: DateTime<Utc>,
    /// Two years later (RIE exigence 27).
    pub next_check: NaiveDate,
}

/// Computed keys of a person, kept beside the row for lists and searches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonKeys {
    /// Order of lists: family, given, birth date (console rules on French order).
    pub sort: String,
    /// Tokens of all names, space-separated, for the search without accents nor order.
    pub search: String,
    /// Equal for homonyms: shown family name and first given name.
    pub homonym: String,
}

impl Person {
    /// What she may use at this moment: a planned closing counts from its moment on, whoever gets to write it first.
    pub fn state_at(&self, now: DateTime<Utc>) -> PersonState {
        match &self.closing {
            Some(closing) if closing.at <= now => PersonState::Closed,
            Some(_) | None => self.state,
        }
    }

    /// When she will be closed, if somebody planned it.
    pub fn closes_at(&self) -> Option<DateTime<Utc>> {
        let planned = self.closing.as_ref().filter(|_| self.state != PersonState::Closed);
        planned.map(|closing| closing.at)
    }

    pub fn keys(&self) -> PersonKeys {
        let (family, given) = (self.names.family().unwrap_or(""), self.names.given().unwrap_or(""));
        let birth = self.birth_date.map(|date| date.to_string()).unwrap_or_default();
        let all = [
            self.names.birth_family.as_deref(),
            self.names.usage_family.as_deref(),
            self.names.given.as_deref(),
            self.names.usual_given.as_deref(),
        ];
        let mut tokens: Vec<String> =
            all.into_iter().flatten().flat_map(identity::names::tokens).collect();
        tokens.sort();
        tokens.dedup();
        PersonKeys {
            sort: format!("{} {birth}", identity::names::sort_key(family, given)),
            search: format!(" {}", tokens.join(" ")),
            homonym: identity::names::sort_key(family, given),
        }
    }

    /// « MARTIN (née DURAND) Marie », « MARTIN Marie »: family names as the source wrote them.
    pub fn display_name(&self) -> String {
        let given = self.names.given().unwrap_or("");
        match (self.names.usage_family.as_deref(), self.names.birth_family.as_deref()) {
            (Some(usage), Some(birth)) if usage != birth => {
                let born = if self.sex == Some(Sex::Male) { "né" } else { "née" };
                format!("{} ({born} {}) {given}", usage.to_uppercase(), birth.to_uppercase())
            }
            (Some(family), _) | (None, Some(family)) => {
                format!("{} {given}", family.to_uppercase())
            }
            (None, None) => given.to_owned(),
        }
        .trim()
        .to_owned()
    }
}
