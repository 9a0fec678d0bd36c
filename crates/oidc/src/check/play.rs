//! What is played, and what is in the tokens of it.
use super::visit::CheckedClient;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// One answer to one login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Play {
    /// As it should be.
    Normal,
    /// As it should be, by the other key of the JWKS: a change of keys.
    NewKey,
    OtherState,
    NoState,
    OtherIssuerInAnswer,
    NoIssuerInAnswer,
    ErrorAnswer,
    /// The same answer given to the browser twice.
    SameAnswerTwice,
    OtherNonce,
    NoNonce,
    OtherIssuer,
    OtherAudience,
    Expired,
    OtherKey,
    Unsigned,
    /// Signed with the client's secret by HS256, where RS256 was agreed.
    SymmetricKey,
    /// Userinfo of somebody else.
    OtherSubject,
}

impl Play {
    pub const ALL: [Self; 17] = [
        Self::Normal,
        Self::NewKey,
        Self::OtherState,
        Self::NoState,
        Self::OtherIssuerInAnswer,
        Self::NoIssuerInAnswer,
        Self::ErrorAnswer,
        Self::SameAnswerTwice,
        Self::OtherNonce,
        Self::NoNonce,
        Self::OtherIssuer,
        Self::OtherAudience,
        Self::Expired,
        Self::OtherKey,
        Self::Unsigned,
        Self::SymmetricKey,
        Self::OtherSubject,
    ];
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::NewKey => "new_key",
            Self::OtherState => "other_state",
            Self::NoState => "no_state",
            Self::OtherIssuerInAnswer => "other_issuer_in_answer",
            Self::NoIssuerInAnswer => "no_issuer_in_answer",
            Self::ErrorAnswer => "error_answer",
            Self::SameAnswerTwice => "same_answer_twice",
            Self::OtherNonce => "other_nonce",
            Self::NoNonce => "no_nonce",
            Self::OtherIssuer => "other_issuer",
            Self::OtherAudience => "other_audience",
            Self::Expired => "expired",
            Self::OtherKey => "other_key",
            Self::Unsigned => "unsigned",
            Self::SymmetricKey => "symmetric_key",
            Self::OtherSubject => "other_subject",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|play| play.name() == name)
    }
    /// A right client opens a session after it.
    pub fn is_right(self) -> bool {
        matches!(self, Self::Normal | Self::NewKey)
    }
    /// Already the answer to the browser is wrong: a right client asks for no token.
    pub fn is_in_the_answer(self) -> bool {
        matches!(
            self,
            Self::OtherState
                | Self::NoState
                | Self::OtherIssuerInAnswer
                | Self::NoIssuerInAnswer
                | Self::ErrorAnswer
        )
    }
    pub fn signer(self) -> IdSigner {
        match self {
            Self::NewKey => IdSigner::NewKey,
            Self::OtherKey => IdSigner::OtherKeySameName,
            Self::Unsigned => IdSigner::Nobody,
            Self::SymmetricKey => IdSigner::ClientSecret,
            Self::Normal
            | Self::OtherState
            | Self::NoState
            | Self::OtherIssuerInAnswer
            | Self::NoIssuerInAnswer
            | Self::ErrorAnswer
            | Self::SameAnswerTwice
            | Self::OtherNonce
            | Self::NoNonce
            | Self::OtherIssuer
            | Self::OtherAudience
            | Self::Expired
            | Self::OtherSubject => IdSigner::UsualKey,
        }
    }
}

/// What signs an ID token of the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdSigner {
    UsualKey,
    /// In the JWKS beside the usual one.
    NewKey,
    /// In no JWKS, under the `kid` of the usual one.
    OtherKeySameName,
    ClientSecret,
    Nobody,
}

/// Nobody that exists.
pub(super) const SUBJECT: &str = "00000000-0000-7000-8000-00000000e55a";
pub(super) const SOMEBODY_ELSE: &str = "00000000-0000-7000-8000-0000000a0000";
const LIFE_SECONDS: i64 = 300;

