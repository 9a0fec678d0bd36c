//! Attempts are counted before they are verified (threats AU-03), by scopes that never lock a person (AU-02).
use crate::Workflows;
use authentication::{Attempts, ThrottleScope};
use chrono::{DateTime, Duration, Utc};
use store::StoreError;

/// What counting said.
pub(crate) struct Counted {
    /// Set: this try is not looked at.
    pub must_wait: Option<Duration>,
    /// What a refusal now makes the next one wait.
    pub wait_after: Option<Duration>,
    /// What each scope had before this try, and has with it.
    marks: Vec<(Attempts, Attempts)>,
}

impl Workflows {
    /// Counts one try in each scope, atomically each. A try that comes too early counts nowhere further.
    pub(crate) async fn count_try(
        &self,
        scopes: &[ThrottleScope<'_>],
    ) -> Result<Counted, StoreError> {
        let (mut wait_after, mut marks) = (None, Vec::new());
        for scope in scopes {
            let (before, after) = self.count_in(scope).await?;
            let now = self.now();
            if let Some(wait) = before.wait(scope.rule(), now) {
                return Ok(Counted { must_wait: Some(wait), wait_after: Some(wait), marks });
            }
            marks.push((before, after));
            wait_after = wait_after.max(after.wait(scope.rule(), now));
        }
        Ok(Counted { must_wait: None, wait_after, marks })
    }

    async fn count_in(
        &self,
        scope: &ThrottleScope<'_>,
    ) -> Result<(Attempts, Attempts), StoreError> {
        let (now, rule) = (self.now(), scope.rule());
        let spend = move |kept: Option<store::Attempts>| {
            let before = read(kept.as_ref(), now);
            let too_early = before.wait(rule, now).is_some();
            let after = if too_early { before } else { before.counted(rule, now) };
            let next = now + after.wait(rule, now).unwrap_or(Duration::zero());
            store::Attempts {
                count: u64::from(after.refusals),
                window_start: after.last_at,
                next_allowed: next.max(now + rule.memory),
            }
        };
        let key = key_text(&scope.key(self.keys()));
        let kept = self.store().upkeep().count_attempt(&key, spend).await?;
        let before = read(kept.as_ref(), now);
        Ok((before, before.counted(rule, now)))
    }

    /// The try was right, and says nothing of those before it: it alone is taken back. Those that drain go on doing so
    /// as if it had not been. `scopes`: the first of those that were counted.
    pub(crate) async fn give_try_back(
        &self,
        scopes: &[ThrottleScope<'_>],
        counted: &Counted,
    ) -> Result<(), StoreError> {
        for (scope, (before, after)) in scopes.iter().zip(&counted.marks) {
            let (now, rule, before, after) = (self.now(), scope.rule(), *before, *after);
            let less = move |kept: Option<store::Attempts>| match kept {
                Some(kept)
                    if rule.drains.is_some()
                        && kept.window_start <= after.last_at
                        && kept.count == u64::from(after.refusals) =>
                {
                    let count = u64::from(before.refusals);
                    store::Attempts { count, window_start: before.last_at, ..kept }
                }
                Some(kept) => store::Attempts { count: kept.count.saturating_sub(1), ..kept },
                None => {
                    store::Attempts { count: 0, window_start: now, next_allowed: now + rule.memory }
                }
            };
            self.store().upkeep().count_attempt(&key_text(&scope.key(self.keys())), less).await?;
        }
        Ok(())
    }

    /// The try was right: what it and those before it had cost is given back. Never for the network: a spray with one good
    /// name goes on.
    pub(crate) async fn forgive_try(&self, scopes: &[ThrottleScope<'_>]) -> Result<(), StoreError> {
        for scope in scopes {
            if !matches!(scope, ThrottleScope::Network { .. }) {
                self.store().upkeep().forget_attempts(&key_text(&scope.key(self.keys()))).await?;
            }
        }
        Ok(())
    }
}

fn read(kept: Option<&store::Attempts>, now: DateTime<Utc>) -> Attempts {
    kept.map_or(Attempts::none(now), |kept| Attempts {
        refusals: u32::try_from(kept.count).unwrap_or(u32::MAX),
        last_at: kept.window_start,
    })
}

fn key_text(key: &[u8; 32]) -> String {
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}
