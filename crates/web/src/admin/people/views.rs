//! What the screens are told, field by field, as the OpenAPI document says.
use super::query::PeopleQuery;
use crate::admin::means::views::{Means, MeansKind};
use crate::admin::shared::views::{Outcome, Owner, PersonRef, Reason, Sex};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PersonState {
    Active,
    Coming,
    Suspended,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NationalIdentityState {
    Verified,
    Declared,
    ToDecide,
    ToRecheck,
    NotApplicable,
    Missing,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MeansCount {
    pub kind: MeansKind,
    pub count: i64,
}

/// A login in an outside system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListedAccount {
    pub login: String,
    pub enabled: bool,
}

/// A line of the list. birth_date: of homonyms, and of everybody where the column was asked for; entity, sources, accounts:
/// only where they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonRow {
    pub id: Uuid,
    pub family: String,
    pub birth_family: Option<String>,
    pub given: String,
    pub sex: Option<Sex>,
    pub birth_date: Option<NaiveDate>,
    pub homonym: bool,
    pub function: Option<String>,
    pub unit: Option<String>,
    pub unit_name: Option<String>,
    pub site_name: Option<String>,
    pub matricules: Vec<String>,
    pub national_identity: NationalIdentityState,
    pub means: Vec<MeansCount>,
    pub contract_end: Option<NaiveDate>,
    pub contract_over_soon: bool,
    pub last_login_at: Option<DateTime<Utc>>,
    pub state: PersonState,
    pub entity: Option<String>,
    pub sources: Option<Vec<String>>,
    pub accounts: Option<Vec<ListedAccount>>,
}

/// A page; next_cursor is null on the last one; total counts the whole filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PeoplePage {
    pub items: Vec<PersonRow>,
    pub next_cursor: Option<String>,
    pub total: i64,
    pub letters: Option<Vec<Letter>>,
    pub total_all: i64,
}

/// Letter index for sort=name: cursor opens the list at that letter; absent letters have no entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Letter {
    pub letter: String,
    pub cursor: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Facet {
    pub value: String,
    pub label: String,
    pub count: i64,
}

/// For the filters; labels are shown as they are, or worded by the console for closed lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PeopleFacets {
    pub unit: Vec<Facet>,
    pub site: Vec<Facet>,
    pub entity: Vec<Facet>,
    pub contract: Vec<Facet>,
    pub function: Vec<Facet>,
    pub state: Vec<Facet>,
    pub identity: Vec<Facet>,
    pub means: Vec<Facet>,
    pub source: Vec<Facet>,
}

/// A value, its owner source and when it was read. `field`: family_name, usage_name, birth_name, exercise_name, given_names, birth_date, birth_place, sex, mail, phone, login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnedValue {
    pub field: String,
    pub value: String,
    pub owner: Owner,
    pub source_name: Option<String>,
    pub line: Option<i64>,
    pub read_at: Option<DateTime<Utc>>,
}

