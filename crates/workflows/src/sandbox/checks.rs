//! Checks under way: begun by an editor, armed with a play, told what was seen. They stand in the database, so that a report
//! outlives the process that saw it, and any node goes on with a check that another began.
use crate::Workflows;
use authentication::{ThrottleScope, around, network_of};
use chrono::{DateTime, Duration, Utc};
use kernel::{KeyError, KeyStore, Randomness, Secret};
use oidc::check::{CheckedClient, LogoutCall, LogoutVisitSeen, Play, Report, Told, Visit, judge};
use oidc::{InvalidRedirect, PostLogoutUri, RedirectUri};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::StoreError;

/// As many are kept, for a month each; the oldest leaves for a new one, once its editor had time to look at it.
const MOST_CHECKS: u64 = 10_000;
const LEFT_ALONE: Duration = Duration::hours(1);
const MOST_VISITS: usize = 200;
/// What requests say, in bytes, of all logins of a check: two hundred usual ones.
const MOST_TEXT: usize = 64 * 1024;
/// Of each visit, and of all: what comes beyond is answered, and not written down.
const MOST_CALLS: usize = 50;
const SEALED_FOR: &str = "connector-check";

#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// No sandbox, or no such check.
    #[error("no check has this name here")]
    Unknown,
    #[error("redirect address: {0}")]
    RedirectUri(InvalidRedirect),
    #[error("address after logout: {0}")]
    PostLogoutUri(InvalidRedirect),
    #[error("the address for logout calls is https, without user name or fragment")]
    LogoutUri,
    #[error("nothing of this was played yet")]
    NotPlayed,
    #[error("too many logins in one check: begin another")]
    Full,
    /// From this network, or from everybody.
    #[error("too many checks are begun: begin this one in some minutes")]
    TooMany,
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("what was kept of a check does not read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

/// What an editor says of its client.
#[derive(Debug, Clone, Default)]
pub struct CheckDraft {
    pub name: String,
    pub redirect_uri: String,
    pub post_logout_redirect_uri: Option<String>,
    pub backchannel_logout_uri: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Check {
    pub client: CheckedClient,
    pub secret: String,
    pub begun_at: DateTime<Utc>,
    pub next: Play,
    pub visits: Vec<Visit>,
    /// What goes to the browser a second time, and whose visit it was.
    pub same_answer: Option<(usize, String)>,
    /// One-time values of this check, with the rank of their visit.
    pub codes: BTreeMap<String, usize>,
    pub tokens: BTreeMap<String, usize>,
    pub leavings: Vec<LogoutVisitSeen>,
    pub calls: Vec<LogoutCall>,
}

/// A check as its page shows it.
#[derive(Debug, Clone)]
pub struct CheckView {
    pub id: String,
    pub client: CheckedClient,
    /// What the client proves itself with: worth nothing outside this check.
    pub secret: String,
    pub begun_at: DateTime<Utc>,
    pub next: Play,
    pub logins: usize,
    pub report: Report,
}

impl Workflows {
    /// A check of its own, found again by its name alone.
    pub async fn begin_check(
        &self,
        draft: CheckDraft,
        network: Option<&str>,
    ) -> Result<CheckView, CheckError> {
        self.sandbox().ok_or(CheckError::Unknown)?;
        let demo = self.parts().public_origin.starts_with("http://");
        RedirectUri::register(&draft.redirect_uri, false, demo).map_err(CheckError::RedirectUri)?;
        if let Some(after) = &draft.post_logout_redirect_uri {
            PostLogoutUri::register(after, demo).map_err(CheckError::PostLogoutUri)?;
        }
        if draft.backchannel_logout_uri.as_deref().is_some_and(|uri| !oidc::is_callable(uri)) {
            return Err(CheckError::LogoutUri);
        }
        if let Some(address) = network {
            let (network, around) = (network_of(address), around(address));
            let scopes = [
                ThrottleScope::Checks { network: &network },
                ThrottleScope::ChecksAround { around: &around },
            ];
            let counted = self.count_try(&scopes).await?;
            if counted.must_wait.is_some() {
                return Err(CheckError::TooMany);
            }
        }
        let id = drawn(self.randomness());
        let client = CheckedClient {
            name: draft.name.trim().chars().take(100).collect(),
            issuer: format!("{}/sandbox/op/{id}", self.parts().public_origin),
            client_id: format!("controle-{}", &id[..8]),
            redirect_uri: draft.redirect_uri,
            post_logout_redirect_uri: draft.post_logout_redirect_uri,
            backchannel_logout_uri: draft.backchannel_logout_uri,
        };
        let check = Check {
            client,
            secret: drawn(self.randomness()),
            begun_at: self.now(),
            next: Play::Normal,
            visits: Vec::new(),
            same_answer: None,
            codes: BTreeMap::new(),
            tokens: BTreeMap::new(),
            leavings: Vec::new(),
            calls: Vec::new(),
        };
        let sealed = check.sealed(self.keys())?;
        let before = check.begun_at - LEFT_ALONE;
        let room = (MOST_CHECKS, before);
        match self.store().upkeep().keep_check(&id, sealed, check.begun_at, room).await? {
            true => Ok(check.view(&id)),
            false => Err(CheckError::TooMany),
        }
    }

    pub async fn show_check(&self, id: &str) -> Result<CheckView, CheckError> {
        Ok(self.read_check(id).await?.view(id))
    }

    /// What the next login is answered.
    pub async fn arm_check(&self, id: &str, play: Play) -> Result<CheckView, CheckError> {
        self.with_check(id, |check| {
            check.next = play;
            Ok(check.view(id))
        })
        .await
    }

    /// What the application showed after this play was last played.
    pub async fn tell_check(
        &self,
        id: &str,
        play: Play,
        told: Told,
    ) -> Result<CheckView, CheckError> {
        self.with_check(id, |check| {
            let last = check.visits.iter_mut().rfind(|visit| visit.play == play);
            last.ok_or(CheckError::NotPlayed)?.told = Some(told);
            Ok(check.view(id))
        })
        .await
    }

    pub(super) async fn read_check(&self, id: &str) -> Result<Check, CheckError> {
        self.sandbox().ok_or(CheckError::Unknown)?;
        let sealed = self.store().read().connector_checks().find(id).await?;
        Check::opened(self.keys(), &sealed.ok_or(CheckError::Unknown)?)
    }

    /// One act on a check at a time, on whatever node. What an act that fails has changed is not kept.
    pub(super) async fn with_check<T: Send>(
        &self,
        id: &str,
        act: impl FnOnce(&mut Check) -> Result<T, CheckError> + Send,
    ) -> Result<T, CheckError> {
        self.sandbox().ok_or(CheckError::Unknown)?;
        let change = |held: &[u8]| {
            let done = Check::opened(self.keys(), held).and_then(|mut check| {
                let answer = act(&mut check)?;
                Ok((check.sealed(self.keys())?, answer))
            });
            match done {
                Ok((sealed, answer)) => (Some(sealed), Ok(answer)),
                Err(fault) => (None, Err(fault)),
            }
        };
        self.store().upkeep().change_check(id, change).await?.ok_or(CheckError::Unknown)?
    }
}

impl Check {
    fn opened(keys: &dyn KeyStore, sealed: &[u8]) -> Result<Self, CheckError> {
        Ok(serde_json::from_slice(keys.open(SEALED_FOR, sealed)?.expose())?)
    }

    fn sealed(&self, keys: &dyn KeyStore) -> Result<Vec<u8>, CheckError> {
        Ok(keys.seal(SEALED_FOR, &serde_json::to_vec(self)?)?)
    }

    fn view(&self, id: &str) -> CheckView {
        CheckView {
            id: id.to_owned(),
            client: self.client.clone(),
            secret: self.secret.clone(),
            begun_at: self.begun_at,
            next: self.next,
            logins: self.visits.len(),
            report: judge(&self.client, &self.visits, &self.leavings, &self.calls),
        }
    }

    pub fn room(&self) -> Result<(), CheckError> {
        let kept = self.visits.iter().map(Visit::text_length).sum::<usize>();
        let room = self.visits.len() < MOST_VISITS && kept < MOST_TEXT;
        if room { Ok(()) } else { Err(CheckError::Full) }
    }

    /// Compared in constant time.
    pub fn is_secret(&self, shown: &[u8]) -> bool {
        Secret::new(self.secret.clone()).matches(shown)
    }
}

/// Adds what was seen, while there is room for it.
pub(super) fn note<T>(seen: &mut Vec<T>, what: T) {
    if seen.len() < MOST_CALLS {
        seen.push(what);
    }
}

/// 128 bits, in hexadecimal digits: the name of a check is what opens it.
pub(super) fn drawn(randomness: &dyn Randomness) -> String {
    let mut bytes = [0u8; 16];
    randomness.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
