use crate::StoreError;
use crate::entity::job;
use crate::error::Attempted;
use crate::national_identities::to_json;
use chrono::{DateTime, Utc};
use kernel::{ActorId, JobId};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    Waiting,
    Running,
    Done,
    Failed,
    /// Somebody asked for it, and may take it up where it was.
    Paused,
    /// Ended for good before its end.
    Stopped,
}

impl JobState {
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Running, Self::Done, Self::Failed, Self::Paused, Self::Stopped];
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
    /// No node works on it, or will by itself.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Paused | Self::Stopped)
    }
}

/// Long work: it survives a page reload and the loss of its node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub id: JobId,
    /// What it does: `sync`, `apply`, `register_import`, `reconcile`.
    pub kind: String,
    pub state: JobState,
    pub done: u64,
    /// 0 while unknown.
    pub total: u64,
    /// What `done` counts: `lines`, `bytes`, `people`, `items`.
    pub unit: String,
    /// What to do, as JSON of the workflow's own type.
    pub params: String,
    pub started_by: ActorId,
    pub started_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    /// One French sentence when over.
    pub result: Option<String>,
    pub stop_requested: bool,
    /// The stop that is asked for is a pause.
    pub pause_requested: bool,
    /// The node that works on it.
    pub holder: Option<String>,
}

impl Job {
    /// Somebody may take it up where it was.
    pub fn is_resumable(&self) -> bool {
        matches!(self.state, JobState::Failed | JobState::Paused)
    }

    /// What its node's last word comes to, given what was asked for since: an end for good ends what failed as well.
    pub(crate) fn ended_as(&self, state: JobState) -> JobState {
        match state {
            JobState::Stopped if self.pause_requested => JobState::Paused,
            JobState::Failed if self.stop_requested && !self.pause_requested => JobState::Stopped,
            state => state,
        }
    }
}

/// Jobs: rows of upkeep, since what they do has its own events.
pub struct Jobs<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> Jobs<'_, C> {
    pub async fn find(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        let row = job::Entity::find_by_id(id.uuid()).one(self.0).await.attempted("read a job")?;
        row.map(read).transpose()
    }

    /// The job as it is, held until the transaction ends.
    pub(crate) async fn lock(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        let held = job::Entity::find_by_id(id.uuid()).lock(LockType::Update);
        held.one(self.0).await.attempted("hold a job")?.map(read).transpose()
    }

    /// Newest first.
    pub async fn recent(&self, limit: u64) -> Result<Vec<Job>, StoreError> {
        let query = job::Entity::find().order_by_desc(job::Column::Id).limit(limit);
        query.all(self.0).await.attempted("read jobs")?.into_iter().map(read).collect()
    }

    /// Waiting, or running on a node: what a start of the appliance looks at.
    pub async fn unfinished(&self) -> Result<Vec<Job>, StoreError> {
        let over = JobState::ALL.into_iter().filter(|state| state.is_over()).map(JobState::name);
        let rows = job::Entity::find()
            .filter(job::Column::State.is_not_in(over))
            .order_by_asc(job::Column::Id)
            .all(self.0)
            .await
            .attempted("read unfinished jobs")?;
        rows.into_iter().map(read).collect()
    }

    pub async fn insert(&self, job: &Job) -> Result<(), StoreError> {
        let insert = job::Entity::insert(row(job).into_active_model());
        insert.exec_without_returning(self.0).await.attempted("queue a job")?;
        Ok(())
    }

    /// Saves all but the wish to stop it, which is somebody else's to write.
    pub(crate) async fn save(&self, job: &Job) -> Result<(), StoreError> {
        let mut change = row(job).into_active_model().reset_all();
        change.not_set(job::Column::StopRequested);
        change.not_set(job::Column::PauseRequested);
        job::Entity::update_many()
            .set(change)
            .filter(job::Column::Id.eq(job.id.uuid()))
            .exec(self.0)
            .await
            .attempted("save a job")?;
        Ok(())
    }

    /// Asks a job to end, for good or until it is taken up. False: it is over, or its end was asked for, which a pause
    /// does not answer.
    pub async fn request_stop(&self, id: JobId, pause: bool) -> Result<bool, StoreError> {
        let change = job::ActiveModel {
            stop_requested: Set(true),
            pause_requested: Set(pause),
            ..Default::default()
        };
        let free = job::Column::StopRequested.eq(false);
        let free = Condition::any().add(free).add(job::Column::PauseRequested.eq(true));
        let works = [JobState::Waiting.name(), JobState::Running.name()];
        let asked = job::Entity::update_many()
            .set(change)
            .filter(job::Column::Id.eq(id.uuid()))
            .filter(job::Column::State.is_in(works))
            .filter(Condition::all().add_option(pause.then_some(free)))
            .exec(self.0)
            .await
            .attempted("ask a job to stop")?;
        Ok(asked.rows_affected == 1)
    }

    /// Ends a job that was paused or that failed: another goes on instead of it, or none. Whoever comes first has it.
    /// False: it is neither, or somebody came first.
    pub async fn end_at_rest(&self, id: JobId) -> Result<bool, StoreError> {
        let change = job::ActiveModel {
            state: Set(JobState::Stopped.name().to_owned()),
            ..Default::default()
        };
        let rests = [JobState::Paused.name(), JobState::Failed.name()];
        let ended = job::Entity::update_many()
            .set(change)
            .filter(job::Column::Id.eq(id.uuid()))
            .filter(job::Column::State.is_in(rests))
            .exec(self.0)
            .await
            .attempted("end a job at rest")?;
        Ok(ended.rows_affected == 1)
    }
}

fn row(job: &Job) -> job::Model {
    let number = |value| i64::try_from(value).unwrap_or(i64::MAX);
    job::Model {
        id: job.id.uuid(),
        kind: job.kind.clone(),
        state: job.state.name().to_owned(),
        done: number(job.done),
        total: number(job.total),
        unit: job.unit.clone(),
        params: job.params.clone(),
        started_by: to_json(&job.started_by),
        started_at: job.started_at,
        updated_at: job.updated_at,
        ended_at: job.ended_at,
        result: job.result.clone(),
        stop_requested: job.stop_requested,
        pause_requested: job.pause_requested,
        holder: job.holder.clone(),
    }
}

fn read(row: job::Model) -> Result<Job, StoreError> {
    let id = row.id.to_string();
    let bad = |column| StoreError::Corrupt { table: "job", row: id.clone(), column };
    Ok(Job {
        id: row.id.into(),
        kind: row.kind,
        state: JobState::from_name(&row.state).ok_or_else(|| bad("state"))?,
        done: u64::try_from(row.done).map_err(|_| bad("done"))?,
        total: u64::try_from(row.total).map_err(|_| bad("total"))?,
        unit: row.unit,
        params: row.params,
        started_by: serde_json::from_str(&row.started_by).map_err(|_| bad("started_by"))?,
        started_at: row.started_at,
        updated_at: row.updated_at,
        ended_at: row.ended_at,
        result: row.result,
        stop_requested: row.stop_requested,
        pause_requested: row.pause_requested,
        holder: row.holder,
    })
}
