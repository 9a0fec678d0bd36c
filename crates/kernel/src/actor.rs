use crate::{OperatorId, PersonId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What an actor may do. One word a kind of act; workflows check it first (style rule 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
    /// Those of others too; without it, those that she answers for.
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

impl Capability {
    pub const ALL: [Self; 25] = [
        Self::ReadPeople,
        Self::EditPeople,
        Self::ClosePeople,
        Self::ReadSources,
        Self::ManageSources,
        Self::RunSources,
        Self::ApplyPlans,
        Self::ReleaseBrakes,
        Self::ReadCases,
        Self::DecideCases,
        Self::ImportRegister,
        Self::IssueMeans,
        Self::RevokeMeans,
        Self::ReadSessions,
        Self::CloseSessions,
        Self::ReadClients,
        Self::ReadAllClients,
        Self::ManageClients,
        Self::ReadAudit,
        Self::ExportAudit,
        Self::ManageOperators,
        Self::ManageKeys,
        Self::ReadSystem,
        Self::ManageSystem,
        Self::ManageJobs,
    ];
}

/// The six console roles (console.md §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Technician,
    DeskAgent,
    HrReferent,
    SecurityOfficer,
    Auditor,
    ApplicationOwner,
}

impl Role {
    pub const ALL: [Self; 6] = [
        Self::Technician,
        Self::DeskAgent,
        Self::HrReferent,
        Self::SecurityOfficer,
        Self::Auditor,
        Self::ApplicationOwner,
    ];

    /// Least privilege: nobody holds all, and whoever reads the audit changes nothing by that role.
    pub fn capabilities(self) -> &'static [Capability] {
        use Capability::*;
        match self {
            Self::Technician => &[
                ReadPeople,
                ReadSources,
                ManageSources,
                RunSources,
                ApplyPlans,
                ReadCases,
                ImportRegister,
                ReadSessions,
                CloseSessions,
                ReadClients,
                ReadAllClients,
                ManageClients,
                ReadSystem,
                ManageSystem,
                ManageJobs,
            ],
            Self::DeskAgent => &[ReadPeople, IssueMeans, RevokeMeans, ReadSessions],
            Self::HrReferent => &[
                ReadPeople,
                EditPeople,
                ClosePeople,
                ReadSources,
                RunSources,
                ApplyPlans,
                ReadCases,
                DecideCases,
            ],
            Self::SecurityOfficer => &[
                ReadPeople,
                ClosePeople,
                ReadSources,
                ApplyPlans,
                ReleaseBrakes,
                ReadCases,
                DecideCases,
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
                ManageJobs,
            ],
            Self::Auditor => &[
                ReadPeople,
                ReadSources,
                ReadCases,
                ReadSessions,
                ReadClients,
                ReadAllClients,
                ReadAudit,
                ExportAudit,
                ReadSystem,
            ],
            Self::ApplicationOwner => &[ReadClients],
        }
    }
}

/// Who acts, as the audit names it: ids only.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ActorId {
    /// Somebody at the console.
    Operator { operator: OperatorId, person: PersonId },
    /// Somebody at the login pages or the portal, about themselves.
    Person { person: PersonId },
    /// The command line, as the user of the operating system (uid).
    CommandLine { uid: u32 },
    /// A job of the appliance.
    Job { name: String },
    /// An application, authenticated as itself.
    Client { client: crate::ClientId },
    /// Nobody known yet: a browser before its login.
    Nobody,
}

impl ActorId {
    /// The human being behind it, where one is known.
    pub fn person(&self) -> Option<PersonId> {
        match self {
            Self::Operator { person, .. } | Self::Person { person } => Some(*person),
            Self::CommandLine { .. } | Self::Job { .. } | Self::Client { .. } | Self::Nobody => {
                None
            }
        }
    }
}

/// The actor lacks this capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this needs the capability {0:?}")]
pub struct Forbidden(pub Capability);

/// Who acts and what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    id: ActorId,
    capabilities: BTreeSet<Capability>,
}

impl Actor {
    pub fn new(id: ActorId, capabilities: impl IntoIterator<Item = Capability>) -> Self {
        Self { id, capabilities: capabilities.into_iter().collect() }
    }
    pub fn operator(operator: OperatorId, person: PersonId, roles: &[Role]) -> Self {
        let capabilities = roles.iter().flat_map(|role| role.capabilities().iter().copied());
        Self::new(ActorId::Operator { operator, person }, capabilities)
    }
    /// The command line on the machine: whoever can read the key file can do all.
    pub fn command_line(uid: u32) -> Self {
        Self::new(ActorId::CommandLine { uid }, Capability::ALL)
    }
    pub fn job(name: &str, capabilities: impl IntoIterator<Item = Capability>) -> Self {
        Self::new(ActorId::Job { name: name.to_owned() }, capabilities)
    }
    pub fn person(person: PersonId) -> Self {
        Self::new(ActorId::Person { person }, [])
    }
    pub fn nobody() -> Self {
        Self::new(ActorId::Nobody, [])
    }
    pub fn id(&self) -> ActorId {
        self.id.clone()
    }
    pub fn can(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }
    pub fn capabilities(&self) -> impl Iterator<Item = Capability> + '_ {
        self.capabilities.iter().copied()
    }
    pub fn must(&self, capability: Capability) -> Result<(), Forbidden> {
        if self.can(capability) { Ok(()) } else { Err(Forbidden(capability)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_role_holds_everything_and_the_auditor_changes_nothing() {
        for role in Role::ALL {
            assert!(role.capabilities().len() < Capability::ALL.len(), "{role:?}");
        }
        let changes = [
            Capability::EditPeople,
            Capability::ApplyPlans,
            Capability::DecideCases,
            Capability::ManageClients,
        ];
        assert!(changes.iter().all(|change| !Role::Auditor.capabilities().contains(change)));
    }

    #[test]
    fn an_actor_without_the_capability_is_refused_by_name() {
        let nobody = Actor::nobody();
        for capability in Capability::ALL {
            assert_eq!(nobody.must(capability), Err(Forbidden(capability)));
        }
    }
}
