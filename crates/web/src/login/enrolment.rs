//! Enrolment by a code of the desk, and the first administrator's link.
use super::page::{Page, key_icon, key_picture, refusal, told};
use super::steps::key_help;
use super::visitor::Visitor;
use super::{Failed, LoginState, timing};
use audit::AccessKind;
use authentication::MeansKind;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use workflows::login::{EnrolStep, EnrolView};

#[derive(Deserialize)]
pub struct CodeForm {
    code: String,
}

#[derive(Deserialize)]
pub struct LinkForm {
    secret: String,
}

#[derive(Deserialize)]
pub struct AnswerForm {
    t: String,
    answer: String,
}

#[derive(Deserialize)]
pub struct PasswordForm {
    t: String,
    first: String,
    second: String,
}

/// Permission: none; anybody may type a code.
pub async fn ask(State(state): State<LoginState>, visitor: Visitor) -> Result<Response, Failed> {
    let view = state.workflows.show_enrolment().await?;
    Ok(visitor.remember(show(&state, &visitor, &view)))
}

/// Permission: the code.
pub async fn code(
    State(state): State<LoginState>,
    visitor: Visitor,
    Form(form): Form<CodeForm>,
) -> Result<Response, Failed> {
    let started = timing::now();
    let view = state.workflows.begin_enrolment(&visitor.visit(), &form.code).await?;
    answer(&state, &visitor, &view, started).await
}

/// Permission: none; the link alone shows nothing, so that what fetches it ahead spends nothing.
pub async fn first(
    State(state): State<LoginState>,
    visitor: Visitor,
    Path(secret): Path<String>,
) -> Result<Response, Failed> {
    let house = state.workflows.house().await?;
    let body = html! {
        (key_picture())
        h1 { "Première clé de la console" }
        p.field { "Ce lien sert une fois, pendant une heure. Gardez votre clé à portée de main." }
        form method="post" action="/first" data-once="" {
            input type="hidden" name="secret" value=(secret);
            button.lbtn.primary type="submit" { (key_icon()) "Enregistrer ma clé" }
        }
    };
    let title = "Première clé";
    let page = Page { house: &house, title, night: state.is_night(), aside: None, body };
    Ok(visitor.remember(page.answer(StatusCode::OK)))
}

/// Permission: the one-time link.
pub async fn first_link(
    State(state): State<LoginState>,
    visitor: Visitor,
    Form(form): Form<LinkForm>,
) -> Result<Response, Failed> {
    let started = timing::now();
    let view = state.workflows.begin_first_enrolment(&visitor.visit(), &form.secret).await?;
    answer(&state, &visitor, &view, started).await
}

/// Permission: an enrolment that a code began in this browser.
pub async fn key(
    State(state): State<LoginState>,
    visitor: Visitor,
    Form(form): Form<AnswerForm>,
) -> Result<Response, Failed> {
    let started = timing::now();
    let view =
        state.workflows.finish_key_enrolment(&visitor.visit(), &form.t, &form.answer).await?;
    answer(&state, &visitor, &view, started).await
}

/// Permission: an enrolment that a code began in this browser.
pub async fn password(
    State(state): State<LoginState>,
    visitor: Visitor,
    Form(form): Form<PasswordForm>,
) -> Result<Response, Failed> {
    let started = timing::now();
    let view = state
        .workflows
        .finish_password_enrolment(&visitor.visit(), &form.t, &form.first, &form.second)
        .await?;
    answer(&state, &visitor, &view, started).await
}

async fn answer(
    state: &LoginState,
    visitor: &Visitor,
    view: &EnrolView,
    started: timing::Started,
) -> Result<Response, Failed> {
    if view.refusal.is_some() {
        timing::even(started).await;
    }
    Ok(visitor.remember(show(state, visitor, view)))
}

