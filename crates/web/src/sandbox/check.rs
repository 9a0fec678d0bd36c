//! A check, from its beginning to its report: for a person by pages, for a program by JSON.
use super::report;
use crate::oidc::see_other;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form, Json};
use oidc::check::{Play, Told};
use serde::Deserialize;
use serde_json::json;
use std::net::SocketAddr;
use workflows::Workflows;
use workflows::sandbox::{CheckDraft, CheckError, CheckView};

#[derive(Debug, Deserialize)]
pub struct NewCheck {
    #[serde(default)]
    name: String,
    redirect_uri: String,
    #[serde(default)]
    post_logout_redirect_uri: String,
    #[serde(default)]
    backchannel_logout_uri: String,
}

/// Permission: anybody who reaches the sandbox.
#[tracing::instrument(skip_all)]
pub async fn begin(
    State(workflows): State<Workflows>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Form(asked): Form<NewCheck>,
) -> Result<Response, Failed> {
    let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let draft = CheckDraft {
        name: asked.name,
        redirect_uri: asked.redirect_uri.trim().to_owned(),
        post_logout_redirect_uri: given(asked.post_logout_redirect_uri),
        backchannel_logout_uri: given(asked.backchannel_logout_uri),
    };
    let network = peer.map(|peer| peer.0.0.ip().to_string());
    Ok(shown(&headers, &workflows.begin_check(draft, network.as_deref()).await?))
}

/// Permission: whoever has the name of the check.
pub async fn show(
    State(workflows): State<Workflows>,
    Path(id): Path<String>,
) -> Result<Response, Failed> {
    let view = workflows.show_check(&id).await?;
    Ok(report::page(&view, &workflows.parts().zone))
}

/// Permission: whoever has the name of the check.
pub async fn report(
    State(workflows): State<Workflows>,
    Path(id): Path<String>,
) -> Result<Response, Failed> {
    Ok(Json(report::document(&workflows.show_check(&id).await?)).into_response())
}

#[derive(Debug, Deserialize)]
pub struct NextPlay {
    play: String,
}

/// Permission: whoever has the name of the check.
pub async fn arm(
    State(workflows): State<Workflows>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(asked): Form<NextPlay>,
) -> Result<Response, Failed> {
    let play = Play::from_name(&asked.play).ok_or(CheckError::NotPlayed)?;
    Ok(shown(&headers, &workflows.arm_check(&id, play).await?))
}

#[derive(Debug, Deserialize)]
pub struct WhatWasSeen {
    play: String,
    seen: String,
}

/// Permission: whoever has the name of the check.
pub async fn tell(
    State(workflows): State<Workflows>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(asked): Form<WhatWasSeen>,
) -> Result<Response, Failed> {
    let play = Play::from_name(&asked.play).ok_or(CheckError::NotPlayed)?;
    let told = Told::from_name(&asked.seen).ok_or(CheckError::NotPlayed)?;
    Ok(shown(&headers, &workflows.tell_check(&id, play, told).await?))
}

/// Permission: whoever has the name of the check. Sends the browser back with the answer that it had already.
pub async fn replay(
    State(workflows): State<Workflows>,
    Path(id): Path<String>,
) -> Result<Response, Failed> {
    Ok(see_other(&workflows.check_replay(&id).await?))
}

/// Permission: whoever has the name of the check. Calls the client's own address, where the settings allow its host.
#[tracing::instrument(skip_all)]
pub async fn logout(
    State(workflows): State<Workflows>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    Ok(shown(&headers, &workflows.play_logouts(&id).await?))
}

/// The page again for a person, the report for a program.
fn shown(headers: &HeaderMap, view: &CheckView) -> Response {
    let accept =
        headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("application/json") {
        return Json(report::document(view)).into_response();
    }
    Redirect::to(&format!("/sandbox/checks/{}", view.id)).into_response()
}

/// What went wrong, said on a page and to a program alike.
pub struct Failed(CheckError);

impl From<CheckError> for Failed {
    fn from(error: CheckError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let (status, code) = match &self.0 {
            CheckError::Unknown => (StatusCode::NOT_FOUND, "check_unknown"),
            CheckError::RedirectUri(_) => (StatusCode::BAD_REQUEST, "redirect_uri"),
            CheckError::PostLogoutUri(_) => (StatusCode::BAD_REQUEST, "post_logout_redirect_uri"),
            CheckError::LogoutUri => (StatusCode::BAD_REQUEST, "backchannel_logout_uri"),
            CheckError::NotPlayed => (StatusCode::CONFLICT, "not_played"),
            CheckError::Full => (StatusCode::CONFLICT, "check_full"),
            CheckError::TooMany => (StatusCode::TOO_MANY_REQUESTS, "too_many_checks"),
            cause @ (CheckError::Key(_) | CheckError::Store(_) | CheckError::Unreadable(_)) => {
                tracing::error!(%cause, "a connector check failed");
                (StatusCode::INTERNAL_SERVER_ERROR, "server_error")
            }
        };
        // What went wrong inside is for the log.
        let words = if status.is_server_error() { code.to_owned() } else { self.0.to_string() };
        (status, Json(json!({ "error": code, "error_description": words }))).into_response()
    }
}
