//! What a login under way knows: kept as JSON in its row, read by this module alone.
use super::{LoginError, Visit};
use crate::Workflows;
use authentication::{Demand, Level, LoginCeremony, MeansKind, Proof, RegistrationCeremony};
use chrono::{DateTime, Duration, Utc};
use kernel::{ClientId, EnrolmentCodeId, Handle, HandleKind};
use oidc::ClientPages;
use serde::{Deserialize, Serialize};
use store::{Login, Transaction};

/// A page left open is worth nothing after five minutes (console, L23).
pub(super) const LIFE: Duration = Duration::minutes(5);
pub(super) const LOGIN: &str = "login";
pub(super) const ENROLMENT: &str = "enrolment";

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub(super) enum Step {
    Choice,
    /// A name was typed; whether anybody bears it is not said.
    Password {
        name: String,
    },
    /// A challenge waits for its one answer.
    Key {
        options: String,
        ceremony: String,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct LoginState {
    pub step: Step,
    pub next: String,
    pub application: Option<String>,
    #[serde(default, skip_serializing_if = "ClientPages::is_empty")]
    pub pages: ClientPages,
    pub client: Option<ClientId>,
    /// Name of the level asked by who sent here.
    pub level: String,
    pub two_factors: bool,
    #[serde(default)]
    pub later: Option<String>,
    #[serde(default)]
    pub cancel: Option<String>,
    /// The listener of cards may come back with one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub awaits_card: bool,
    /// Proofs of this login, as [`Proof::texts`] keeps them.
    pub proofs: String,
}

impl LoginState {
    pub fn proofs(&self) -> Result<Vec<Proof>, LoginError> {
        Proof::from_texts(&self.proofs).map_err(|_| LoginError::Over)
    }
    pub fn add(&mut self, proof: Proof) -> Result<(), LoginError> {
        let mut proofs = self.proofs()?;
        proofs.push(proof);
        self.proofs = Proof::texts(&proofs);
        Ok(())
    }
    pub fn level(&self) -> Level {
        Level::from_name(&self.level).unwrap_or(Level::Eleve)
    }
    /// What must be proved here, on this listener.
    pub fn demand(&self, base: &Demand) -> Demand {
        base.join(&Demand {
            level: self.level(),
            two_factors: self.two_factors,
            ..Demand::anything()
        })
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct EnrolState {
    pub code: EnrolmentCodeId,
    pub kind: String,
    /// The first administrator's link led here, and not a code of the desk.
    pub first: bool,
    pub options: Option<String>,
    pub ceremony: Option<String>,
}

impl EnrolState {
    pub fn kind(&self) -> Result<MeansKind, LoginError> {
        MeansKind::from_name(&self.kind).ok_or(LoginError::Over)
    }
}

pub(super) fn text<T: Serialize>(state: &T) -> String {
    serde_json::to_string(state).expect("states are plain JSON")
}

/// A login of this browser, with what it knows.
pub(super) struct Underway<T> {
    pub login: Login,
    pub state: T,
}

impl<T: Serialize> Underway<T> {
    fn write_down(&mut self, now: DateTime<Utc>) {
        self.login.state = text(&self.state);
        self.login.expires_at = now + LIFE;
    }
}

impl Workflows {
    /// The login of this handle, if it is of this browser, this listener and this purpose, and not too old.
    pub(super) async fn underway<T: for<'a> Deserialize<'a>>(
        &self,
        visit: &Visit<'_>,
        handle: &str,
        purpose: &str,
    ) -> Result<Underway<T>, LoginError> {
        let handle = Handle::parse(HandleKind::Login, handle).map_err(|_| LoginError::Over)?;
        let found = self.store().read().logins().find(&handle.hash()).await?;
        let login = found.ok_or(LoginError::Over)?;
        let same_place = login.browser == visit.browser.hash()
            && login.listener == visit.listener
            && login.purpose == purpose;
        if !same_place || login.expires_at <= self.now() {
            return Err(LoginError::Over);
        }
        let state = serde_json::from_str(&login.state).map_err(|_| LoginError::Over)?;
        Ok(Underway { login, state })
    }

    /// Begins one; the handle goes into the page.
    pub(super) async fn begin_underway<T: Serialize>(
        &self,
        visit: &Visit<'_>,
        purpose: &str,
        state: &T,
    ) -> Result<(Handle, Login), LoginError> {
        let handle = Handle::new(HandleKind::Login, self.randomness());
        let login = Login {
            handle: handle.hash(),
            browser: visit.browser.hash(),
            listener: visit.listener,
            purpose: purpose.to_owned(),
            state: text(state),
            person: None,
            expires_at: self.now() + LIFE,
            version: 1,
        };
        self.store().upkeep().begin_login(&login).await?;
        Ok((handle, login))
    }

    /// Moves one on. A replayed request finds the version changed and ends here.
    pub(super) async fn move_on<T: Serialize>(
        &self,
        underway: &mut Underway<T>,
    ) -> Result<(), LoginError> {
        underway.write_down(self.now());
        self.store().upkeep().save_login(&underway.login).await?;
        underway.login.version += 1;
        Ok(())
    }

    /// The same, within the act that this request makes.
    pub(super) async fn move_on_in<T: Serialize>(
        &self,
        tx: &Transaction,
        underway: &mut Underway<T>,
    ) -> Result<(), LoginError> {
        underway.write_down(self.now());
        tx.logins().save(&underway.login).await?;
        underway.login.version += 1;
        Ok(())
    }
}

pub(super) fn login_ceremony(text: &str) -> Result<LoginCeremony, LoginError> {
    LoginCeremony::from_text(text).map_err(|_| LoginError::Over)
}

pub(super) fn registration_ceremony(text: &str) -> Result<RegistrationCeremony, LoginError> {
    RegistrationCeremony::from_text(text).map_err(|_| LoginError::Over)
}

/// The longest that a proof of this transaction may be old.
pub(super) fn oldest_proof(now: DateTime<Utc>) -> DateTime<Utc> {
    now - LIFE - LIFE
}
