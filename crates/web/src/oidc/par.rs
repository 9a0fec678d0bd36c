use super::OidcState;
use super::error::{Refused, never_kept};
use super::form;
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use oidc::parse_pushed_request;
use serde_json::json;

/// Permission: a client, by its own authentication.
#[tracing::instrument(skip_all)]
pub async fn push(
    State(state): State<OidcState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let form = form::form(&headers, &body)?;
    let query = form::pairs(query.unwrap_or_default().as_bytes());
    let request = parse_pushed_request(&form, &query, form::authorization(&headers)?)?
        .over(form::channel("POST", &headers)?);
    let kept = state.workflows.push_request(&request).await?;
    let told = json!({ "request_uri": kept.request_uri, "expires_in": kept.expires_in });
    let mut response = (StatusCode::CREATED, Json(told)).into_response();
    never_kept(response.headers_mut());
    Ok(response)
}
