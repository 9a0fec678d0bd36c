//! The portal: what a person sees and ends of her own.
mod consents;
mod elsewhere;
mod exercise;

use crate::login::{Failed, Lang, LoginState, Page, Visitor};
use authentication::{Level, MeansKind, MeansStatus};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use chrono::{DateTime, Datelike, Utc};
use kernel::{SessionId, Zone};
use maud::{Markup, html};
use serde::Deserialize;
use workflows::login::{Current, PortalView};
use workflows::oidc::{GivenConsent, OwnExercise, WaitingRequest};

pub fn routes() -> Router<LoginState> {
    Router::new()
        .route("/", get(home))
        .route("/portal", get(show))
        .route("/portal/sessions/end", post(end_session))
        .route(consents::WITHDRAW, post(consents::withdraw))
        .route(exercise::PATH, get(exercise::show).post(exercise::choose))
        .route(elsewhere::DEVICE, get(elsewhere::device).post(elsewhere::device_word))
        .route(elsewhere::REQUESTS, get(elsewhere::requests).post(elsewhere::requests_word))
}

async fn home() -> Redirect {
    Redirect::to("/portal")
}

/// Permission: a session of this browser.
pub async fn show(State(state): State<LoginState>, visitor: Visitor) -> Result<Response, Failed> {
    let Some(current) = current(&state, &visitor).await? else { return Ok(to_login()) };
    let Some(view) = state.workflows.portal(&current).await? else { return Ok(to_login()) };
    let waiting = state.workflows.waiting_requests(&current).await.map_err(elsewhere::failed)?;
    let given = state.workflows.given_consents(&current).await.map_err(elsewhere::failed)?;
    let exercises = exercise::known(&state, &current).await?;
    let zone = &state.workflows.parts().zone;
    let token = state.workflows.form_token(&visitor.visit());
    let close = visitor.lang().say("Fermer ma session", "Close my session");
    let aside = html! {
        form method="post" action="/logout" { button.lbtn.slim type="submit" { (close) } }
    };
    let lang = visitor.lang();
    let page = Page {
        house: &view.house,
        title: lang.say("Portail", "Portal"),
        night: state.is_night(),
        lang,
        back: Some("/portal".to_owned()),
        aside: Some(aside),
        body: body(&view, (&waiting, &given, &exercises), &token, zone, lang),
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

/// « Demandes à approuver »: told where there is one, since it waits two minutes.
fn requests(waiting: &[WaitingRequest], lang: Lang) -> Markup {
    html! {
        h2 { (lang.say("Demandes à approuver", "Requests to approve")) }
        @for request in waiting {
            p.field {
                b { (request.application) }
                (lang.say(" demande votre accord.", " asks for your word."))
            }
        }
        p.field {
            a.lbtn.primary[!waiting.is_empty()] href=(elsewhere::REQUESTS) {
                @if waiting.is_empty() { (lang.say("Voir mes demandes", "See my requests")) }
                @else { (lang.say("Répondre", "Answer")) }
            }
        }
    }
}

fn body(
    view: &PortalView,
    (waiting, given, exercises): (&[WaitingRequest], &[GivenConsent], &[OwnExercise]),
    token: &str,
    zone: &Zone,
    lang: Lang,
) -> Markup {
    html! {
        h1 { (view.name) }
        p.field {
            (lang.say("Niveau de cette session : ", "Level of this session: ")) b { (level(view.level, lang)) } "."
        }
        (exercise::line(exercises, lang))
        (requests(waiting, lang))
        (keys(view, zone, lang))
        (sessions(view, token, zone, lang))
        (accesses(view, zone, lang))
        (identities(view, zone, lang))
        (consents::table(given, token, zone, lang))
        p { a.lbtn href=(elsewhere::DEVICE) { (lang.say("Se connecter sur un appareil", "Log in on a device")) } }
    }
}

fn heads(words: [(&str, &str); 3], lang: Lang) -> Markup {
    html! { thead { tr { @for (french, english) in words { th scope="col" { (lang.say(french, english)) } } } } }
}

fn keys(view: &PortalView, zone: &Zone, lang: Lang) -> Markup {
    html! {
        table.rows {
            caption { (lang.say("Mes moyens", "My means")) }
            (heads([("Moyen", "Means"), ("État", "State"), ("Dernier usage", "Last use")], lang))
            tbody {
                @if view.keys.is_empty() {
                    tr {
                        td colspan="3" {
                            (lang.say(
                                "Aucun moyen enregistré ici : votre mot de passe est celui de Windows.",
                                "No means enrolled here: your password is the one of Windows.",
                            ))
                        }
                    }
                }
                @for key in &view.keys {
                    tr {
                        th scope="row" { (kind(key.kind, lang)) }
                        td { (status(key.status, lang)) }
                        td {
                            @match key.last_used_at {
                                Some(at) => (moment(at, zone)),
                                None => (lang.say("Jamais", "Never")),
                            }
                        }
                    }
                }
            }
        }
    }
}

fn sessions(view: &PortalView, token: &str, zone: &Zone, lang: Lang) -> Markup {
    html! {
        table.rows {
            caption { (lang.say("Où ma session est-elle ouverte ?", "Where is my session open?")) }
            (heads([("Ouverte le", "Opened"), ("Vue le", "Last seen"), ("Où", "Where")], lang))
            tbody {
                @for session in &view.sessions {
                    tr {
                        th scope="row" { (moment(session.opened_at, zone)) }
                        td { (moment(session.last_seen_at, zone)) }
                        td {
                            @if session.here { (lang.say("Ce navigateur", "This browser")) } @else {
                                form method="post" action="/portal/sessions/end" {
                                    input type="hidden" name="f" value=(token);
                                    input type="hidden" name="session" value=(session.id);
                                    button.lbtn.slim type="submit" {
                                        (lang.say("Fermer celle du ", "Close the one of "))
                                        (moment(session.opened_at, zone))
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

/// Her own refusals in plain words: she is logged in.
fn accesses(view: &PortalView, zone: &Zone, lang: Lang) -> Markup {
    html! {
        table.rows {
            caption { (lang.say("Mes accès récents", "My recent accesses")) }
            (heads([("Date", "Date"), ("Application", "Application"), ("Résultat", "Result")], lang))
            tbody {
                @for access in &view.accesses {
                    tr {
                        th scope="row" { (moment(access.at, zone)) }
                        td { (access.application.as_deref().unwrap_or(lang.say("Portail", "Portal"))) }
                        td {
                            @match &access.refused {
                                None => (lang.say("Ouverte", "Opened")),
                                Some(reason) => {
                                    (lang.say("Refusée : ", "Refused: ")) (refused(reason, lang))
                                    @if let Some(reference) = &access.reference {
                                        (lang.say(" Référence ", " Reference ")) (reference) "."
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

fn identities(view: &PortalView, zone: &Zone, lang: Lang) -> Markup {
    html! {
        h2 { (lang.say("Mon identité nationale", "My national identity")) }
        @if view.identities.is_empty() {
            p.field {
                (lang.say(
                    "Aucun numéro RPPS n’est relié à votre fiche.",
                    "No RPPS number is linked to your record.",
                ))
            }
        }
        @for identity in &view.identities {
            p.field {
                @if identity.is_rpps { "RPPS " } b { (identity.number) }
                (lang.say(", vérifié le ", ", checked on ")) (day_and_time(identity.verified_at, zone, lang))
                (lang.say(", à revérifier le ", ", to be checked again on "))
                (identity.next_check.format("%d/%m/%Y")) "."
            }
        }
    }
}

fn refused(reason: &str, lang: Lang) -> &'static str {
    let (french, english) = match reason {
        "wrong_password" | "directory_wrong_password" => {
            ("mot de passe inexact.", "the password was not right.")
        }
        "too_many_tries" => ("trop d’essais à la suite.", "too many tries in a row."),
        "directory_unreachable" => (
            "l’annuaire de l’hôpital ne répondait pas.",
            "the hospital’s directory did not answer.",
        ),
        "account_disabled" | "account_expired" | "account_deleted" => {
            ("le compte Windows n’est plus actif.", "the Windows account is no longer active.")
        }
        "means_not_active" | "counter_went_back" => {
            ("la clé n’est plus active.", "the key is no longer active.")
        }
        _ => ("la preuve n’a pas suffi.", "the proof was not enough."),
    };
    match lang {
        Lang::French => french,
        Lang::English => english,
    }
}

fn moment(at: DateTime<Utc>, zone: &Zone) -> String {
    zone.at(at).format("%d/%m/%Y %H:%M").to_string()
}

/// In a sentence: « 22 novembre 2026 à 20:45 ».
fn day_and_time(at: DateTime<Utc>, zone: &Zone, lang: Lang) -> String {
    const MONTHS: [&str; 12] = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ];
    let local = zone.at(at);
    match lang {
        Lang::English => local.format("%-d %B %Y at %H:%M").to_string(),
        Lang::French => {
            let day = if local.day() == 1 { "1er".to_owned() } else { local.day().to_string() };
            let month = MONTHS.get(local.month0() as usize).unwrap_or(&"");
            format!("{day} {month} {}", local.format("%Y à %H:%M"))
        }
    }
}

fn level(level: Level, lang: Lang) -> &'static str {
    match (level, lang) {
        (Level::Faible, Lang::French) => "faible",
        (Level::Faible, Lang::English) => "low",
        (Level::Substantiel, Lang::French) => "substantiel",
        (Level::Substantiel, Lang::English) => "substantial",
        (Level::Eleve, Lang::French) => "élevé",
        (Level::Eleve, Lang::English) => "high",
    }
}

fn kind(kind: MeansKind, lang: Lang) -> &'static str {
    let (french, english) = match kind {
        MeansKind::Password => ("Mot de passe", "Password"),
        MeansKind::Fido2 => ("Clé", "Key"),
        MeansKind::Pin => ("Code", "PIN"),
        MeansKind::Totp => ("Application à codes", "Code application"),
        MeansKind::CpsCard => ("Carte CPS", "CPS card"),
        MeansKind::DesfireBadge => ("Badge", "Badge"),
        MeansKind::PhoneApp => ("Téléphone", "Phone"),
        MeansKind::WorkstationTicket => ("Session Windows", "Windows session"),
        MeansKind::ProSanteConnect => ("Pro Santé Connect", "Pro Santé Connect"),
        MeansKind::TemporaryBadge => ("Badge prêté", "Lent badge"),
    };
    match lang {
        Lang::French => french,
        Lang::English => english,
    }
}

fn status(status: MeansStatus, lang: Lang) -> &'static str {
    let (french, english) = match status {
        MeansStatus::Blank => ("Vierge", "Blank"),
        MeansStatus::Issued => ("Remis", "Issued"),
        MeansStatus::Active => ("Actif", "Active"),
        MeansStatus::Suspended => ("Suspendu", "Suspended"),
        MeansStatus::Revoked => ("Révoqué", "Revoked"),
        MeansStatus::Expired => ("Expiré", "Expired"),
    };
    match lang {
        Lang::French => french,
        Lang::English => english,
    }
}
