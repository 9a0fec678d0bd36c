//! The bodies of the login pages, one for each step.
use super::Lang;
use super::card;
use super::page::{Page, card_icon, card_picture, key_icon, key_picture, refusal};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use oidc::ClientPages;
use workflows::login::{House, LoginStep, LoginView};

/// The page of a login under way.
pub fn show(view: &LoginView, night: bool, lang: Lang) -> Response {
    let title = match &view.step {
        _ if view.refusal.is_some() => lang.say("Connexion refusée", "Login refused"),
        LoginStep::Choice { .. } => lang.say("Connexion", "Login"),
        LoginStep::Password { .. } => lang.say("Votre mot de passe", "Your password"),
        LoginStep::Key { .. } => lang.say("Touchez votre clé", "Touch your key"),
        LoginStep::Card { .. } => lang.say("Votre carte", "Your card"),
    };
    let body = html! {
        @if let Some(refused) = &view.refusal { (refusal(&view.house, refused, lang)) }
        @match &view.step {
            LoginStep::Choice { names } => (choice(view, *names, lang)),
            LoginStep::Password { name } => (password(view, name, lang)),
            LoginStep::Key { options } => (key(view, options, lang)),
            LoginStep::Card { at } => (card(view, at, lang)),
        }
    };
    let status = if view.refusal.is_some() { StatusCode::FORBIDDEN } else { StatusCode::OK };
    let back = Some(format!("/login?t={}", view.handle));
    Page { house: &view.house, title, night, lang, back, aside: None, body }
        .answer_with(status, logo_shown(&view.house, &view.pages))
}

// L11: somebody is logged in here already, and is asked to prove it is still the same person.
fn opens(view: &LoginView, lang: Lang) -> Markup {
    html! {
        @if let (Some(later), Some(application)) = (&view.later, &view.application) {
            div.advice {
                p {
                    b { (application) }
                    (lang.say(" demande de confirmer que c’est vous.", " asks you to confirm that it is you."))
                    " " (lang.say("Votre travail reste ouvert.", "Your work stays open."))
                }
                a.lbtn #hy-later href=(later) { (lang.say("Plus tard", "Later")) }
            }
        } @else if let Some(application) = &view.application {
            p.for {
                (lang.say("Pour ouvrir : ", "To open: ")) b { (application) }
                @if let Some(cancel) = &view.cancel {
                    " · " a #hy-cancel href=(cancel) { (lang.say("Annuler", "Cancel")) }
                }
            }
            (own_pages(&view.house, &view.pages, lang))
        }
    }
}

/// The logo that is loaded: in a sandbox alone, where whoever tests an application looks for it (`oidcc-registration-logo-uri`).
/// Elsewhere its host would hear of each login.
pub fn logo_shown<'a>(house: &House, pages: &'a ClientPages) -> Option<&'a str> {
    pages.logo_uri.as_deref().filter(|_| house.is_sandbox)
}

