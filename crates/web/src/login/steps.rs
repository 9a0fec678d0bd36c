//! The bodies of the login pages, one for each step.
use super::page::{Page, key_icon, key_picture, refusal};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use workflows::login::{LoginStep, LoginView};

/// The page of a login under way.
pub fn show(view: &LoginView, night: bool) -> Response {
    let title = match &view.step {
        _ if view.refusal.is_some() => "Connexion refusée",
        LoginStep::Choice { .. } => "Connexion",
        LoginStep::Password { .. } => "Votre mot de passe",
        LoginStep::Key { .. } => "Touchez votre clé",
    };
    let body = html! {
        @if let Some(refused) = &view.refusal { (refusal(&view.house, refused)) }
        @match &view.step {
            LoginStep::Choice { names } => (choice(view, *names)),
            LoginStep::Password { name } => (password(view, name)),
            LoginStep::Key { options } => (key(view, options)),
        }
    };
    let status = if view.refusal.is_some() { StatusCode::FORBIDDEN } else { StatusCode::OK };
    Page { house: &view.house, title, night, aside: None, body }.answer(status)
}

fn opens(view: &LoginView) -> Markup {
    html! {
        @if let Some(application) = &view.application {
            p.for { "Pour ouvrir : " b { (application) } }
        }
    }
}

/// What every form carries: worth nothing in another browser.
fn carried(view: &LoginView) -> Markup {
    html! {
        input type="hidden" name="t" value=(view.handle);
        input type="hidden" name="next" value=(view.next);
    }
}

fn key_button(view: &LoginView) -> Markup {
    html! {
        form method="post" action="/login/key" data-once="" {
            (carried(view))
            button.lbtn type="submit" { (key_icon()) "Clé" }
        }
    }
}

fn choice(view: &LoginView, names: bool) -> Markup {
    let first = view.refusal.is_none();
    html! {
        div.two {
            div.left {
                (opens(view))
                @if first { h1 { "Connexion" } }
                @if names {
                    form method="post" action="/login/name" data-once="" autocomplete="off" {
                        (carried(view))
                        label for="nom" { "Votre identifiant" }
                        p.muted.small #aide { "Celui de votre session Windows. Exemple : mmartin2" }
                        div.line {
                            input #nom type="text" name="name" autocomplete="off" autocapitalize="none"
                                spellcheck="false" maxlength="128" required aria-describedby="aide"
                                data-focus=[first.then_some("")];
                            button.lbtn type="submit" { "Continuer" }
                        }
                    }
                } @else {
                    (key_picture())
                    p { "La console s’ouvre avec la clé enregistrée pour elle." }
                }
            }
            div.right {
                h2 { @if names { "Autre moyen" } @else { "Votre moyen" } }
                (key_button(view))
                @if names { a.lost href="/enrol" { "J’ai un code du guichet" } }
            }
        }
    }
}

fn password(view: &LoginView, name: &str) -> Markup {
    html! {
        (opens(view))
        @if view.refusal.is_some() { h2 { (name) } } @else { h1 { (name) } }
        form method="post" action="/login/password" data-once="" autocomplete="off" {
            (carried(view))
            div.field {
                label for="secret" { "Votre mot de passe" }
                input #secret type="password" name="password" autocomplete="off" maxlength="1024" required
                    data-focus=[view.refusal.is_none().then_some("")];
            }
            button.lbtn.primary type="submit" { "Ouvrir" }
            button.lbtn type="submit" formaction="/login/again" formnovalidate { "Ce n’est pas moi" }
        }
        section.others aria-labelledby="am" {
            h2 #am { "Autre moyen" }
            (key_button(view))
        }
    }
}

fn key(view: &LoginView, options: &str) -> Markup {
    html! {
        (opens(view))
        (key_picture())
        h1 { "Touchez votre clé." }
        (key_help("Le navigateur n’a pas lu de clé. Rien n’a été refusé."))
        form #key method="post" action="/login/key/answer" data-work="get" data-options=(options) {
            (carried(view))
            input type="hidden" name="answer" value="";
            button #key-start .lbtn.primary.hidden type="button" data-focus="" { (key_icon()) "Lire la clé" }
            button.lbtn type="submit" formaction="/login/again" { "Autre moyen" }
        }
    }
}

/// What to do where keys are not read: no script, an old window, a dialog that was closed.
pub fn key_help(closed: &str) -> Markup {
    html! {
        p #key-closed .advice.hidden role="status" { (closed) }
        p #key-none .advice.hidden role="status" {
            "Cette fenêtre ne lit pas les clés. Ouvrez cette page dans le navigateur du poste."
        }
        noscript {
            p.advice { "Cette fenêtre ne lit pas les clés. Ouvrez cette page dans le navigateur du poste." }
        }
    }
}
