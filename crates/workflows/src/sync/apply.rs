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
        let mut run =
            self.store().read().runs().find(run).await?.ok_or(SyncError::UnknownRun(run))?;
        match run.state {
            RunState::Applying => {}
            RunState::Planned | RunState::Waiting => self.begin_apply(actor, &mut run).await?,
            other => return Err(SyncError::NotPlanned(other.name())),
        }
        let total = run.counts.items();
        let mut done = 0;
        loop {
            context.set(done, total);
            if context.is_stopped() {
                return Err(SyncError::Stopped); // what stands stays; the run can be resumed
            }
            let applied = self.apply_chunk(actor, &mut run).await?;
            if applied == 0 {
                break;
            }
            done += applied;
        }
        self.end_apply(actor, &mut run).await?;
        Ok(format!("{done} lignes appliquées."))
    }

    /// Refused when the data moved since the plan was computed.
    async fn begin_apply(&self, actor: &Actor, run: &mut Run) -> Result<(), SyncError> {
        // Who may was judged when it was asked; a held plan without any accord goes no further, whatever queued it.
        if run.state == RunState::Waiting && run.released.is_none() {
            return Err(FourEyes::NoAccord.into());
        }
        let tx = self.store().begin().await?;
        let moved = tx.counters().read(Counter::Directory).await? != run.data_version;
        run.state = if moved { RunState::Refused } else { RunState::Applying };
        if moved {
            run.ended_at = Some(self.now());
            run.error = Some(SyncError::Moved.french());
        }
        tx.runs().save(run).await?;
        let (by, id) = (actor.id(), run.id);
        match run.source {
            Some(source) if moved => {
                tx.commit(AuditEvent::RunRefused {
                    by,
                    source,
                    run: id,
                    reason: Code::of("data_moved"),
                })
                .await?;
            }
            // Nobody acted yet: only the state moves on.
            _ => {
                drop(tx);
                self.store().upkeep().save_run(run).await?;
            }
        }
        if moved { Err(SyncError::Moved) } else { Ok(()) }
    }

    async fn apply_chunk(&self, actor: &Actor, run: &mut Run) -> Result<u64, SyncError> {
        let items = self.store().read().plans().pending(run.id, APPLIED_AT_ONCE).await?;
        if items.is_empty() {
            return Ok(0);
        }
        let tx = self.store().begin().await?;
        let mut chunk = super::act::Chunk::read(self, &tx, actor, run, &items).await?;
        let mut outcomes = Vec::with_capacity(items.len());
        for item in &items {
            outcomes.push((item.id, chunk.act(item).await?));
        }
        let events = chunk.write().await?;
        tx.plans().mark(&outcomes, self.now()).await?;
        if let Ok(events) = Events::try_from(events) {
            run.data_version = tx.counters().raise(Counter::Directory).await?;
            tx.runs().save(run).await?;
            tx.commit(events).await?;
        } else {
            // Every line was done already, by a run that was cut off.
            drop(tx);
            self.store().upkeep().mark_items(&outcomes).await?;
        }
        Ok(outcomes.len() as u64)
    }

    async fn end_apply(&self, actor: &Actor, run: &mut Run) -> Result<(), SyncError> {
        run.state = RunState::Applied;
        run.ended_at = Some(self.now());
        let tx = self.store().begin().await?;
        tx.runs().save(run).await?;
        let event = match (run.kind, run.source) {
            (RunKind::Sync, Some(source)) => AuditEvent::RunApplied {
                by: actor.id(),
                source,
                run: run.id,
                counts: audit_counts(run),
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
