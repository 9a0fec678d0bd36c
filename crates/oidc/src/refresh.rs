//! Refresh tokens: opaque, one use each, in families that begin with one code (RFC 9700 §4.14.2, threats OP-07).
use crate::release::SCOPES;
use crate::{Client, Issuer, TokenDetails};
use chrono::{DateTime, Duration, Utc};
use kernel::{ClientId, PersonId, SessionId};
use std::collections::BTreeSet;

/// A refresh token as the store keeps it, beside the hash of its handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    pub issuer: Issuer,
    pub client: ClientId,
    pub person: PersonId,
    pub session: SessionId,
    /// The hash of the code that the chain began with.
    pub family: [u8; 32],
    /// The most that may be asked again, and the login that it stands for.
    pub details: TokenDetails,
    pub issued_at: DateTime<Utc>,
    /// The end of the whole chain: no use puts it off.
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Why a refresh token gives nothing. The client is told one sentence for all but `WiderScope`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefreshFault {
    #[error("given by another issuer")]
    OtherIssuer,
    #[error("given to another client")]
    OtherClient,
    #[error("revoked")]
    Revoked,
    #[error("used before")]
    Used,
    #[error("expired")]
    Expired,
    #[error("bound to another key")]
    OtherKey,
    #[error("more was asked than it was given for")]
    WiderScope,
}

impl RefreshFault {
    pub fn name(self) -> &'static str {
        match self {
            Self::OtherIssuer => "other_issuer",
            Self::OtherClient => "other_client",
            Self::Revoked => "revoked",
            Self::Used => "used",
            Self::Expired => "expired",
            Self::OtherKey => "other_key",
            Self::WiderScope => "wider_scope",
        }
    }
    /// Somebody has it who should not: whoever it is, the whole family ends.
    pub fn is_theft(self) -> bool {
        matches!(self, Self::OtherIssuer | Self::OtherClient | Self::OtherKey | Self::Used)
    }
}

/// Judges one attempt; the scopes to give. The caller marks the token used in the same act, and treats it as
/// [`RefreshFault::Used`] when somebody else was faster.
pub fn judge_refresh(
    token: &RefreshToken,
    client: &Client,
    asked: Option<&BTreeSet<String>>,
    now: DateTime<Utc>,
) -> Result<BTreeSet<String>, RefreshFault> {
    if token.client != client.id {
        return Err(RefreshFault::OtherClient);
    }
    if token.issuer != client.issuer {
        return Err(RefreshFault::OtherIssuer);
    }
    if token.revoked_at.is_some() {
        return Err(RefreshFault::Revoked);
    }
    if now >= token.expires_at || now < token.issued_at {
        return Err(RefreshFault::Expired);
    }
    if token.used_at.is_some_and(|used_at| now - used_at >= grace(client)) {
        return Err(RefreshFault::Used);
    }
    match asked {
        None => Ok(token.details.scopes.clone()),
        Some(asked) => {
            // As at the login, a scope that nobody knows asks for nothing (OpenID Connect Core §3.1.2.1).
            let known = asked.iter().filter(|scope| SCOPES.contains(&scope.as_str()));
            let known: BTreeSet<String> = known.cloned().collect();
            let asks = asked.is_empty() || !known.is_empty();
            let kept = (asks && known.is_subset(&token.details.scopes)).then_some(known);
            kept.ok_or(RefreshFault::WiderScope)
        }
    }
}

/// How long after its use a token is taken once more.
pub fn grace(client: &Client) -> Duration {
    Duration::seconds(i64::from(client.settings.security.refresh_reuse_grace_seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::{client, issuer};
    use crate::{Acr, AuthMethod, ClaimsRequest, Profile};
    use kernel::{FixedClock, OpeningId, SeededRandomness};

    #[test]
    fn op_07_a_refresh_token_serves_its_client_once_within_its_chain_and_scopes() {
        let (client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        let at = "2026-11-22T08:00:00Z";
        let (clock, chance) = (FixedClock::at(at), SeededRandomness::new(9));
        let issued_at: DateTime<Utc> = at.parse().expect("time");
        let scopes = |names: &[&str]| -> BTreeSet<String> {
            names.iter().map(|name| (*name).to_owned()).collect()
        };
        let good = RefreshToken {
            issuer: issuer(),
            client: client.id,
            person: PersonId::new(&clock, &chance),
            session: SessionId::new(&clock, &chance),
            family: [1; 32],
            details: TokenDetails {
                scopes: scopes(&["openid", "profile"]),
                claims: ClaimsRequest::default(),
                sid: OpeningId::new(&clock, &chance),
                auth_time: issued_at,
                acr: Acr::Eidas2,
                amr: vec!["hwk".to_owned()],
                confirmation: None,
            },
            issued_at,
            expires_at: issued_at + Duration::hours(1),
            used_at: None,
            revoked_at: None,
        };
        let mut lenient = client.clone();
        lenient.settings.security.refresh_reuse_grace_seconds = 30;
        let other = Client { id: ClientId::new(&clock, &chance), ..client.clone() };
        let elsewhere = Client {
            issuer: "https://hygie.hopital.test/ej-b".parse().expect("issuer"),
            ..client.clone()
        };
        let used = RefreshToken { used_at: Some(issued_at), ..good.clone() };
        let revoked = RefreshToken { revoked_at: Some(issued_at), ..good.clone() };
        let wider = scopes(&["openid", "profile", "scope_all"]);
        let all = Ok(2);
        for (token, client, asked, seconds, expected) in [
            (&good, &client, None, 0, all),
            (&good, &client, None, 3599, all),
            (&good, &client, None, 3600, Err(RefreshFault::Expired)),
            (&good, &client, None, -1, Err(RefreshFault::Expired)),
            (&good, &client, Some(&scopes(&["openid"])), 1, Ok(1)),
            (&good, &client, Some(&wider), 1, Err(RefreshFault::WiderScope)),
            (&good, &client, Some(&scopes(&["openid", "offline_access"])), 1, Ok(1)),
            (&good, &client, Some(&scopes(&["offline_access"])), 1, Err(RefreshFault::WiderScope)),
            (&good, &other, None, 1, Err(RefreshFault::OtherClient)),
            (&good, &elsewhere, None, 1, Err(RefreshFault::OtherIssuer)),
            (&used, &client, None, 0, Err(RefreshFault::Used)),
            (&used, &other, None, 0, Err(RefreshFault::OtherClient)),
            (&used, &lenient, None, 29, all),
            (&used, &lenient, None, 30, Err(RefreshFault::Used)),
            (&revoked, &lenient, None, 1, Err(RefreshFault::Revoked)),
        ] {
            let now = issued_at + Duration::seconds(seconds);
            let judged = judge_refresh(token, client, asked, now).map(|scopes| scopes.len());
            assert_eq!(judged, expected, "{seconds} {asked:?}");
        }
    }
}
