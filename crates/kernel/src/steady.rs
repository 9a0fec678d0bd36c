use crate::Clock;
use chrono::{DateTime, Duration, Utc};
use std::sync::Mutex;
use std::time::Instant;

/// The machine's clock as long as it goes at a clock's pace. Set back or far ahead while the program runs (threats
/// ST-09), it is set aside: nothing that expired revives and nobody's session dies of it. It is believed again once it
/// agrees, or at the next start. Small corrections, and slow ones however long, are followed.
pub struct SteadyClock<C> {
    machine: C,
    elapsed: Box<dyn Fn() -> Duration + Send + Sync>,
    last: Mutex<Agreed>,
}

/// The last moment when the machine's clock was believed.
struct Agreed {
    time: DateTime<Utc>,
    elapsed: Duration,
    off: Option<Duration>,
}

impl<C: Clock> SteadyClock<C> {
    /// Behind this, the machine's clock was set back.
    const BACK: Duration = Duration::seconds(5);
    /// Beyond this, it was set ahead.
    const AHEAD: Duration = Duration::minutes(10);

    /// Measures its pace by the machine's own counter, which nobody sets.
    pub fn of(machine: C) -> Self {
        let start = Instant::now();
        Self::paced(machine, move || Duration::from_std(start.elapsed()).unwrap_or(Duration::MAX))
    }

    /// `elapsed` only ever grows.
    pub fn paced(machine: C, elapsed: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        let agreed = Agreed { time: machine.now(), elapsed: elapsed(), off: None };
        Self { machine, elapsed: Box::new(elapsed), last: Mutex::new(agreed) }
    }

    fn agreed(&self) -> std::sync::MutexGuard<'_, Agreed> {
        self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl<C: Clock> Clock for SteadyClock<C> {
    fn now(&self) -> DateTime<Utc> {
        let mut last = self.agreed();
        let (shown, elapsed) = (self.machine.now(), (self.elapsed)());
        let steady = last.time + (elapsed - last.elapsed);
        let off = shown - steady;
        if off < -Self::BACK || off > Self::AHEAD {
            last.off = Some(off);
            return steady;
        }
        *last = Agreed { time: shown, elapsed, off: None };
        shown
    }

    /// Negative when it is behind.
    fn off_by(&self) -> Option<Duration> {
        self.now();
        self.agreed().off
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FixedClock;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    impl Clock for Arc<FixedClock> {
        fn now(&self) -> DateTime<Utc> {
            self.as_ref().now()
        }
    }

    struct Machine {
        clock: Arc<FixedClock>,
        seconds: Arc<AtomicI64>,
        steady: SteadyClock<Arc<FixedClock>>,
    }

    fn machine() -> Machine {
        let clock = Arc::new(FixedClock::at("2026-11-22T08:00:00Z"));
        let seconds = Arc::new(AtomicI64::new(0));
        let counter = seconds.clone();
        let elapsed = move || Duration::seconds(counter.load(Ordering::Relaxed));
        let steady = SteadyClock::paced(clock.clone(), elapsed);
        Machine { clock, seconds, steady }
    }

    impl Machine {
        /// Time passes; what the clock shows moves by `shown`.
        fn pass(&self, seconds: i64, shown: i64) -> String {
            self.seconds.fetch_add(seconds, Ordering::Relaxed);
            self.clock.advance(Duration::seconds(shown));
            self.steady.now().format("%H:%M:%S").to_string()
        }
    }

    #[test]
    fn st_09_a_clock_set_back_or_far_ahead_is_set_aside_until_it_agrees() {
        for jump in [-3_600, -6, 601, 25 * 3_600] {
            let machine = machine();
            assert_eq!(machine.pass(60, 60 + jump), "08:01:00", "{jump}");
            assert_eq!(machine.steady.off_by(), Some(Duration::seconds(jump)));
            assert_eq!(machine.pass(60, 60), "08:02:00", "its pace goes on: {jump}");
            assert_eq!(machine.pass(60, 60 - jump), "08:03:00", "put right: {jump}");
            assert_eq!(machine.steady.off_by(), None);
        }
    }

    #[test]
    fn st_09_small_corrections_and_slow_ones_are_followed() {
        let machine = machine();
        assert_eq!(machine.pass(60, 55), "08:00:55");
        assert_eq!(machine.pass(60, 61), "08:01:56");
        // A clock that gains 1 % goes on being the clock, for hours.
        for _ in 0..600 {
            machine.pass(100, 101);
        }
        assert_eq!(machine.steady.off_by(), None);
        // The last second of a day twice, as at a leap second.
        assert_eq!(machine.pass(1, 0), machine.pass(0, 0));
        assert_eq!(machine.steady.off_by(), None);
    }
}
