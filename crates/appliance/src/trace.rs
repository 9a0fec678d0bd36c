//! Traces are for operators: one line an event on stderr, as text or JSON. Never a name, a secret, a query string.
use tracing_subscriber::EnvFilter;

/// Starts writing traces; a filter that does not parse falls back to `info` and says so.
pub fn start(filter: &str, json: bool) {
    let parsed = EnvFilter::try_new(filter);
    let faulty = parsed.is_err();
    let filter = parsed.unwrap_or_else(|_| EnvFilter::new("info"));
    let traces = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start in one process (the demo) keeps the first one.
    let started = if json { traces.json().try_init() } else { traces.with_ansi(false).try_init() };
    if started.is_ok() && faulty {
        tracing::warn!("log.filter does not parse: info holds");
    }
}
