//! Login pages: server-rendered, in French, without script but for keys. Public and admin listeners share them, with
//! their own cookies.
mod assets;
mod card;
mod enrolment;
mod failed;
mod gate;
mod language;
mod page;
mod steps;
#[cfg(test)]
mod tests;
mod timing;
mod visitor;
mod walk;

pub use card::{ShownCard, card_routes};
pub use failed::{Failed, not_here};
pub use gate::{Gate, first_use_gate};
pub use language::Lang;
pub use page::{Page, move_on, told};
pub(crate) use steps::{logo_shown, own_pages};
pub use visitor::Visitor;

use audit::AccessKind;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono::Timelike;
use std::net::SocketAddr;
use std::sync::Arc;
use workflows::Workflows;
use workflows::login::LoginAsk;

/// A key's answer is the largest thing posted here.
const LARGEST_FORM: usize = 128 * 1024;

/// What the pages of one listener know.
#[derive(Clone)]
pub struct LoginState {
    pub workflows: Workflows,
    pub listener: AccessKind,
    /// `https://host[:port]` of this listener.
    pub origin: Arc<str>,
}

impl LoginState {
    pub fn new(workflows: Workflows, listener: AccessKind) -> Self {
        let parts = workflows.parts();
        let origin = match listener {
            AccessKind::Public => parts.public_origin.as_str().into(),
            AccessKind::Admin => parts.admin_origin.as_str().into(),
        };
        Self { workflows, listener, origin }
    }

    /// 21:00 to 07:00 at the hospital.
    pub fn is_night(&self) -> bool {
        let hour = self.workflows.parts().zone.at(self.workflows.now()).hour();
        !(7..21).contains(&hour)
    }
}

/// Routes of the public listener: login, enrolment, portal, logout.
pub fn public_routes(workflows: Workflows) -> Router {
    let state = LoginState::new(workflows, AccessKind::Public);
    let enrolment = Router::new()
        .route("/enrol", get(enrolment::ask).post(enrolment::code))
        .route("/enrol/key", post(enrolment::key))
        .route("/enrol/password", post(enrolment::password));
    common()
        .merge(enrolment)
        .route("/login/card", post(card::begin))
        .route("/login/card/back", get(card::back))
        .merge(crate::portal::routes())
        .layer(axum::middleware::from_fn(failed::in_their_language))
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .with_state(state)
}

/// Routes of the admin listener: its own login, and the first administrator's enrolment.
pub fn admin_routes(workflows: Workflows) -> Router {
    let state = LoginState::new(workflows, AccessKind::Admin);
    let first = Router::new()
        .route("/first/{secret}", get(enrolment::first))
        .route("/first", post(enrolment::first_link))
        .route("/enrol/key", post(enrolment::key));
    common()
        .merge(first)
        .layer(axum::middleware::from_fn(failed::in_their_language))
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .with_state(state)
}

fn common() -> Router<LoginState> {
    Router::new()
        .route("/login", get(walk::show))
        .route("/login/name", post(walk::name))
        .route("/login/password", post(walk::password))
        .route("/login/key", post(walk::begin_key))
        .route("/login/key/answer", post(walk::key))
        .route("/login/again", post(walk::again))
        .route("/logout", post(walk::log_out))
        .route("/language", get(language::switch))
        .route("/favicon.ico", get(assets::icon))
        .route("/accessibility", get(walk::accessibility))
        .route("/your-data", get(walk::your_data))
        .route(&assets::style_path(), get(assets::style))
        .route(&assets::script_path(), get(assets::script))
}

/// Sends a browser to log in; what it wanted is kept. For the pages that need somebody (authorize, portal).
pub async fn send_to_login(
    state: &LoginState,
    headers: &HeaderMap,
    peer: Option<SocketAddr>,
    ask: LoginAsk,
) -> Response {
    let visitor = Visitor::of(state, headers, peer);
    let asked = Lang::among(ask.locales.iter().map(String::as_str));
    match state.workflows.begin_login(&visitor.visit(), ask).await {
        Ok(view) => {
            let to = Redirect::to(&format!("/login?t={}", view.handle));
            let mut response = to.into_response();
            let no_store = HeaderValue::from_static("no-store");
            response.headers_mut().insert(header::CACHE_CONTROL, no_store);
            let response = visitor.remember(response);
            match asked {
                Some(lang) => lang.keep(response),
                None => response,
            }
        }
        Err(error) => Failed::from(error).answer(asked.unwrap_or_else(|| Lang::of(headers))),
    }
}
