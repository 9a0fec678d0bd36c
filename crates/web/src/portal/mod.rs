//! The portal: what a person sees and ends of her own.
use crate::login::{Failed, LoginState, Page, Visitor};
use authentication::{Level, MeansKind, MeansStatus};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use chrono::{DateTime, Utc};
use kernel::{SessionId, Zone};
use maud::{Markup, html};
use serde::Deserialize;
use workflows::login::{Current, PortalView};

pub fn routes() -> Router<LoginState> {
    Router::new()
        .route("/", get(home))
        .route("/portal", get(show))
        .route("/portal/sessions/end", post(end_session))
}

async fn home() -> Redirect {
    Redirect::to("/portal")
}

/// Permission: a session of this browser.
pub async fn show(State(state): State<LoginState>, visitor: Visitor) -> Result<Response, Failed> {
    let Some(current) = current(&state, &visitor).await? else { return Ok(to_login()) };
    let Some(view) = state.workflows.portal(&current).await? else { return Ok(to_login()) };
    let zone = &state.workflows.parts().zone;
    let token = state.workflows.form_token(&visitor.visit());
    let aside = html! {
        form method="post" action="/logout" { button.lbtn.slim type="submit" { "Fermer ma session" } }
    };
    let page = Page {
        house: &view.house,
        title: "Portail",
        night: state.is_night(),
        aside: Some(aside),
        body: body(&view, &token, zone),
    };
    Ok(page.answer(StatusCode::OK))
}

#[derive(Deserialize)]
pub struct EndForm {
    session: SessionId,
    f: String,
}

/// Permission: a session of this browser, on sessions of the same person.
pub async fn end_session(
    State(state): State<LoginState>,
    visitor: Visitor,
    Form(form): Form<EndForm>,
) -> Result<Response, Failed> {
    let Some(current) = current(&state, &visitor).await? else { return Ok(to_login()) };
    if !state.workflows.is_form_token(&visitor.visit(), &form.f) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    state.workflows.end_own_session(current.session.person, form.session).await?;
    Ok(Redirect::to("/portal").into_response())
}

async fn current(state: &LoginState, visitor: &Visitor) -> Result<Option<Current>, Failed> {
    let Some(session) = visitor.session_cookie() else { return Ok(None) };
    let browser = visitor.browser_cookie();
    Ok(state.workflows.current_session(visitor.listener(), session, browser).await?)
}

fn to_login() -> Response {
    Redirect::to("/login?next=/portal").into_response()
}

fn body(view: &PortalView, token: &str, zone: &Zone) -> Markup {
    html! {
        h1 { (view.name) }
        p.field { "Niveau de cette session : " b { (level(view.level)) } "." }
        table.rows {
            caption { "Mes moyens" }
            thead { tr { th scope="col" { "Moyen" } th scope="col" { "État" } th scope="col" { "Dernier usage" } } }
            tbody {
                @if view.keys.is_empty() {
                    tr { td colspan="3" { "Aucun moyen enregistré ici : votre mot de passe est celui de Windows." } }
                }
                @for key in &view.keys {
                    tr {
                        th scope="row" { (kind(key.kind)) }
                        td { (status(key.status)) }
                        td { @match key.last_used_at { Some(at) => (moment(at, zone)), None => "Jamais" } }
                    }
                }
            }
        }
        table.rows {
            caption { "Où ma session est-elle ouverte ?" }
            thead { tr { th scope="col" { "Ouverte le" } th scope="col" { "Vue le" } th scope="col" { "Action" } } }
            tbody {
                @for session in &view.sessions {
                    tr {
                        th scope="row" { (moment(session.opened_at, zone)) }
                        td { (moment(session.last_seen_at, zone)) }
                        td {
                            @if session.here { "Ce navigateur" } @else {
                                form method="post" action="/portal/sessions/end" {
                                    input type="hidden" name="f" value=(token);
                                    input type="hidden" name="session" value=(session.id);
                                    button.lbtn.slim type="submit" {
                                        "Fermer celle du " (moment(session.opened_at, zone))
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn moment(at: DateTime<Utc>, zone: &Zone) -> String {
    zone.at(at).format("%d/%m/%Y %H:%M").to_string()
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Faible => "faible",
        Level::Substantiel => "substantiel",
        Level::Eleve => "élevé",
    }
}

fn kind(kind: MeansKind) -> &'static str {
    match kind {
        MeansKind::Password => "Mot de passe",
        MeansKind::Fido2 => "Clé",
        MeansKind::Pin => "Code",
        MeansKind::Totp => "Application à codes",
        MeansKind::CpsCard => "Carte CPS",
        MeansKind::DesfireBadge => "Badge",
        MeansKind::PhoneApp => "Téléphone",
        MeansKind::WorkstationTicket => "Session Windows",
        MeansKind::ProSanteConnect => "Pro Santé Connect",
        MeansKind::TemporaryBadge => "Badge prêté",
    }
}

fn status(status: MeansStatus) -> &'static str {
    match status {
        MeansStatus::Blank => "Vierge",
        MeansStatus::Issued => "Remis",
        MeansStatus::Active => "Actif",
        MeansStatus::Suspended => "Suspendu",
        MeansStatus::Revoked => "Révoqué",
        MeansStatus::Expired => "Expiré",
    }
}
