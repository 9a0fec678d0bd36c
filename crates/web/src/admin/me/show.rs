use super::views::{Capability, Entity, Hospital, Me, MePerson, Role};
use crate::admin::AdminState;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;

/// Who is at the console.
///
/// Permission: anybody at the console.
#[utoipa::path(get, path = "/api/v1/me", operation_id = "me", tag = "me",
    responses((status = 200, body = Me), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn show(State(state): State<AdminState>, call: Call) -> Answer<Json<Me>> {
    Ok(Json(me(&state, &call).await?))
}

/// Stay: a sign of life, for a page that is read without calling anything.
///
/// Permission: anybody at the console.
#[utoipa::path(post, path = "/api/v1/me/stay", operation_id = "stay", tag = "me",
    responses((status = 200, body = Me), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn stay(State(state): State<AdminState>, call: Call) -> Answer<Json<Me>> {
    Ok(Json(me(&state, &call).await?))
}

async fn me(state: &AdminState, call: &Call) -> Result<Me, Problem> {
    let caller = &call.caller;
    let names = &caller.person.names;
    let letter = |name: Option<&str>| name.and_then(|name| name.chars().next());
    let initials = letter(names.given()).into_iter().chain(letter(names.family()));
    let entities = state.facts.entities.iter();
    Ok(Me {
        operator_id: caller.operator.id.uuid(),
        person: MePerson {
            id: caller.person.id.uuid(),
            display_name: caller.person.display_name(),
            initials: initials.flat_map(char::to_uppercase).collect(),
        },
        roles: caller.operator.roles.iter().copied().map(Role::from).collect(),
        capabilities: caller.actor.capabilities().map(Capability::from).collect(),
        session_expires_at: caller.session.expires_at,
        hospital: Hospital {
            name: state.facts.hospital.clone(),
            entities: entities
                .map(|(finess, name)| Entity { finess: finess.clone(), name: name.clone() })
                .collect(),
        },
        last_visit_at: call.workflows.last_visit(caller).await?,
        idle_expires_at: call.idle_until(),
    })
}

impl From<kernel::Role> for Role {
    fn from(role: kernel::Role) -> Self {
        match role {
            kernel::Role::Technician => Self::Technician,
            kernel::Role::DeskAgent => Self::DeskAgent,
            kernel::Role::HrReferent => Self::HrReferent,
            kernel::Role::SecurityOfficer => Self::SecurityOfficer,
            kernel::Role::Auditor => Self::Auditor,
            kernel::Role::ApplicationOwner => Self::ApplicationOwner,
        }
    }
}

impl From<kernel::Capability> for Capability {
    fn from(capability: kernel::Capability) -> Self {
        use kernel::Capability as Known;
        match capability {
            Known::ReadPeople => Self::ReadPeople,
            Known::EditPeople => Self::EditPeople,
            Known::ClosePeople => Self::ClosePeople,
            Known::ReadSources => Self::ReadSources,
            Known::ManageSources => Self::ManageSources,
            Known::RunSources => Self::RunSources,
            Known::ApplyPlans => Self::ApplyPlans,
            Known::ReleaseBrakes => Self::ReleaseBrakes,
            Known::ReadCases => Self::ReadCases,
            Known::DecideCases => Self::DecideCases,
            Known::ImportRegister => Self::ImportRegister,
            Known::IssueMeans => Self::IssueMeans,
            Known::RevokeMeans => Self::RevokeMeans,
            Known::ReadSessions => Self::ReadSessions,
            Known::CloseSessions => Self::CloseSessions,
            Known::ReadClients => Self::ReadClients,
            Known::ReadAllClients => Self::ReadAllClients,
            Known::ManageClients => Self::ManageClients,
            Known::ReadAudit => Self::ReadAudit,
            Known::ExportAudit => Self::ExportAudit,
            Known::ManageOperators => Self::ManageOperators,
            Known::ManageKeys => Self::ManageKeys,
            Known::ReadSystem => Self::ReadSystem,
            Known::ManageSystem => Self::ManageSystem,
            Known::ManageJobs => Self::ManageJobs,
        }
    }
}
