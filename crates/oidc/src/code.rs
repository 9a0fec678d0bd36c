//! The authorization code: one use, one minute, one client, one address, one verifier (threats OP-03, OP-05).
use crate::{Acr, AuthorizeRequest, ClaimsRequest, Client, Issuer};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use kernel::{ClientId, OpeningId, PersonId, SessionId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use subtle::ConstantTimeEq;

/// What was asked when the code was given; kept as one text by the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeDetails {
    pub redirect_uri: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<String>,
    /// Whoever redeems it proves this key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_jkt: Option<String>,
    pub scopes: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    #[serde(default)]
    pub claims: ClaimsRequest,
    /// When the request first came: a login made since was made for it.
    pub asked_at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u32>,
    pub minimum_acr: Acr,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub essential_acr: Vec<Acr>,
}

impl CodeDetails {
    pub fn of(request: &AuthorizeRequest, asked_at: DateTime<Utc>) -> Self {
        Self {
            redirect_uri: request.return_path.redirect_uri.clone(),
            code_challenge: request.code_challenge.clone(),
            dpop_jkt: request.dpop_jkt.clone(),
            scopes: request.scopes.clone(),
            nonce: request.nonce.clone(),
            claims: request.claims.clone(),
            asked_at,
            max_age: request.max_age,
            minimum_acr: request.minimum_acr.unwrap_or(Acr::Eidas1),
            essential_acr: request.essential_acr.clone(),
        }
    }
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("details have text keys and no floats")
    }
    pub fn from_text(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

/// A code as the store keeps it, beside the hash of its handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationCode {
    pub issuer: Issuer,
    pub client: ClientId,
    pub person: PersonId,
    pub session: SessionId,
    pub sid: OpeningId,
    pub details: CodeDetails,
    pub issued_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
}

/// What a client shows beside the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeRedemption {
    pub redirect_uri: Option<String>,
    pub code_verifier: Option<String>,
    /// The thumbprint of the key that was proved with this call.
    pub proved_key: Option<String>,
}

/// Why a code gives nothing. For the journal: the client is told one sentence for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeFault {
    #[error("used before")]
    Used,
    #[error("expired")]
    Expired,
    #[error("given to another client")]
    OtherClient,
    #[error("given by another issuer")]
    OtherIssuer,
    #[error("another redirect address")]
    OtherRedirectUri,
    #[error("no verifier for a challenge")]
    VerifierMissing,
    #[error("a verifier without challenge")]
    VerifierUnasked,
    #[error("the verifier is not the challenge's")]
    VerifierWrong,
    #[error("another key than the one it was given for")]
    OtherKey,
}

impl CodeFault {
    pub fn name(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Expired => "expired",
            Self::OtherClient => "other_client",
            Self::OtherIssuer => "other_issuer",
            Self::OtherRedirectUri => "other_redirect_uri",
            Self::VerifierMissing => "verifier_missing",
            Self::VerifierUnasked => "verifier_unasked",
            Self::VerifierWrong => "verifier_wrong",
            Self::OtherKey => "other_key",
        }
    }
}

/// Judges one attempt at a code. Whatever the verdict, the attempt burns the code: the caller marks it used in
/// the same transaction, so that a verifier cannot be guessed at (threats OP-03).
pub fn redeem(
    code: &AuthorizationCode,
    client: &Client,
    shown: &CodeRedemption,
    now: DateTime<Utc>,
) -> Result<(), CodeFault> {
    if code.used_at.is_some() {
        return Err(CodeFault::Used);
    }
    if code.client != client.id {
        return Err(CodeFault::OtherClient);
    }
    if code.issuer != client.issuer {
        return Err(CodeFault::OtherIssuer);
    }
    if now >= code.expires_at || now < code.issued_at {
        return Err(CodeFault::Expired);
    }
    if shown.redirect_uri.as_deref() != Some(code.details.redirect_uri.as_str()) {
        return Err(CodeFault::OtherRedirectUri);
    }
    if code.details.dpop_jkt.is_some() && code.details.dpop_jkt != shown.proved_key {
        return Err(CodeFault::OtherKey);
    }
    match (&code.details.code_challenge, &shown.code_verifier) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(CodeFault::VerifierMissing),
        (None, Some(_)) => Err(CodeFault::VerifierUnasked),
        (Some(challenge), Some(verifier)) => {
            answers(challenge, verifier).then_some(()).ok_or(CodeFault::VerifierWrong)
        }
    }
}

