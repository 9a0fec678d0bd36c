//! What the screens are told, field by field, as the OpenAPI document says.
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeansKind {
    Fido2,
    Password,
    Badge,
    Cps,
    Totp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeansState {
    Blank,
    Issued,
    Active,
    Suspended,
    Revoked,
    Expired,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Means {
    pub id: Uuid,
    pub kind: MeansKind,
    pub label: String,
    pub serial: Option<String>,
    pub state: MeansState,
    pub issued_at: Option<DateTime<Utc>>,
    pub issued_by: Option<String>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub last_used_where: Option<String>,
    pub expires_at: Option<DateTime<Utc>>,
    pub etag: Option<String>,
}
