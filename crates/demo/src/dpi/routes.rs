//! The few routes of the demo DPI.
use super::client::RelyingParty;
use super::visitors::Visitors;
use super::{DpiConfig, DpiError, pages};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use std::sync::Arc;

pub const BACK: &str = "/retour";
pub const LOGGED_OUT: &str = "/deconnecte";

// Cookies are shared by all ports of one host: the names say whose they are.
const UNDER_WAY: &str = "dpi_demo_connexion";
const SESSION: &str = "dpi_demo_session";

pub struct Application {
    party: RelyingParty,
    visitors: Visitors,
    issuer: String,
}

impl Application {
    pub fn new(config: DpiConfig) -> Result<Self, DpiError> {
        let issuer = config.issuer.clone();
        Ok(Self { party: RelyingParty::new(config)?, visitors: Visitors::default(), issuer })
    }
}

type Dpi = State<Arc<Application>>;

pub fn router(application: Arc<Application>) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/session.json", get(session))
        .route("/connexion", get(log_in))
        .route(BACK, get(back))
        .route("/deconnexion", post(log_out))
        .route(LOGGED_OUT, get(logged_out))
        .with_state(application)
}

async fn home(State(dpi): Dpi, headers: HeaderMap) -> Response {
    let person = cookie(&headers, SESSION).and_then(|cookie| dpi.visitors.logged_in(&cookie));
    page(StatusCode::OK, pages::home(person.as_ref(), &dpi.issuer))
}

/// The same for programs: claims as they were received.
async fn session(State(dpi): Dpi, headers: HeaderMap) -> Response {
    let person = cookie(&headers, SESSION).and_then(|cookie| dpi.visitors.logged_in(&cookie));
    match person {
        None => (StatusCode::UNAUTHORIZED, axum::Json(serde_json::json!({}))).into_response(),
        Some(person) => axum::Json(serde_json::json!({
            "id_token": person.id_token_claims,
            "userinfo": person.userinfo,
        }))
        .into_response(),
    }
}

async fn log_in(State(dpi): Dpi) -> Response {
    match dpi.party.start().await {
        Err(error) => failed(&error),
        Ok((address, pending)) => {
            let cookie = dpi.visitors.begin(pending);
            go(&address, &[set(UNDER_WAY, &cookie)])
        }
    }
}

#[derive(Debug, Deserialize)]
struct Answer {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

async fn back(State(dpi): Dpi, headers: HeaderMap, Query(answer): Query<Answer>) -> Response {
    let pending = cookie(&headers, UNDER_WAY).and_then(|cookie| dpi.visitors.take_pending(&cookie));
    // The state ties the answer to the login that this very browser began.
    let Some(pending) = pending.filter(|pending| answer.state.as_ref() == Some(&pending.state))
    else {
        return failed(&DpiError::Refused("state unknown to this browser".to_owned()));
    };
    let code = match (answer.code, answer.error) {
        (Some(code), None) => code,
        (_, error) => {
            let words = [error, answer.error_description].into_iter().flatten();
            return failed(&DpiError::Refused(words.collect::<Vec<_>>().join(": ")));
        }
    };
    match dpi.party.finish(pending, code).await {
        Err(error) => failed(&error),
        Ok(person) => {
            let cookie = dpi.visitors.log_in(person);
            go("/", &[set(SESSION, &cookie), unset(UNDER_WAY)])
        }
    }
}

async fn log_out(State(dpi): Dpi, headers: HeaderMap) -> Response {
    let person = cookie(&headers, SESSION).and_then(|cookie| dpi.visitors.log_out(&cookie));
    let Some(person) = person else { return go("/", &[unset(SESSION)]) };
    match dpi.party.logout(&person).await {
        Err(error) => failed(&error),
        Ok(address) => go(address.as_deref().unwrap_or(LOGGED_OUT), &[unset(SESSION)]),
    }
}

async fn logged_out() -> Response {
    page(StatusCode::OK, pages::logged_out())
}

fn failed(error: &DpiError) -> Response {
    tracing::warn!(%error, "the demo DPI could not log somebody in or out");
    page(StatusCode::BAD_GATEWAY, pages::failed(error))
}

fn page(status: StatusCode, body: maud::Markup) -> Response {
    let content = "default-src 'none'; style-src 'unsafe-inline'; form-action *; base-uri 'none'";
    let headers = [("content-security-policy", content), (CACHE_CONTROL.as_str(), "no-store")];
    (status, headers, axum::response::Html(body.into_string())).into_response()
}

fn go(address: &str, cookies: &[String]) -> Response {
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, address.to_owned())]).into_response();
    for cookie in cookies {
        if let Ok(cookie) = cookie.parse() {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    response
}

fn set(name: &str, value: &str) -> String {
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax")
}

fn unset(name: &str) -> String {
    format!("{name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}
