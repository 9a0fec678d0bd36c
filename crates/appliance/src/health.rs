//! Liveness, readiness and metrics: no name, no secret, no cookie.
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use std::fmt::Write as _;
use workflows::Workflows;

pub fn router(workflows: Workflows) -> Router {
    Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(workflows)
}

async fn ready(State(workflows): State<Workflows>) -> impl IntoResponse {
    match workflows.store().ping().await {
        Ok(()) if workflows.is_clock_behind() => {
            (StatusCode::SERVICE_UNAVAILABLE, "the clock was set back\n")
        }
        Ok(()) if workflows.clock_set_aside().is_some() => {
            (StatusCode::SERVICE_UNAVAILABLE, "the machine's clock jumped and is set aside\n")
        }
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}

/// Prometheus text format 0.0.4.
async fn metrics(State(workflows): State<Workflows>) -> impl IntoResponse {
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, value: u64| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
    };
    let reader = workflows.store().read();
    gauge(
        "hygie_database_up",
        "1 when the database answers.",
        u64::from(workflows.store().ping().await.is_ok()),
    );
    if let Ok(people) = reader.people().count(Some(directory::PersonState::Active)).await {
        gauge("hygie_people_active", "People who are active.", people);
    }
    if let Ok(entries) = reader.audit().count().await {
        gauge("hygie_audit_entries", "Entries of the audit.", entries);
    }
    if let Ok(unsealed) = reader.audit().unsealed(1_000).await {
        gauge(
            "hygie_audit_unsealed",
            "Entries not sealed yet, at most 1000 counted.",
            unsealed.len() as u64,
        );
    }
    if let Ok(jobs) = reader.jobs().unfinished().await {
        gauge("hygie_jobs_unfinished", "Jobs waiting or running.", jobs.len() as u64);
    }
    gauge(
        "hygie_clock_behind",
        "1 while the clock is behind what the base has seen: nobody is let in.",
        u64::from(workflows.is_clock_behind()),
    );
    gauge(
        "hygie_clock_set_aside_seconds",
        "By how much the machine's clock jumped, while it is set aside.",
        workflows.clock_set_aside().map_or(0, |off| off.num_seconds().unsigned_abs()),
    );
    gauge(
        "hygie_resident_bytes",
        "Resident memory of this process.",
        resident_bytes().unwrap_or(0),
    );
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}

/// From `/proc/self/status`, in bytes.
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024)
}