/// Two owners disagree; case_id when a case is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ValueClash {
    pub field: String,
    pub values: Vec<OwnedValue>,
    pub case_id: Option<Uuid>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Post {
    pub id: Uuid,
    pub entity: String,
    pub site: Option<String>,
    pub site_name: Option<String>,
    pub unit: Option<String>,
    pub unit_name: Option<String>,
    pub function: Option<String>,
    pub contract: Option<String>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub current: bool,
    pub source_name: Option<String>,
    pub line: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    Active,
    Disabled,
    Deleted,
    Missing,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Account {
    pub id: Uuid,
    pub system: String,
    pub login: String,
    pub state: AccountState,
    pub linked_by: Option<String>,
    pub read_at: Option<DateTime<Utc>>,
    pub source_name: Option<String>,
    pub last_change_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Credential,
    HrDeclared,
    RegisterMatch,
    HumanDecided,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    Equal,
    Different,
    Near,
    Absent,
}

/// One field of a comparison. ours / theirs absent when the side has none. differs: to be lit, since it is not what we have, or, where we have nothing, not what the other candidates have. weight: what the field adds to the score, in points or log-odds, signed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Contribution {
    pub field: String,
    pub ours: Option<String>,
    pub theirs: Option<String>,
    pub sign: Sign,
    pub differs: bool,
    pub weight: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NationalIdentity {
    pub id: Uuid,
    pub idnat: String,
    pub rpps: Option<String>,
    pub kind: String,
    pub channel: Channel,
    pub state: NationalIdentityState,
    pub evidence: Option<String>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub verified_at: Option<DateTime<Utc>>,
    pub next_check_at: Option<DateTime<Utc>>,
    pub register_version: Option<String>,
    pub score: Option<f64>,
    pub threshold: Option<f64>,
    pub why: Reason,
    pub contributions: Vec<Contribution>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SessionView {
    pub id: Uuid,
    pub r#where: Option<String>,
    pub opened_at: DateTime<Utc>,
    pub last_seen_at: Option<DateTime<Utc>>,
    pub factors: i64,
    pub expires_at: DateTime<Utc>,
    pub applications: Vec<String>,
    pub console: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Homonym {
    pub person: PersonRef,
    pub function: Option<String>,
    pub unit_name: Option<String>,
}

/// The page of a person. etag is the one of the ETag header.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Person {
    pub id: Uuid,
    pub etag: String,
    pub family: String,
    pub birth_family: Option<String>,
    pub given: String,
    pub sex: Option<Sex>,
    pub birth_date: Option<NaiveDate>,
    pub state: PersonState,
    pub values: Vec<OwnedValue>,
    pub clashes: Vec<ValueClash>,
    pub posts: Vec<Post>,
    pub accounts: Vec<Account>,
    pub national_identities: Vec<NationalIdentity>,
    pub identity_state: NationalIdentityState,
    pub open_case_id: Option<Uuid>,
    pub means: Vec<Means>,
    pub sessions: Vec<SessionView>,
    pub homonyms: Vec<Homonym>,
    pub why_state: Vec<Reason>,
    pub applications: Option<Vec<PersonApplication>>,
    pub closed_at: Option<DateTime<Utc>>,
    /// When she will be closed: a last day was set.
    pub closes_at: Option<DateTime<Utc>>,
    /// Records made one with this one, the newest first; the first may be taken back.
    pub merges: Vec<PersonMerge>,
}

/// kept: this record stayed and took the other in; else the other took it in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonMerge {
    pub id: Uuid,
    pub kept: bool,
    pub other: PersonRef,
    pub merged_at: DateTime<Utc>,
    /// A word of the closed list of evidence.
    pub evidence: String,
    pub motive: String,
}

/// May she open it, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonApplication {
    pub client_id: String,
    pub name: String,
    pub allowed: bool,
    pub reason: Option<Reason>,
    pub last_opened_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimelineSource {
    Hr,
    ActiveDirectory,
    Register,
    Login,
    Console,
    Offline,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimelineEntry {
    pub at: DateTime<Utc>,
    pub event: String,
    pub source: TimelineSource,
    pub text: Option<String>,
    pub actor: Option<String>,
    /// Names are borne by several people; who acted is this person.
    pub actor_id: Option<Uuid>,
    pub r#where: Option<String>,
    pub reference: Option<String>,
    pub outcome: Option<Outcome>,
    pub index: Option<i64>,
    pub params: Option<BTreeMap<String, String>>,
    pub before: Option<BTreeMap<String, String>>,
    pub after: Option<BTreeMap<String, String>>,
}

/// A page; next_cursor is null on the last one; total counts the whole filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimelinePage {
    pub items: Vec<TimelineEntry>,
    pub next_cursor: Option<String>,
    pub total: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EndedSessions {
    pub ended: i64,
    pub notified: Vec<String>,
    pub pending: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentCodeRequest {
    pub means: MeansKind,
}

/// Shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EnrolmentCode {
    pub code: String,
    pub expires_at: DateTime<Utc>,
    pub url: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulkAction {
    Close,
    EndSessions,
}

/// Either ids or filter (the parameters of the list, less cursor, limit and sort). count: how many were shown; 412 count_moved when it is another number now. motive: for close.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkRequest {
    pub action: BulkAction,
    pub ids: Option<Vec<Uuid>>,
    pub filter: Option<PeopleQuery>,
    pub count: i64,
    pub motive: Option<String>,
}

/// What was done; left: those to whom nothing was done, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BulkResult {
    pub done: i64,
    pub sessions_ended: i64,
    pub left: Vec<LeftAside>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LeftAside {
    pub person: Uuid,
    pub code: String,
}
