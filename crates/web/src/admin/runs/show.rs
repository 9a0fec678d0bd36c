use super::views::{Brake, ItemKind, KindCounts, Run, RunFault, RunResults};
use super::{counts, state};
use crate::admin::shared::reason;
use crate::admin::shared::views::SourceKind;
use crate::admin::sources::kind;
use crate::admin::sources::views::BrakeUnit;
use crate::call::{Answer, At, Call, Tagged, etag};
use crate::problem::Problem;
use directory::{BrakeReading, FeedFault, RunState};
use kernel::{PersonId, RunId};
use workflows::views::RunSheet;

/// One run.
///
/// Permission: `ReadSources`.
#[utoipa::path(get, path = "/api/v1/runs/{id}", operation_id = "find_run", tag = "runs", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Run), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(run.id = %id))]
pub async fn show(call: Call, At(id): At<RunId>) -> Answer<Tagged<Run>> {
    shown(&call, id).await
}

/// The run as it is now, after an act on it too.
pub(super) async fn shown(call: &Call, id: RunId) -> Answer<Tagged<Run>> {
    let sheet = call.workflows.show_run(call.actor(), id).await?;
    let sheet = sheet.ok_or_else(|| Problem::not_found("run_unknown"))?;
    Ok(Tagged(sheet.run.data_version, view(&sheet, call.caller.person.id)))
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn view(sheet: &RunSheet, me: PersonId) -> Run {
    let run = &sheet.run;
    let took = run.ended_at.map(|end| (end - run.started_at).num_milliseconds());
    let applied = matches!(run.state, RunState::Applied | RunState::Applying | RunState::Stopped);
    Run {
        id: run.id.uuid(),
        source_id: run.source.map(|source| source.uuid()).unwrap_or_default(),
        source_name: sheet
            .source
            .as_ref()
            .map_or_else(|| "Annuaire Santé".to_owned(), |source| source.name.clone()),
        source_kind: sheet.source.as_ref().map_or(SourceKind::Register, |source| kind(source.kind)),
        state: state(run),
        etag: etag(run.data_version),
        started_at: run.started_at,
        finished_at: run.ended_at,
        took_ms: took,
        lines: number(run.lines),
        usual_low: sheet.usual.map(number),
        usual_high: sheet.usual.map(number),
        rejected: number(run.counts.faulty),
        complete: !matches!(run.state, RunState::Reading | RunState::Failed | RunState::Stopped),
        counts: counts(&run.counts),
        brakes: run.brakes.iter().map(brake).collect(),
        faults: run.faults.iter().map(fault).collect(),
        problem: run.error.clone().map(|text| {
            let code = if run.state == RunState::Refused { "run_refused" } else { "run_failed" };
            reason(code, text)
        }),
        stale: sheet.stale,
        data_version: run.data_version.to_string(),
        aside_by_default: number(aside(sheet)),
        kept_by_default: Some(kept(sheet)),
        job_id: sheet.job.map(|job| job.uuid()),
        second_approval: run.state == RunState::Waiting && sheet.released_by.is_none(),
        approved_by: sheet.released_by.as_ref().map(directory::Person::display_name),
        applied: applied.then(|| results(sheet)),
        by: sheet.by.as_ref().map(directory::Person::display_name),
        mine: run.by.person() == Some(me),
        released_by_me: sheet.released_by.as_ref().is_some_and(|person| person.id == me),
        unreachable_since: None,
    }
}

fn aside(sheet: &RunSheet) -> u64 {
    sheet.chosen.iter().filter(|((_, kept), _)| !kept).map(|(_, count)| count).sum()
}

fn kept(sheet: &RunSheet) -> KindCounts {
    let of = |kind: directory::ItemKind| {
        number(sheet.chosen.get(&(kind.name().to_owned(), true)).copied().unwrap_or(0))
    };
    use directory::ItemKind as Known;
    KindCounts {
        create: of(Known::Create),
        change: of(Known::Change) + of(Known::Link),
        close: of(Known::Close),
        reopen: of(Known::Reopen),
        conflict: of(Known::Conflict),
        doubt: of(Known::Doubt),
    }
}

fn brake(reading: &BrakeReading) -> Brake {
    Brake {
        kind: match reading.name.as_str() {
            "creations" => ItemKind::Create,
            "changes" => ItemKind::Change,
            _ => ItemKind::Close,
        },
        value: number(reading.value),
        limit: number(reading.limit),
        unit: BrakeUnit::Persons,
        over: reading.passed,
        r#where: reading.unit.clone(),
        where_value: reading.unit.as_ref().map(|_| number(reading.value)),
        where_total: None,
    }
}

fn fault(fault: &FeedFault) -> RunFault {
    RunFault {
        line: fault.line.map(number),
        column: fault.column.clone(),
        found: fault.found.clone(),
        expected: fault.expected.clone(),
        code: "feed_fault".to_owned(),
        text: fault.message.clone(),
    }
}

fn results(sheet: &RunSheet) -> RunResults {
    let of = |name: &str| sheet.outcomes.get(name).copied().unwrap_or(0);
    let done = of("done") + of("unchanged");
    let all: u64 = sheet.outcomes.values().sum();
    let aside = sheet.run.counts.items().saturating_sub(all);
    RunResults { applied: number(done), aside: number(aside), failed: number(all - done) }
}
