//! Long work: queued as a row, run under a lease, seen while it runs, stopped when somebody asks.
use crate::sync::SyncError;
use crate::{WorkflowError, Workflows};
use audit::AuditEvent;
use chrono::Duration;
use directory::RunState;
use kernel::{Actor, ActorId, Capability, JobId, RunId, SourceId};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use store::{Job, JobState, LeftOff, StoreError};

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
    /// The run that it reads, decides or applies.
    fn run(&self) -> Option<RunId> {
        match self {
            Self::Sync { run, .. } | Self::Apply { run } | Self::Reconcile { run } => Some(*run),
            Self::RegisterImport { .. } | Self::RegisterRefresh { .. } => None,
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
/// So long the node that has the files of a job may be away, before another takes it.
const LEFT_ALONE: Duration = Duration::minutes(5);
const TICK: std::time::Duration = std::time::Duration::from_millis(500);

impl Workflows {
    /// Queues a job; a node takes it within a second.
    pub async fn queue(&self, params: &JobParams, by: ActorId) -> Result<Job, StoreError> {
        let job = self.new_job(params, by);
        self.store().upkeep().queue_job(&job).await?;
        Ok(job)
    }

    pub(crate) fn new_job(&self, params: &JobParams, by: ActorId) -> Job {
        let now = self.now();
        Job {
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
        }
    }

    /// Asks a job to pause: what it did stays done, or nothing of it, as its kind says, and it can be taken up.
    pub async fn pause_job(&self, actor: &Actor, id: JobId) -> Result<(), JobError> {
        self.must(actor, Capability::ManageJobs, "pause_job").await?;
        let tx = self.store().begin().await?;
        tx.jobs().find(id).await?.ok_or(JobError::Unknown(id))?;
        if !tx.jobs().request_stop(id, true).await? {
            return Err(JobError::Over(id));
        }
        tx.commit(AuditEvent::JobPaused { by: actor.id(), job: id }).await?;
        Ok(())
    }

    /// Ends a job for good, running or at rest; what it did so far stays done, or nothing of it, as its kind says.
    pub async fn stop_job(&self, actor: &Actor, id: JobId) -> Result<(), JobError> {
        self.must(actor, Capability::ManageJobs, "stop_job").await?;
        let tx = self.store().begin().await?;
        let job = tx.jobs().find(id).await?.ok_or(JobError::Unknown(id))?;
        let mut left = None;
        if !tx.jobs().request_stop(id, false).await? {
            if !tx.jobs().end_at_rest(id).await? {
                return Err(JobError::Over(id));
            }
            // Another job may be at this run: it is not stopped under it.
            if let Some(run) = run_of(&job)
                && !is_at(&tx.jobs().unfinished().await?, run)
            {
                let left_off = tx.runs().leave_off(run, self.now()).await?;
                left = left_off.map(|left| left_off_event(actor.id(), run, &left));
            }
        }
        let stopped = AuditEvent::JobStopped { by: actor.id(), job: id };
        tx.commit((stopped, left.into_iter().collect())).await?;
        Ok(())
    }

    /// Takes up a job that was paused or that failed, from the step that was not finished. Once: another job goes on
    /// instead of it, and that one is taken up next time.
    pub async fn resume_job(&self, actor: &Actor, id: JobId) -> Result<Job, JobError> {
        self.must(actor, Capability::ManageJobs, "resume_job").await?;
        let old = self.store().read().jobs().find(id).await?.ok_or(JobError::Unknown(id))?;
        if !old.is_resumable() {
            return Err(JobError::NotPaused(id));
        }
        let params: JobParams =
            serde_json::from_str(&old.params).map_err(|_| JobError::Unknown(id))?;
        self.may_begin(actor, &params).await?;
        let job = self.new_job(&params, actor.id());
        let tx = self.store().begin().await?;
        if !tx.jobs().end_at_rest(id).await? {
            return Err(JobError::NotPaused(id));
        }
        if let Some(run) = params.run() {
            self.take_up_run(&tx, actor, &params, run).await?;
        }
        tx.jobs().insert(&job).await?;
        tx.commit(AuditEvent::JobResumed { by: actor.id(), job: job.id }).await?;
        Ok(job)
    }

    /// Taking up is beginning again: it asks for what beginning asks for.
    async fn may_begin(&self, actor: &Actor, params: &JobParams) -> Result<(), JobError> {
        let begins = match params {
            JobParams::Sync { .. } | JobParams::Reconcile { .. } => Capability::RunSources,
            JobParams::Apply { .. } => Capability::ApplyPlans,
            JobParams::RegisterImport { .. } | JobParams::RegisterRefresh { .. } => {
                Capability::ImportRegister
            }
        };
        self.must(actor, begins, "resume_job").await?;
        if let JobParams::Sync { apply: true, .. } = params {
            self.must(actor, Capability::ApplyPlans, "resume_job").await?;
        }
        Ok(())
    }

    /// A run that stopped while it read begins its reading again; one that was applying goes on where it was, and asks
    /// again for the second accord of a plan that was held.
    async fn take_up_run(
        &self,
        tx: &store::Transaction,
        actor: &Actor,
        params: &JobParams,
        run: RunId,
    ) -> Result<(), JobError> {
        let found = tx.runs().lock(run).await?;
        // Read with the run in hand: of two jobs of one run, the second that is taken up sees the first.
        if is_at(&tx.jobs().unfinished().await?, run) {
            return Err(SyncError::UnderWay.into());
        }
        let Some(mut run) = found else { return Ok(()) };
        if matches!(params, JobParams::Apply { .. }) {
            return Ok(run.let_go_for(&actor.id(), self.now()).map_err(SyncError::from)?);
        }
        if !matches!(run.state, RunState::Stopped | RunState::Failed) {
            return Ok(());
        }
        // Its lines are the proof of what was done to people: it was left off for good.
        if tx.plans().is_begun(run.id).await? {
            return Err(SyncError::NotPlanned(run.state.name()).into());
        }
        tx.plans().clear(run.id).await?;
        run.state = RunState::Reading;
        (run.error, run.ended_at) = (None, None);
        Ok(tx.runs().save(&run).await?)
    }

    /// Whether a job that is not over names this run.
    pub(crate) async fn works_on(&self, run: RunId) -> Result<bool, StoreError> {
        Ok(is_at(&self.store().read().jobs().unfinished().await?, run))
    }

    /// One turn of the node's job loop: takes every job that nobody holds, and runs them one after the other.
    pub async fn run_waiting_jobs(&self) -> Result<u64, StoreError> {
        let node = self.instance().to_owned();
        let mut ran = 0;
        for job in self.store().read().jobs().unfinished().await? {
            if self.is_for_another_node(&job) {
                continue;
            }
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

    /// Its files are not on this machine: whoever asked for it has them, and takes it soon. Left alone for long, it is taken
    /// all the same, and fails by saying which file is missing.
    fn is_for_another_node(&self, job: &Job) -> bool {
        if job.stop_requested || job.pause_requested || self.now() - job.updated_at > LEFT_ALONE {
            return false;
        }
        match serde_json::from_str(&job.params) {
            Ok(JobParams::RegisterImport { files, .. }) => !files.iter().all(|file| file.exists()),
            // What cannot be read fails where it is taken.
            Ok(_) | Err(_) => false,
        }
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
            Err(SyncError::Stopped) => (JobState::Stopped, None),
            Err(error) => {
                tracing::warn!(error = error.traced(), "a job failed");
                (JobState::Failed, Some(error.french()))
            }
        };
        let (run, by) = (run_of(&job), ActorId::Job { name: job.kind.clone() });
        self.store().upkeep().end_job(&job, run, |run, left| left_off_event(by, run, left)).await
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

fn run_of(job: &Job) -> Option<RunId> {
    serde_json::from_str::<JobParams>(&job.params).ok()?.run()
}

fn left_off_event(by: ActorId, run: RunId, left: &LeftOff) -> AuditEvent {
    let LeftOff { source, count, lines } = *left;
    AuditEvent::RunLeftOff { by, source, run, count, lines }
}

/// Whether one of these jobs names this run.
fn is_at(jobs: &[Job], run: RunId) -> bool {
    jobs.iter().any(|job| run_of(job) == Some(run))
}
