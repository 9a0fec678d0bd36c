use super::OidcState;
use super::client_call::ClientCall;
use super::error::{Refused, never_kept};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use oidc::read_access_token;
use workflows::oidc::Told;

/// Permission: an access token that still stands.
#[tracing::instrument(skip_all)]
pub async fn userinfo(
    State(state): State<OidcState>,
    call: Result<ClientCall, Refused>,
) -> Result<Response, Refused> {
    tell(&state, call).await.map_err(Refused::at_resource)
}

async fn tell(state: &OidcState, call: Result<ClientCall, Refused>) -> Result<Response, Refused> {
    let call = call?;
    let authorization = call.authorization()?.map(str::to_owned);
    let shown = read_access_token(authorization.as_deref(), &call.form, call.channel)?;
    let Some(shown) = shown else {
        return Ok(nothing_shown());
    };
    let mut response = match state.workflows.userinfo(&shown).await? {
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
