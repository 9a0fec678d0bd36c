//! Refusals in the words of RFC 6749 §5.2 and RFC 6750 §3. The cause is in the journal, under the reference.
use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use oidc::{DPOP_ALGORITHMS, ErrorCode, OAuthError};
use serde_json::json;
use workflows::oidc::OidcError;

/// What a back-channel endpoint answers when it refuses.
pub struct Refused {
    pub error: OAuthError,
    pub reference: Option<String>,
    /// Where a token is shown rather than asked for: faults of its proof are a 401 there (RFC 9449 §7.1).
    pub at_resource: bool,
}

impl From<OAuthError> for Refused {
    fn from(error: OAuthError) -> Self {
        Self { error, reference: None, at_resource: false }
    }
}

impl From<OidcError> for Refused {
    fn from(error: OidcError) -> Self {
        match error {
            OidcError::Refused { error, reference } => {
                Self { error, reference: Some(reference.to_string()), at_resource: false }
            }
            cause @ (OidcError::NoSigningKey(_)
            | OidcError::Issuer
            | OidcError::Key(_)
            | OidcError::Register(_)
            | OidcError::Store(_)) => {
                tracing::error!(%cause, "an OpenID Connect endpoint failed");
                OAuthError::server_error().into()
            }
        }
    }
}

impl Refused {
    pub fn at_resource(self) -> Self {
        Self { at_resource: true, ..self }
    }

    pub fn status(&self) -> StatusCode {
        match self.error.code {
            ErrorCode::InvalidDpopProof | ErrorCode::UseDpopNonce if self.at_resource => {
                StatusCode::UNAUTHORIZED
            }
            ErrorCode::InvalidDpopProof | ErrorCode::UseDpopNonce => StatusCode::BAD_REQUEST,
            ErrorCode::InvalidClient | ErrorCode::InvalidToken => StatusCode::UNAUTHORIZED,
            ErrorCode::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            ErrorCode::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::TooManyCalls => StatusCode::TOO_MANY_REQUESTS,
            ErrorCode::InvalidRequest
            | ErrorCode::UnauthorizedClient
            | ErrorCode::AccessDenied
            | ErrorCode::UnsupportedResponseType
            | ErrorCode::InvalidScope
            | ErrorCode::InvalidGrant
            | ErrorCode::AuthorizationPending
            | ErrorCode::SlowDown
            | ErrorCode::ExpiredToken
            | ErrorCode::UnknownUserId
            | ErrorCode::InvalidBindingMessage
            | ErrorCode::ExpiredLoginHintToken
            | ErrorCode::ConsentRequired
            | ErrorCode::UnsupportedGrantType
            | ErrorCode::LoginRequired
            | ErrorCode::InteractionRequired
            | ErrorCode::RequestNotSupported
            | ErrorCode::RequestUriNotSupported
            | ErrorCode::RegistrationNotSupported
            | ErrorCode::InvalidRequestUri
            | ErrorCode::InvalidRequestObject
            | ErrorCode::UnmetAuthenticationRequirements => StatusCode::BAD_REQUEST,
        }
    }

    /// ASCII without quotes, as RFC 6749 wants it; the reference is for the editor to quote.
    pub fn description(&self) -> String {
        match &self.reference {
            Some(reference) => format!("{} (reference {reference})", self.error.description),
            None => self.error.description.to_owned(),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, code) = (self.status(), self.error.code);
        let body = json!({ "error": code.name(), "error_description": self.description() });
        let mut response = (status, Json(body)).into_response();
        let algorithms = DPOP_ALGORITHMS.map(kernel::SigningAlgorithm::name).join(" ");
        let challenge = match code {
            ErrorCode::InvalidDpopProof | ErrorCode::UseDpopNonce if self.at_resource => {
                Some(format!(
                    r#"DPoP realm="hygie", error="{}", error_description="{}", algs="{algorithms}""#,
                    code.name(),
                    self.description()
                ))
            }
            ErrorCode::InvalidClient => Some(r#"Basic realm="hygie""#.to_owned()),
            ErrorCode::InvalidToken => Some(format!(
                r#"Bearer realm="hygie", error="{}", error_description="{}""#,
                code.name(),
                self.description()
            )),
            _ => None,
        };
        if let Some(challenge) = challenge.and_then(|text| HeaderValue::from_str(&text).ok()) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        let wait = match code {
            // What waits leaves within a minute.
            ErrorCode::TemporarilyUnavailable => Some("60"),
            ErrorCode::TooManyCalls => Some("1"),
            _ => None,
        };
        if let Some(seconds) = wait {
            let seconds = HeaderValue::from_static(seconds);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        never_kept(response.headers_mut());
        response
    }
}

/// Codes, tokens and claims stay in no cache.
pub fn never_kept(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_about_who_asks_is_a_401() {
        for (error, status, challenged) in [
            (OAuthError::invalid_client(), 401, true),
            (OAuthError::invalid_token(), 401, true),
            (OAuthError::invalid_grant(), 400, false),
            (OAuthError::new(ErrorCode::UnsupportedGrantType, "x"), 400, false),
            (OAuthError::new(ErrorCode::InvalidRequest, "x"), 400, false),
            (OAuthError::server_error(), 500, false),
        ] {
            let refused =
                Refused { error, reference: Some("K7Q2M9".to_owned()), at_resource: false };
            assert!(refused.description().ends_with("(reference K7Q2M9)"));
            let legal = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
            assert!(refused.description().chars().all(legal), "{}", refused.description());
            let response = refused.into_response();
            assert_eq!(response.status().as_u16(), status, "{error}");
            assert_eq!(response.headers().contains_key(header::WWW_AUTHENTICATE), challenged);
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        }
    }

    #[test]
    fn who_has_to_wait_is_told_how_long() {
        let full = OAuthError::new(ErrorCode::TemporarilyUnavailable, "x");
        for (error, status, wait) in [(OAuthError::too_many_calls(), 429, "1"), (full, 503, "60")] {
            let response = Refused { error, reference: None, at_resource: false }.into_response();
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(response.headers()[header::RETRY_AFTER], wait);
        }
    }
}
