//! The latest time that the base has seen (threats ST-09): a machine that starts with its clock set back finds expired
//! sessions, codes and tokens alive again, so that nothing is issued until the clock is right or a human agrees.
use crate::{WorkflowError, Workflows};
use audit::AuditEvent;
use chrono::{DateTime, Duration, Utc};
use kernel::{Actor, Capability};
use std::sync::atomic::Ordering;
use store::StoreError;

/// Clocks of nodes differ a little; more than this is no such difference.
const TOLERATED: Duration = Duration::seconds(5);

/// How the machine's clock stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockView {
    pub now: DateTime<Utc>,
    /// How far behind what the base has seen: nothing is issued meanwhile.
    pub behind: Option<Duration>,
}

impl Workflows {
    /// At a start, and now and then: compares with the base, and raises what it has seen.
    pub async fn keep_time(&self) -> Result<ClockView, StoreError> {
        let now = self.now();
        let latest = self.store().upkeep().raise_latest_time(now).await?;
        let behind = Some(latest - now).filter(|behind| *behind > TOLERATED);
        self.0.clock_behind.store(behind.is_some(), Ordering::Relaxed);
        Ok(ClockView { now, behind })
    }

    /// As it was found last: no login is let in meanwhile.
    pub fn is_clock_behind(&self) -> bool {
        self.0.clock_behind.load(Ordering::Relaxed)
    }

    /// By how much the machine's clock jumped while this process ran, and is set aside since.
    pub fn clock_set_aside(&self) -> Option<Duration> {
        self.clock().off_by()
    }

    /// A human says that the clock is right as it is, though the base has seen a later time.
    pub async fn agree_clock(&self, actor: &Actor) -> Result<ClockView, WorkflowError> {
        self.must(actor, Capability::ManageSystem, "agree_clock").await?;
        let before = self.keep_time().await?;
        if let Some(behind) = before.behind {
            let tx = self.store().begin().await?;
            tx.counters().set_latest_time(before.now).await?;
            let behind_seconds = behind.num_seconds().unsigned_abs();
            tx.commit(AuditEvent::ClockAgreed { by: actor.id(), behind_seconds }).await?;
            self.keep_time().await?;
        }
        Ok(before)
    }
}
