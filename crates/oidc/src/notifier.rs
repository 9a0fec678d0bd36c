//! Telling a client that a session ended (OpenID Connect Back-Channel Logout 1.0; threats OP-23).
use crate::Client;
use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use kernel::{OpeningId, Secret};
use serde_json::{Map, Value, json};

/// `typ` of a logout token, so that no other token is taken for one.
pub const JWS_TYPE_LOGOUT: &str = "logout+jwt";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const LIFE_SECONDS: i64 = 120;
/// The pauses between two attempts double from the first to the last.
const FIRST_PAUSE_SECONDS: i64 = 2;
const LONGEST_PAUSE_SECONDS: i64 = 600;
/// After a day, no session of the client is that old either.
const GIVEN_UP_AFTER_HOURS: i64 = 24;

/// Why a client was not told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotifyError {
    #[error("its host is not among those that the settings allow")]
    NotAllowed,
    #[error("it answered {status}")]
    Refused { status: u16 },
    #[error("it gave no answer in time")]
    TimedOut,
    #[error("it cannot be reached: {cause}")]
    Unreachable { cause: String },
}

impl NotifyError {
    /// One closed word, for the journal.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotAllowed => "not_allowed",
            Self::Refused { .. } => "refused",
            Self::TimedOut => "timed_out",
            Self::Unreachable { .. } => "unreachable",
        }
    }
}

/// Whoever carries the message; outside this appliance.
#[async_trait]
pub trait Notifier: Send + Sync {
    async fn log_out(&self, address: &str, logout_token: &str) -> Result<(), NotifyError>;
    /// Somebody whom the client had asked has answered (CIBA Core §10.2): `token` is the client's own, `id` its request's.
    async fn ping(
        &self,
        address: &str,
        token: &Secret<String>,
        id: &Secret<String>,
    ) -> Result<(), NotifyError>;
}

/// What the browser loads to tell a client that this opening is over (Front-Channel Logout 1.0 §3): its address, the query
/// of it kept, with whose session ended.
pub fn front_channel_call(client: &Client, sid: OpeningId) -> Option<String> {
    let address = client.settings.security.frontchannel_logout_uri.as_deref()?;
    let mut url = url::Url::parse(address).ok()?;
    url.query_pairs_mut()
        .append_pair("iss", client.issuer.as_str())
        .append_pair("sid", &sid.to_string());
    Some(url.into())
}

/// What a logout token says; `id` makes it serve once. Never a `nonce`: an ID token is none (§2.4).
pub fn logout_claims(
    client: &Client,
    subject: &str,
    sid: OpeningId,
    id: &str,
    now: DateTime<Utc>,
) -> Map<String, Value> {
    let claims = json!({
        "iss": client.issuer.as_str(),
        "aud": client.client_id,
        "sub": subject,
        "sid": sid.to_string(),
        "iat": now.timestamp(),
        "exp": now.timestamp() + LIFE_SECONDS,
        "jti": id,
        "events": { EVENT: {} },
    });
    match claims {
        Value::Object(claims) => claims,
        _ => Map::new(),
    }
}

/// When to try again after so many attempts, the last of them now; `None`: no more.
pub fn next_attempt(
    attempts: u32,
    ended_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    if now - ended_at >= Duration::hours(GIVEN_UP_AFTER_HOURS) {
        return None;
    }
    let doubled = FIRST_PAUSE_SECONDS << attempts.saturating_sub(1).min(16);
    Some(now + Duration::seconds(doubled.min(LONGEST_PAUSE_SECONDS)))
}

/// When to call again of an answer; `None`: no more. Who refuses is not asked again (CIBA Core §10.2), and once the
/// request is over there is nothing left to fetch.
pub fn next_ping(
    error: &NotifyError,
    attempts: u32,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let passing = match error {
        NotifyError::NotAllowed => false,
        NotifyError::Refused { status } => *status >= 500 || *status == 429,
        NotifyError::TimedOut | NotifyError::Unreachable { .. } => true,
    };
    let doubled = FIRST_PAUSE_SECONDS << attempts.saturating_sub(1).min(6);
    let next = now + Duration::seconds(doubled);
    (passing && now < expires_at).then(|| next.min(expires_at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::client;
    use crate::{AuthMethod, Profile};
    use kernel::{FixedClock, SeededRandomness};

    #[test]
    fn op_23_a_logout_token_names_the_opening_for_two_minutes_and_is_no_id_token() {
        let (client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        let at = "2026-11-22T08:00:00Z";
        let (clock, chance) = (FixedClock::at(at), SeededRandomness::new(5));
        let sid = OpeningId::new(&clock, &chance);
        let claims = logout_claims(&client, "p", sid, "j", at.parse().expect("time"));
        let names: Vec<&str> = claims.keys().map(String::as_str).collect();
        assert_eq!(names, ["aud", "events", "exp", "iat", "iss", "jti", "sid", "sub"]);
        assert_eq!(claims["events"], json!({ EVENT: {} }));
        assert_eq!(claims["sid"], sid.to_string());
        let life = claims["exp"].as_i64().zip(claims["iat"].as_i64()).map(|(exp, iat)| exp - iat);
        assert_eq!(life, Some(120));
    }

    #[test]
    fn attempts_back_off_and_end_after_a_day() {
        let ended: DateTime<Utc> = "2026-11-22T08:00:00Z".parse().expect("time");
        let pause =
            |attempts| next_attempt(attempts, ended, ended).map(|at| (at - ended).num_seconds());
        let pauses: Vec<_> = [1, 2, 3, 8, 9, 10, 40].into_iter().map(pause).collect();
        let expected = [2, 4, 8, 256, 512, 600, 600].map(Some);
        assert_eq!(pauses, expected);
        assert_eq!(next_attempt(99, ended, ended + Duration::hours(24)), None);
    }
}
