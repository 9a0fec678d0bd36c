//! Readings that begin by themselves, at the times that the definition of a source names: the same job as one that
//! somebody asks for, under the same brakes, in the name of the appliance.
use crate::{JobParams, Workflows};
use chrono::Duration;
use directory::{RunKind, RunState};
use identity::mapping::{Mapping, Schedule};
use kernel::{Actor, ActorId, Capability, DateTime, SourceId, Utc};
use store::{SourceDefinition, StoreError};

/// What begins such a reading, as the journal names it.
pub const SCHEDULE: &str = "schedule";

/// When a source is to be read by itself.
struct Times {
    schedule: Schedule,
    /// The last reading that began by itself, as it is written.
    begun: Option<String>,
    /// What the next one counts from.
    since: DateTime<Utc>,
}

impl Workflows {
    /// Begins every reading whose time has come; how many. Times that were missed are made up by one.
    pub async fn start_due_syncs(&self) -> Result<u64, StoreError> {
        if self.is_clock_behind() {
            return Ok(0);
        }
        // Nodes take turns; of two that look all the same, the written time lets one begin.
        let (node, life) = (self.instance().to_owned(), Duration::minutes(1));
        if !self.store().upkeep().take_lease("source/schedule", &node, life).await? {
            return Ok(0);
        }
        let mut begun = 0;
        for source in self.store().read().sources().all().await? {
            begun += u64::from(self.start_if_due(&source).await?);
        }
        Ok(begun)
    }

    async fn start_if_due(&self, source: &SourceDefinition) -> Result<bool, StoreError> {
        let now = self.now();
        let Some(times) = self.times_of(source).await? else { return Ok(false) };
        let next = times.schedule.next_after(times.since, &self.parts().zone);
        if next.is_none_or(|next| now < next) || self.is_taken(source.id).await? {
            return Ok(false);
        }
        let by = ActorId::Job { name: SCHEDULE.to_owned() };
        let actor = Actor::new(by, [Capability::RunSources, Capability::ApplyPlans]);
        let run = self.new_run(Some(source.id), RunKind::Sync, &actor);
        let params = JobParams::Sync { source: source.id, run: run.id, apply: true };
        let job = self.new_job(&params, actor.id());
        let (key, begun) = (key(source.id), times.begun.as_deref());
        self.store().upkeep().begin_scheduled(&run, &job, (&key, begun)).await
    }

    /// When this source is read by itself next. `None`: by hand alone, or once somebody has answered for its held plan.
    pub(crate) async fn next_reading(
        &self,
        source: &SourceDefinition,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let Some(times) = self.times_of(source).await? else { return Ok(None) };
        if self.is_held(source.id).await? {
            return Ok(None);
        }
        let next = times.schedule.next_after(times.since, &self.parts().zone);
        Ok(next.map(|next| next.max(self.now())))
    }

    async fn times_of(&self, source: &SourceDefinition) -> Result<Option<Times>, StoreError> {
        // A definition that no longer parses is told where it is shown, and where somebody reads it.
        let schedule = Mapping::parse(&source.definition).map(|mapping| mapping.schedule);
        let schedule = schedule.unwrap_or(Schedule::ByHand);
        if !source.enabled || schedule == Schedule::ByHand {
            return Ok(None);
        }
        let reader = self.store().read();
        let begun = reader.counters().fact(&key(source.id)).await?;
        let last = begun.as_deref().map(DateTime::parse_from_rfc3339).transpose();
        let corrupt =
            |_| StoreError::Corrupt { table: "meta", row: key(source.id), column: "value" };
        let last = last.map_err(corrupt)?.map(|at| at.to_utc());
        // A schedule that somebody has just written has missed nothing.
        let saved = reader.sources().saved_at(source.id, source.version).await?;
        let since = last.max(saved).unwrap_or(source.created_at);
        Ok(Some(Times { schedule, begun, since }))
    }

    /// Being read or applied already, or waiting for a human: nothing begins beside it, and what is missed meanwhile is
    /// made up after it.
    async fn is_taken(&self, source: SourceId) -> Result<bool, StoreError> {
        if self.is_held(source).await? {
            return Ok(true);
        }
        let reader = self.store().read();
        for job in reader.jobs().unfinished().await? {
            let corrupt =
                |_| StoreError::Corrupt { table: "job", row: job.id.to_string(), column: "params" };
            let of = match serde_json::from_str(&job.params).map_err(corrupt)? {
                JobParams::Sync { source, .. } => Some(source),
                JobParams::Apply { run } => {
                    reader.runs().find(run).await?.and_then(|run| run.source)
                }
                JobParams::RegisterImport { .. }
                | JobParams::RegisterRefresh { .. }
                | JobParams::Reconcile { .. } => None,
            };
            if of == Some(source) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn is_held(&self, source: SourceId) -> Result<bool, StoreError> {
        let held = self.store().read().runs().in_state(RunState::Waiting).await?;
        Ok(held.iter().any(|run| run.source == Some(source)))
    }
}

fn key(source: SourceId) -> String {
    format!("source.read_at.{source}")
}
