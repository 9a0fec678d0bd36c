//! Long work, seen while it runs.
mod events;
mod find;
mod list;
mod pause;
mod resume;
mod stop;
pub mod views;

use super::AdminState;
use chrono::{DateTime, Utc};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use views::{Job, JobKind, JobState, JobUnit};

pub fn routes() -> OpenApiRouter<AdminState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(events::events))
        .routes(routes!(find::find))
        .routes(routes!(pause::pause))
        .routes(routes!(stop::stop))
        .routes(routes!(resume::resume))
}

/// A job as screens show it; `now` tells its pace.
fn view(job: &workflows::views::Job, now: DateTime<Utc>) -> Job {
    let elapsed = (job.ended_at.unwrap_or(now) - job.started_at).num_milliseconds();
    let pace = (job.done > 0 && elapsed > 0).then(|| job.done as f64 * 1000.0 / elapsed as f64);
    let running = job.state == workflows::views::JobState::Running;
    let left = job.total.saturating_sub(job.done) as f64;
    let remaining = pace.filter(|_| running && job.total > 0).map(|pace| (left / pace).ceil());
    let failed = job.state == workflows::views::JobState::Failed;
    Job {
        id: job.id.uuid(),
        kind: kind(&job.kind),
        state: state(job.state),
        step: None,
        done: number(job.done),
        total: (job.total > 0).then(|| number(job.total)),
        unit: unit(&job.unit),
        rate: pace,
        remaining_s: remaining.map(|seconds| seconds as i64),
        started_at: Some(job.started_at),
        finished_at: job.ended_at,
        label: job.result.clone().filter(|_| !failed),
        run_id: run(&job.params),
        resumable: job.is_resumable(),
        problem: job
            .result
            .as_ref()
            .filter(|_| failed)
            .map(|text| super::shared::reason("job_failed", text.clone())),
        result: None,
    }
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn kind(name: &str) -> JobKind {
    match name {
        "sync" => JobKind::SourcePreview,
        "apply" => JobKind::PlanApply,
        "register_import" | "register_refresh" => JobKind::RegisterImport,
        "reconcile" => JobKind::RegisterReconcile,
        "audit_verify" => JobKind::AuditVerify,
        _ => JobKind::Export,
    }
}

fn state(state: workflows::views::JobState) -> JobState {
    use workflows::views::JobState as Known;
    match state {
        Known::Waiting => JobState::Queued,
        Known::Running => JobState::Running,
        Known::Done => JobState::Done,
        Known::Failed => JobState::Failed,
        Known::Paused => JobState::Paused,
        Known::Stopped => JobState::Stopped,
    }
}

fn unit(name: &str) -> JobUnit {
    match name {
        "people" => JobUnit::Persons,
        "entries" => JobUnit::Entries,
        "accounts" => JobUnit::Accounts,
        "items" => JobUnit::Items,
        "bytes" => JobUnit::Bytes,
        _ => JobUnit::Lines,
    }
}

/// The run that a job works on, as its parameters name it.
fn run(params: &str) -> Option<uuid::Uuid> {
    let params: serde_json::Value = serde_json::from_str(params).ok()?;
    params.get("run")?.as_str()?.parse().ok()
}
