//! Sources and their runs as screens show them.
use super::people::acting;
use crate::{WorkflowError, Workflows};
use directory::{ItemKind, Person, Run, RunState};
use kernel::{Actor, Capability, JobId, PersonId, RunId, SourceId};
use std::collections::BTreeMap;
use store::views::people::{self, PersonLine};
use store::views::person;
use store::views::plan::{self, PlanPage};
use store::{Counter, Job, SourceDefinition, SourceVersion};

/// A source, its last runs (newest first), and the versions of its definition.
#[derive(Debug, Clone)]
pub struct SourceSheet {
    pub source: SourceDefinition,
    pub runs: Vec<Run>,
    pub versions: Vec<SourceVersion>,
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
    /// What came of the lines, by outcome.
    pub outcomes: BTreeMap<String, u64>,
    /// Records that the source usually has: those of its last applied run.
    pub usual: Option<u64>,
}

/// How many runs of a source tell its habits.
const RECENT: u64 = 20;

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
            Some(source) => Ok(Some(self.source_sheet(source).await?)),
            None => Ok(None),
        }
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
        Ok(SourceSheet { source, runs, versions, people })
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
        let by: Vec<PersonId> = acting(&run.by).into_iter().collect();
        Ok(Some(RunSheet {
            stale: waits && run.data_version != version,
            job: self.job_of(id).await?,
            by: person::named(&reader, &by).await?.into_values().next(),
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
    ) -> Result<(PlanPage, BTreeMap<PersonId, PersonLine>, BTreeMap<PersonId, u64>), WorkflowError>
    {
        self.must(actor, Capability::ReadSources, "list_run_items").await?;
        let reader = self.store().read();
        let page = plan::page(&reader, run, kinds, pattern, offset, limit).await?;
        let ids: Vec<PersonId> = page.lines.iter().filter_map(|line| line.item.person).collect();
        let people = people::by_ids(&reader, &ids).await?;
        let sessions = plan::open_sessions(&reader, &ids, self.now()).await?;
        Ok((page, people, sessions))
    }

    /// Running jobs and the last ones, newest first. Whoever is at the console may see them.
    pub async fn list_jobs(&self, limit: u64) -> Result<Vec<Job>, WorkflowError> {
        Ok(self.store().read().jobs().recent(limit).await?)
    }

    pub async fn find_job(&self, id: JobId) -> Result<Option<Job>, WorkflowError> {
        Ok(self.store().read().jobs().find(id).await?)
    }
}
