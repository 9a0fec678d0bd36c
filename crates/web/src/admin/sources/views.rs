//! What the screens are told, field by field, as the OpenAPI document says.
use crate::admin::runs::views::{ItemKind, RunState};
use crate::admin::shared::views::{Health, Reason, SourceKind};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SourceSummary {
    pub id: Uuid,
    pub name: String,
    pub kind: SourceKind,
    pub health: Health,
    pub last_good_at: Option<DateTime<Utc>>,
    pub last_run_id: Option<Uuid>,
    pub last_run_state: Option<RunState>,
    pub lines: Option<i64>,
    pub usual_low: Option<i64>,
    pub usual_high: Option<i64>,
    pub waiting_run_id: Option<Uuid>,
    pub next_at: Option<DateTime<Utc>>,
    pub unreachable_since: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SourceList {
    pub items: Vec<SourceSummary>,
}

/// One column of the mapping with ten live values at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MappingColumn {
    pub column: String,
    pub to: String,
    pub transform: String,
    pub required: bool,
    pub samples: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Mapping {
    pub version: i64,
    pub saved_at: DateTime<Utc>,
    pub saved_by: Option<String>,
    pub toml: String,
    pub columns: Vec<MappingColumn>,
}

/// unit: persons, percent. scope: source or unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BrakeSetting {
    pub kind: ItemKind,
    pub limit: i64,
    pub unit: BrakeUnit,
    pub scope: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BrakeUnit {
    Persons,
    Percent,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Source {
    pub id: Uuid,
    pub name: String,
    pub kind: SourceKind,
    pub health: Health,
    pub last_good_at: Option<DateTime<Utc>>,
    pub lines: Option<i64>,
    pub usual_low: Option<i64>,
    pub usual_high: Option<i64>,
    pub next_at: Option<DateTime<Utc>>,
    pub location: String,
    pub applies_alone: bool,
    pub mapping: Option<Mapping>,
    pub brakes: Vec<BrakeSetting>,
    pub warnings: Vec<Reason>,
    pub etag: String,
    pub waiting_run_id: Option<Uuid>,
    pub unreachable_since: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PreviewStarted {
    pub run_id: Uuid,
    pub job_id: Uuid,
}

/// The whole TOML text of the definition; it keeps the source's name and kind.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MappingDraft {
    pub toml: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MappingVersion {
    pub version: i64,
    pub saved_at: DateTime<Utc>,
    pub saved_by: Option<String>,
    pub toml: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MappingVersions {
    pub items: Vec<MappingVersion>,
}
