//! Pages of a sandbox, for editors: test people, the connector check and its provider, and how each stack is set up.
mod approval;
mod check;
mod pages;
mod provider;
pub(crate) mod report;
mod stacks;
mod suite;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use workflows::Workflows;

const LONGEST_BODY: usize = 64 * 1024;

/// The routes of a sandbox; elsewhere there are none. Calls come from programs too, and act for nobody: the name of a
/// check, which is drawn, is all that it takes.
pub fn routes(workflows: Workflows) -> Router {
    if workflows.sandbox().is_none() {
        return Router::new();
    }
    let checks = Router::new()
        .route("/sandbox", get(pages::home))
        .route("/sandbox/people/code", post(pages::code))
        .route("/sandbox/ciba", post(approval::answer))
        .route("/sandbox/suite.json", get(suite::configuration))
        .route("/sandbox/stacks/{name}", get(stacks::show))
        .route("/sandbox/checks", post(check::begin))
        .route("/sandbox/checks/{id}", get(check::show))
        .route("/sandbox/checks/{id}/report.json", get(check::report))
        .route("/sandbox/checks/{id}/next", post(check::arm))
        .route("/sandbox/checks/{id}/told", post(check::tell))
        .route("/sandbox/checks/{id}/replay", get(check::replay))
        .route("/sandbox/checks/{id}/logout", post(check::logout));
    let provider = Router::new()
        .route("/sandbox/op/{id}/.well-known/openid-configuration", get(provider::discovery))
        .route("/sandbox/op/{id}/jwks", get(provider::jwks))
        .route("/sandbox/op/{id}/authorize", get(provider::authorize).post(provider::authorize))
        .route("/sandbox/op/{id}/token", post(provider::token))
        .route("/sandbox/op/{id}/userinfo", get(provider::userinfo).post(provider::userinfo))
        .route("/sandbox/op/{id}/logout", get(provider::logout).post(provider::logout));
    checks.merge(provider).layer(DefaultBodyLimit::max(LONGEST_BODY)).with_state(workflows)
}
