//! OpenID Connect provider: what a client may ask, what it is given, in which words (OpenID Connect Core 1.0,
//! RFC 6749, RFC 7636, RFC 9207, RFC 9700). Decides and formats; values in, a verdict out.
//! Knows no HTTP and no SQL, and never sees a private key. Start at `authorize.rs`, then `code.rs` and `release.rs`.
mod access_token_jwt;
mod acr;
mod assertion;
mod authorize;
mod certificate;
mod channel;
pub mod check;
mod claims_reader;
mod claims_request;
mod client;
mod client_draft;
mod client_jwt;
mod client_key_source;
mod client_keys;
mod client_protocol;
mod client_request;
mod client_secret;
mod client_security;
mod code;
mod consent;
mod decoupled;
mod decoupled_ask;
mod discovery;
mod dpop;
mod error;
#[cfg(test)]
mod fuzzed;
mod id_token;
mod interaction;
mod issuer;
mod jws;
mod keys;
mod logout;
mod lookup;
mod notifier;
mod pace;
mod parameters;
mod psc_layout;
mod pushed;
mod redirect;
mod refresh;
mod registration;
mod release;
mod request_object;
mod return_path;
mod rotation;
mod self_described;
mod subject;
mod token;
mod token_request;

pub use access_token_jwt::{
    AccessTokenFormat, JWS_TYPE_ACCESS, access_token_claims, access_token_name_of,
    hash_of_reference,
};
pub use acr::Acr;
pub use assertion::{
    ASSERTION_TYPE, AssertionAudience, AssertionFault, OnceOnly, client_algorithms, judge_assertion,
};
pub use authorize::{
    AuthorizeParameters, AuthorizeRefusal, AuthorizeRequest, Prompt, parse_authorize,
    validate_authorize,
};
pub use certificate::{
    CertificateFault, InvalidCertificate, PeerCertificate, TlsSubject, judge_certificate,
};
pub use channel::{Channel, Confirmation, SenderConstraint};
pub use claims_request::{ClaimsRequest, Wanted, parse_claims};
pub use client::{AuthMethod, Client, ClientSettings, Profile, Relaxation, SubjectType};
pub use client_draft::{ClientDraft, ClientFault};
pub use client_key_source::ClientKeySource;
pub use client_keys::{ClientKey, ClientKeys, InvalidKeys, KeyKind};
pub use client_protocol::ProtocolChange;
pub use client_request::{ClientCredentials, parse_basic_auth};
pub use client_secret::{ClientSecret, ClientSecretHash};
pub use client_security::{ClientSecurity, is_callable};
pub use code::{AuthorizationCode, CodeDetails, CodeFault, CodeRedemption, redeem};
pub use consent::{consent_asked, consent_lines, consented_claim};
pub use decoupled::{
    DECOUPLED_SECONDS, DecoupledDetails, DecoupledKind, DecoupledRequest, DecoupledState,
    MOST_PENDING_PUBLIC, MOST_REFUSALS, POLL_SECONDS, REFUSAL_MINUTES, asked_too_soon, judge_poll,
    new_user_code, user_code_hash,
};
pub use decoupled_ask::{DecoupledAsk, Hint, parse_decoupled, read_hint_token, read_signed_ask};
pub use discovery::{ProviderEndpoints, discovery_document};
pub use dpop::{DPOP_ALGORITHMS, DpopCall, DpopFault, DpopProof, dpop_windows, judge_dpop};
pub use error::{ErrorCode, OAuthError};
pub use id_token::{IdToken, access_token_hash};
pub use interaction::{
    Interaction, LoginFacts, LoginNeed, LoginReason, still_holds, weigh_request,
};
pub use issuer::{InvalidIssuer, Issuer};
pub use jws::{InvalidJws, JWS_TYPE_ID, sign_jws, verify_jws};
pub use keys::{KeyState, SigningKey, jwks_document, signing_key_for};
pub use logout::{
    HintClaims, LogoutDecision, LogoutRequest, OpenSession, decide_logout, parse_logout, read_hint,
};
pub use lookup::{
    JWS_TYPE_INTROSPECTION, LookupRequest, TokenHandle, active_access, active_refresh, inactive,
    parse_lookup_request,
};
pub use notifier::{
    JWS_TYPE_LOGOUT, Notifier, NotifyError, front_channel_call, logout_claims, next_attempt,
    next_ping,
};
pub use pace::{CALLS_PER_SECOND, Pace};
pub use pushed::{
    Carriage, KeptRequest, MOST_PENDING, PUSHED_SECONDS, PushedRequest, parse_pushed_request,
    read_request_uri, request_uri,
};
pub use redirect::{InvalidRedirect, PostLogoutUri, RedirectUri, policy_origin};
pub use refresh::{RefreshFault, RefreshToken, grace, judge_refresh};
pub use registration::{
    RegistrationFault, read_registration, registration_document, sector_document_of,
};
pub use release::{
    CLAIMS, Claim, Destination, Needs, SCOPES, claims_of_scope, most_needed, released,
    tells_exercise,
};
pub use request_object::{ObjectFrom, RequestObjectFault, read_request_object};
pub use return_path::{ResponseMode, ReturnPath};
pub use rotation::{KeyStep, PUBLISHED_AFTER, PUBLISHED_BEFORE, Rotation, rotation_steps};
pub use self_described::{ClientPages, SelfDescribed};
pub use subject::{Activity, Exercise, NationalId, Subject, subject_identifier};
pub use token::{
    AccessToken, AccessTokenText, ShownToken, TokenDetails, TokenFault, TokenResponse, TokenScheme,
    read_access_token,
};
pub use token_request::{GrantType, Shown, TokenRequest, parse_token_request};
