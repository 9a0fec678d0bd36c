//! Enrolment by a code of the desk, and the first administrator's link.
use super::page::{Page, key_icon, key_picture, refused, told};
use super::steps::key_help;
use super::visitor::Visitor;
use super::{Failed, Lang, LoginState, timing};
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
    let lang = visitor.lang();
    let body = html! {
        (key_picture())
        h1 { (lang.say("Première clé de la console", "First key of the console")) }
        p.field {
            (lang.say(
                "Ce lien sert une fois, pendant une heure. Gardez votre clé à portée de main.",
                "This link serves once, within an hour. Keep your key at hand.",
            ))
        }
        form method="post" action="/first" data-once="" {
            input type="hidden" name="secret" value=(secret);
            button.lbtn.primary type="submit" { (key_icon()) (lang.say("Enregistrer ma clé", "Enrol my key")) }
        }
    };
    let (title, night) = (lang.say("Première clé", "First key"), state.is_night());
    // The address holds the link's secret: it goes into no other address.
    let page = Page { house: &house, title, night, lang, back: None, aside: None, body };
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
    let lang = visitor.lang();
    let title = match &view.step {
        _ if view.refusal.is_some() => lang.say("Code refusé", "Code refused"),
        EnrolStep::Code => lang.say("Code du guichet", "Code from the desk"),
        EnrolStep::Key { .. } => lang.say("Nouvelle clé", "New key"),
        EnrolStep::Password { .. } => lang.say("Nouveau mot de passe", "New password"),
        EnrolStep::Done { .. } => lang.say("C’est fait", "Done"),
    };
    let body = html! {
        @if let Some(refusal) = &view.refusal {
            (refused(&view.house, refusal, advice(visitor.listener(), lang), lang))
        }
        @match &view.step {
            EnrolStep::Code => (code_body(view, visitor.listener(), lang)),
            EnrolStep::Key { options } => (key_body(view, options, lang)),
            EnrolStep::Password { least_length } => (password_body(view, *least_length, lang)),
            EnrolStep::Done { kind } => (done_body(*kind, lang)),
        }
    };
    let status = if view.refusal.is_some() { StatusCode::FORBIDDEN } else { StatusCode::OK };
    let first = matches!(view.step, EnrolStep::Code) && visitor.listener() == AccessKind::Public;
    let (night, back) = (state.is_night(), first.then(|| "/enrol".to_owned()));
    Page { house: &view.house, title, night, lang, back, aside: None, body }.answer(status)
}

/// The console's own link says below what to do.
fn advice(listener: AccessKind, lang: Lang) -> Option<&'static str> {
    match (listener, lang) {
        (AccessKind::Admin, _) => None,
        (AccessKind::Public, Lang::French) => {
            Some("Vérifiez le code, ou demandez-en un autre au guichet.")
        }
        (AccessKind::Public, Lang::English) => Some("Check the code, or ask the desk for another."),
    }
}

fn code_body(view: &EnrolView, listener: AccessKind, lang: Lang) -> Markup {
    html! {
        @if view.refusal.is_none() { h1 { (lang.say("Code du guichet", "Code from the desk")) } }
        @match listener {
            AccessKind::Public => {
                form method="post" action="/enrol" data-once="" autocomplete="off" {
                    div.field {
                        label for="code" { (lang.say("Votre code", "Your code")) }
                        p.muted.small #aide {
                            (lang.say(
                                "Dix lettres et chiffres, donnés par le guichet. Exemple : 7K3P2-Q9XAB",
                                "Ten letters and digits, given by the desk. Example: 7K3P2-Q9XAB",
                            ))
                        }
                        input #code .code type="text" name="code" autocomplete="off" autocapitalize="characters"
                            spellcheck="false" maxlength="32" required aria-describedby="aide"
                            data-focus=[view.refusal.is_none().then_some("")];
                    }
                    button.lbtn.primary type="submit" { (lang.say("Continuer", "Continue")) }
                    a.lbtn href="/login" { (lang.say("Revenir à la connexion", "Back to login")) }
                }
            }
            AccessKind::Admin => {
                p {
                    (lang.say(
                        "Ce lien ne sert plus. Un autre s’obtient sur la machine, par « hygie operator link ».",
                        "This link serves no more. Another is made on the machine, by “hygie operator link”.",
                    ))
                }
            }
        }
    }
}

