use super::OidcState;
use super::error::{Refused, never_kept};
use super::form;
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use oidc::parse_token_request;

/// Permission: a client, by its own authentication.
#[tracing::instrument(skip_all)]
pub async fn token(
    State(state): State<OidcState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let form = form::form(&headers, &body)?;
    let query = form::pairs(query.unwrap_or_default().as_bytes());
    let request = parse_token_request(&form, &query, form::authorization(&headers)?)?
        .over(form::channel("POST", &headers)?);
    let answer = state.workflows.give_tokens(&request).await?;
    let mut response = Json(answer.to_json()).into_response();
    never_kept(response.headers_mut());
    Ok(response)
}
