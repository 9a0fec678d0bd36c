use super::OidcState;
use super::client_call::ClientCall;
use super::error::{Refused, never_kept};
use super::on_heap;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use oidc::parse_token_request;

/// Permission: a client, by its own authentication.
#[tracing::instrument(skip_all)]
pub async fn token(State(state): State<OidcState>, call: ClientCall) -> Result<Response, Refused> {
    let request = parse_token_request(&call.form, &call.query, call.authorization()?)?;
    let answer = on_heap(state.workflows.give_tokens(&request.over(call.channel))).await?;
    let mut response = Json(answer.to_json()).into_response();
    never_kept(response.headers_mut());
    Ok(response)
}
