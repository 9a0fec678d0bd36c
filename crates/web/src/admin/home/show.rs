use super::views::{Home, SetupStep, SetupStepKind, SinceVisit, SourceHealth, Todo, TodoKind};
use crate::admin::register::health as register_health;
use crate::admin::shared::views::SourceKind;
use crate::admin::sources::{health, kind, last_good, unreachable_since, usual};
use crate::call::{Answer, Call};
use crate::problem::Problem;
use axum::Json;
use chrono::{DateTime, Utc};
use directory::CaseKind;
use workflows::views::{HomeView, REGISTER_LIMIT_DAYS, RegisterSheet, SourceSheet, Waiting};

/// What needs me.
///
/// Permission: anybody at the console; each part for whoever may read it.
#[utoipa::path(get, path = "/api/v1/home", operation_id = "home", tag = "home",
    responses((status = 200, body = Home), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn show(call: Call) -> Answer<Json<Home>> {
    let home = call.workflows.home(&call.caller).await?;
    let now = call.workflows.now();
    let setup = setup(&home);
    let register = home.register.as_ref();
    let lines = home.sources.iter().map(source_health).chain(register.map(register_line));
    Ok(Json(Home {
        todo: todo(&home),
        sources: lines.collect(),
        since_last_visit: SinceVisit {
            since: home.last_visit,
            arrivals: number(home.arrivals),
            departures: number(home.departures),
            links: number(home.links),
            changes: number(home.changes),
            notable: Vec::new(),
        },
        setup_done: setup.iter().all(|step| step.done),
        setup,
        next_hr_read_at: None,
        now,
    }))
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn line(kind: TodoKind, count: u64) -> Option<Todo> {
    (count > 0).then(|| Todo {
        kind,
        count: number(count),
        oldest_at: None,
        limit_at: None,
        run_id: None,
        source_name: None,
        brake: None,
        brake_value: None,
        brake_limit: None,
    })
}

fn todo(home: &HomeView) -> Vec<Todo> {
    let held = home.held_runs.iter().filter_map(|(run, name)| {
        let brake = run.brakes.iter().find(|brake| brake.passed);
        Some(Todo {
            run_id: Some(run.id.uuid()),
            source_name: name.clone(),
            oldest_at: Some(run.started_at),
            brake: brake.map(|brake| brake.name.clone()),
            brake_value: brake.map(|brake| number(brake.value)),
            brake_limit: brake.map(|brake| number(brake.limit)),
            ..line(TodoKind::RunWaiting, 1)?
        })
    });
    let questions = home.waiting.iter().filter_map(question);
    let old = home
        .register
        .as_ref()
        .filter(|register| register.age_days.is_some_and(|days| days > REGISTER_LIMIT_DAYS));
    held.chain(questions)
        .chain(line(TodoKind::ContractOverAccountActive, home.contracts_over))
        .chain(line(TodoKind::NationalIdentityToRecheck, home.to_recheck))
        .chain(old.and_then(|_| line(TodoKind::RegisterOld, 1)))
        .chain(relaxations(&home.relaxations))
        .collect()
}

fn relaxations(ends: &[DateTime<Utc>]) -> Option<Todo> {
    let count = u64::try_from(ends.len()).unwrap_or(u64::MAX);
    Some(Todo { limit_at: ends.first().copied(), ..line(TodoKind::RelaxationEnding, count)? })
}

fn question(waiting: &Waiting) -> Option<Todo> {
    let kind = match waiting.kind {
        CaseKind::NationalIdentity => TodoKind::IdentityDoubt,
        CaseKind::Conflict => TodoKind::Conflict,
        CaseKind::Duplicate => TodoKind::Duplicate,
        CaseKind::Account => TodoKind::AccountDoubt,
    };
    Some(Todo { oldest_at: waiting.oldest, ..line(kind, waiting.count)? })
}

fn source_health(sheet: &SourceSheet) -> SourceHealth {
    let good = last_good(sheet);
    let lines = good.map(|run| number(run.lines));
    SourceHealth {
        id: Some(sheet.source.id.uuid()),
        name: sheet.source.name.clone(),
        kind: kind(sheet.source.kind),
        health: health(sheet),
        last_good_at: good.map(|run| run.started_at),
        lines,
        usual_volume: usual(sheet)
            .zip(lines)
            .map(|((low, high), lines)| (low..=high).contains(&lines)),
        age_days: None,
        limit_days: None,
        unreachable_since: unreachable_since(sheet),
        next_at: sheet.next_at,
    }
}

fn register_line(register: &RegisterSheet) -> SourceHealth {
    SourceHealth {
        id: None,
        name: "Annuaire Santé".to_owned(),
        kind: SourceKind::Register,
        health: register_health(register),
        last_good_at: register.version.as_ref().map(|version| version.imported_at),
        lines: register.version.as_ref().map(|version| number(version.lines())),
        usual_volume: None,
        age_days: register.age_days,
        limit_days: Some(REGISTER_LIMIT_DAYS),
        unreachable_since: None,
        next_at: None,
    }
}

/// The first days, step by step.
fn setup(home: &HomeView) -> Vec<SetupStep> {
    let has = |wanted: &[SourceKind]| {
        home.sources.iter().any(|sheet| wanted.contains(&kind(sheet.source.kind)))
    };
    let imported = home.register.as_ref().is_some_and(|register| register.version.is_some());
    [
        (SetupStepKind::Establishment, home.hospital.is_some()),
        (SetupStepKind::HrSource, has(&[SourceKind::HrCsv])),
        (SetupStepKind::ActiveDirectory, has(&[SourceKind::ActiveDirectory, SourceKind::AdLdif])),
        (SetupStepKind::Register, imported),
        (SetupStepKind::FirstReview, home.last_decided || home.people > 0),
        (SetupStepKind::FirstApplication, home.clients > 0),
    ]
    .into_iter()
    .map(|(kind, done)| SetupStep { kind, done })
    .collect()
}
