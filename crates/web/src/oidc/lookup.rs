//! Introspection and revocation.
use super::OidcState;
use super::client_call::ClientCall;
use super::error::{Refused, never_kept};
use super::on_heap;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use oidc::{LookupRequest, parse_lookup_request};

/// RFC 9701.
const SIGNED: &str = "application/token-introspection+jwt";

/// Permission: a confidential client, about its own tokens.
#[tracing::instrument(skip_all)]
pub async fn introspect(
    State(state): State<OidcState>,
    call: ClientCall,
) -> Result<Response, Refused> {
    let asked = call.headers.get(header::ACCEPT).cloned();
    let (client, told) = on_heap(state.workflows.introspect(&read(call)?)).await?;
    let asked = asked.as_ref().and_then(|accept| accept.to_str().ok());
    let signed = asked.is_some_and(|accept| {
        accept
            .split(',')
            .any(|part| part.split(';').next().is_some_and(|kind| kind.trim() == SIGNED))
    });
    let mut response = if signed {
        let token = state.workflows.sign_introspection(&client, told).await?;
        ([(header::CONTENT_TYPE, SIGNED)], token).into_response()
    } else {
        Json(told).into_response()
    };
    never_kept(response.headers_mut());
    Ok(response)
}

/// Permission: a client, about its own tokens.
#[tracing::instrument(skip_all)]
pub async fn revoke(State(state): State<OidcState>, call: ClientCall) -> Result<Response, Refused> {
    on_heap(state.workflows.revoke_token(&read(call)?)).await?;
    let mut response = StatusCode::OK.into_response();
    never_kept(response.headers_mut());
    Ok(response)
}

fn read(call: ClientCall) -> Result<LookupRequest, Refused> {
    let request = parse_lookup_request(&call.form, &call.query, call.authorization()?)?;
    Ok(request.over(call.channel))
}
