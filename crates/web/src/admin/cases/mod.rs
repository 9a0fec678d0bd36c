//! Doubts: questions for a human, and the answers.
mod assign;
mod decide;
mod export;
mod list;
mod show;
mod undo;
pub mod views;

pub(crate) use decide::evidence_name;

use super::AdminState;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use views::{CaseKind, CasePriority, CaseState};

pub fn routes() -> OpenApiRouter<AdminState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(export::export))
        .routes(routes!(assign::assign))
        .routes(routes!(assign::assignees))
        .routes(routes!(show::show))
        .routes(routes!(decide::decide))
        .routes(routes!(undo::undo))
}

pub(super) fn kind(kind: directory::CaseKind) -> CaseKind {
    match kind {
        directory::CaseKind::NationalIdentity => CaseKind::NationalIdentity,
        directory::CaseKind::Conflict => CaseKind::Conflict,
        directory::CaseKind::Duplicate => CaseKind::Duplicate,
        directory::CaseKind::Account => CaseKind::Account,
    }
}

fn state(state: directory::CaseState) -> CaseState {
    match state {
        directory::CaseState::Open => CaseState::Open,
        directory::CaseState::AskedHr => CaseState::AskHr,
        directory::CaseState::WaitingCard => CaseState::WaitCard,
        directory::CaseState::Decided => CaseState::Decided,
    }
}

/// Somebody waits at the desk from 100 on.
fn priority(priority: i64) -> CasePriority {
    if priority >= 100 { CasePriority::Desk } else { CasePriority::Normal }
}
