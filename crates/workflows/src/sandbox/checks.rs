//! Checks under way: begun by an editor, armed with a play, told what was seen.
use super::Sandbox;
use crate::Workflows;
use chrono::{DateTime, Duration, Utc};
use kernel::{KeyError, Randomness, Secret};
use oidc::check::{CheckedClient, LogoutCall, LogoutVisitSeen, Play, Report, Told, Visit, judge};
use oidc::{InvalidRedirect, PostLogoutUri, RedirectUri};
use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};

/// As many at once; the oldest leaves for a new one.
const MOST_CHECKS: usize = 256;
const MOST_VISITS: usize = 200;
const KEPT: Duration = Duration::hours(24);

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
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// What an editor says of its client.
#[derive(Debug, Clone, Default)]
pub struct CheckDraft {
    pub name: String,
    pub redirect_uri: String,
    pub post_logout_redirect_uri: Option<String>,
    pub backchannel_logout_uri: Option<String>,
}

pub(crate) struct Check {
    pub client: CheckedClient,
    pub secret: Secret<String>,
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

#[derive(Default)]
pub(crate) struct Checks(BTreeMap<String, Check>);

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
    pub fn begin_check(&self, draft: CheckDraft) -> Result<CheckView, CheckError> {
        let sandbox = self.sandbox().ok_or(CheckError::Unknown)?;
        let demo = self.parts().public_origin.starts_with("http://");
        RedirectUri::register(&draft.redirect_uri, false, demo).map_err(CheckError::RedirectUri)?;
        if let Some(after) = &draft.post_logout_redirect_uri {
            PostLogoutUri::register(after, demo).map_err(CheckError::PostLogoutUri)?;
        }
        if draft.backchannel_logout_uri.as_deref().is_some_and(|uri| !oidc::is_callable(uri)) {
            return Err(CheckError::LogoutUri);
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
            secret: Secret::new(drawn(self.randomness())),
            begun_at: self.now(),
            next: Play::Normal,
            visits: Vec::new(),
            same_answer: None,
            codes: BTreeMap::new(),
            tokens: BTreeMap::new(),
            leavings: Vec::new(),
            calls: Vec::new(),
        };
        let view = check.view(&id);
        let (mut checks, now) = (sandbox.locked(), self.now());
        checks.0.retain(|_, check| now - check.begun_at < KEPT);
        if checks.0.len() >= MOST_CHECKS {
            let oldest = checks.0.iter().min_by_key(|(_, check)| check.begun_at);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                checks.0.remove(&oldest);
            }
        }
        checks.0.insert(id, check);
        Ok(view)
    }

    pub fn show_check(&self, id: &str) -> Result<CheckView, CheckError> {
        self.with_check(id, |check| Ok(check.view(id)))
    }

    /// What the next login is answered.
    pub fn arm_check(&self, id: &str, play: Play) -> Result<CheckView, CheckError> {
        self.with_check(id, |check| {
            check.next = play;
            Ok(check.view(id))
        })
    }

    /// What the application showed after this play was last played.
    pub fn tell_check(&self, id: &str, play: Play, told: Told) -> Result<CheckView, CheckError> {
        self.with_check(id, |check| {
            let last = check.visits.iter_mut().rfind(|visit| visit.play == play);
            last.ok_or(CheckError::NotPlayed)?.told = Some(told);
            Ok(check.view(id))
        })
    }

    pub(super) fn with_check<T>(
        &self,
        id: &str,
        act: impl FnOnce(&mut Check) -> Result<T, CheckError>,
    ) -> Result<T, CheckError> {
        let sandbox = self.sandbox().ok_or(CheckError::Unknown)?;
        let mut checks = sandbox.locked();
        act(checks.0.get_mut(id).ok_or(CheckError::Unknown)?)
    }
}

impl Sandbox {
    fn locked(&self) -> MutexGuard<'_, Checks> {
        // Each act leaves a check whole, whatever happened to the one before.
        self.checks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Check {
    fn view(&self, id: &str) -> CheckView {
        CheckView {
            id: id.to_owned(),
            client: self.client.clone(),
            secret: self.secret.expose().clone(),
            begun_at: self.begun_at,
            next: self.next,
            logins: self.visits.len(),
            report: judge(&self.client, &self.visits, &self.leavings, &self.calls),
        }
    }

    pub fn room(&self) -> Result<(), CheckError> {
        if self.visits.len() < MOST_VISITS { Ok(()) } else { Err(CheckError::Full) }
    }
}

/// 128 bits, in hexadecimal digits: the name of a check is what opens it.
pub(super) fn drawn(randomness: &dyn Randomness) -> String {
    let mut bytes = [0u8; 16];
    randomness.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
