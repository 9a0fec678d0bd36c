//! Refusals leave at even times, so that their causes cannot be told apart by a clock (threats AU-01).
use std::time::Duration;
use tokio::time::Instant;

const STEP: Duration = Duration::from_millis(600);

pub type Started = Instant;

pub fn now() -> Started {
    Instant::now()
}

/// Waits until a multiple of the step after the request came.
pub async fn even(started: Started) {
    let spent = started.elapsed();
    let steps = spent.as_millis() / STEP.as_millis() + 1;
    let until = started + STEP * u32::try_from(steps).unwrap_or(u32::MAX);
    tokio::time::sleep_until(until).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn au_01_refusals_leave_at_multiples_of_600_ms() {
        for (work, expected) in [(0, 600), (1, 600), (599, 600), (600, 1200), (1700, 1800)] {
            let started = now();
            tokio::time::advance(Duration::from_millis(work)).await;
            even(started).await;
            let took = started.elapsed().as_millis();
            assert!((expected..expected + 5).contains(&took), "{work} ms of work: {took}");
        }
    }
}
