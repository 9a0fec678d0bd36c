use chrono::{DateTime, Utc};
use std::sync::Mutex;

/// Where the time comes from. Held by `workflows`, handed to domain functions as a value.
pub trait Clock: Send + Sync {
    fn now(&self) -> DateTime<Utc>;
    /// By how much the machine's own clock is off, when it is set aside.
    fn off_by(&self) -> Option<chrono::Duration> {
        None
    }
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine is asked")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// A clock that stands where it is put: tests, and the replay of a demo.
#[derive(Debug)]
pub struct FixedClock(Mutex<DateTime<Utc>>);

impl FixedClock {
    /// `text` is RFC 3339; anything else is a fault of the test and panics.
    pub fn at(text: &str) -> Self {
        let now = DateTime::parse_from_rfc3339(text).expect("RFC 3339 time").with_timezone(&Utc);
        Self(Mutex::new(now))
    }
    pub fn set(&self, now: DateTime<Utc>) {
        *self.0.lock().expect("clock lock is never poisoned") = now;
    }
    pub fn advance(&self, by: chrono::Duration) {
        *self.0.lock().expect("clock lock is never poisoned") += by;
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().expect("clock lock is never poisoned")
    }
}