fn holder(view: &EnrolView, lang: Lang) -> Markup {
    html! {
        @if let Some(holder) = &view.holder { p.for { (lang.say("Pour : ", "For: ")) b { (holder) } } }
    }
}

fn key_body(view: &EnrolView, options: &str, lang: Lang) -> Markup {
    let closed = lang.say(
        "La clé n’a pas été enregistrée. Recommencez, ou demandez une autre clé au guichet.",
        "The key was not enrolled. Start over, or ask the desk for another key.",
    );
    html! {
        (holder(view, lang))
        (key_picture())
        h1 { (lang.say("Touchez votre clé.", "Touch your key.")) }
        p.field {
            (lang.say(
                "Le navigateur demande le code de la clé, ou votre doigt, puis de la toucher.",
                "The browser asks for the code of the key, or for your finger, then for a touch.",
            ))
        }
        (key_help(closed, lang))
        form #key method="post" action="/enrol/key" data-work="create" data-options=(options) {
            input type="hidden" name="t" value=(view.handle);
            input type="hidden" name="answer" value="";
            button #key-start .lbtn.primary.hidden type="button" data-focus="" {
                (key_icon()) (lang.say("Enregistrer la clé", "Enrol the key"))
            }
        }
    }
}

fn password_body(view: &EnrolView, least_length: usize, lang: Lang) -> Markup {
    html! {
        (holder(view, lang))
        h1 { (lang.say("Choisissez un mot de passe", "Choose a password")) }
        @if let Some(advice) = view.advice {
            p #conseil .advice role="alert" tabindex="-1" data-focus="" { (advised(advice, least_length, lang)) }
        }
        form method="post" action="/enrol/password" data-once="" autocomplete="off" {
            input type="hidden" name="t" value=(view.handle);
            p.muted.small #regle {
                (lang.say("Au moins ", "At least ")) (least_length)
                (lang.say(
                    " caractères. Une phrase se retient mieux qu’un mot.",
                    " characters. A sentence is easier to remember than a word.",
                ))
            }
            div.field {
                label for="un" { (lang.say("Nouveau mot de passe", "New password")) }
                input #un type="password" name="first" autocomplete="new-password" maxlength="1024" required
                    aria-describedby="regle" data-focus=[view.advice.is_none().then_some("")];
            }
            div.field {
                label for="deux" { (lang.say("Le même, une seconde fois", "The same, a second time")) }
                input #deux type="password" name="second" autocomplete="new-password" maxlength="1024" required;
            }
            button.lbtn.primary type="submit" { (lang.say("Enregistrer", "Save")) }
        }
    }
}

fn advised(advice: &str, least_length: usize, lang: Lang) -> String {
    let (french, english) = match advice {
        "different" => (
            "Les deux mots de passe diffèrent. Retapez-les.",
            "The two passwords differ. Type them again.",
        ),
        "too_long" => (
            "Le mot de passe est trop long : 1 024 caractères au plus.",
            "The password is too long: 1,024 characters at most.",
        ),
        "control_character" => (
            "Le mot de passe contient un caractère invisible.",
            "The password holds a character that cannot be seen.",
        ),
        "too_few_characters" => (
            "Le mot de passe répète trop peu de caractères.",
            "The password repeats too few characters.",
        ),
        _ => {
            let french =
                format!("Le mot de passe est trop court : il en faut au moins {least_length}.");
            let english = format!("The password is too short: at least {least_length} are needed.");
            return lang.say(&french, &english).to_owned();
        }
    };
    lang.say(french, english).to_owned()
}

fn done_body(kind: MeansKind, lang: Lang) -> Markup {
    let title = match kind {
        MeansKind::Fido2 => lang.say("Votre clé est enregistrée.", "Your key is enrolled."),
        _ => lang.say("Votre mot de passe est enregistré.", "Your password is saved."),
    };
    told(
        title,
        &html! { p { a.lbtn.primary href="/login" { (lang.say("Se connecter", "Log in")) } } },
    )
}
