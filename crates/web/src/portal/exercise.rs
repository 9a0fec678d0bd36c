//! « Exercice »: under which she acts in this session, and how she changes it.
use super::elsewhere::failed;
use super::{current, to_login};
use crate::login::{Failed, Lang, LoginState, Page, Visitor};
use crate::oidc::{exercise_form, exercise_title};
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use workflows::login::Current;
use workflows::oidc::{OidcError, OwnExercise};

pub const PATH: &str = "/portal/exercise";

#[derive(Deserialize)]
pub struct Picked {
    pick: String,
    f: String,
}

/// Permission: a session of this browser.
pub async fn show(State(state): State<LoginState>, visitor: Visitor) -> Result<Response, Failed> {
    let Some(current) = current(&state, &visitor).await? else { return Ok(to_login()) };
    let choices = state.workflows.own_exercises(&current).await.map_err(failed)?;
    if choices.is_empty() {
        return Ok(Redirect::to("/portal").into_response());
    }
    let house = state.workflows.house().await?;
    let token = state.workflows.form_token(&visitor.visit());
    let lang = visitor.lang();
    let body = html! {
        h1 { (lang.say("Sous quel exercice travaillez-vous ?", "Under which exercise do you work?")) }
        p.field {
            (lang.say(
                "Les applications qui demandent votre profession et votre structure reçoivent celles de cet exercice, jusqu’à la fin de votre session.",
                "Applications that ask for your profession and your structure receive those of this exercise, until your session ends.",
            ))
        }
        (exercise_form(&choices, PATH, &token, lang))
        p { a.lbtn href="/portal" { (lang.say("Retour au portail", "Back to the portal")) } }
    };
    let page = Page {
        house: &house,
        title: lang.say("Votre exercice", "Your exercise"),
        night: state.is_night(),
        lang,
        back: Some(PATH.to_owned()),
        aside: None,
        body,
    };
    Ok(page.answer(StatusCode::OK))
}

/// Permission: a session of this browser, among what its person has.
pub async fn choose(
    State(state): State<LoginState>,
    visitor: Visitor,
    Form(picked): Form<Picked>,
) -> Result<Response, Failed> {
    let Some(current) = current(&state, &visitor).await? else { return Ok(to_login()) };
    if !state.workflows.is_form_token(&visitor.visit(), &picked.f) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let kept = state.workflows.choose_exercise(&current, &picked.pick).await.map_err(failed)?;
    Ok(Redirect::to(if kept { "/portal" } else { PATH }).into_response())
}

/// None while the register cannot be read: the rest of the portal says what it says.
pub(super) async fn known(
    state: &LoginState,
    current: &Current,
) -> Result<Vec<OwnExercise>, Failed> {
    match state.workflows.own_exercises(current).await {
        Err(OidcError::Register(cause)) => {
            tracing::error!(%cause, "the exercises of a person were not read");
            Ok(Vec::new())
        }
        found => found.map_err(failed),
    }
}

/// « Exercice : Médecin – Cardiologie – changer ». Nothing where the register knows none of hers here.
pub(super) fn line(choices: &[OwnExercise], lang: Lang) -> Markup {
    if choices.is_empty() {
        return html! {};
    }
    let told = choices.iter().find(|choice| choice.is_told);
    html! {
        p.field id="hy-exercise" {
            (lang.say("Exercice : ", "Exercise: "))
            @match told {
                Some(told) => {
                    b { (exercise_title(told, lang)) }
                    @if choices.len() > 1 {
                        " – "
                        a href=(PATH) { (lang.say("changer d’exercice", "change the exercise")) }
                    }
                }
                None => {
                    (lang.say("pas encore choisi – ", "not chosen yet – "))
                    a href=(PATH) { (lang.say("choisir un exercice", "choose an exercise")) }
                }
            }
        }
    }
}
