//! A flood of refusals neither fills the disk nor hides the others (threats LG-06): beyond a number a minute, those
//! that name nobody are counted and written as one.
use crate::Workflows;
use audit::{AuditEvent, Code};
use chrono::{DateTime, Duration, Utc};
use kernel::ActorId;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use store::StoreError;

/// Refusals of one reason that are written one by one in a minute.
const WRITTEN: u64 = 60;
const MINUTE: Duration = Duration::minutes(1);

/// What was refused lately, by reason. Reasons are words of the program, so there are few.
#[derive(Default)]
pub(crate) struct Flood(Mutex<BTreeMap<&'static str, Window>>);

struct Window {
    from: DateTime<Utc>,
    written: u64,
    counted: u64,
}

impl Flood {
    /// Whether this refusal is written by itself; else it is counted. Beside it, the window that it ended.
    fn admit(&self, reason: &'static str, now: DateTime<Utc>) -> (bool, Option<AuditEvent>) {
        // A poisoned lock still holds whole windows: each is changed in one step.
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = match windows.get(reason) {
            Some(window) if now - window.from >= MINUTE => {
                windows.remove(reason).and_then(|window| window.told(reason, now))
            }
            Some(_) | None => None,
        };
        let window = windows.entry(reason).or_insert(Window { from: now, written: 0, counted: 0 });
        let alone = window.written < WRITTEN;
        if alone {
            window.written += 1
        } else {
            window.counted += 1
        }
        (alone, ended)
    }

    /// What the ended windows counted.
    fn ended(&self, now: DateTime<Utc>) -> Vec<AuditEvent> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let over: Vec<&'static str> = windows
            .iter()
            .filter(|(_, window)| now - window.from >= MINUTE)
            .map(|(reason, _)| *reason)
            .collect();
        over.into_iter().filter_map(|reason| windows.remove(reason)?.told(reason, now)).collect()
    }
}

impl Window {
    fn told(self, reason: &'static str, to: DateTime<Utc>) -> Option<AuditEvent> {
        (self.counted > 0).then(|| AuditEvent::RefusalsCounted {
            by: ActorId::Nobody,
            reason: Code::of(reason),
            place: None,
            count: self.counted,
            from: self.from,
            to,
        })
    }
}

impl Workflows {
    /// Traces a refusal that names nobody, or counts it when there are too many.
    pub(crate) async fn trace_nobody(
        &self,
        reason: &'static str,
        event: AuditEvent,
    ) -> Result<(), StoreError> {
        match self.0.flood.admit(reason, self.now()) {
            (true, None) => self.trace(event).await,
            (true, Some(counted)) => self.trace((counted, vec![event])).await,
            (false, None) => Ok(()),
            (false, Some(counted)) => self.trace(counted).await,
        }
    }

    /// Writes what the minutes that are over counted. Called with each seal.
    pub(crate) async fn tell_counted_refusals(&self) -> Result<(), StoreError> {
        let Ok(events) = audit::Events::try_from(self.0.flood.ended(self.now())) else {
            return Ok(());
        };
        self.trace(events).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::seconds(seconds)
    }

    fn count(event: Option<&AuditEvent>) -> Option<u64> {
        match event {
            Some(AuditEvent::RefusalsCounted { count, .. }) => Some(*count),
            Some(other) => panic!("{other:?}"),
            None => None,
        }
    }

    #[test]
    fn lg_06_a_flood_is_counted_and_told_once_a_minute_and_others_are_written() {
        let flood = Flood::default();
        let alone = (0..1_000).filter(|_| flood.admit("code_unknown", at(0)).0).count();
        assert_eq!(alone, 60);
        assert!(flood.admit("token_unknown", at(1)).0, "another reason is written");
        assert!(flood.ended(at(59)).is_empty());
        let told = flood.ended(at(60));
        assert_eq!((told.len(), count(told.first())), (1, Some(940)));
        assert!(flood.ended(at(61)).is_empty(), "told once");
        for _ in 0..100 {
            flood.admit("code_unknown", at(70));
        }
        let (alone, ended) = flood.admit("code_unknown", at(130));
        assert!(alone, "a new minute");
        assert_eq!(count(ended.as_ref()), Some(40));
    }
}
