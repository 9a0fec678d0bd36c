//! Logins that are approved elsewhere than where they were asked: on a device without a browser (RFC 8628), or by a call of
//! the application (OpenID Connect CIBA Core 1.0, poll). Off unless a client was given it (threats OP-26).
use crate::{Acr, Client, ErrorCode, Issuer, OAuthError};
use chrono::{DateTime, Duration, Utc};
use kernel::{ClientId, HandleKind, OpeningId, PersonId, Randomness, SessionId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Nobody is asked for longer: who walks away leaves nothing to approve.
pub const DECOUPLED_SECONDS: u32 = 120;
/// Seconds between two questions of the client.
pub const POLL_SECONDS: i64 = 5;
/// How long a yes waits to be fetched, once nobody may be asked any more.
pub const FETCH_SECONDS: i64 = 30;
/// What waits of a client that proves nothing: anybody asks in its name.
pub const MOST_PENDING_PUBLIC: u64 = 200;
/// Refusals of one person after which a client waits.
pub const MOST_REFUSALS: u64 = 3;
pub const REFUSAL_MINUTES: i64 = 10;
/// Read aloud without doubt: no vowels, nothing that looks like another (RFC 8628 §6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LETTERS_OF_CODE: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DecoupledKind {
    Backchannel,
    Device,
}

