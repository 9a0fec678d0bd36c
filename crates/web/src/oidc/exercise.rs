//! Somebody who practises here in more than one way: an application that hears of it waits until she has said under which
//! she acts. No script is needed.
use super::authorize::{At, answered};
use super::{OidcState, form};
use crate::guard;
use crate::login::{Lang, Page, Visitor};
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use maud::{Markup, html};
use std::net::SocketAddr;
use workflows::oidc::OwnExercise;

pub const PATH: &str = "/exercise";

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
    let at = At::Exercise { said: false };
    answered(&state, &pairs, &mut headers, peer.map(|peer| peer.0.0), at).await
}

/// Permission: a session of this browser, by a form of ours, among what its person has.
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
    if let (Some(pick), Some(session)) = (find("pick"), visitor.session_cookie()) {
        let browser = visitor.browser_cookie();
        let current = state.workflows.current_session(visitor.listener(), session, browser).await;
        let chosen = match current {
            // What is none of hers (any longer) is not taken: the request is judged anew, and asks again.
            Ok(Some(current)) => state.workflows.choose_exercise(&current, pick).await.map(|_| ()),
            Ok(None) => Ok(()),
            Err(cause) => Err(cause.into()),
        };
        if let Err(cause) = chosen {
            tracing::error!(%cause, "an exercise was not kept");
            return super::pages::failed();
        }
    }
    let pairs = form::pairs(query.unwrap_or_default().as_bytes());
    answered(&state, &pairs, &mut headers, peer, At::Exercise { said: true }).await
}

/// The page. `here`: this request again, where its form goes; `back`: to the application, which is then told.
pub(super) async fn page(
    state: &OidcState,
    headers: &HeaderMap,
    (application, choices): (&str, &[OwnExercise]),
    (here, back): (&str, &str),
) -> Result<Response, String> {
    let house = state.workflows.house().await.map_err(|cause| cause.to_string())?;
    let visitor = Visitor::of(&state.login, headers, None);
    let (lang, token) = (visitor.lang(), state.workflows.form_token(&visitor.visit()));
    let body = html! {
        h1 { (lang.say("Sous quel exercice travaillez-vous ?", "Under which exercise do you work?")) }
        p.field {
            b { (application) }
            (lang.say(
                " reçoit votre profession et votre structure. Le répertoire national vous en connaît plusieurs ici.",
                " receives your profession and your structure. The national register knows several of yours here.",
            ))
        }
        (form(choices, here, &token, lang))
        p.field {
            (lang.say(
                "Votre choix vaut pour cette session. Vous le changez sur le portail, « Exercice ».",
                "Your choice holds for this session. You change it on the portal, “Exercise”.",
            ))
        }
        p { a.lbtn href=(back) id="hy-back" { (lang.say("Revenir à ", "Back to ")) (application) } }
    };
    let title = lang.say("Votre exercice", "Your exercise");
    let night = state.login.is_night();
    let page =
        Page { house: &house, title, night, lang, back: Some(here.to_owned()), aside: None, body };
    Ok(page.answer(StatusCode::OK))
}

/// One button an exercise.
pub(crate) fn form(choices: &[OwnExercise], action: &str, token: &str, lang: Lang) -> Markup {
    html! {
        form.choices method="post" action=(action) id="hy-exercises" {
            input type="hidden" name="f" value=(token);
            @for choice in choices {
                button.lbtn type="submit" name="pick" value=(choice.mark) aria-current=[choice.is_told.then_some("true")] {
                    b { (title(choice, lang)) @if choice.is_told { (lang.say(" (en cours)", " (current)")) } }
                    " "
                    span { (place(choice)) }
                }
            }
        }
    }
}

/// « Médecin, étudiant – Cardiologie – Salarié ».
pub(crate) fn title(choice: &OwnExercise, lang: Lang) -> String {
    let category = match choice.category.as_str() {
        "E" => lang.say(", en formation", ", in training"),
        "M" => lang.say(", militaire", ", military"),
        _ => "",
    };
    let profession = format!("{}{category}", choice.profession);
    let words = [profession.as_str(), &choice.speciality, &choice.role];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words.join(" – ")
}

/// « CH de Valbrume (FINESS 990000010) ».
fn place(choice: &OwnExercise) -> String {
    match (choice.structure.as_str(), choice.finess.as_str()) {
        (name, "") => name.to_owned(),
        ("", finess) => format!("FINESS {finess}"),
        (name, finess) => format!("{name} (FINESS {finess})"),
    }
}
