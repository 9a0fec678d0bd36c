use super::{SyncError, audit_counts};
use crate::{JobContext, Workflows};
use audit::{AuditEvent, Code, Events};
use directory::{FourEyes, Run, RunKind, RunState};
use kernel::{Actor, RunId};
use store::Counter;

/// Lines applied in one durable commit, with the events of their acts.
const APPLIED_AT_ONCE: u64 = 200;

impl Workflows {
    /// Applies the chosen lines of a plan, in chunks. Killed at any point, the next run of the job goes on where it was.
    pub(crate) async fn run_apply(
        &self,
        actor: &Actor,
        run: RunId,
        context: &JobContext,
    ) -> Result<String, SyncError> {
        let run = self.begin_apply(actor, run).await?;
        let total = run.counts.items();
        let mut done = 0;
        loop {
            context.set(done, total);
            if context.is_stopped() {
                return Err(SyncError::Stopped); // what stands stays; the run can be resumed
            }
            let chunk = self.apply_chunk(actor, run.id).await;
            match chunk.map_err(|cause| SyncError::CutOff { applied: done, cause: cause.into() })? {
                0 => break,
                applied => done += applied,
            }
        }
        let ended = self.end_apply(actor, run.id).await;
        ended.map_err(|cause| SyncError::CutOff { applied: done, cause: cause.into() })?;
        Ok(format!("{done} lignes appliquées."))
    }

    /// Refused when the data moved since the plan was computed, or since the last line that was applied: a run that was
    /// applying goes on, unless it was left alone so long that somebody did something else.
    async fn begin_apply(&self, actor: &Actor, id: RunId) -> Result<Run, SyncError> {
        let tx = self.store().begin().await?;
        let mut run = tx.runs().lock(id).await?.ok_or(SyncError::UnknownRun(id))?;
        let resumed = run.state == RunState::Applying;
        match run.state {
            // Who may was judged when it was asked; a held plan without any accord goes no further, whatever queued it.
            RunState::Waiting if run.released.is_none() => return Err(FourEyes::NoAccord.into()),
            RunState::Planned | RunState::Waiting | RunState::Applying => {}
            other => return Err(SyncError::NotPlanned(other.name())),
        }
        let moved = tx.counters().read(Counter::Directory).await? != run.data_version;
        run.state = match (moved, resumed) {
            (false, true) => return Ok(run),
            (false, false) => RunState::Applying,
            (true, true) => RunState::Stopped, // what stands stays
            (true, false) => RunState::Refused,
        };
        if moved {
            run.ended_at = Some(self.now());
            run.error = Some(SyncError::Moved.french());
        }
        if let (true, Some(source)) = (moved, run.source) {
            tx.runs().save(&run).await?;
            let (by, reason) = (actor.id(), Code::of("data_moved"));
            tx.commit(AuditEvent::RunRefused { by, source, run: id, reason }).await?;
            return Err(SyncError::Moved);
        }
        drop(tx);
        if resumed {
            self.store().upkeep().save_run(&run).await?;
            return Err(SyncError::Moved);
        }
        // Nobody acted yet: only the state moves on, unless somebody set the plan aside meanwhile.
        if !self.store().upkeep().begin_run(&run).await? {
            return Err(SyncError::NotPlanned("moved on"));
        }
        if moved { Err(SyncError::Moved) } else { Ok(run) }
    }

    /// The run is held while its lines are read and acted on: of two nodes that apply it, none does a line twice.
    async fn apply_chunk(&self, actor: &Actor, id: RunId) -> Result<u64, SyncError> {
        let tx = self.store().begin().await?;
        tx.plan_anew().await?;
        let mut run = tx.runs().lock(id).await?.ok_or(SyncError::UnknownRun(id))?;
        let items = tx.plans().pending(id, APPLIED_AT_ONCE).await?;
        if items.is_empty() || run.state != RunState::Applying {
            return Ok(0);
        }
        let mut chunk = super::act::Chunk::read(self, &tx, actor, &run, &items).await?;
        let mut outcomes = Vec::with_capacity(items.len());
        for item in &items {
            outcomes.push((item.id, chunk.act(item).await?));
        }
        let events = chunk.write().await?;
        tx.plans().mark(&outcomes, self.now()).await?;
        if let Ok(events) = Events::try_from(events) {
            run.data_version = tx.counters().raise(Counter::Directory).await?;
            tx.runs().save(&run).await?;
            tx.commit(events).await?;
        } else {
            // Every line was done already, by a run that was cut off.
            drop(tx);
            self.store().upkeep().mark_items(&outcomes).await?;
        }
        Ok(outcomes.len() as u64)
    }

    async fn end_apply(&self, actor: &Actor, id: RunId) -> Result<(), SyncError> {
        let tx = self.store().begin().await?;
        let mut run = tx.runs().lock(id).await?.ok_or(SyncError::UnknownRun(id))?;
        if run.state != RunState::Applying {
            return Ok(()); // another node came to its end first
        }
        run.state = RunState::Applied;
        run.ended_at = Some(self.now());
        tx.runs().save(&run).await?;
        let event = match (run.kind, run.source) {
            (RunKind::Sync, Some(source)) => AuditEvent::RunApplied {
                by: actor.id(),
                source,
                run: run.id,
                counts: audit_counts(&run),
            },
            _ => AuditEvent::ReconciliationDone {
                by: actor.id(),
                people: run.counts.records,
                linked: run.counts.link,
                doubts: run.counts.doubt,
                unmatched: run.counts.unchanged,
            },
        };
        tx.commit(event).await?;
        Ok(())
    }
}
