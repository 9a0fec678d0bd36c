//! OpenID Connect endpoints of the public listener. Applications and their users' browsers come here.
mod authorize;
mod client_call;
mod consent;
mod discovery;
mod elsewhere;
mod error;
mod exercise;
mod form;
mod logout;
mod lookup;
mod pages;
mod par;
mod register;
#[cfg(test)]
pub(crate) mod tests;
mod token;
mod userinfo;

pub use client_call::ConnectionCertificate;
pub(crate) use consent::words as consent_words;
pub(crate) use exercise::{form as exercise_form, title as exercise_title};
pub(crate) use form::{Pairs, pairs};
pub(crate) use pages::see_other;

use crate::login::LoginState;
use audit::AccessKind;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use discovery::Documents;
use oidc::ProviderEndpoints as At;
use std::pin::Pin;
use workflows::Workflows;

/// A form or a query of the protocol has a few kilobytes.
const LONGEST_BODY: usize = 64 * 1024;

/// What the handlers share.
#[derive(Clone)]
pub struct OidcState {
    pub workflows: Workflows,
    /// The login pages of the same listener.
    login: LoginState,
    documents: Documents,
}

/// The routes of the provider. Forms come here from other sites by design, so that the listener's check of
/// origins does not apply: nothing here acts for a person on the strength of a cookie alone.
pub fn routes(workflows: Workflows) -> Router {
    let login = LoginState::new(workflows.clone(), AccessKind::Public);
    let state = OidcState { workflows, login, documents: Documents::default() };
    // Where no editor tries anything, there is nothing to register at (ANSSI R49).
    let registration = match state.workflows.sandbox() {
        None => Router::new(),
        Some(_) => Router::new().route(At::REGISTER, post(register::create)).route(
            &format!("{}/{{client_id}}", At::REGISTER),
            get(register::show).put(register::change).delete(register::end),
        ),
    };
    let documents = Router::new()
        .route(At::DISCOVERY, get(discovery::discovery).options(discovery::preflight))
        .route(At::WALLET, get(discovery::discovery).options(discovery::preflight))
        .route(At::AUTHORIZATION_SERVER, get(discovery::discovery).options(discovery::preflight))
        .route(At::JWKS, get(discovery::jwks).options(discovery::preflight))
        .with_state(state.clone());
    Router::new()
        .route(At::AUTHORIZE, get(authorize::by_query).post(authorize::by_form))
        .route(consent::PATH, get(consent::ask).post(consent::word))
        .route(exercise::PATH, get(exercise::ask).post(exercise::word))
        .route(At::LOGOUT, get(logout::by_query).post(logout::by_form))
        .merge(registration)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(state.clone())
        .merge(machines(state))
        .merge(documents)
}

/// The routes of the listener that asks for certificates: those that applications call without a browser.
pub fn mtls_routes(workflows: Workflows) -> Router {
    let login = LoginState::new(workflows.clone(), AccessKind::Public);
    machines(OidcState { workflows, login, documents: Documents::default() })
}

fn machines(state: OidcState) -> Router {
    Router::new()
        .route(At::TOKEN, post(token::token))
        .route(At::PAR, post(par::push))
        .route(At::INTROSPECT, post(lookup::introspect))
        .route(At::REVOKE, post(lookup::revoke))
        .route(At::BACKCHANNEL, post(elsewhere::backchannel))
        .route(At::DEVICE, post(elsewhere::device))
        .route(At::USERINFO, get(userinfo::userinfo).post(userinfo::userinfo))
        .layer(middleware::from_fn_with_state(state.clone(), number_of_the_day))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(state)
}

/// Whoever proves a key is told the number that its next proof must bear (RFC 9449 §8.2).
async fn number_of_the_day(
    State(state): State<OidcState>,
    request: Request,
    next: Next,
) -> Response {
    let proves = request.headers().contains_key(form::DPOP);
    let mut response = next.run(request).await;
    if proves && let Ok(nonce) = HeaderValue::from_str(&state.workflows.dpop_nonce()) {
        response.headers_mut().insert(HeaderName::from_static("dpop-nonce"), nonce);
    }
    response
}

/// What a use case holds while it waits is ten kilobytes and more: on the heap it is moved once, and not again with every
/// layer that the request goes through.
fn on_heap<F: Future>(use_case: F) -> Pin<Box<F>> {
    Box::pin(use_case)
}
