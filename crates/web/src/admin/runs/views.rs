//! What the screens are told, field by field, as the OpenAPI document says.
use crate::admin::shared::views::{PersonRef, Reason, SourceKind};
use crate::admin::sources::views::BrakeUnit;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    Reading,
    Deciding,
    Planned,
    Waiting,
    Applying,
    Applied,
    Failed,
    Refused,
    Stopped,
    Dismissed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunSummary {
    pub id: Uuid,
    pub source_id: Uuid,
    pub source_name: String,
    pub state: RunState,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub lines: i64,
    pub rejected: i64,
    pub counts: KindCounts,
    pub by: Option<String>,
}

/// A page; next_cursor is null on the last one; total counts the whole filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunsPage {
    pub items: Vec<RunSummary>,
    pub next_cursor: Option<String>,
    pub total: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KindCounts {
    pub create: i64,
    pub change: i64,
    pub close: i64,
    pub reopen: i64,
    pub conflict: i64,
    pub doubt: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    Create,
    Change,
    Close,
    Reopen,
    Conflict,
    Doubt,
}

/// value / limit; over when passed. `where`: the unit concerned, with its own figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Brake {
    pub kind: ItemKind,
    pub value: i64,
    pub limit: i64,
    pub unit: BrakeUnit,
    pub over: bool,
    pub r#where: Option<String>,
    pub where_value: Option<i64>,
    pub where_total: Option<i64>,
}

/// Where the file is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunFault {
    pub line: Option<i64>,
    pub column: Option<String>,
    pub found: Option<String>,
    pub expected: Option<String>,
    pub code: String,
    pub text: String,
}

/// aside_by_default: items that the plan does not keep by itself (doubts, conflicts, lines to look at). stale: data moved since the plan; it can only be computed again. problem: why it failed or was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Run {
    pub id: Uuid,
    pub source_id: Uuid,
    pub source_name: String,
    pub source_kind: SourceKind,
    pub state: RunState,
    pub etag: String,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub took_ms: Option<i64>,
    pub lines: i64,
    pub usual_low: Option<i64>,
    pub usual_high: Option<i64>,
    pub rejected: i64,
    pub complete: bool,
    pub counts: KindCounts,
    pub brakes: Vec<Brake>,
    pub faults: Vec<RunFault>,
    pub problem: Option<Reason>,
    pub stale: bool,
    pub data_version: String,
    pub aside_by_default: i64,
    pub kept_by_default: Option<KindCounts>,
    pub job_id: Option<Uuid>,
    pub second_approval: bool,
    pub approved_by: Option<String>,
    pub applied: Option<RunResults>,
    pub by: Option<String>,
    /// The caller began it: somebody else lets it go.
    pub mine: bool,
    /// The caller let it go: somebody else applies it.
    pub released_by_me: bool,
    pub unreachable_since: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunResults {
    pub applied: i64,
    pub aside: i64,
    pub failed: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldChange {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemResult {
    Applied,
    Aside,
    Failed,
}

/// Somebody of a folded line, as the plan names her. `person`: absent while she has no record. `unit`: its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FoldedPerson {
    pub person: Option<PersonRef>,
    pub name: String,
    pub unit: Option<String>,
}

/// A line of the plan. pattern_count > 1: a folded line, person absent; a few of its members in `sample` (three at most), all by ?pattern=pattern_key. A line that ends a session is never folded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunItem {
    pub id: Uuid,
    pub kind: ItemKind,
    pub person: Option<PersonRef>,
    pub line: Option<i64>,
    pub changes: Vec<FieldChange>,
    pub reason: Reason,
    pub pattern_key: Option<String>,
    pub pattern_count: i64,
    pub sample: Vec<FoldedPerson>,
    pub sources: Vec<String>,
    pub selected: bool,
    pub open_sessions: i64,
    pub case_id: Option<Uuid>,
    pub result: Option<ItemResult>,
    pub result_reason: Option<Reason>,
}

/// A page; next_cursor is null on the last one; total counts the whole filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunItemsPage {
    pub items: Vec<RunItem>,
    pub next_cursor: Option<String>,
    pub total: i64,
}

/// What of the plan is applied: all but some, or some. Ids of items or of folded lines.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Selection {
    AllBut(AllBut),
    Some(SomeItems),
}

/// The whole plan, less these.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AllBut {
    /// Always true.
    pub all: bool,
    pub except: Vec<Uuid>,
}

/// These alone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SomeItems {
    pub items: Vec<Uuid>,
}

/// data_version: the one the plan was shown with; 412 plan_stale when data moved.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyRequest {
    pub selection: Selection,
    pub data_version: String,
}
