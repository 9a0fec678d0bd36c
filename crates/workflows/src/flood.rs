//! A flood of refusals neither fills the disk nor hides the others (threats LG-06): beyond a number a minute, those of
//! one reason from one place are counted and written as one.
use crate::Workflows;
use audit::{AuditEvent, Code, Digest};
use chrono::{DateTime, Duration, Utc};
use kernel::ActorId;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use store::StoreError;

/// Refusals of one reason from one place that are written one by one in a minute.
const WRITTEN: u64 = 60;
const MINUTE: Duration = Duration::minutes(1);
/// Beyond so many places in a minute, the others are one: memory is bounded, and so is the journal.
const PLACES: usize = 1_000;

/// A word of the program, and where it happened: the place, when the refusal has one.
type Source = (&'static str, Option<Digest>);

/// What was refused lately.
#[derive(Default)]
pub(crate) struct Flood(Mutex<BTreeMap<Source, Window>>);

struct Window {
    from: DateTime<Utc>,
    written: u64,
    counted: u64,
}

impl Flood {
    /// Whether this refusal is written by itself; else it is counted. Beside it, the window that it ended.
    fn admit(&self, source: Source, now: DateTime<Utc>) -> (bool, Option<AuditEvent>) {
        // A poisoned lock still holds whole windows: each is changed in one step.
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let crowded = windows.len() >= PLACES && !windows.contains_key(&source);
        let source = if crowded { (source.0, None) } else { source };
        let ended = match windows.get(&source) {
            Some(window) if now - window.from >= MINUTE => {
                windows.remove(&source).and_then(|window| window.told(source, now))
            }
            Some(_) | None => None,
        };
        let window = windows.entry(source).or_insert(Window { from: now, written: 0, counted: 0 });
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
        let over: Vec<Source> = windows
            .iter()
            .filter(|(_, window)| now - window.from >= MINUTE)
            .map(|(source, _)| *source)
            .collect();
        over.into_iter().filter_map(|source| windows.remove(&source)?.told(source, now)).collect()
    }
}

impl Window {
    fn told(self, (reason, place): Source, to: DateTime<Utc>) -> Option<AuditEvent> {
        (self.counted > 0).then(|| AuditEvent::RefusalsCounted {
            by: ActorId::Nobody,
            reason: Code::of(reason),
            place,
            count: self.counted,
            from: self.from,
            to,
        })
    }
}

impl Workflows {
    /// Traces a refusal, or counts it when there are too many of this reason from this place.
    pub(crate) async fn trace_bounded(
        &self,
        reason: &'static str,
        place: Option<Digest>,
        event: AuditEvent,
    ) -> Result<(), StoreError> {
        match self.0.flood.admit((reason, place), self.now()) {
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
        let here = Some(Digest::of(b"10.0.0.1"));
        let (wrong, elsewhere) =
            (("password_wrong", here), ("password_wrong", Some(Digest::of(b"10.0.0.2"))));
        let alone = (0..1_000).filter(|_| flood.admit(wrong, at(0)).0).count();
        assert_eq!(alone, 60);
        assert!(flood.admit(("code_wrong", here), at(1)).0, "another reason is written");
        assert!(flood.admit(elsewhere, at(1)).0, "another place is written");
        assert!(flood.ended(at(59)).is_empty());
        let told = flood.ended(at(60));
        assert_eq!((told.len(), count(told.first())), (1, Some(940)));
        assert!(
            matches!(told[0], AuditEvent::RefusalsCounted { place, .. } if place == here),
            "{told:?}"
        );
        assert!(flood.ended(at(61)).is_empty(), "told once");
        for _ in 0..100 {
            flood.admit(wrong, at(70));
        }
        let (alone, ended) = flood.admit(wrong, at(130));
        assert!(alone, "a new minute");
        assert_eq!(count(ended.as_ref()), Some(40));
    }

    #[test]
    fn lg_06_a_million_refusals_from_as_many_places_are_a_bounded_number_of_entries() {
        let flood = Flood::default();
        let mut alone = 0;
        for place in 0..1_000_000_u32 {
            let source = ("password_wrong", Some(Digest::of(&place.to_le_bytes())));
            alone += u64::from(flood.admit(source, at(0)).0);
        }
        assert!(alone <= 1_060, "{alone} entries in one minute");
        let told = flood.ended(at(60));
        let counted: u64 = told.iter().filter_map(|event| count(Some(event))).sum();
        assert_eq!(alone + counted, 1_000_000, "none is lost");
        assert!(told.len() <= 1_001);
    }
}