fn show(state: &LoginState, visitor: &Visitor, view: &EnrolView) -> Response {
    let title = match &view.step {
        _ if view.refusal.is_some() => "Code refusé",
        EnrolStep::Code => "Code du guichet",
        EnrolStep::Key { .. } => "Nouvelle clé",
        EnrolStep::Password { .. } => "Nouveau mot de passe",
        EnrolStep::Done { .. } => "C’est fait",
    };
    let body = html! {
        @if let Some(refused) = &view.refusal { (refusal(&view.house, refused)) }
        @match &view.step {
            EnrolStep::Code => (code_body(view, visitor.listener())),
            EnrolStep::Key { options } => (key_body(view, options)),
            EnrolStep::Password { least_length } => (password_body(view, *least_length)),
            EnrolStep::Done { kind } => (done_body(*kind)),
        }
    };
    let status = if view.refusal.is_some() { StatusCode::FORBIDDEN } else { StatusCode::OK };
    Page { house: &view.house, title, night: state.is_night(), aside: None, body }.answer(status)
}

fn code_body(view: &EnrolView, listener: AccessKind) -> Markup {
    html! {
        @if view.refusal.is_none() { h1 { "Code du guichet" } }
        @match listener {
            AccessKind::Public => {
                form method="post" action="/enrol" data-once="" autocomplete="off" {
                    div.field {
                        label for="code" { "Votre code" }
                        p.muted.small #aide { "Dix lettres et chiffres, donnés par le guichet. Exemple : 7K3P2-Q9XAB" }
                        input #code .code type="text" name="code" autocomplete="off" autocapitalize="characters"
                            spellcheck="false" maxlength="32" required aria-describedby="aide"
                            data-focus=[view.refusal.is_none().then_some("")];
                    }
                    button.lbtn.primary type="submit" { "Continuer" }
                    a.lbtn href="/login" { "Connexion" }
                }
            }
            AccessKind::Admin => {
                p { "Ce lien ne sert plus. Un autre s’obtient sur la machine, par « hygie init »." }
            }
        }
    }
}

fn holder(view: &EnrolView) -> Markup {
    html! {
        @if let Some(holder) = &view.holder { p.for { "Pour : " b { (holder) } } }
    }
}

fn key_body(view: &EnrolView, options: &str) -> Markup {
    html! {
        (holder(view))
        (key_picture())
        h1 { "Touchez votre clé." }
        p.field { "Le navigateur demande le code de la clé, ou votre doigt, puis de la toucher." }
        (key_help("La clé n’a pas été enregistrée. Recommencez, ou demandez une autre clé au guichet."))
        form #key method="post" action="/enrol/key" data-work="create" data-options=(options) {
            input type="hidden" name="t" value=(view.handle);
            input type="hidden" name="answer" value="";
            button #key-start .lbtn.primary.hidden type="button" data-focus="" { (key_icon()) "Enregistrer la clé" }
        }
    }
}

fn password_body(view: &EnrolView, least_length: usize) -> Markup {
    html! {
        (holder(view))
        h1 { "Choisissez un mot de passe" }
        @if let Some(advice) = view.advice {
            p #conseil .advice role="alert" tabindex="-1" data-focus="" { (advised(advice, least_length)) }
        }
        form method="post" action="/enrol/password" data-once="" autocomplete="off" {
            input type="hidden" name="t" value=(view.handle);
            p.muted.small #regle { "Au moins " (least_length) " caractères. Une phrase se retient mieux qu’un mot." }
            div.field {
                label for="un" { "Nouveau mot de passe" }
                input #un type="password" name="first" autocomplete="new-password" maxlength="1024" required
                    aria-describedby="regle" data-focus=[view.advice.is_none().then_some("")];
            }
            div.field {
                label for="deux" { "Le même, une seconde fois" }
                input #deux type="password" name="second" autocomplete="new-password" maxlength="1024" required;
            }
            button.lbtn.primary type="submit" { "Enregistrer" }
        }
    }
}

fn advised(advice: &str, least_length: usize) -> String {
    match advice {
        "different" => "Les deux mots de passe diffèrent. Retapez-les.".to_owned(),
        "too_long" => "Le mot de passe est trop long : 1 024 caractères au plus.".to_owned(),
        "control_character" => "Le mot de passe contient un caractère invisible.".to_owned(),
        "too_few_characters" => "Le mot de passe répète trop peu de caractères.".to_owned(),
        _ => format!("Le mot de passe est trop court : il en faut au moins {least_length}."),
    }
}

fn done_body(kind: MeansKind) -> Markup {
    let title = match kind {
        MeansKind::Fido2 => "Votre clé est enregistrée.",
        _ => "Votre mot de passe est enregistré.",
    };
    told(title, &html! { p { a.lbtn.primary href="/login" { "Connexion" } } })
}
