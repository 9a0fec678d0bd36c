//! Long work: queued as a row, run under a lease, seen while it runs, stopped when somebody asks.
use crate::sync::SyncError;
use crate::{WorkflowError, Workflows};
use chrono::Duration;
use kernel::{Actor, ActorId, Capability, JobId, RunId, SourceId};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use store::{Job, JobState, StoreError};

/// What a job is to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum JobParams {
    /// Reads a source and stores the plan; applies it too when `apply` and no brake holds.
    Sync { source: SourceId, run: RunId, apply: bool },
    /// Applies the chosen lines of a stored plan.
    Apply { run: RunId },
    /// Imports extracts of the register.
    RegisterImport {
        files: Vec<PathBuf>,
        #[serde(flatten)]
        limits: crate::sync::ImportLimits,
    },
    /// Looks at the register's publisher, and imports what is new.
    RegisterRefresh {
        #[serde(flatten)]
        limits: crate::sync::ImportLimits,
    },
    /// People against the register.
    Reconcile { run: RunId },
}

impl JobParams {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sync { .. } => "sync",
            Self::Apply { .. } => "apply",
            Self::RegisterImport { .. } => "register_import",
            Self::RegisterRefresh { .. } => "register_refresh",
            Self::Reconcile { .. } => "reconcile",
        }
    }
    fn unit(&self) -> &'static str {
        match self {
            Self::Sync { .. } => "lines",
            Self::Apply { .. } => "items",
            Self::RegisterImport { .. } | Self::RegisterRefresh { .. } => "bytes",
            Self::Reconcile { .. } => "people",
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum JobError {
    #[error("no job bears this id")]
    Unknown(JobId),
    #[error("this job was neither paused nor did it fail")]
    NotPaused(JobId),
    #[error("this job is over")]
    Over(JobId),
    /// What the job does may not be begun by whoever takes it up, or not yet.
    #[error(transparent)]
    Sync(#[from] SyncError),
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How a running job tells where it stands, and hears that it must stop. Cheap to clone; used from any thread.
#[derive(Clone, Default)]
pub struct JobContext(Arc<Progress>);

#[derive(Default)]
struct Progress {
    done: AtomicU64,
    total: AtomicU64,
    stop: AtomicBool,
}

impl JobContext {
    pub fn set(&self, done: u64, total: u64) {
        self.0.done.store(done, Ordering::Relaxed);
        self.0.total.store(total, Ordering::Relaxed);
    }
    pub fn is_stopped(&self) -> bool {
        self.0.stop.load(Ordering::Relaxed)
    }
    pub fn stop(&self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }
    pub fn standing(&self) -> (u64, u64) {
        (self.0.done.load(Ordering::Relaxed), self.0.total.load(Ordering::Relaxed))
    }
}

/// A node that has not said a word about its job for so long is gone: another takes it.
const JOB_LEASE: Duration = Duration::seconds(8);
const TICK: std::time::Duration = std::time::Duration::from_millis(500);

impl Workflows {
    /// Queues a job; a node takes it within a second.
    pub async fn queue(&self, params: &JobParams, by: ActorId) -> Result<Job, StoreError> {
        let now = self.now();
        let job = Job {
            id: self.id(),
            kind: params.kind().to_owned(),
            state: JobState::Waiting,
            done: 0,
            total: 0,
            unit: params.unit().to_owned(),
            params: serde_json::to_string(params).expect("plain data serialise"),
            started_by: by,
            started_at: now,
            updated_at: now,
            ended_at: None,
            result: None,
            stop_requested: false,
            pause_requested: false,
            holder: None,
        };
        self.store().upkeep().queue_job(&job).await?;
        Ok(job)
    }

    /// Asks a job to pause: what it did stays done, or nothing of it, as its kind says, and it can be taken up.
    pub async fn pause_job(&self, actor: &Actor, id: JobId) -> Result<(), JobError> {
        self.must(actor, Capability::ManageJobs, "pause_job").await?;
        let job = self.store().read().jobs().find(id).await?.ok_or(JobError::Unknown(id))?;
        // Who asked for its end is not answered by a pause.
        if job.state.is_over() || (job.stop_requested && !job.pause_requested) {
            return Err(JobError::Over(id));
        }
        let tx = self.store().begin().await?;
        tx.jobs().request_stop(id, true).await?;
        tx.commit(audit::AuditEvent::JobPaused { by: actor.id(), job: id }).await?;
        Ok(())
    }

    /// Ends a job for good, running or paused; what it did so far stays done, or nothing of it, as its kind says.
    pub async fn stop_job(&self, actor: &Actor, id: JobId) -> Result<(), JobError> {
        self.must(actor, Capability::ManageJobs, "stop_job").await?;
        let job = self.store().read().jobs().find(id).await?.ok_or(JobError::Unknown(id))?;
        let tx = self.store().begin().await?;
        match job.state {
            JobState::Waiting | JobState::Running => tx.jobs().request_stop(id, false).await?,
            JobState::Paused if tx.jobs().end_paused(id).await? => {}
            JobState::Paused | JobState::Done | JobState::Failed | JobState::Stopped => {
                return Err(JobError::Over(id));
            }
        }
        tx.commit(audit::AuditEvent::JobStopped { by: actor.id(), job: id }).await?;
        if job.state == JobState::Paused {
            self.leave_off(&job).await?;
        }
        Ok(())
    }

    /// A plan of which a part was applied is not applied any further: the next reading plans what is left.
    async fn leave_off(&self, job: &Job) -> Result<(), StoreError> {
        let run = match serde_json::from_str(&job.params) {
            Ok(
                JobParams::Sync { run, .. }
                | JobParams::Apply { run }
                | JobParams::Reconcile { run },
            ) => run,
            Ok(JobParams::RegisterImport { .. } | JobParams::RegisterRefresh { .. }) | Err(_) => {
                return Ok(());
            }
        };
        let found = self.store().read().runs().find(run).await?;
        let begun = found.filter(|run| run.state == directory::RunState::Applying);
        let Some(mut run) = begun else { return Ok(()) };
        (run.state, run.ended_at) = (directory::RunState::Stopped, Some(self.now()));
        self.store().upkeep().save_run(&run).await
    }

    /// Takes up a job that was paused or that failed, from the step that was not finished.
    pub async fn resume_job(&self, actor: &Actor, id: JobId) -> Result<Job, JobError> {
        self.must(actor, Capability::ManageJobs, "resume_job").await?;
        let old = self.store().read().jobs().find(id).await?.ok_or(JobError::Unknown(id))?;
        if !old.is_resumable() {
            return Err(JobError::NotPaused(id));
        }
        let params: JobParams =
            serde_json::from_str(&old.params).map_err(|_| JobError::Unknown(id))?;
        self.may_take_up(actor, &params).await?;
        if let JobParams::Sync { run, .. } | JobParams::Reconcile { run } = &params {
            self.reopen_run(*run).await?;
        }
        let job = self.queue(&params, actor.id()).await?;
        let tx = self.store().begin().await?;
        tx.jobs().end_paused(id).await?; // the one that goes on is taken up next time
        tx.commit(audit::AuditEvent::JobResumed { by: actor.id(), job: job.id }).await?;
        Ok(job)
    }

    /// Taking up is beginning again: it asks for what beginning asks for, the second accord of a held plan included.
    async fn may_take_up(&self, actor: &Actor, params: &JobParams) -> Result<(), JobError> {
        let begins = match params {
            JobParams::Sync { .. } | JobParams::Reconcile { .. } => Capability::RunSources,
            JobParams::Apply { .. } => Capability::ApplyPlans,
            JobParams::RegisterImport { .. } | JobParams::RegisterRefresh { .. } => {
                Capability::ImportRegister
            }
        };
        self.must(actor, begins, "resume_job").await?;
        let run = match params {
            JobParams::Sync { run, apply, .. } => {
                if *apply {
                    self.must(actor, Capability::ApplyPlans, "resume_job").await?;
                }
                *run
            }
            JobParams::Apply { run } | JobParams::Reconcile { run } => *run,
            JobParams::RegisterImport { .. } | JobParams::RegisterRefresh { .. } => return Ok(()),
        };
        if self.works_on(run).await? {
            return Err(SyncError::UnderWay.into());
        }
        let found = self.store().read().runs().find(run).await?;
        let held = found.filter(|_| matches!(params, JobParams::Apply { .. }));
        held.map_or(Ok(()), |run| run.let_go_for(&actor.id(), self.now()))
            .map_err(|fault| SyncError::from(fault).into())
    }

    /// Whether a job that is not over names this run.
    pub(crate) async fn works_on(&self, run: RunId) -> Result<bool, StoreError> {
        let names = |job: &Job| match serde_json::from_str(&job.params) {
            Ok(
                JobParams::Sync { run: named, .. }
                | JobParams::Apply { run: named }
                | JobParams::Reconcile { run: named },
            ) => named == run,
            Ok(JobParams::RegisterImport { .. } | JobParams::RegisterRefresh { .. }) | Err(_) => {
                false
            }
        };
        Ok(self.store().read().jobs().unfinished().await?.iter().any(names))
    }

    /// A run that stopped while it read begins its reading again; one that was applying goes on where it was.
    async fn reopen_run(&self, run: RunId) -> Result<(), JobError> {
        let found = self.store().read().runs().find(run).await?;
        let ended = |run: &directory::Run| {
            matches!(run.state, directory::RunState::Stopped | directory::RunState::Failed)
        };
        if let Some(mut run) = found.filter(ended) {
            self.store().upkeep().clear_plan(run.id).await?;
            run.state = directory::RunState::Reading;
            (run.error, run.ended_at) = (None, None);
            self.store().upkeep().save_run(&run).await?;
        }
        Ok(())
    }

    /// One turn of the node's job loop: takes every job that nobody holds, and runs them one after the other.
    pub async fn run_waiting_jobs(&self) -> Result<u64, StoreError> {
        let node = self.instance().to_owned();
        let mut ran = 0;
        for job in self.store().read().jobs().unfinished().await? {
            let lease = format!("job/{}", job.id);
            if !self.store().upkeep().take_lease(&lease, &node, JOB_LEASE).await? {
                continue;
            }
            // Read again: another may have done it since the list was made.
            let job = self.store().read().jobs().find(job.id).await?;
            if let Some(job) = job.filter(|job| !job.state.is_over()) {
                self.run_job(job, &lease).await?;
                ran += 1;
            }
            self.store().upkeep().release_lease(&lease, &node).await?;
        }
        Ok(ran)
    }

    #[tracing::instrument(skip_all, fields(job.id = %job.id, job.kind = job.kind))]
    async fn run_job(&self, mut job: Job, lease: &str) -> Result<(), StoreError> {
        let node = self.instance().to_owned();
        let context = JobContext::default();
        job.state = JobState::Running;
        job.holder = Some(node.clone());
        job.updated_at = self.now();
        if self.store().upkeep().save_job(&job).await? {
            context.stop();
        }
        let work = self.do_job(job.clone(), &context);
        // Both are polled all the time: what works may hold the writer that the beat waits for, and the other way round.
        let outcome = tokio::select! {
            outcome = work => outcome,
            lost = self.beat(job.clone(), lease, &context) => {
                context.stop(); // what runs on a thread of its own hears it there
                return lost;
            }
        };
        (job.done, job.total) = context.standing();
        job.ended_at = Some(self.now());
        job.updated_at = self.now();
        (job.state, job.result) = match outcome {
            Ok(result) => (JobState::Done, Some(result)),
            Err(SyncError::Stopped) if self.is_to_pause(job.id).await? => (JobState::Paused, None),
            Err(SyncError::Stopped) => (JobState::Stopped, None),
            Err(error) => {
                tracing::warn!(error = error.traced(), "a job failed");
                (JobState::Failed, Some(error.french()))
            }
        };
        if job.state == JobState::Stopped {
            self.leave_off(&job).await?;
        }
        self.store().upkeep().save_job(&job).await?;
        Ok(())
    }

    async fn is_to_pause(&self, id: JobId) -> Result<bool, StoreError> {
        let job = self.store().read().jobs().find(id).await?;
        Ok(job.is_some_and(|job| job.pause_requested))
    }

    /// Renews the lease and tells where the job stands, until another node holds it or the database is gone for too long.
    async fn beat(
        &self,
        mut job: Job,
        lease: &str,
        context: &JobContext,
    ) -> Result<(), StoreError> {
        let mut tick = tokio::time::interval(TICK);
        let mut held_until = self.now() + JOB_LEASE;
        loop {
            tick.tick().await;
            (job.done, job.total) = context.standing();
            job.updated_at = self.now();
            match self.hold_on(&job, lease, context).await {
                Ok(true) => held_until = job.updated_at + JOB_LEASE,
                Ok(false) => {
                    tracing::warn!("another node took this job: it goes on there");
                    return Ok(());
                }
                // A database that hiccups ends nothing while the lease lasts.
                Err(error) if self.now() < held_until => {
                    tracing::warn!(%error, "a job could not tell where it stands");
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Renews the lease and tells where the job stands. False: another node holds it now, nothing is told.
    async fn hold_on(
        &self,
        job: &Job,
        lease: &str,
        context: &JobContext,
    ) -> Result<bool, StoreError> {
        if !self.store().upkeep().take_lease(lease, self.instance(), JOB_LEASE).await? {
            return Ok(false);
        }
        if self.store().upkeep().save_job(job).await? {
            context.stop();
        }
        Ok(true)
    }

    async fn do_job(&self, job: Job, context: &JobContext) -> Result<String, SyncError> {
        let params = serde_json::from_str(&job.params).map_err(|_| SyncError::Unreadable("job"))?;
        // The right was checked when it was queued; what it does is done in the name of who asked.
        let actor = Actor::new(job.started_by, Capability::ALL);
        match params {
            JobParams::Sync { source, run, apply } => {
                self.run_sync(&actor, source, run, apply, context).await
            }
            JobParams::Apply { run } => self.run_apply(&actor, run, context).await,
            JobParams::RegisterImport { files, limits } => {
                self.run_register_import(&actor, files, limits, context).await
            }
            JobParams::RegisterRefresh { limits } => {
                self.run_register_refresh(&actor, limits, context).await
            }
            JobParams::Reconcile { run } => self.run_reconcile(&actor, run, context).await,
        }
    }
}
