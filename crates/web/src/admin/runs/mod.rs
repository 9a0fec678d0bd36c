//! Runs: their plan, its lines, and what came of them.
mod apply;
mod dismiss;
mod items;
mod release;
mod show;
pub mod views;

use super::AdminState;
use super::shared::actor_name;
use directory::{Person, Run, RunCounts};
use kernel::{ActorId, PersonId};
use std::collections::BTreeMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use views::{KindCounts, RunState, RunSummary};

pub fn routes() -> OpenApiRouter<AdminState> {
    OpenApiRouter::new()
        .routes(routes!(show::show))
        .routes(routes!(items::items))
        .routes(routes!(apply::apply))
        .routes(routes!(dismiss::dismiss))
        .routes(routes!(release::release))
}

pub(crate) fn state(run: &Run) -> RunState {
    use directory::RunState as Known;
    match run.state {
        Known::Reading => RunState::Reading,
        Known::Deciding => RunState::Deciding,
        Known::Planned => RunState::Planned,
        Known::Waiting => RunState::Waiting,
        Known::Applying => RunState::Applying,
        Known::Applied => RunState::Applied,
        Known::Failed => RunState::Failed,
        Known::Refused => RunState::Refused,
        Known::Stopped => RunState::Stopped,
    }
}

/// Links of a national identity or of an account change a person: screens count them so.
pub(crate) fn counts(counts: &RunCounts) -> KindCounts {
    let number = |value| i64::try_from(value).unwrap_or(i64::MAX);
    KindCounts {
        create: number(counts.create),
        change: number(counts.change + counts.link),
        close: number(counts.close),
        reopen: number(counts.reopen),
        conflict: number(counts.conflict),
        doubt: number(counts.doubt),
    }
}

/// Who began it; nobody, when its schedule did.
fn by_somebody(run: &Run, people: &BTreeMap<PersonId, Person>) -> Option<String> {
    match &run.by {
        ActorId::Job { name } if name == workflows::sync::SCHEDULE => None,
        by => actor_name(by, people),
    }
}

pub(crate) fn summary(run: &Run, name: &str, people: &BTreeMap<PersonId, Person>) -> RunSummary {
    RunSummary {
        id: run.id.uuid(),
        source_id: run.source.map(|source| source.uuid()).unwrap_or_default(),
        source_name: name.to_owned(),
        state: state(run),
        started_at: run.started_at,
        finished_at: run.ended_at,
        lines: i64::try_from(run.lines).unwrap_or(i64::MAX),
        rejected: i64::try_from(run.counts.faulty).unwrap_or(i64::MAX),
        counts: counts(&run.counts),
        by: by_somebody(run, people),
    }
}
