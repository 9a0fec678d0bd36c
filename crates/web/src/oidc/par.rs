use super::OidcState;
use super::client_call::ClientCall;
use super::error::{Refused, never_kept};
use super::on_heap;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use oidc::parse_pushed_request;
use serde_json::json;

/// Permission: a client, by its own authentication.
#[tracing::instrument(skip_all)]
pub async fn push(State(state): State<OidcState>, call: ClientCall) -> Result<Response, Refused> {
    let request = parse_pushed_request(&call.form, &call.query, call.authorization()?)?;
    let kept = on_heap(state.workflows.push_request(&request.over(call.channel))).await?;
    let told = json!({ "request_uri": kept.request_uri, "expires_in": kept.expires_in });
    let mut response = (StatusCode::CREATED, Json(told)).into_response();
    never_kept(response.headers_mut());
    Ok(response)
}
