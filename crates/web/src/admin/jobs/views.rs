//! What the screens are told, field by field, as the OpenAPI document says.
use crate::admin::shared::views::Reason;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    SourcePreview,
    PlanApply,
    RegisterImport,
    RegisterReconcile,
    AuditVerify,
    Export,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Queued,
    Running,
    Paused,
    Done,
    Failed,
    Stopped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobUnit {
    Bytes,
    Lines,
    Persons,
    Entries,
    Accounts,
    Items,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Job {
    pub id: Uuid,
    pub kind: JobKind,
    pub state: JobState,
    pub step: Option<String>,
    pub done: i64,
    pub total: Option<i64>,
    pub unit: JobUnit,
    pub rate: Option<f64>,
    pub remaining_s: Option<i64>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub label: Option<String>,
    pub run_id: Option<Uuid>,
    /// Paused or failed, and POST /jobs/{id}/resume takes it up where it was.
    pub resumable: bool,
    pub problem: Option<Reason>,
    pub result: Option<BTreeMap<String, String>>,
}

/// Running and the last ones of the day, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct JobList {
    pub items: Vec<Job>,
}
