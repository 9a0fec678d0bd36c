//! What the screens are told, field by field, as the OpenAPI document says.
use crate::admin::me::views::Role;
use crate::admin::shared::views::Health;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct System {
    pub version: String,
    pub build: Option<String>,
    pub nodes: Vec<Node>,
    pub listeners: Vec<Listener>,
    pub certificates: Vec<Certificate>,
    pub keys: Vec<KeyView>,
    pub database: DatabaseView,
    pub settings: Vec<SettingLine>,
    pub settings_path: String,
    pub advisories: Option<Vec<String>>,
    pub roles: Option<Vec<RoleHolders>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RoleHolders {
    pub role: Role,
    pub holders: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Node {
    pub name: String,
    pub since: DateTime<Utc>,
    pub rss_mb: Option<i64>,
    pub leader: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Listener {
    pub name: String,
    pub address: String,
    pub tls: String,
    pub enabled: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Certificate {
    pub name: String,
    pub subject: String,
    pub issuer: String,
    pub not_after: DateTime<Utc>,
    pub days_left: i64,
    pub health: Health,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyView {
    pub id: String,
    pub r#use: String,
    pub algorithm: String,
    pub created_at: DateTime<Utc>,
    pub next_rotation_at: Option<DateTime<Utc>>,
    pub state: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DatabaseView {
    pub kind: String,
    pub location: String,
    pub version: String,
    pub size_bytes: Option<i64>,
    pub schema: String,
    pub last_backup_verified_at: Option<DateTime<Utc>>,
}

/// A line of hygie.toml; secrets are paths, never values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettingLine {
    pub section: String,
    pub key: String,
    pub value: String,
    pub line: Option<i64>,
    pub default: bool,
}
