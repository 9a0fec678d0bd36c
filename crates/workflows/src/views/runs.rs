//! Sources and their runs as screens show them.
use super::people::acting;
use crate::sync::{Selection, SyncError};
use crate::{WorkflowError, Workflows};
use audit::Digest;
use directory::{Act, ItemKind, Person, PlanItem, Run, RunState};
use kernel::{
    Actor, Capability, CaseId, DateTime, JobId, PersonId, PlanItemId, RunId, SourceId, Utc,
};
use std::collections::{BTreeMap, BTreeSet};
use store::views::case_queue;
use store::views::people::{self, PersonLine};
use store::views::person;
use store::views::plan::{self, PlanPage};
use store::{Counter, Job, SourceDefinition, SourceVersion};

/// Values of each column.
pub type Samples = BTreeMap<String, BTreeSet<String>>;

/// Records that are looked at for their values.
const SAMPLED: u64 = 200;
const MOST_SAMPLES: usize = 10;

/// A source, its last runs (newest first), and the versions of its definition.
#[derive(Debug, Clone)]
pub struct SourceSheet {
    pub source: SourceDefinition,
    pub runs: Vec<Run>,
    pub versions: Vec<SourceVersion>,
    pub people: BTreeMap<PersonId, Person>,
    /// When it is read by itself next, where its definition says so and no held plan waits.
    pub next_at: Option<DateTime<Utc>>,
    /// Distinct values of each column, of the last reading.
    pub samples: Samples,
}

