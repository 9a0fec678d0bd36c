//! Which router answers on which listener.
use crate::settings::{CardListener, MtlsListener, Settings};
use axum::Router;
use axum::middleware::from_fn_with_state;
use std::sync::Arc;
use web::admin::AdminState;
use web::guard::{Guard, Listener};
use workflows::Workflows;

/// Login, enrolment, portal and OpenID Connect.
pub fn public(settings: &Settings, workflows: &Workflows) -> Router {
    let listener = Listener::new(&settings.public.origin, &[]);
    // The login pages check the origin of their own forms: old engines send neither `Origin` nor `Sec-Fetch-Site`.
    web::login::public_routes(workflows.clone())
        .merge(web::oidc::routes(workflows.clone()))
        .merge(web::sandbox::routes(workflows.clone()))
        .fallback(web::login::not_here)
        .layer(Guard::new(listener))
}

/// What applications call with their certificate.
pub fn mtls(settings: &MtlsListener, workflows: &Workflows) -> Router {
    let listener = Listener::new(&settings.listener.origin, &[]);
    web::oidc::mtls_routes(workflows.clone()).layer(Guard::new(listener))
}

/// Where browsers show the certificate of a card.
pub fn card(settings: &CardListener, workflows: &Workflows) -> Router {
    let listener = Listener::new(&settings.listener.origin, &[]);
    web::login::card_routes(workflows.clone()).layer(Guard::new(listener))
}

/// Console, admin API, and their own login.
pub fn admin(settings: &Settings, workflows: &Workflows, hospital: &str) -> Router {
    let state = AdminState {
        workflows: workflows.clone(),
        facts: Arc::new(crate::facts::of(settings, hospital)),
    };
    let listener = Listener::new(&settings.admin.origin, &[]);
    let gate = web::login::Gate::new(workflows.clone());
    let login = web::login::admin_routes(workflows.clone());
    web::admin::console(state, listener.clone(), login)
        .layer(from_fn_with_state(gate, web::login::first_use_gate))
        // Once more around the gate: its refusals are answers of this listener too.
        .layer(Guard::new(listener))
}
