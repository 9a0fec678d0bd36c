//! What the screens are told, field by field, as the OpenAPI document says.
use crate::admin::shared::views::{Dependency, Health, SourceKind};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TodoKind {
    AccountDoubt,
    RunWaiting,
    IdentityDoubt,
    Conflict,
    Duplicate,
    ContractOverAccountActive,
    NationalIdentityToRecheck,
    RegisterOld,
    RelaxationEnding,
}

/// One line of « À traiter »; count is never 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Todo {
    pub kind: TodoKind,
    pub count: i64,
    pub oldest_at: Option<DateTime<Utc>>,
    pub limit_at: Option<DateTime<Utc>>,
    pub run_id: Option<Uuid>,
    pub source_name: Option<String>,
    pub brake: Option<String>,
    pub brake_value: Option<i64>,
    pub brake_limit: Option<i64>,
}

/// One line of « Santé des sources ».
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SourceHealth {
    pub id: Option<Uuid>,
    pub name: String,
    pub kind: SourceKind,
    pub health: Health,
    pub last_good_at: Option<DateTime<Utc>>,
    pub lines: Option<i64>,
    pub usual_volume: Option<bool>,
    pub age_days: Option<i64>,
    pub limit_days: Option<i64>,
    pub unreachable_since: Option<DateTime<Utc>>,
    pub next_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SinceVisit {
    pub since: Option<DateTime<Utc>>,
    pub arrivals: i64,
    pub departures: i64,
    pub links: i64,
    pub changes: i64,
    pub notable: Vec<Notable>,
}

/// An audit entry worth a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Notable {
    pub index: Option<i64>,
    pub at: DateTime<Utc>,
    pub event: String,
    pub actor: Option<String>,
    pub subject: Option<String>,
    pub params: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SetupStepKind {
    Establishment,
    HrSource,
    ActiveDirectory,
    Register,
    FirstReview,
    FirstApplication,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SetupStep {
    pub kind: SetupStepKind,
    pub done: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Home {
    pub todo: Vec<Todo>,
    pub sources: Vec<SourceHealth>,
    pub since_last_visit: SinceVisit,
    pub setup: Vec<SetupStep>,
    pub setup_done: bool,
    pub next_hr_read_at: Option<DateTime<Utc>>,
    pub now: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DegradedDependency {
    pub dependency: Dependency,
    pub since: DateTime<Utc>,
    pub stops_someone: bool,
    pub next_try_at: Option<DateTime<Utc>>,
    pub queued: Option<BTreeMap<String, i64>>,
}

/// Only what is degraded; recovered lists returns of the last 10 min.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReachView {
    pub degraded: Vec<DegradedDependency>,
    pub recovered: Vec<Recovered>,
    pub now: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Recovered {
    pub dependency: Dependency,
    pub at: DateTime<Utc>,
    pub caught_up: i64,
}
