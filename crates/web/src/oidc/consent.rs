//! An application of somebody else: what it would hear is shown, and the person says yes or no. No script is needed.
use super::authorize::{At, answered};
use super::{OidcState, form};
use crate::guard;
use crate::login::{Lang, Page, Visitor, logo_shown, own_pages};
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use maud::html;
use oidc::{ClientPages, consented_claim};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use workflows::oidc::ConsentWord;

pub const PATH: &str = "/consent";

type Peer = Option<axum::Extension<ConnectInfo<SocketAddr>>>;

/// Permission: anybody; what is shown needs a session, as at `/oauth2/authorize`, whose request this is.
#[tracing::instrument(skip_all)]
pub async fn ask(
    State(state): State<OidcState>,
    peer: Peer,
    RawQuery(query): RawQuery,
    mut headers: HeaderMap,
) -> Response {
    let pairs = form::pairs(query.unwrap_or_default().as_bytes());
    answered(&state, &pairs, &mut headers, peer.map(|peer| peer.0.0), At::Consent(None)).await
}

/// Permission: a session of this browser, by a form of ours.
#[tracing::instrument(skip_all)]
pub async fn word(
    State(state): State<OidcState>,
    peer: Peer,
    RawQuery(query): RawQuery,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response {
    let peer = peer.map(|peer| peer.0.0);
    let Ok(said) = form::form(&headers, &body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let find = |name: &str| said.iter().find(|(key, _)| key == name).map(|(_, text)| text.as_str());
    let visitor = Visitor::of(&state.login, &headers, peer);
    let own = find("f").is_some_and(|f| state.workflows.is_form_token(&visitor.visit(), f));
    let from_here = guard::is_same_origin(&headers, &state.workflows.parts().public_origin);
    if !own || !from_here {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mark = find("mark").unwrap_or_default();
    let word = match find("say") {
        Some("yes") => Some(ConsentWord { yes: true, mark }),
        Some("no") => Some(ConsentWord { yes: false, mark }),
        _ => None,
    };
    let pairs = form::pairs(query.unwrap_or_default().as_bytes());
    answered(&state, &pairs, &mut headers, peer, At::Consent(word)).await
}

/// The page. `here`: this request again, where its form goes.
pub(super) async fn page(
    state: &OidcState,
    headers: &HeaderMap,
    (application, pages): (&str, &ClientPages),
    (asked, mark): (&BTreeSet<String>, &str),
    here: &str,
) -> Result<Response, String> {
    let house = state.workflows.house().await.map_err(|cause| cause.to_string())?;
    let visitor = Visitor::of(&state.login, headers, None);
    let (lang, token) = (visitor.lang(), state.workflows.form_token(&visitor.visit()));
    let body = html! {
        h1 { (application) (lang.say(" demande votre accord", " asks for your consent")) }
        p.field {
            (lang.say(
                "Cette application n’est pas celle de l’établissement. Elle recevrait :",
                "This application is not the hospital’s own. It would receive:",
            ))
        }
        ul.links id="hy-consent-asked" {
            li { (lang.say("la confirmation que c’est bien vous", "that it is you")) }
            @for line in asked { li { (words(line, lang)) } }
        }
        p.field {
            (lang.say(
                "Votre accord est retenu. Vous le retirez quand vous voulez sur le portail, « Mes accords ».",
                "Your consent is remembered. You withdraw it whenever you like on the portal, “My consents”.",
            ))
        }
        (own_pages(&house, pages, lang))
        form method="post" action=(here) {
            input type="hidden" name="f" value=(token);
            input type="hidden" name="mark" value=(mark);
            button.lbtn.primary type="submit" name="say" value="yes" id="hy-consent" { (lang.say("Accepter", "Agree")) }
            button.lbtn type="submit" name="say" value="no" id="hy-consent-deny" { (lang.say("Refuser", "Refuse")) }
        }
    };
    let title = lang.say("Votre accord", "Your consent");
    let night = state.login.is_night();
    let page =
        Page { house: &house, title, night, lang, back: Some(here.to_owned()), aside: None, body };
    Ok(page.answer_with(StatusCode::OK, logo_shown(&house, pages)))
}

/// What a line of a consent is, in a person's words.
pub(crate) fn words(line: &str, lang: Lang) -> String {
    let said = match line {
        "profile" => lang.say("votre nom et votre identifiant", "your name and your login"),
        "email" => lang.say("votre adresse électronique", "your e-mail address"),
        "scope_all" => lang.say(
            "votre identité professionnelle : numéro RPPS, profession, lieux d’exercice",
            "your professional identity: RPPS number, profession, places of practice",
        ),
        "claim:rpps" | "claim:SubjectNameID" => lang.say("votre numéro RPPS", "your RPPS number"),
        "claim:service" => lang.say("votre service", "your department"),
        line => {
            let name = consented_claim(line).unwrap_or(line);
            return format!("{} « {name} »", lang.say("la donnée", "the item"));
        }
    };
    said.to_owned()
}
