//! What the screens are told, field by field, as the OpenAPI document says.
use crate::admin::shared::views::PersonRef;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HitKind {
    Person,
    Application,
    Reference,
    Page,
}

/// exact: the number or reference asked, comes alone and first. kind reference: a refusal; target is the audit index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SearchHit {
    pub kind: HitKind,
    pub exact: bool,
    pub label: String,
    pub detail: Option<String>,
    pub person: Option<PersonRef>,
    pub target: String,
}

/// At most 5 a kind; `total` of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SearchResults {
    pub hits: Vec<SearchHit>,
    pub total: i64,
}
