use std::fmt;

/// Error codes of RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, OpenID Connect Core §3.1.2.6 and
/// OpenID Connect Unmet Authentication Requirements 1.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    InvalidRequest,
    UnauthorizedClient,
    AccessDenied,
    UnsupportedResponseType,
    InvalidScope,
    ServerError,
    TemporarilyUnavailable,
    /// The same to the client, with a status of its own (RFC 6585 §4).
    TooManyCalls,
    InvalidClient,
    InvalidGrant,
    UnsupportedGrantType,
    InvalidToken,
    LoginRequired,
    InteractionRequired,
    RequestNotSupported,
    RequestUriNotSupported,
    RegistrationNotSupported,
    UnmetAuthenticationRequirements,
    InvalidRequestUri,
    InvalidRequestObject,
    InvalidDpopProof,
    UseDpopNonce,
    AuthorizationPending,
    SlowDown,
    ExpiredToken,
    UnknownUserId,
    InvalidBindingMessage,
    ExpiredLoginHintToken,
    ConsentRequired,
}

impl ErrorCode {
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable | Self::TooManyCalls => "temporarily_unavailable",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidToken => "invalid_token",
            Self::LoginRequired => "login_required",
            Self::InteractionRequired => "interaction_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::InvalidRequestUri => "invalid_request_uri",
            Self::InvalidRequestObject => "invalid_request_object",
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::UseDpopNonce => "use_dpop_nonce",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::UnknownUserId => "unknown_user_id",
            Self::InvalidBindingMessage => "invalid_binding_message",
            Self::ExpiredLoginHintToken => "expired_login_hint_token",
            Self::ConsentRequired => "consent_required",
        }
    }
}

/// What an OpenID Connect endpoint answers when it refuses: a code, and a sentence for the developer of the
/// client. The sentence is one of ours, never an echo of what was sent (threats OP-18), and keeps to the
/// characters that RFC 6749 allows (ASCII without quotes and backslash).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OAuthError {
    pub code: ErrorCode,
    pub description: &'static str,
}

impl OAuthError {
    pub const fn new(code: ErrorCode, description: &'static str) -> Self {
        Self { code, description }
    }
    pub const fn invalid_request(description: &'static str) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }
    /// One sentence for every cause: whoever tries codes learns nothing from the answer.
    pub const fn invalid_grant() -> Self {
        Self::new(ErrorCode::InvalidGrant, "what was shown is unknown, expired, used, or not yours")
    }
    pub const fn invalid_client() -> Self {
        Self::new(ErrorCode::InvalidClient, "client authentication failed")
    }
    pub const fn invalid_token() -> Self {
        Self::new(ErrorCode::InvalidToken, "the access token is unknown, expired or revoked")
    }
    pub const fn invalid_dpop_proof() -> Self {
        Self::new(ErrorCode::InvalidDpopProof, "the DPoP proof is missing, or not for this call")
    }
    /// RFC 9449 §8: the number to use comes in the header beside.
    pub const fn use_dpop_nonce() -> Self {
        Self::new(ErrorCode::UseDpopNonce, "the DPoP proof must bear the nonce of this answer")
    }
    pub const fn too_many_calls() -> Self {
        Self::new(
            ErrorCode::TooManyCalls,
            "this client calls more often than it may: wait a second",
        )
    }
    pub const fn server_error() -> Self {
        Self::new(ErrorCode::ServerError, "the provider failed, the cause is in its journal")
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.description)
    }
}

impl std::error::Error for OAuthError {}
