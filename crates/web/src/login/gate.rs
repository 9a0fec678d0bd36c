//! Before the first administrator has a key, the admin listener serves her enrolment and nothing else (threats AM-10).
use super::Failed;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use workflows::Workflows;

const WAITING: &str =
    "La console attend son premier administrateur : ouvrez le lien que « hygie init » a donné.";

/// State of the gate: once open it stays so, since means are never forgotten.
#[derive(Clone)]
pub struct Gate {
    workflows: Workflows,
    open: Arc<AtomicBool>,
}

impl Gate {
    pub fn new(workflows: Workflows) -> Self {
        Self { workflows, open: Arc::new(AtomicBool::new(false)) }
    }
}

/// A layer around all that the admin listener serves.
pub async fn first_use_gate(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    if !gate.open.load(Ordering::Relaxed) && !serves_first_use(request.uri().path()) {
        match gate.workflows.console_is_open().await {
            Ok(true) => gate.open.store(true, Ordering::Relaxed),
            Ok(false) => return (StatusCode::NOT_FOUND, WAITING).into_response(),
            Err(error) => return Failed::from(error).into_response(),
        }
    }
    next.run(request).await
}

fn serves_first_use(path: &str) -> bool {
    path == "/first"
        || path == "/enrol/key"
        || path == "/favicon.ico"
        || path.strip_prefix("/first/").is_some_and(|rest| !rest.contains('/'))
        || path.strip_prefix("/static/").is_some_and(|rest| !rest.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::serves_first_use;

    #[test]
    fn am_10_only_the_first_enrolment_is_served() {
        for (path, served) in [
            ("/first", true),
            ("/first/he_abc", true),
            ("/enrol/key", true),
            ("/static/login-1.css", true),
            ("/", false),
            ("/login", false),
            ("/api/v1/me", false),
            ("/first/a/b", false),
            ("/firsts", false),
            ("/static/../api", false),
        ] {
            assert_eq!(serves_first_use(path), served, "{path}");
        }
    }
}
