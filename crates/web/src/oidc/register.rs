//! Dynamic registration: routes that a sandbox alone has.
use super::OidcState;
use super::error::never_kept;
use super::form;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Map, Value, json};
use workflows::oidc::{ClientError, RegistrationError};

type Registered = Result<Response, NotRegistered>;

/// Permission: the sandbox's initial access token.
#[tracing::instrument(skip_all)]
pub async fn create(State(state): State<OidcState>, headers: HeaderMap, body: Bytes) -> Registered {
    let document = state.workflows.register_client(bearer(&headers), &body).await?;
    Ok(told(StatusCode::CREATED, document))
}

/// Permission: the client's own registration token.
#[tracing::instrument(skip_all)]
pub async fn show(
    State(state): State<OidcState>,
    Path(client_id): Path<String>,
    headers: HeaderMap,
) -> Registered {
    let document = state.workflows.show_registration(bearer(&headers), &client_id).await?;
    Ok(told(StatusCode::OK, document))
}

/// Permission: the client's own registration token.
#[tracing::instrument(skip_all)]
pub async fn change(
    State(state): State<OidcState>,
    Path(client_id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Registered {
    let document = state.workflows.change_registration(bearer(&headers), &client_id, &body).await?;
    Ok(told(StatusCode::OK, document))
}

/// Permission: the client's own registration token.
#[tracing::instrument(skip_all)]
pub async fn end(
    State(state): State<OidcState>,
    Path(client_id): Path<String>,
    headers: HeaderMap,
) -> Registered {
    state.workflows.end_registration(bearer(&headers), &client_id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let header = form::authorization(headers).ok().flatten()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then_some(token.trim())
}

fn told(status: StatusCode, document: Map<String, Value>) -> Response {
    let mut response = (status, Json(document)).into_response();
    never_kept(response.headers_mut());
    response
}

/// Refusals in the words of RFC 7591 §3.2.2 and RFC 6750 §3.
pub struct NotRegistered(RegistrationError);

impl From<RegistrationError> for NotRegistered {
    fn from(error: RegistrationError) -> Self {
        Self(error)
    }
}

impl IntoResponse for NotRegistered {
    fn into_response(self) -> Response {
        let refused = |status: StatusCode, code: &str, why: &str| {
            let body = json!({ "error": code, "error_description": why });
            let mut response = (status, Json(body)).into_response();
            never_kept(response.headers_mut());
            response
        };
        match &self.0 {
            RegistrationError::NotOffered => StatusCode::NOT_FOUND.into_response(),
            RegistrationError::Token => {
                let why = "the token opens nothing here";
                let mut response = refused(StatusCode::UNAUTHORIZED, "invalid_token", why);
                let challenge = HeaderValue::from_static(
                    r#"Bearer realm="registration", error="invalid_token""#,
                );
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
                response
            }
            RegistrationError::Fault(fault) => {
                refused(StatusCode::BAD_REQUEST, fault.code, &fault.description)
            }
            RegistrationError::Client(
                cause @ (ClientError::Unknown
                | ClientError::NameTaken(_)
                | ClientError::ClientId
                | ClientError::Faults(_)
                | ClientError::NoSecret
                | ClientError::Changed
                | ClientError::NothingToTell
                | ClientError::NotCalled
                | ClientError::Report(_)),
            ) => refused(StatusCode::BAD_REQUEST, "invalid_client_metadata", &cause.to_string()),
            RegistrationError::Client(
                cause @ (ClientError::Provider(_)
                | ClientError::Workflow(_)
                | ClientError::Store(_)),
            ) => {
                tracing::error!(%cause, "a registration failed");
                refused(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the server failed")
            }
        }
    }
}