/// The claims of the ID token that this play sends.
pub fn check_id_claims(
    play: Play,
    client: &CheckedClient,
    nonce: Option<&str>,
    sid: &str,
    now: DateTime<Utc>,
) -> Map<String, Value> {
    let at = match play {
        // Older than any clock's error.
        Play::Expired => now.timestamp() - 4 * 3600,
        _ => now.timestamp(),
    };
    let issuer = match play {
        Play::OtherIssuer => "https://autre-fournisseur.invalid",
        _ => &client.issuer,
    };
    let audience = match play {
        Play::OtherAudience => "un-autre-client",
        _ => &client.client_id,
    };
    let nonce = match play {
        Play::NoNonce => None,
        Play::OtherNonce => Some("un-autre-nonce"),
        _ => nonce,
    };
    let mut claims = match json!({
        "iss": issuer, "aud": audience, "sub": SUBJECT, "iat": at, "exp": at + LIFE_SECONDS,
        "auth_time": at, "acr": "eidas2", "amr": ["hwk", "user", "mfa"], "sid": sid,
    }) {
        Value::Object(claims) => claims,
        _ => Map::new(),
    };
    if let Some(nonce) = nonce {
        claims.insert("nonce".to_owned(), nonce.into());
    }
    claims
}

/// Whose userinfo this play answers.
pub(super) fn userinfo_subject(play: Play) -> &'static str {
    if play == Play::OtherSubject { SOMEBODY_ELSE } else { SUBJECT }
}

impl Play {
    pub fn userinfo(self) -> Map<String, Value> {
        let claims = json!({
            "sub": userinfo_subject(self), "given_name": "Camille", "family_name": "ESSAI",
            "name": "Camille ESSAI", "preferred_username": "camille.essai",
        });
        match claims {
            Value::Object(claims) => claims,
            _ => Map::new(),
        }
    }
}

/// One logout call to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LogoutPlay {
    OtherKey,
    OtherIssuer,
    OtherAudience,
    Expired,
    WithNonce,
    NoEvent,
    NoSession,
    /// As it should be; last, since it ends the session.
    Right,
}

impl LogoutPlay {
    pub const ALL: [Self; 8] = [
        Self::OtherKey,
        Self::OtherIssuer,
        Self::OtherAudience,
        Self::Expired,
        Self::WithNonce,
        Self::NoEvent,
        Self::NoSession,
        Self::Right,
    ];
    pub fn name(self) -> &'static str {
        match self {
            Self::OtherKey => "logout_other_key",
            Self::OtherIssuer => "logout_other_issuer",
            Self::OtherAudience => "logout_other_audience",
            Self::Expired => "logout_expired",
            Self::WithNonce => "logout_with_nonce",
            Self::NoEvent => "logout_no_event",
            Self::NoSession => "logout_no_session",
            Self::Right => "logout_right",
        }
    }
    pub fn signer(self) -> IdSigner {
        if self == Self::OtherKey { IdSigner::OtherKeySameName } else { IdSigner::UsualKey }
    }
}

/// The claims of the logout token of this play.
pub fn check_logout_claims(
    play: LogoutPlay,
    client: &CheckedClient,
    sid: &str,
    id: &str,
    now: DateTime<Utc>,
) -> Map<String, Value> {
    let at = if play == LogoutPlay::Expired { now.timestamp() - 4 * 3600 } else { now.timestamp() };
    let issuer = match play {
        LogoutPlay::OtherIssuer => "https://autre-fournisseur.invalid",
        _ => &client.issuer,
    };
    let audience = match play {
        LogoutPlay::OtherAudience => "un-autre-client",
        _ => &client.client_id,
    };
    let mut claims = match json!({
        "iss": issuer, "aud": audience, "iat": at, "exp": at + 120, "jti": id, "sub": SUBJECT, "sid": sid,
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    }) {
        Value::Object(claims) => claims,
        _ => Map::new(),
    };
    match play {
        LogoutPlay::WithNonce => {
            claims.insert("nonce".to_owned(), "un-nonce".into());
        }
        LogoutPlay::NoEvent => {
            claims.remove("events");
        }
        LogoutPlay::NoSession => {
            claims.remove("sid");
            claims.remove("sub");
        }
        LogoutPlay::OtherKey
        | LogoutPlay::OtherIssuer
        | LogoutPlay::OtherAudience
        | LogoutPlay::Expired
        | LogoutPlay::Right => {}
    }
    claims
}