/// What an application says of itself: links that tell its host nothing before they are followed, and then not from where.
pub fn own_pages(house: &House, pages: &ClientPages, lang: Lang) -> Markup {
    let logo = logo_shown(house, pages);
    let linked = pages.logo_uri.clone().filter(|_| logo.is_none());
    let named = [
        (
            &pages.policy_uri,
            "hy-policy",
            lang.say("Ce qu’elle fait de vos données", "Its privacy policy"),
        ),
        (&pages.tos_uri, "hy-tos", lang.say("Ses conditions d’utilisation", "Its terms of use")),
        (&linked, "hy-logo", lang.say("Son logo", "Its logo")),
    ];
    let said =
        named.into_iter().filter_map(|(address, id, words)| Some((address.as_ref()?, id, words)));
    let said: Vec<_> = said.collect();
    html! {
        @if let Some(logo) = logo {
            p { img #hy-logo src=(logo) alt=(lang.say("Logo de l’application", "Logo of the application")) height="48" referrerpolicy="no-referrer"; }
        }
        @if !said.is_empty() {
            p.muted.small {
                (lang.say(
                    "Ce que l’application dit d’elle-même, dans un nouvel onglet :",
                    "What the application says of itself, in a new tab:",
                ))
            }
            ul.links {
                @for (address, id, words) in said {
                    li { a id=(id) href=(address) rel="noopener noreferrer" target="_blank" { (words) } }
                }
            }
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

fn key_button(view: &LoginView, lang: Lang) -> Markup {
    html! {
        form method="post" action="/login/key" data-once="" {
            (carried(view))
            button #hy-key .lbtn type="submit" { (key_icon()) (lang.say("Clé", "Key")) }
        }
    }
}

fn card_button(view: &LoginView, lang: Lang) -> Markup {
    html! {
        @if view.cards {
            form method="post" action="/login/card" data-once="" {
                (carried(view))
                button #hy-card .lbtn type="submit" { (card_icon()) (lang.say("Carte CPS", "CPS card")) }
            }
        }
    }
}

// The ids `hy-username`, `hy-password` and `hy-submit` stay: programs that fill forms look for them.
fn choice(view: &LoginView, names: bool, lang: Lang) -> Markup {
    let first = view.refusal.is_none();
    html! {
        div.two {
            div.left {
                (opens(view, lang))
                @if first { h1 { (lang.say("Connexion", "Login")) } }
                @if names {
                    form method="post" action="/login/name" data-once="" autocomplete="off" {
                        (carried(view))
                        label for="hy-username" { (lang.say("Votre identifiant", "Your user name")) }
                        p.muted.small #aide {
                            (lang.say(
                                "Celui de votre session Windows, ou votre matricule. Exemple : mmartin2",
                                "The one you use for Windows, or your staff number. Example: mmartin2",
                            ))
                        }
                        div.line {
                            input #hy-username type="text" name="name" autocomplete="off" autocapitalize="none"
                                spellcheck="false" maxlength="128" required aria-describedby="aide"
                                data-focus=[first.then_some("")];
                            button #hy-submit .lbtn.primary type="submit" { (lang.say("Continuer", "Continue")) }
                        }
                    }
                } @else {
                    (key_picture())
                    p {
                        (lang.say(
                            "La console s’ouvre avec la clé que vous y avez enregistrée.",
                            "The console opens with the key that you enrolled for it.",
                        ))
                    }
                }
            }
            div.right {
                h2 {
                    @if names { (lang.say("Autre moyen", "Another way")) }
                    @else { (lang.say("Votre moyen", "Your key")) }
                }
                (key_button(view, lang))
                (card_button(view, lang))
                @if names {
                    a.lost href="/enrol" { (lang.say("J’ai un code du guichet", "I have a code from the desk")) }
                }
            }
        }
    }
}

fn password(view: &LoginView, name: &str, lang: Lang) -> Markup {
    html! {
        (opens(view, lang))
        @if view.refusal.is_some() { h2 { (name) } } @else { h1 { (name) } }
        form method="post" action="/login/password" data-once="" autocomplete="off" {
            (carried(view))
            div.field {
                label for="hy-password" { (lang.say("Votre mot de passe", "Your password")) }
                input #hy-password type="password" name="password" autocomplete="off" maxlength="1024" required
                    data-focus=[view.refusal.is_none().then_some("")];
            }
            button #hy-submit .lbtn.primary type="submit" { (lang.say("Ouvrir", "Open")) }
            button.lbtn type="submit" formaction="/login/again" formnovalidate {
                (lang.say("Ce n’est pas moi", "This is not me"))
            }
        }
        section.others aria-labelledby="am" {
            h2 #am { (lang.say("Autre moyen", "Another way")) }
            (key_button(view, lang))
            (card_button(view, lang))
        }
    }
}

fn key(view: &LoginView, options: &str, lang: Lang) -> Markup {
    let closed = lang.say(
        "Le navigateur n’a pas lu de clé. Rien n’a été refusé.",
        "The browser read no key. Nothing was refused.",
    );
    html! {
        (opens(view, lang))
        (key_picture())
        h1 { (lang.say("Touchez votre clé.", "Touch your key.")) }
        (key_help(closed, lang))
        form #key method="post" action="/login/key/answer" data-work="get" data-options=(options) {
            (carried(view))
            input type="hidden" name="answer" value="";
            button #key-start .lbtn.primary.hidden type="button" data-focus="" {
                (key_icon()) (lang.say("Lire la clé", "Read the key"))
            }
            button.lbtn type="submit" formaction="/login/again" { (lang.say("Autre moyen", "Another way")) }
        }
    }
}

// L10.
fn card(view: &LoginView, at: &str, lang: Lang) -> Markup {
    html! {
        (opens(view, lang))
        (card_picture())
        h1 {
            (lang.say(
                "Gardez votre carte dans le lecteur, tapez son code dans la fenêtre.",
                "Keep your card in the reader, type its code in the window.",
            ))
        }
        form method="post" action="/login/again" data-once="" {
            (carried(view))
            a.lbtn.primary #hy-card-read href=(card::address(at, lang)) data-focus="" { (lang.say("Lire la carte", "Read the card")) }
            " "
            button.lbtn type="submit" { (lang.say("Autre moyen", "Another way")) }
        }
    }
}

/// What to do where keys are not read: no script, an old window, a dialog that was closed.
pub fn key_help(closed: &str, lang: Lang) -> Markup {
    let none = lang.say("Cette fenêtre ne lit pas les clés.", "This window reads no keys.");
    let instead = lang.say(
        "Ouvrez cette page dans le navigateur du poste.",
        "Open this page in the browser of the workstation.",
    );
    html! {
        p #key-closed .advice.hidden role="status" { (closed) }
        p #key-none .advice.hidden role="status" data-heading=(none) { (instead) }
        noscript { p.advice { (none) " " (instead) } }
    }
}
