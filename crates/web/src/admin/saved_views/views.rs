//! What the screens are told, field by field, as the OpenAPI document says.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A page, its filters (the query of the address bar, without `?`) and its columns, under a name. Only its owner changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SavedView {
    pub id: Uuid,
    pub etag: String,
    pub page: String,
    pub name: String,
    pub query: String,
    pub columns: Vec<String>,
    pub shared: bool,
    pub mine: bool,
    pub owner: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SavedViewList {
    pub items: Vec<SavedView>,
}

/// page: people, cases, audit, sources or clients. columns: their names in order; absent: the page's own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedViewDraft {
    pub page: String,
    pub name: String,
    pub query: String,
    pub columns: Option<Vec<String>>,
    pub shared: Option<bool>,
}