/// RFC 7636 §4.1 and §4.6.
fn answers(challenge: &str, verifier: &str) -> bool {
    let alphabet =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let well_formed = (43..=128).contains(&verifier.len()) && verifier.bytes().all(alphabet);
    let hashed = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    well_formed && bool::from(hashed.as_bytes().ct_eq(challenge.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::{client, issuer};
    use crate::{AuthMethod, Profile};
    use chrono::Duration;
    use kernel::{FixedClock, SeededRandomness};

    const NOW: &str = "2026-11-22T08:00:00Z";
    /// RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn code(challenge: Option<&str>) -> (AuthorizationCode, Client) {
        let (client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        let (clock, chance) = (FixedClock::at(NOW), SeededRandomness::new(9));
        let issued_at: DateTime<Utc> = NOW.parse().expect("time");
        let code = AuthorizationCode {
            issuer: issuer(),
            client: client.id,
            person: PersonId::new(&clock, &chance),
            session: SessionId::new(&clock, &chance),
            sid: OpeningId::new(&clock, &chance),
            details: CodeDetails {
                redirect_uri: "https://dpi.test/cb".to_owned(),
                code_challenge: challenge.map(str::to_owned),
                dpop_jkt: None,
                scopes: ["openid".to_owned()].into(),
                nonce: Some("n".to_owned()),
                claims: ClaimsRequest::default(),
                asked_at: issued_at,
                max_age: None,
                minimum_acr: Acr::Eidas1,
                essential_acr: Vec::new(),
            },
            issued_at,
            expires_at: issued_at + Duration::seconds(60),
            used_at: None,
        };
        (code, client)
    }

    fn shown(redirect_uri: Option<&str>, verifier: Option<&str>) -> CodeRedemption {
        CodeRedemption {
            redirect_uri: redirect_uri.map(str::to_owned),
            code_verifier: verifier.map(str::to_owned),
            proved_key: None,
        }
    }

    #[test]
    fn op_17_a_code_bound_to_a_key_serves_whoever_proves_it() {
        let (free, client) = code(None);
        let mut bound = free.clone();
        bound.details.dpop_jkt = Some("k".to_owned());
        let with = |key: Option<&str>| CodeRedemption {
            proved_key: key.map(str::to_owned),
            ..shown(Some("https://dpi.test/cb"), None)
        };
        for (code, key, expected) in [
            (&free, None, Ok(())),
            (&free, Some("k"), Ok(())),
            (&bound, Some("k"), Ok(())),
            (&bound, Some("l"), Err(CodeFault::OtherKey)),
            (&bound, None, Err(CodeFault::OtherKey)),
        ] {
            assert_eq!(redeem(code, &client, &with(key), code.issued_at), expected, "{key:?}");
        }
    }

    #[test]
    fn op_03_a_code_serves_its_client_its_address_once_within_its_minute() {
        let (good, client) = code(None);
        let (clock, chance) = (FixedClock::at(NOW), SeededRandomness::new(10));
        let other = Client { id: ClientId::new(&clock, &chance), ..client.clone() };
        let elsewhere = Client {
            issuer: "https://hygie.hopital.test/ej-b".parse().expect("issuer"),
            ..client.clone()
        };
        let used = AuthorizationCode { used_at: Some(good.issued_at), ..good.clone() };
        let right = shown(Some("https://dpi.test/cb"), None);
        for (code, client, shown, seconds, expected) in [
            (&good, &client, &right, 0, Ok(())),
            (&good, &client, &right, 59, Ok(())),
            (&good, &client, &right, 60, Err(CodeFault::Expired)),
            (&good, &client, &right, -1, Err(CodeFault::Expired)),
            (&good, &other, &right, 1, Err(CodeFault::OtherClient)),
            (&good, &elsewhere, &right, 1, Err(CodeFault::OtherIssuer)),
            (&used, &client, &right, 1, Err(CodeFault::Used)),
            (&used, &other, &right, 1, Err(CodeFault::Used)),
            (&good, &client, &self::shown(None, None), 1, Err(CodeFault::OtherRedirectUri)),
            (
                &good,
                &client,
                &self::shown(Some("https://dpi.test/cb/"), None),
                1,
                Err(CodeFault::OtherRedirectUri),
            ),
        ] {
            let now = good.issued_at + Duration::seconds(seconds);
            assert_eq!(redeem(code, client, shown, now), expected, "{seconds} {shown:?}");
        }
    }

    #[test]
    fn op_05_challenge_and_verifier_come_together_or_not_at_all() {
        let short = &VERIFIER[..42];
        let long = "a".repeat(129);
        let challenge_of = |verifier: &str| URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        let (of_short, of_long) = (challenge_of(short), challenge_of(&long));
        for (challenge, verifier, expected) in [
            (Some(CHALLENGE), Some(VERIFIER), Ok(())),
            (None, None, Ok(())),
            (Some(CHALLENGE), None, Err(CodeFault::VerifierMissing)),
            (None, Some(VERIFIER), Err(CodeFault::VerifierUnasked)),
            (Some(CHALLENGE), Some(CHALLENGE), Err(CodeFault::VerifierWrong)),
            (Some(VERIFIER), Some(VERIFIER), Err(CodeFault::VerifierWrong)),
            (Some(of_short.as_str()), Some(short), Err(CodeFault::VerifierWrong)),
            (Some(of_long.as_str()), Some(long.as_str()), Err(CodeFault::VerifierWrong)),
        ] {
            let (code, client) = code(challenge);
            let shown = shown(Some("https://dpi.test/cb"), verifier);
            assert_eq!(redeem(&code, &client, &shown, code.issued_at), expected, "{challenge:?}");
        }
    }

    #[test]
    fn details_are_read_back_as_they_were_written() {
        let (code, _) = code(Some(CHALLENGE));
        let read = CodeDetails::from_text(&code.details.to_text()).expect("details");
        assert_eq!(read, code.details);
    }
}
