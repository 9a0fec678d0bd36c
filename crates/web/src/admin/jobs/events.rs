use super::view;
use crate::call::Call;
use crate::problem::Problem;
use axum::response::sse::{Event, KeepAlive, Sse};
use chrono::{DateTime, Utc};
use futures_util::stream::{self, Stream};
use kernel::JobId;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

/// At most one repaint a second (console, section 4.6).
const PACE: Duration = Duration::from_secs(1);
/// Then the browser asks again, and its session is judged again.
const TURNS: u32 = 120;

struct Feed {
    call: Call,
    told: BTreeMap<JobId, DateTime<Utc>>,
    waiting: Vec<Event>,
    turns: u32,
}

/// Server-sent events: `event: job`, data a Job.
///
/// Permission: anybody at the console.
#[utoipa::path(get, path = "/api/v1/jobs/events", operation_id = "job_events", tag = "jobs",
    responses((status = 200, body = String, content_type = "text/event-stream"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn events(call: Call) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let feed = Feed { call, told: BTreeMap::new(), waiting: Vec::new(), turns: 0 };
    let events = stream::unfold(feed, |mut feed| async move {
        loop {
            if let Some(event) = feed.waiting.pop() {
                return Some((Ok(event), feed));
            }
            if feed.turns >= TURNS {
                return None;
            }
            if feed.turns > 0 {
                tokio::time::sleep(PACE).await;
            }
            feed.turns += 1;
            feed.look().await;
        }
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

impl Feed {
    /// What moved since the last look.
    async fn look(&mut self) {
        let now = self.call.workflows.now();
        let jobs = match self.call.workflows.list_jobs(20).await {
            Ok(jobs) => jobs,
            Err(error) => {
                tracing::warn!(%error, "jobs could not be read for a screen");
                return;
            }
        };
        for job in jobs {
            let before = self.told.insert(job.id, job.updated_at);
            if before != Some(job.updated_at)
                && let Ok(event) = Event::default().event("job").json_data(view(&job, now))
            {
                self.waiting.push(event);
            }
        }
    }
}
