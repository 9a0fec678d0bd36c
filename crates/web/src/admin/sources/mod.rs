//! Sources: their health, their mapping, their readings.
mod change;
mod list;
mod preview;
mod runs;
mod show;
pub mod views;

use super::AdminState;
use super::shared::views::{Health, SourceKind};
use chrono::{DateTime, Utc};
use directory::{Run, RunState};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use views::SourceSummary;
use workflows::views::SourceSheet;

pub fn routes() -> OpenApiRouter<AdminState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(show::show))
        .routes(routes!(runs::runs))
        .routes(routes!(change::change))
        .routes(routes!(change::versions))
        .routes(routes!(preview::preview))
}

pub(crate) fn kind(kind: identity::SourceKind) -> SourceKind {
    match kind {
        identity::SourceKind::HrCsv => SourceKind::HrCsv,
        identity::SourceKind::ActiveDirectory => SourceKind::ActiveDirectory,
        identity::SourceKind::Ldif => SourceKind::AdLdif,
    }
}

/// A reading that came to its end, whole.
fn is_good(run: &&Run) -> bool {
    matches!(
        run.state,
        RunState::Planned | RunState::Waiting | RunState::Applying | RunState::Applied
    )
}

pub(crate) fn last_good(sheet: &SourceSheet) -> Option<&Run> {
    sheet.runs.iter().find(is_good)
}

/// The last complete reading says how the source is; a failed one after it is a failure.
pub(crate) fn health(sheet: &SourceSheet) -> Health {
    let over = sheet.runs.iter().find(|run| {
        !matches!(
            run.state,
            RunState::Reading | RunState::Deciding | RunState::Refused | RunState::Stopped
        )
    });
    match over.map(|run| run.state) {
        None => Health::Never,
        Some(RunState::Failed) => Health::Failure,
        Some(RunState::Waiting) => Health::Warning,
        Some(_) => Health::Ok,
    }
}

/// The lines that good readings had, least and most; one reading tells no habit.
pub(crate) fn usual(sheet: &SourceSheet) -> Option<(i64, i64)> {
    let lines: Vec<u64> = sheet.runs.iter().filter(is_good).map(|run| run.lines).collect();
    if lines.len() < 2 {
        return None;
    }
    let bound = |lines: Option<&u64>| lines.and_then(|lines| i64::try_from(*lines).ok());
    bound(lines.iter().min()).zip(bound(lines.iter().max()))
}

pub(crate) fn waiting(sheet: &SourceSheet) -> Option<&Run> {
    sheet.runs.iter().find(|run| run.state == RunState::Waiting)
}

/// Since when readings fail; `None` when the last one came to its end.
pub(crate) fn unreachable_since(sheet: &SourceSheet) -> Option<DateTime<Utc>> {
    let failed = sheet.runs.iter().take_while(|run| run.state == RunState::Failed);
    failed.last().map(|run| run.started_at)
}

fn summary(sheet: &SourceSheet) -> SourceSummary {
    let last = sheet.runs.first();
    let good = last_good(sheet);
    SourceSummary {
        id: sheet.source.id.uuid(),
        name: sheet.source.name.clone(),
        kind: kind(sheet.source.kind),
        health: health(sheet),
        last_good_at: good.map(|run| run.started_at),
        last_run_id: last.map(|run| run.id.uuid()),
        last_run_state: last.map(super::runs::state),
        lines: good.and_then(|run| i64::try_from(run.lines).ok()),
        usual_low: usual(sheet).map(|(low, _)| low),
        usual_high: usual(sheet).map(|(_, high)| high),
        waiting_run_id: waiting(sheet).map(|run| run.id.uuid()),
        next_at: sheet.next_at,
        unreachable_since: unreachable_since(sheet),
    }
}
