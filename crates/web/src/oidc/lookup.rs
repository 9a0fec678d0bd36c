//! Introspection and revocation.
use super::OidcState;
use super::error::{Refused, never_kept};
use super::form;
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use oidc::{LookupRequest, parse_lookup_request};

/// RFC 9701.
const SIGNED: &str = "application/token-introspection+jwt";

/// Permission: a confidential client, about its own tokens.
#[tracing::instrument(skip_all)]
pub async fn introspect(
    State(state): State<OidcState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let request = read(&headers, query, &body)?;
    let (client, told) = state.workflows.introspect(&request).await?;
    let asked = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
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
pub async fn revoke(
    State(state): State<OidcState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let request = read(&headers, query, &body)?;
    state.workflows.revoke_token(&request).await?;
    let mut response = StatusCode::OK.into_response();
    never_kept(response.headers_mut());
    Ok(response)
}

fn read(
    headers: &HeaderMap,
    query: Option<String>,
    body: &Bytes,
) -> Result<LookupRequest, Refused> {
    let form = form::form(headers, body)?;
    let query = form::pairs(query.unwrap_or_default().as_bytes());
    Ok(parse_lookup_request(&form, &query, form::authorization(headers)?)?)
}
