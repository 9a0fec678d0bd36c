//! What the screens are told, field by field, as the OpenAPI document says.
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An act waits for a second person until then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccordRef {
    pub id: Uuid,
    pub until: DateTime<Utc>,
}

impl From<&workflows::Accord> for AccordRef {
    fn from(accord: &workflows::Accord) -> Self {
        Self { id: accord.id.uuid(), until: accord.expires_at }
    }
}

/// act: accept_register, dismiss_register, grant_roles, relax_client. subject: the version, the id of the person, or the name of the application. mine: the caller asked for it, and gives it no accord.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Accord {
    pub id: Uuid,
    pub act: String,
    pub subject: String,
    pub asked_by: Option<String>,
    pub asked_at: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub mine: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccordList {
    pub items: Vec<Accord>,
}
