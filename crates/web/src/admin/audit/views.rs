//! What the screens are told, field by field, as the OpenAPI document says.
use crate::admin::shared::views::{Outcome, PersonRef};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditCategory {
    Login,
    Means,
    People,
    Sources,
    Reconciliation,
    Applications,
    Sessions,
    Console,
    System,
    Audit,
}

/// index absent until sealed (then sealed_at too). event: snake_case name worded by the console with params; late: received_at differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditRow {
    pub seq: i64,
    pub index: Option<i64>,
    pub at: DateTime<Utc>,
    pub sealed_at: Option<DateTime<Utc>>,
    pub received_at: Option<DateTime<Utc>>,
    pub event: String,
    pub category: AuditCategory,
    pub actor: Option<String>,
    pub actor_person: Option<PersonRef>,
    pub subject: Option<PersonRef>,
    pub subject_label: Option<String>,
    pub r#where: Option<String>,
    pub outcome: Outcome,
    pub reference: Option<String>,
    pub params: Option<BTreeMap<String, String>>,
}

/// A page; next_cursor is null on the last one; total counts the whole filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditPage {
    pub items: Vec<AuditRow>,
    pub next_cursor: Option<String>,
    pub total: i64,
    pub waiting_seal: i64,
    /// Where a text was searched from; absent without a text, and for a reference.
    pub searched_from: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditEntry {
    pub row: AuditRow,
    pub leaf_hash: String,
    pub fields: BTreeMap<String, String>,
    pub before: Option<BTreeMap<String, String>>,
    pub after: Option<BTreeMap<String, String>>,
}

/// verified: recomputed by the server from the stored leaf up to the signed root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct InclusionProof {
    pub index: i64,
    pub tree_size: i64,
    pub root: String,
    pub hashes: Vec<String>,
    pub checkpoint: Checkpoint,
    pub verified: bool,
}

/// proof absent until sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditEntryView {
    pub entry: AuditEntry,
    pub proof: Option<InclusionProof>,
}

/// C2SP signed note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Checkpoint {
    pub origin: String,
    pub tree_size: i64,
    pub root: String,
    pub signed_at: DateTime<Utc>,
    pub note: String,
    pub key: String,
}

/// What a verification of the whole log found. first_fault: the first entry that is not what was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VerifyResult {
    pub holds: bool,
    pub entries: i64,
    pub waiting_seal: i64,
    pub first_fault: Option<i64>,
    pub fault: Option<String>,
}
