//! Logins approved elsewhere: what applications ask for. What people say is in `portal`.
use super::OidcState;
use super::client_call::ClientCall;
use super::error::{Refused, never_kept};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use oidc::{DecoupledKind, ErrorCode, parse_decoupled};
use serde_json::json;

/// Permission: a client that was given CIBA, by its own authentication.
#[tracing::instrument(skip_all)]
pub async fn backchannel(
    State(state): State<OidcState>,
    call: ClientCall,
) -> Result<Response, Refused> {
    asked(&state, call, DecoupledKind::Backchannel).await
}

/// Permission: a client that was given the device grant, by its own authentication.
#[tracing::instrument(skip_all)]
pub async fn device(State(state): State<OidcState>, call: ClientCall) -> Result<Response, Refused> {
    asked(&state, call, DecoupledKind::Device).await
}

/// `access_denied` is a 403 here (CIBA Core §13), and a 400 where tokens are given.
fn not_asked(refused: Refused) -> Result<Response, Refused> {
    if refused.error.code != ErrorCode::AccessDenied {
        return Err(refused);
    }
    let mut response = refused.into_response();
    *response.status_mut() = StatusCode::FORBIDDEN;
    Ok(response)
}

async fn asked(
    state: &OidcState,
    call: ClientCall,
    kind: DecoupledKind,
) -> Result<Response, Refused> {
    let ask = parse_decoupled(&call.form, &call.query, call.authorization()?)?;
    let ask = ask.over(call.channel).from_network(call.network);
    let kept = match state.workflows.ask_elsewhere(ask, kind).await {
        Ok(kept) => kept,
        Err(error) => return not_asked(error.into()),
    };
    let (expires_in, interval) = (kept.expires_in, kept.interval);
    let told = match kept.user_code {
        None => json!({
            "auth_req_id": kept.handle.expose(), "expires_in": expires_in, "interval": interval,
        }),
        // No address with the code in it: a link that somebody sends would spare them the comparing (RFC 8628 §5.4).
        Some(user_code) => json!({
            "device_code": kept.handle.expose(),
            "user_code": user_code,
            "verification_uri": kept.verification_uri,
            "expires_in": expires_in,
            "interval": interval,
        }),
    };
    let mut response = Json(told).into_response();
    never_kept(response.headers_mut());
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use oidc::OAuthError;

    #[test]
    fn whoever_may_not_be_asked_is_a_403() {
        let refused = |code| not_asked(OAuthError::new(code, "x").into());
        let denied = refused(ErrorCode::AccessDenied).ok().expect("an answer");
        assert_eq!(denied.status(), StatusCode::FORBIDDEN);
        for code in [ErrorCode::InvalidBindingMessage, ErrorCode::UnknownUserId] {
            let told = refused(code).expect_err("a refusal");
            assert_eq!(told.status(), StatusCode::BAD_REQUEST);
        }
    }
}