impl DecoupledKind {
    pub const ALL: [Self; 2] = [Self::Backchannel, Self::Device];
    pub fn name(self) -> &'static str {
        match self {
            Self::Backchannel => "backchannel",
            Self::Device => "device",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
    /// What its client holds.
    pub fn handle(self) -> HandleKind {
        match self {
            Self::Backchannel => HandleKind::AuthRequest,
            Self::Device => HandleKind::DeviceCode,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DecoupledState {
    Pending,
    Approved,
    Denied,
    /// It gave its tokens.
    Used,
    /// Its client asked again: the later one alone waits.
    Replaced,
}

impl DecoupledState {
    pub const ALL: [Self; 5] =
        [Self::Pending, Self::Approved, Self::Denied, Self::Used, Self::Replaced];
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Used => "used",
            Self::Replaced => "replaced",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What was asked; kept as one text by the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecoupledDetails {
    pub scopes: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_acr: Option<Acr>,
    /// What both screens show, so that nobody approves another's request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding_message: Option<String>,
}

impl DecoupledDetails {
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("details have text keys and no floats")
    }
    pub fn from_text(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

/// A request as the store keeps it, beside the hash of its handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecoupledRequest {
    pub kind: DecoupledKind,
    pub issuer: Issuer,
    pub client: ClientId,
    /// Whom it is for; of a device, whoever typed its code.
    pub person: Option<PersonId>,
    /// Of a device: the hash of what a person types.
    pub user_code: Option<[u8; 32]>,
    pub details: DecoupledDetails,
    pub state: DecoupledState,
    /// The session that approved it: its tokens live on it.
    pub session: Option<(SessionId, OpeningId)>,
    pub asked_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub polled_at: Option<DateTime<Utc>>,
}

/// Judges one question of the client. `Ok`: it was approved, and gives its tokens now.
pub fn judge_poll(
    request: &DecoupledRequest,
    client: &Client,
    now: DateTime<Utc>,
) -> Result<(), OAuthError> {
    if request.client != client.id || request.issuer != client.issuer {
        return Err(OAuthError::invalid_grant());
    }
    let soon = request.polled_at.is_some_and(|at| now - at < Duration::seconds(POLL_SECONDS));
    match request.state {
        DecoupledState::Used => Err(OAuthError::invalid_grant()),
        DecoupledState::Replaced => {
            Err(OAuthError::new(ErrorCode::ExpiredToken, "a later request took its place"))
        }
        DecoupledState::Denied => {
            Err(OAuthError::new(ErrorCode::AccessDenied, "the person said no"))
        }
        DecoupledState::Pending if now >= request.expires_at => {
            Err(OAuthError::new(ErrorCode::ExpiredToken, "nobody approved it in time"))
        }
        // Her yes may come in the last second: the client still asks once or twice after it.
        DecoupledState::Approved
            if now >= request.expires_at + Duration::seconds(FETCH_SECONDS) =>
        {
            Err(OAuthError::new(ErrorCode::ExpiredToken, "its tokens were not fetched in time"))
        }
        DecoupledState::Pending if soon => Err(asked_too_soon()),
        DecoupledState::Pending => {
            Err(OAuthError::new(ErrorCode::AuthorizationPending, "nobody approved it yet"))
        }
        DecoupledState::Approved => Ok(()),
    }
}

pub fn asked_too_soon() -> OAuthError {
    OAuthError::new(ErrorCode::SlowDown, "ask every five seconds at most")
}

/// What a person types: eight letters, in two halves.
pub fn new_user_code(chance: &dyn Randomness) -> String {
    let mut code = String::with_capacity(LETTERS_OF_CODE + 1);
    while code.len() <= LETTERS_OF_CODE {
        let mut byte = [0u8];
        chance.fill(&mut byte);
        // 240 is the last multiple of twenty: no letter is likelier than another.
        if byte[0] < 240 {
            code.push(char::from(LETTERS[usize::from(byte[0] % 20)]));
            if code.len() == LETTERS_OF_CODE / 2 {
                code.push('-');
            }
        }
    }
    code
}

/// How a code is looked up, whatever the typing: small letters, spaces and hyphens are no matter.
pub fn user_code_hash(typed: &str) -> Option<[u8; 32]> {
    if typed.len() > 64 {
        return None;
    }
    let kept: String = typed
        .chars()
        .filter(|letter| !matches!(letter, ' ' | '-'))
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    let ours = kept.len() == LETTERS_OF_CODE && kept.bytes().all(|byte| LETTERS.contains(&byte));
    ours.then(|| {
        let mut hash = Sha256::new();
        hash.update(b"hygie-user-code\0");
        hash.update(kept.as_bytes());
        hash.finalize().into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::{NOW, client, issuer};
    use crate::{AuthMethod, Profile};
    use kernel::SeededRandomness;

    #[test]
    fn op_26_a_code_is_read_aloud_and_typed_in_any_way() {
        let chance = SeededRandomness::new(8);
        let mut codes = BTreeSet::new();
        for _ in 0..500 {
            let code = new_user_code(&chance);
            assert_eq!(code.len(), 9, "{code}");
            let typed = code.to_lowercase().replace('-', " ");
            assert_eq!(user_code_hash(&typed), user_code_hash(&code));
            assert!(user_code_hash(&code).is_some());
            codes.insert(code);
        }
        assert_eq!(codes.len(), 500);
        for bad in ["", "BCDF", "BCDF-GHJA", "BCDF-GHJK-L", "'; DROP", &"B".repeat(70)] {
            assert_eq!(user_code_hash(bad), None, "{bad}");
        }
    }

    #[test]
    fn op_26_only_its_client_is_answered_and_only_what_was_approved_gives_tokens() {
        let (client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        let asked_at: DateTime<Utc> = NOW.parse().expect("time");
        let request = |state, polled: Option<i64>| DecoupledRequest {
            kind: DecoupledKind::Device,
            issuer: issuer(),
            client: client.id,
            person: None,
            user_code: None,
            details: DecoupledDetails {
                scopes: BTreeSet::new(),
                minimum_acr: None,
                binding_message: None,
            },
            state,
            session: None,
            asked_at,
            expires_at: asked_at + Duration::seconds(120),
            polled_at: polled.map(|after| asked_at + Duration::seconds(after)),
        };
        use DecoupledState::{Approved, Denied, Pending, Replaced, Used};
        for (state, polled, after, expected) in [
            (Pending, None, 0, "authorization_pending"),
            (Pending, Some(0), 4, "slow_down"),
            (Pending, Some(0), 5, "authorization_pending"),
            (Pending, None, 120, "expired_token"),
            (Denied, None, 1, "access_denied"),
            (Denied, None, 500, "access_denied"),
            (Used, None, 1, "invalid_grant"),
            (Replaced, None, 1, "expired_token"),
            (Approved, Some(0), 1, "ok"),
            (Approved, None, 149, "ok"),
            (Approved, None, 150, "expired_token"),
        ] {
            let now = asked_at + Duration::seconds(after);
            let judged = judge_poll(&request(state, polled), &client, now);
            let told = judged.map_or_else(|error| error.code.name(), |()| "ok");
            assert_eq!(told, expected, "{state:?} {polled:?} {after}");
            let elsewhere = Client {
                issuer: "https://other.hopital.test".parse().expect("issuer"),
                ..client.clone()
            };
            let judged = judge_poll(&request(state, polled), &elsewhere, now);
            assert_eq!(judged, Err(OAuthError::invalid_grant()));
        }
    }
}
