//! The first page of a sandbox, and the frame of the others.
use super::stacks;
use crate::login::{Lang, Page};
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use workflows::Workflows;
use workflows::login::House;
use workflows::sandbox::TestPerson;

const HOUSE: &str = "Bac à sable";

/// In the frame of the login pages.
pub fn framed(title: &str, body: &Markup) -> Response {
    answered(StatusCode::OK, title, body)
}

fn answered(status: StatusCode, title: &str, body: &Markup) -> Response {
    let house = House { name: HOUSE.to_owned(), help: None, is_sandbox: true };
    let (night, lang, back) = (false, Lang::French, None);
    Page { house: &house, title, night, lang, back, aside: None, body: body.clone() }.answer(status)
}

/// One sentence.
pub fn told(words: &str) -> Response {
    framed(
        "Contrôle",
        &html! { h1 { (words) } p { a href="/sandbox" { "Revenir au bac à sable" } } },
    )
}

/// Permission: anybody who reaches the sandbox.
pub async fn home(State(workflows): State<Workflows>) -> Response {
    let people = workflows.sandbox().map(|sandbox| sandbox.people.as_slice()).unwrap_or_default();
    let origin = &workflows.parts().public_origin;
    let body = html! {
        h1 { "Bac à sable" }
        p.field {
            "Une vraie installation de Hygie, avec des personnes inventées. Émetteur : " code { (origin) }
            ". Enregistrement dynamique (RFC 7591) : " code { (origin) "/oauth2/register" } "."
        }
        (beginning())
        (people_table(people))
        h2 { "Régler votre application" }
        ul.links { @for stack in stacks::ALL { li { a href={ "/sandbox/stacks/" (stack.name) } { (stack.title) } } } }
    };
    framed(HOUSE, &body)
}

fn beginning() -> Markup {
    let field = |id: &str, label: &str, needed: bool| {
        html! {
            p.field {
                label for=(id) { (label) }
                input.wide type="text" id=(id) name=(id) required[needed] maxlength="2000" autocomplete="off";
            }
        }
    };
    html! {
        h2 { "Contrôler un connecteur" }
        form method="post" action="/sandbox/checks" {
            (field("name", "Nom de l’application", false))
            (field("redirect_uri", "Adresse de retour (redirect_uri)", true))
            (field("post_logout_redirect_uri", "Adresse après la fermeture, si elle en a une", false))
            (field("backchannel_logout_uri", "Adresse des appels de déconnexion, si elle en a une", false))
            p.field { button.lbtn.primary type="submit" { "Contrôler le connecteur" } }
        }
    }
}

fn people_table(people: &[TestPerson]) -> Markup {
    html! {
        table.rows {
            caption { "Personnes d’essai" }
            thead { tr { th scope="col" { "Personne" } th scope="col" { "Identifiant" } th scope="col" { "Mot de passe" } th scope="col" { "Clé" } } }
            tbody {
                @for person in people {
                    tr {
                        th scope="row" { (person.name) " " span.muted { (person.part) } }
                        td { code { (person.login) } }
                        td.tight { code { (person.password) } }
                        td.tight {
                            form method="post" action="/sandbox/people/code" {
                                input type="hidden" name="login" value=(person.login);
                                button.lbtn.slim type="submit" aria-label={ "Code d’enrôlement pour " (person.name) } { "Code d’enrôlement" }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[derive(Debug, Deserialize)]
pub struct Whose {
    login: String,
}

/// Permission: anybody who reaches the sandbox, for its made-up people alone.
#[tracing::instrument(skip_all)]
pub async fn code(State(workflows): State<Workflows>, Form(whose): Form<Whose>) -> Response {
    match workflows.test_key_code(&whose.login).await {
        Ok(Some(code)) => framed(
            "Code d’enrôlement",
            &html! {
                h1 { "Code d’enrôlement" }
                p.field { b.ref id="code" { (code) } }
                p { "À saisir sur " a href="/enrol" { "la page d’enrôlement" } ", avec une clé FIDO2 (ou celle de votre navigateur), dans le quart d’heure." }
            },
        ),
        Ok(None) => answered(
            StatusCode::NOT_FOUND,
            "Inconnu",
            &html! { h1 { "Aucune personne d’essai ne porte cet identifiant." } },
        ),
        Err(cause) => {
            tracing::error!(%cause, "an enrolment code for a test person failed");
            answered(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Erreur",
                &html! { h1 { "Le serveur répond mal." } },
            )
        }
    }
}