/// The id of a folded line: no item's own, so that a line and its first member are not taken for each other.
pub fn folded_id(run: RunId, pattern: &str) -> PlanItemId {
    let digest = Digest::of(format!("folded\0{run}\0{pattern}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_bytes()[..16]);
    PlanItemId::from(kernel::Uuid::from_bytes(bytes))
}

/// A page of the runs of one source.
#[derive(Debug, Clone)]
pub struct SourceRuns {
    pub name: String,
    pub runs: Vec<Run>,
    pub total: u64,
    pub people: BTreeMap<PersonId, Person>,
}

/// A run and what surrounds it.
#[derive(Debug, Clone)]
pub struct RunSheet {
    pub run: Run,
    pub source: Option<SourceDefinition>,
    /// The data moved since the plan was made.
    pub stale: bool,
    pub job: Option<JobId>,
    pub by: Option<Person>,
    /// How many lines of each kind (by name) the plan keeps (`true`) or leaves aside.
    pub chosen: BTreeMap<(String, bool), u64>,
    /// What came of the lines, by outcome.
    pub outcomes: BTreeMap<String, u64>,
    /// Records that the source usually has: those of its last applied run.
    pub usual: Option<u64>,
    /// Who let go of it what a brake held; while it waits, as long as that accord counts.
    pub released_by: Option<Person>,
}

/// A page of a plan, with what its lines speak of.
#[derive(Debug, Clone)]
pub struct RunItems {
    pub page: PlanPage,
    pub people: BTreeMap<PersonId, PersonLine>,
    /// Open sessions, by person.
    pub sessions: BTreeMap<PersonId, u64>,
    /// The source that was read; `None` for the register.
    pub source: Option<String>,
    /// Questions that lines put, by what makes them one.
    pub cases: BTreeMap<String, CaseId>,
}

/// How many runs of a source tell its habits.
const RECENT: u64 = 20;

/// What makes the question of a line one, when it puts one.
pub fn question(item: &PlanItem) -> Option<&str> {
    match &item.act {
        Act::OpenCase { dedupe_key, .. } => Some(dedupe_key),
        _ => None,
    }
}

impl Workflows {
    pub async fn list_sources(&self, actor: &Actor) -> Result<Vec<SourceSheet>, WorkflowError> {
        self.must(actor, Capability::ReadSources, "list_sources").await?;
        let mut sheets = Vec::new();
        for source in self.store().read().sources().all().await? {
            sheets.push(self.source_sheet(source).await?);
        }
        Ok(sheets)
    }

    pub async fn show_source(
        &self,
        actor: &Actor,
        id: SourceId,
    ) -> Result<Option<SourceSheet>, WorkflowError> {
        self.must(actor, Capability::ReadSources, "show_source").await?;
        match self.store().read().sources().find(id).await? {
            Some(source) => {
                let samples = self.samples(source.id).await?;
                Ok(Some(SourceSheet { samples, ..self.source_sheet(source).await? }))
            }
            None => Ok(None),
        }
    }

    /// A few values of each column, as the last reading held them; in an order that tells no line.
    async fn samples(&self, id: SourceId) -> Result<Samples, WorkflowError> {
        let mut samples = Samples::new();
        for line in self.store().read().records().samples(id, SAMPLED).await? {
            for (column, value) in line {
                let values = samples.entry(column).or_default();
                if !value.trim().is_empty() && values.len() < MOST_SAMPLES {
                    values.insert(value.trim().to_owned());
                }
            }
        }
        Ok(samples)
    }

    pub(crate) async fn source_sheet(
        &self,
        source: SourceDefinition,
    ) -> Result<SourceSheet, WorkflowError> {
        let reader = self.store().read();
        let runs = reader.runs().recent(Some(source.id), RECENT).await?;
        let versions = reader.sources().versions(source.id).await?;
        let by = versions.iter().filter_map(|version| acting(&version.by));
        let by: Vec<PersonId> = by.chain(runs.iter().filter_map(|run| acting(&run.by))).collect();
        let people = person::named(&reader, &by).await?;
        let next_at = self.next_reading(&source).await?;
        Ok(SourceSheet { source, runs, versions, people, next_at, samples: Samples::new() })
    }

    /// The runs of one source, newest first; `None` when no source bears this id.
    pub async fn source_runs(
        &self,
        actor: &Actor,
        id: SourceId,
        offset: u64,
        limit: u64,
    ) -> Result<Option<SourceRuns>, WorkflowError> {
        self.must(actor, Capability::ReadSources, "source_runs").await?;
        let reader = self.store().read();
        let Some(source) = reader.sources().find(id).await? else { return Ok(None) };
        let (runs, total) = plan::runs_of(&reader, id, offset, limit).await?;
        let by: Vec<PersonId> = runs.iter().filter_map(|run| acting(&run.by)).collect();
        let people = person::named(&reader, &by).await?;
        Ok(Some(SourceRuns { name: source.name, runs, total, people }))
    }

    pub async fn show_run(
        &self,
        actor: &Actor,
        id: RunId,
    ) -> Result<Option<RunSheet>, WorkflowError> {
        self.must(actor, Capability::ReadSources, "show_run").await?;
        let reader = self.store().read();
        let Some(run) = reader.runs().find(id).await? else { return Ok(None) };
        let source = match run.source {
            Some(source) => reader.sources().find(source).await?,
            None => None,
        };
        let usual = match run.source {
            Some(source) => reader.runs().last_applied(source).await?.map(|run| run.lines),
            None => None,
        };
        let version = reader.counters().read(Counter::Directory).await?;
        let waits = matches!(run.state, RunState::Planned | RunState::Waiting);
        let released = match run.state {
            RunState::Waiting => run.accord(self.now()),
            _ => run.released.as_ref(),
        };
        let released_by = released.and_then(|release| release.by.person());
        let by: Vec<PersonId> = run.by.person().into_iter().chain(released_by).collect();
        let mut people = person::named(&reader, &by).await?;
        Ok(Some(RunSheet {
            stale: waits && run.data_version != version,
            job: self.job_of(id).await?,
            by: run.by.person().and_then(|by| people.get(&by).cloned()),
            released_by: released_by.and_then(|by| people.remove(&by)),
            chosen: plan::chosen(&reader, id).await?,
            outcomes: plan::outcomes(&reader, id).await?,
            usual,
            source,
            run,
        }))
    }

    /// The job that works on this run, or did last.
    async fn job_of(&self, run: RunId) -> Result<Option<JobId>, WorkflowError> {
        let wanted = run.to_string();
        let jobs = self.store().read().jobs().recent(50).await?;
        Ok(jobs.into_iter().find(|job| job.params.contains(&wanted)).map(|job| job.id))
    }

    pub async fn list_run_items(
        &self,
        actor: &Actor,
        run: RunId,
        kinds: &[ItemKind],
        pattern: Option<&str>,
        (offset, limit): (u64, u64),
    ) -> Result<RunItems, WorkflowError> {
        self.must(actor, Capability::ReadSources, "list_run_items").await?;
        let reader = self.store().read();
        let page = plan::page(&reader, run, kinds, pattern, offset, limit).await?;
        let ids: Vec<PersonId> = page.lines.iter().filter_map(|line| line.item.person).collect();
        let folded = page.lines.iter().flat_map(|line| &line.sample);
        let named: Vec<PersonId> =
            ids.iter().copied().chain(folded.filter_map(|member| member.person)).collect();
        let people = people::by_ids(&reader, &named).await?;
        let sessions = plan::open_sessions(&reader, &ids, self.now()).await?;
        let asked: Vec<&str> = page.lines.iter().filter_map(|line| question(&line.item)).collect();
        let cases = case_queue::by_question(&reader, &asked).await?;
        let known = reader.runs().find(run).await?.and_then(|run| run.source);
        let source = match known {
            Some(source) => reader.sources().find(source).await?.map(|source| source.name),
            None => None,
        };
        Ok(RunItems { page, people, sessions, source, cases })
    }

    /// A choice of shown lines as a choice of items: a folded line stands for all of its own. Refused when the plan is
    /// another one than was shown.
    pub async fn unfold(
        &self,
        actor: &Actor,
        run: RunId,
        shown: i64,
        selection: Selection,
    ) -> Result<Selection, SyncError> {
        self.must(actor, Capability::ApplyPlans, "apply_plan").await?;
        let reader = self.store().read();
        let known = reader.runs().find(run).await?.ok_or(SyncError::UnknownRun(run))?;
        let version = reader.counters().read(Counter::Directory).await?;
        if known.data_version != shown || version != shown {
            return Err(SyncError::Moved);
        }
        let patterns = plan::patterns(&reader, run).await?;
        let folded: BTreeMap<PlanItemId, &Vec<PlanItemId>> =
            patterns.iter().map(|(key, items)| (folded_id(run, key), items)).collect();
        let open = |chosen: Vec<PlanItemId>| {
            let mut items = Vec::new();
            for id in chosen {
                match folded.get(&id) {
                    Some(members) => items.extend(members.iter().copied()),
                    None => items.push(id),
                }
            }
            items
        };
        Ok(match selection {
            Selection::AllBut(except) => Selection::AllBut(open(except)),
            Selection::Only(items) => Selection::Only(open(items)),
        })
    }

    /// Running jobs and the last ones, newest first. Whoever is at the console may see them.
    pub async fn list_jobs(&self, limit: u64) -> Result<Vec<Job>, WorkflowError> {
        Ok(self.store().read().jobs().recent(limit).await?)
    }

    pub async fn find_job(&self, id: JobId) -> Result<Option<Job>, WorkflowError> {
        Ok(self.store().read().jobs().find(id).await?)
    }
}
