//! What the screens are told, field by field, as the OpenAPI document says.
use crate::admin::shared::views::PersonRef;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Technician,
    DeskAgent,
    HrReferent,
    SecurityOfficer,
    Auditor,
    ApplicationOwner,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    ReadPeople,
    EditPeople,
    ClosePeople,
    ReadSources,
    ManageSources,
    RunSources,
    ApplyPlans,
    ReleaseBrakes,
    ReadCases,
    DecideCases,
    ImportRegister,
    IssueMeans,
    RevokeMeans,
    ReadSessions,
    CloseSessions,
    ReadClients,
    ReadAllClients,
    ManageClients,
    ReadAudit,
    ExportAudit,
    ManageOperators,
    ManageKeys,
    ReadSystem,
    ManageSystem,
    ManageJobs,
}

/// An answer to a question, taken back with POST /cases/{case_id}/undo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UndoRef {
    pub case_id: Uuid,
    pub until: DateTime<Utc>,
}

/// One act of the caller; event and params as the journal has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnAct {
    pub at: DateTime<Utc>,
    pub event: String,
    pub params: Option<BTreeMap<String, String>>,
    pub subject: Option<PersonRef>,
    pub undo: Option<UndoRef>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnActs {
    pub items: Vec<OwnAct>,
}

/// Who is at the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Me {
    pub operator_id: Uuid,
    pub person: MePerson,
    pub roles: Vec<Role>,
    pub capabilities: Vec<Capability>,
    pub session_expires_at: DateTime<Utc>,
    pub hospital: Hospital,
    pub last_visit_at: Option<DateTime<Utc>>,
    /// When the session closes if nobody does anything. What an open page asks by itself (me, its acts, reach, home, accords, jobs, one run) is no sign of life; POST /me/stay is one.
    pub idle_expires_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MePerson {
    pub id: Uuid,
    pub display_name: String,
    pub initials: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Hospital {
    pub name: String,
    pub entities: Vec<Entity>,
}

/// A legal entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Entity {
    pub finess: String,
    pub name: String,
}
