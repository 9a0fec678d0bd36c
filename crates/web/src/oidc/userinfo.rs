use super::OidcState;
use super::error::{Refused, never_kept};
use super::form;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use oidc::{OAuthError, read_access_token};
use workflows::oidc::Told;

/// Permission: an access token that still stands.
#[tracing::instrument(skip_all)]
pub async fn userinfo(
    State(state): State<OidcState>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    // A body may hold the token only where it is a form; a GET has none (RFC 6750 §2.2).
    let posted = method == Method::POST;
    let form = if posted { form::form(&headers, &body)? } else { Vec::new() };
    let at_resource = |error: OAuthError| Refused::from(error).at_resource();
    let channel = form::channel(if posted { "POST" } else { "GET" }, &headers);
    let channel = channel.map_err(at_resource)?;
    let shown = read_access_token(form::authorization(&headers)?, &form, channel);
    let Some(shown) = shown.map_err(at_resource)? else {
        return Ok(nothing_shown());
    };
    let told = state.workflows.userinfo(&shown).await;
    let mut response = match told.map_err(|error| Refused::from(error).at_resource())? {
        Told::Plain(claims) => Json(claims).into_response(),
        Told::Signed(token) => ([(header::CONTENT_TYPE, "application/jwt")], token).into_response(),
    };
    never_kept(response.headers_mut());
    Ok(response)
}

/// RFC 6750 §3.1: without a token, no error code.
fn nothing_shown() -> Response {
    let mut response = StatusCode::UNAUTHORIZED.into_response();
    let challenge = HeaderValue::from_static(r#"Bearer realm="hygie""#);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    never_kept(response.headers_mut());
    response
}
