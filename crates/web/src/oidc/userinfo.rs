use super::OidcState;
use super::client_call::ClientCall;
use super::error::{Refused, never_kept};
use super::on_heap;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::Uuid;
use oidc::read_access_token;
use workflows::oidc::Told;

/// Permission: an access token that still stands.
#[tracing::instrument(skip_all)]
pub async fn userinfo(
    State(state): State<OidcState>,
    call: Result<ClientCall, Refused>,
) -> Result<Response, Refused> {
    let asked = call.as_ref().ok().and_then(|call| call.headers.get(INTERACTION)).cloned();
    let mut response = tell(&state, call).await.map_err(Refused::at_resource)?;
    response.headers_mut().insert(INTERACTION, interaction(asked, &state));
    Ok(response)
}

/// Ties an answer to its request in both journals (FAPI 1 Baseline §6.2.1, which FAPI-CIBA asks of resources): the
/// client's own, or one of ours. What is no UUID is not sent back.
const INTERACTION: HeaderName = HeaderName::from_static("x-fapi-interaction-id");

fn interaction(asked: Option<HeaderValue>, state: &OidcState) -> HeaderValue {
    let is_uuid = |value: &HeaderValue| {
        value.to_str().is_ok_and(|text| text.len() == 36 && text.parse::<Uuid>().is_ok())
    };
    asked.filter(is_uuid).unwrap_or_else(|| {
        let drawn = state.workflows.interaction_id().to_string();
        HeaderValue::from_str(&drawn).expect("a UUID is ASCII")
    })
}

async fn tell(state: &OidcState, call: Result<ClientCall, Refused>) -> Result<Response, Refused> {
    let call = call?;
    let authorization = call.authorization()?.map(str::to_owned);
    let shown = read_access_token(authorization.as_deref(), &call.form, call.channel)?;
    let Some(shown) = shown else {
        return Ok(nothing_shown());
    };
    let mut response = match on_heap(state.workflows.userinfo(&shown)).await? {
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
