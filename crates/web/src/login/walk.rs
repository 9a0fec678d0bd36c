//! The steps of a login, received and answered.
use super::page::{Page, move_on, told};
use super::visitor::Visitor;
use super::{Failed, Lang, LoginState, steps, timing};
use audit::AccessKind;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use workflows::login::{LoginAnswer, LoginAsk, LoginView};

#[derive(Deserialize)]
pub struct Asked {
    t: Option<String>,
    /// The console says `return`.
    #[serde(alias = "return")]
    next: Option<String>,
}

#[derive(Deserialize)]
pub struct Held {
    pub t: String,
    #[serde(default)]
    pub next: String,
}

#[derive(Deserialize)]
pub struct NameForm {
    t: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
pub struct PasswordForm {
    t: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    password: String,
}

#[derive(Deserialize)]
pub struct AnswerForm {
    t: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    answer: String,
}

/// Permission: none; a login begins here, or goes on in the browser that began it.
pub async fn show(
    State(state): State<LoginState>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Failed> {
    let visit = visitor.visit();
    let view = match asked.t {
        Some(handle) => state.workflows.show_login(&visit, &handle).await?,
        None => {
            let home = match visitor.listener() {
                AccessKind::Public => "/portal",
                AccessKind::Admin => "/",
            };
            let next = asked.next.as_deref().unwrap_or(home);
            let view = state.workflows.begin_login(&visit, LoginAsk::to(next)).await?;
            // The address then names this login: a reload shows the same one.
            let to = format!("/login?t={}", view.handle);
            return Ok(visitor.remember(Redirect::to(&to).into_response()));
        }
    };
    Ok(visitor.remember(steps::show(&view, state.is_night(), visitor.lang())))
}

/// Permission: a login of this browser.
pub async fn name(
    State(state): State<LoginState>,
    visitor: Visitor,
    Form(form): Form<NameForm>,
) -> Result<Response, Failed> {
    let view = state.workflows.give_name(&visitor.visit(), &form.t, &form.name).await;
    page(&state, &visitor, view.map_err(|error| Failed::at(error, &form.next))?)
}

/// Permission: a login of this browser.
pub async fn password(
    State(state): State<LoginState>,
    visitor: Visitor,
    Form(form): Form<PasswordForm>,
) -> Result<Response, Failed> {
    let started = timing::now();
    let answer = state.workflows.give_password(&visitor.visit(), &form.t, &form.password).await;
    let answer = answer.map_err(|error| Failed::at(error, &form.next))?;
    finish(&state, &visitor, answer, started).await
}

/// Permission: a login of this browser.
pub async fn begin_key(
    State(state): State<LoginState>,
    visitor: Visitor,
    Form(form): Form<Held>,
) -> Result<Response, Failed> {
    let view = state.workflows.begin_key(&visitor.visit(), &form.t).await;
    page(&state, &visitor, view.map_err(|error| Failed::at(error, &form.next))?)
}

/// Permission: a login of this browser.
pub async fn key(
    State(state): State<LoginState>,
    visitor: Visitor,
    Form(form): Form<AnswerForm>,
) -> Result<Response, Failed> {
    let started = timing::now();
    let answer = state.workflows.give_key(&visitor.visit(), &form.t, &form.answer).await;
    let answer = answer.map_err(|error| Failed::at(error, &form.next))?;
    finish(&state, &visitor, answer, started).await
}

/// Permission: a login of this browser.
pub async fn again(
    State(state): State<LoginState>,
    visitor: Visitor,
    Form(form): Form<Held>,
) -> Result<Response, Failed> {
    let view = state.workflows.choose_again(&visitor.visit(), &form.t).await;
    page(&state, &visitor, view.map_err(|error| Failed::at(error, &form.next))?)
}

/// Permission: none; whoever is at this browser leaves it.
pub async fn log_out(
    State(state): State<LoginState>,
    visitor: Visitor,
) -> Result<Response, Failed> {
    state.workflows.log_out_browser(&visitor.visit()).await?;
    let house = state.workflows.house().await?;
    let lang = visitor.lang();
    let again = html! {
        @if state.workflows.card_origin().is_some() {
            p { (lang.say("Si vous aviez mis votre carte, retirez-la et fermez le navigateur.", "If you used your card, take it away and close the browser.")) }
        }
        p { a.lbtn href="/login" { (lang.say("Se connecter", "Log in")) } }
    };
    let said = lang.say("Session fermée sur ce poste.", "Session closed at this workstation.");
    let body = told(said, &again);
    let title = lang.say("Session fermée", "Session closed");
    let night = state.is_night();
    let page = Page { house: &house, title, night, lang, back: None, aside: None, body };
    Ok(visitor.forgotten(page.answer(StatusCode::OK)))
}

/// Permission: none.
pub async fn accessibility(
    State(state): State<LoginState>,
    visitor: Visitor,
) -> Result<Response, Failed> {
    let lang = visitor.lang();
    let body = html! {
        h1 { (lang.say("Accessibilité", "Accessibility")) }
        p.field {
            (lang.say(
                "Ces pages n’ont pas encore été auditées. Elles sont écrites pour le clavier, les lecteurs d’écran et les \
                 grands caractères, et vérifiées par un outil à chaque version.",
                "These pages have not been audited yet. They are written for the keyboard, for screen readers and for \
                 large characters, and checked by a tool at each version.",
            ))
        }
        h2 { (lang.say("Délais", "Time limits")) }
        p.field {
            (lang.say(
                "Une page de connexion sert cinq minutes, une clé est attendue deux minutes. Ce sont des limites de \
                 sécurité : « Recommencer » en ouvre de nouvelles, sans rien perdre de ce que vous vouliez ouvrir.",
                "A login page serves five minutes, a key is waited for two minutes. These are security limits: starting \
                 over opens new ones, and loses nothing of what you wanted to open.",
            ))
        }
        p { a.lbtn href="/login" { (lang.say("Se connecter", "Log in")) } }
    };
    plain(&state, lang, lang.say("Accessibilité", "Accessibility"), "/accessibility", body).await
}

/// Permission: none.
pub async fn your_data(
    State(state): State<LoginState>,
    visitor: Visitor,
) -> Result<Response, Failed> {
    let lang = visitor.lang();
    let body = html! {
        h1 { (lang.say("Vos données", "Your data")) }
        p.field {
            (lang.say(
                "Pour vous reconnaître, l’établissement garde votre identité, vos affectations, vos comptes et vos moyens \
                 de connexion. Chaque connexion et chaque refus laissent une trace, sans votre nom.",
                "To know you again, the hospital keeps your identity, your posts, your accounts and your means of login. \
                 Each login and each refusal leaves a trace, without your name.",
            ))
        }
        p.field {
            (lang.say(
                "Votre mot de passe n’est jamais gardé lisible. Le secret de votre clé ne la quitte pas.",
                "Your password is never kept in a readable form. The secret of your key never leaves it.",
            ))
        }
        p { a.lbtn href="/login" { (lang.say("Se connecter", "Log in")) } }
    };
    plain(&state, lang, lang.say("Vos données", "Your data"), "/your-data", body).await
}

async fn plain(
    state: &LoginState,
    lang: Lang,
    title: &str,
    at: &str,
    body: Markup,
) -> Result<Response, Failed> {
    let (house, night) = (state.workflows.house().await?, state.is_night());
    let back = Some(at.to_owned());
    Ok(Page { house: &house, title, night, lang, back, aside: None, body }.answer(StatusCode::OK))
}

fn page(state: &LoginState, visitor: &Visitor, view: LoginView) -> Result<Response, Failed> {
    Ok(steps::show(&view, state.is_night(), visitor.lang()))
}

pub async fn finish(
    state: &LoginState,
    visitor: &Visitor,
    answer: LoginAnswer,
    started: timing::Started,
) -> Result<Response, Failed> {
    match answer {
        LoginAnswer::Opened { session, next } => Ok(visitor.opened(&session, move_on(&next))),
        LoginAnswer::Page(view) => {
            if view.refusal.is_some() {
                timing::even(started).await;
            }
            page(state, visitor, *view)
        }
    }
}
