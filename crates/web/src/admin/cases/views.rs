//! What the screens are told, field by field, as the OpenAPI document says.
use crate::admin::accords::views::AccordRef;
use crate::admin::people::views::{Contribution, Homonym};
use crate::admin::shared::views::PersonRef;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    Account,
    NationalIdentity,
    Conflict,
    Duplicate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    Open,
    AskHr,
    WaitCard,
    Decided,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CasePriority {
    Desk,
    Normal,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaseRow {
    pub id: Uuid,
    pub kind: CaseKind,
    pub state: CaseState,
    pub person: PersonRef,
    pub candidates: i64,
    pub waiting_since: DateTime<Utc>,
    pub priority: CasePriority,
    pub assigned_to: Option<Assignee>,
    pub field: Option<String>,
}

/// A page; next_cursor is null on the last one; total counts the whole filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CasesPage {
    pub items: Vec<CaseRow>,
    pub next_cursor: Option<String>,
    pub total: i64,
    pub last_decided: Option<CaseDecided>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaseDecided {
    pub at: DateTime<Utc>,
    pub by: String,
}

/// A row of the comparison on our side. `field`: exercise_name, birth_name, given_names, birth_date, profession, place, category...
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaseField {
    pub field: String,
    pub value: Option<String>,
    pub source_name: Option<String>,
    pub line: Option<i64>,
}

/// letter A, B, C... ; contributions in the order of CaseView.ours plus those without a field of ours (homonyms).
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Candidate {
    pub letter: String,
    pub idnat: String,
    pub rpps: Option<String>,
    pub label: Option<String>,
    pub score: f64,
    pub contributions: Vec<Contribution>,
    pub struck_off: Option<bool>,
    pub person: Option<PersonRef>,
}

/// position / total in the queue asked. threshold: automatic links from there. two_people: a link decided here waits for a second person.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CaseView {
    pub id: Uuid,
    pub etag: String,
    pub kind: CaseKind,
    pub state: CaseState,
    pub person: PersonRef,
    pub source_name: Option<String>,
    pub line: Option<i64>,
    pub waiting_since: DateTime<Utc>,
    pub priority: CasePriority,
    pub threshold: f64,
    pub ours: Vec<CaseField>,
    pub candidates: Vec<Candidate>,
    pub homonyms: Vec<Homonym>,
    pub register_version: Option<String>,
    pub register_extracted_at: Option<DateTime<Utc>>,
    pub decision: Option<Decision>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub note: Option<String>,
    pub assigned_to: Option<Assignee>,
    pub field: Option<String>,
    pub two_people: bool,
    pub waiting_accord: Option<CaseAccord>,
    pub alarm: Option<CaseAlarm>,
}

/// A card or a login at Pro Santé Connect said another than what is kept. reason: borne_by_another, bears_another, refused_by_hand, names_differ. credential: cps_card, pro_sante_connect. sentence: in French. After names_differ and borne_by_another a link takes an identity document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaseAlarm {
    pub reason: String,
    pub credential: String,
    pub sentence: String,
}

/// A candidate that somebody chose and that waits for a second person: POST /accords/{id}/give or refuse. candidate: the letter. evidence: as in the decision. mine: the caller chose it, and gives it no accord.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaseAccord {
    pub id: Uuid,
    pub asked_by: Option<String>,
    pub asked_at: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub candidate: Option<String>,
    pub evidence: String,
    pub mine: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Link,
    NoneFits,
    AskHr,
    WaitCard,
    TakeOurs,
    TakeTheirs,
    SamePerson,
    DifferentPeople,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    ProfessionalCard,
    OrderCertificate,
    Diploma,
    RegisterRecord,
    HrFile,
    IdentityDocument,
}

/// candidate: the letter; evidence required when decision is link.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionRequest {
    pub decision: Decision,
    pub candidate: Option<String>,
    pub evidence: Option<Evidence>,
    pub note: Option<String>,
}

/// undo_until: level 1 acts may be taken back until then by POST /cases/{id}/undo. accord: nothing is linked yet, a second person is waited for; state is what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DecisionResult {
    pub case_id: Uuid,
    pub state: CaseState,
    pub undo_until: Option<DateTime<Utc>>,
    pub next_case_id: Option<Uuid>,
    pub accord: Option<AccordRef>,
}

/// Somebody who decides. birth_date only in the list of them, where two bear one name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Assignee {
    pub id: Uuid,
    pub name: String,
    pub birth_date: Option<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Assignees {
    pub items: Vec<Assignee>,
}

/// to: the person behind an operator who decides (GET /cases/assignees); absent or null: nobody.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignRequest {
    pub cases: Vec<Uuid>,
    pub to: Option<Uuid>,
}

/// before: whose it was; giving it back there takes the act back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AssignedCase {
    pub id: Uuid,
    pub etag: String,
    pub before: Option<Uuid>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AssignedCases {
    pub items: Vec<AssignedCase>,
}
