//! Who works at the console, with which roles.
mod appoint;
mod change;
mod list;
pub mod views;

use super::AdminState;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<AdminState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, appoint::appoint))
        .routes(routes!(appoint::link))
        .routes(routes!(change::change))
}

fn role(role: views::OperatorRole) -> kernel::Role {
    use views::OperatorRole as Asked;
    match role {
        Asked::Technician => kernel::Role::Technician,
        Asked::DeskAgent => kernel::Role::DeskAgent,
        Asked::HrReferent => kernel::Role::HrReferent,
        Asked::SecurityOfficer => kernel::Role::SecurityOfficer,
        Asked::Auditor => kernel::Role::Auditor,
        Asked::ApplicationOwner => kernel::Role::ApplicationOwner,
    }
}
