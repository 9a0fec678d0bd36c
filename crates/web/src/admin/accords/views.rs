//! What the screens are told, field by field, as the OpenAPI document says.
use crate::admin::cases::views::CaseKind;
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

/// act: accept_register, dismiss_register, grant_roles, link_identity, merge_people, relax_client. subject: the version, the id of the person, or the name of the application. person_name: whom it is about, where it is about somebody. case_id: the question, for a link; case_kind: what is linked to the person, a number of the register, an account, or a record of ours. register_content: which version of the register, as `Register` calls its content. mine: the caller asked for it, and gives it no accord.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Accord {
    pub id: Uuid,
    pub act: String,
    pub subject: String,
    pub person_name: Option<String>,
    pub case_id: Option<Uuid>,
    pub case_kind: Option<CaseKind>,
    pub register_content: Option<String>,
    pub asked_by: Option<String>,
    pub asked_at: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub mine: bool,
}

/// The first of them, those that wait a quarter of an hour before those that wait a day; total: how many wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccordList {
    pub items: Vec<Accord>,
    pub total: i64,
}
