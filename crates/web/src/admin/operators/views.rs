//! What the screens are told, field by field, as the OpenAPI document says.
use crate::admin::me::views::Role;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A role as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OperatorRole {
    Technician,
    DeskAgent,
    HrReferent,
    SecurityOfficer,
    Auditor,
    ApplicationOwner,
}

/// keys: those that open the console now; none: her link was not used yet, or is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Operator {
    pub id: Uuid,
    pub etag: String,
    pub person_id: Uuid,
    pub display_name: Option<String>,
    pub roles: Vec<Role>,
    pub enabled: bool,
    pub keys: i64,
    pub created_at: DateTime<Utc>,
    /// The caller herself: changed by somebody else alone.
    pub own: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OperatorList {
    pub items: Vec<Operator>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatorCreate {
    pub person: Uuid,
    pub roles: Vec<OperatorRole>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatorChange {
    pub roles: Vec<OperatorRole>,
    pub enabled: bool,
}

/// Shown once: where she enrols a key of the console, within the hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OperatorLink {
    pub operator_id: Uuid,
    pub url: String,
    pub expires_at: DateTime<Utc>,
}
