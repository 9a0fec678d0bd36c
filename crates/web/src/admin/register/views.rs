//! What the screens are told, field by field, as the OpenAPI document says.
use crate::admin::shared::views::Health;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RegisterVersion {
    pub version: String,
    pub file: String,
    pub lines: i64,
    pub persons: i64,
    pub extracted_at: DateTime<Utc>,
    pub imported_at: DateTime<Utc>,
    pub rejected: i64,
}

/// current absent: never imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Register {
    pub current: Option<RegisterVersion>,
    pub previous: Option<RegisterVersion>,
    /// Changes too many people here: waits beside the one in use until two people take or forget it.
    pub held: Option<RegisterVersion>,
    pub age_days: Option<i64>,
    pub limit_days: i64,
    pub unit_changes: Option<i64>,
    pub links: i64,
    pub to_decide: i64,
    pub last_reconciled_at: Option<DateTime<Utc>>,
    pub health: Health,
}
