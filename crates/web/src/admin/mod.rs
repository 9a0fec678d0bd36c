//! The admin API, as the console calls it: `/api/v1/…` on the admin listener. One folder a resource, one file an action.
pub mod accords;
pub mod assets;
pub mod audit;
pub mod cases;
pub mod clients;
pub mod confirmations;
mod csv;
pub mod cursor;
pub mod errors;
pub mod facts;
pub mod home;
mod idempotency;
pub mod jobs;
pub mod me;
pub mod means;
pub mod merges;
pub mod operators;
pub mod people;
pub mod register;
pub mod runs;
pub mod saved_views;
pub mod search;
pub mod shared;
pub mod sources;
pub mod system;

pub use csv::safe_cell;

use crate::guard::{self, Guard, Listener};
use crate::problem::Problem;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn_with_state, map_response_with_state};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use facts::SystemFacts;
use std::sync::Arc;
use tower_http::compression::CompressionLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use workflows::Workflows;

/// The longest body that the API reads.
const LONGEST_BODY: usize = 1 << 20;

/// What the handlers of the admin API share.
#[derive(Clone)]
pub struct AdminState {
    pub workflows: Workflows,
    /// What the appliance knows of itself: settings, listeners, certificates.
    pub facts: Arc<SystemFacts>,
}

#[derive(OpenApi)]
#[openapi(info(
    title = "Hygie admin API",
    version = "1",
    description = "Admin API of the appliance, on the admin listener only. Session cookie; unsafe methods also need \
        Origin of this listener (403 origin_refused). JSON in snake_case, absent and null are the same. Times RFC 3339 UTC, \
        dates YYYY-MM-DD, ids UUID. Multi-valued filters are comma separated. Writes answer with ETag; If-Match is \
        honoured where listed (412, with the record as it is now in `current`, and who changed it and when in params \
        by and at where it is known). limit: 100 by default, 200 at most. Any 401 means: to the login page."
))]
struct Document;

fn api() -> OpenApiRouter<AdminState> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(me::routes())
        .merge(home::routes())
        .merge(confirmations::routes())
        .merge(accords::routes())
        .merge(search::routes())
        .merge(saved_views::routes())
        .merge(people::routes())
        .merge(means::routes())
        .merge(merges::routes())
        .merge(sources::routes())
        .merge(runs::routes())
        .merge(jobs::routes())
        .merge(register::routes())
        .merge(cases::routes())
        .merge(clients::routes())
        .merge(audit::routes())
        .merge(system::routes())
        .merge(operators::routes())
}

/// The OpenAPI document, as it is served and as `openapi.json` keeps it beside this crate.
pub fn document() -> utoipa::openapi::OpenApi {
    let (_, document) = api().split_for_parts();
    document
}

/// The API alone, without the guards of its listener.
pub fn routes(state: AdminState) -> Router {
    let (router, document) = api().split_for_parts();
    let document = Arc::new(document);
    router
        .route(
            "/api/v1/openapi.json",
            get(move || {
                let document = Arc::clone(&document);
                async move { Json((*document).clone()) }
            }),
        )
        .route("/api/{*rest}", axum::routing::any(async || Problem::not_found("not_found")))
        .layer(from_fn_with_state(state.clone(), idempotency::once))
        .layer(map_response_with_state(state.clone(), name_failure))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(state)
}

/// All that the admin listener serves to the console: API and pages, behind the guards. `login`: its own login pages.
pub fn console(state: AdminState, listener: Listener, login: Router) -> Router {
    // The pages' own files alone: no answer of the API is compressed beside what its caller wrote (BREACH).
    let pages = Router::new()
        .fallback(assets::serve)
        .layer(CompressionLayer::new())
        .with_state(state.clone());
    routes(state)
        .merge(login)
        .fallback_service(pages)
        .layer(from_fn_with_state(listener.clone(), guard::check_origin))
        .layer(Guard::new(listener))
}

/// A failure of ours gets a reference that its caller can quote and that the traces hold.
async fn name_failure(
    axum::extract::State(state): axum::extract::State<AdminState>,
    mut response: Response,
) -> Response {
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) if problem.status().is_server_error() && !problem.has_reference() => {
            let parts = state.workflows.parts();
            let reference = ::audit::Reference::new(&*parts.randomness);
            tracing::error!(%reference, code = problem.code(), "a request failed under this reference");
            axum::response::IntoResponse::into_response(problem.with_reference(reference))
        }
        Some(_) | None => response,
    }
}

#[cfg(test)]
mod tests;
