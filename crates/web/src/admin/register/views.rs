//! What the screens are told, field by field, as the OpenAPI document says.
use crate::admin::shared::views::Health;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// version: its number on the node that answers; content: what it holds, the same on every node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RegisterVersion {
    pub version: String,
    pub content: String,
    pub file: String,
    pub lines: i64,
    pub persons: i64,
    pub extracted_at: DateTime<Utc>,
    pub imported_at: DateTime<Utc>,
    pub rejected: i64,
}

/// Of so many people here who are linked to it (followed), how many a held version changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HeldChanges {
    pub followed: i64,
    pub professions: i64,
    pub names: i64,
    pub missing: i64,
}

/// current absent: never imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Register {
    pub current: Option<RegisterVersion>,
    pub previous: Option<RegisterVersion>,
    /// Changes too many people here: waits beside the one in use until two people take or forget it.
    pub held: Option<RegisterVersion>,
    pub held_changes: Option<HeldChanges>,
    pub age_days: Option<i64>,
    pub limit_days: i64,
    pub unit_changes: Option<i64>,
    pub links: i64,
    pub to_decide: i64,
    pub last_reconciled_at: Option<DateTime<Utc>>,
    pub health: Health,
}
