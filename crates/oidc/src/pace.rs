//! How often one application calls: one that calls in a loop takes the processor of nobody else.
use chrono::{DateTime, Duration, Utc};
use std::num::NonZeroU32;

/// Where the settings say nothing. A shift of 5 000 people in five minutes makes some 50 calls a second.
pub const CALLS_PER_SECOND: u32 = 1_000;
/// What it did not call for so long, it may call at once.
const AT_ONCE: Duration = Duration::seconds(10);

/// So many calls a second for ever, of one application on one node; ten seconds of them at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace(pub NonZeroU32);

impl Pace {
    /// Until when the calls of one application are counted, with one more; nothing where it has to wait.
    pub fn with_one_more(
        self,
        counted: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let last = now + AT_ONCE;
        // Later than that can only be a clock that was put back: nobody waits until it is there again.
        let from = counted.filter(|until| *until <= last).unwrap_or(now).max(now);
        let until = from + Duration::nanoseconds(1_000_000_000 / i64::from(self.0.get()));
        (until <= last).then_some(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(pace: Pace, counted: &mut Option<DateTime<Utc>>, now: DateTime<Utc>) -> usize {
        let mut answered = 0;
        while let Some(until) = pace.with_one_more(*counted, now) {
            *counted = Some(until);
            answered += 1;
        }
        answered
    }

    #[test]
    fn ten_seconds_at_once_then_so_many_a_second_whatever_the_clock_does() {
        let pace = Pace(NonZeroU32::new(100).expect("not none"));
        let (mut now, mut counted) = ("2026-11-23T08:00:00Z".parse().expect("a time"), None);
        assert_eq!(calls(pace, &mut counted, now), 1_000);
        assert_eq!(calls(pace, &mut counted, now), 0);
        for _ in 0..5 {
            now += Duration::seconds(1);
            assert_eq!(calls(pace, &mut counted, now), 100);
        }
        now += Duration::hours(1);
        assert_eq!(calls(pace, &mut counted, now), 1_000, "no more for having waited longer");
        now -= Duration::hours(6);
        assert_eq!(calls(pace, &mut counted, now), 1_000, "a clock put back makes nobody wait");
        assert_eq!(calls(pace, &mut counted, now), 0);
    }
}
