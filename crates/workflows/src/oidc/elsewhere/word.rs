//! What waits for a person's word, and what she says.
use super::super::OidcError;
use super::super::facts::level_of;
use super::super::pings::fall_due;
use crate::Workflows;
use crate::issue::identity_standing;
use crate::login::Current;
use audit::{AuditEvent, Code, Digest};
use authentication::{Level, ThrottleScope};
use chrono::{DateTime, Duration, Utc};
use kernel::{ActorId, ClientId, HandleHash};
use oidc::{Client, DecoupledKind, DecoupledRequest, DecoupledState, user_code_hash};
use sessions::{IdentityStanding, Refusal};

/// What waits for somebody's word, as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingRequest {
    /// Hexadecimal, of the handle's hash: it opens nothing by itself.
    pub reference: String,
    pub kind: DecoupledKind,
    pub client: ClientId,
    pub application: String,
    pub binding_message: Option<String>,
    pub asked_at: DateTime<Utc>,
    /// What her login must be worth for this application.
    pub level: Level,
    /// She logged in since it was asked, and well enough: her word counts.
    pub proved: bool,
    /// She proved something since it was asked, and it was not enough.
    pub fell_short: bool,
}

/// What stands under a code that somebody typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    Found(WaitingRequest),
    /// Nothing waits under it.
    Unknown,
    /// Too many wrong ones: this one was not looked at.
    Wait(Duration),
}

/// What came of somebody's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    Approved,
    Denied,
    /// It is over, or not hers.
    Gone,
    /// She must log in first.
    ProveFirst,
    /// The application takes people with a verified national identity alone, and none is linked to her.
    NoIdentity,
}

impl Workflows {
    /// What applications ask of whoever is logged in here.
    pub async fn waiting_requests(
        &self,
        current: &Current,
    ) -> Result<Vec<WaitingRequest>, OidcError> {
        let (reader, now) = (self.store().read(), self.now());
        let found = reader.decoupled().waiting_for(current.session.person, now).await?;
        let mut waiting = Vec::new();
        for (hash, request) in found {
            waiting.extend(self.waiting(current, &hash, request).await?);
        }
        Ok(waiting)
    }

    /// The request of a device whose code was typed here. Each code counts before it is looked at (RFC 8628 §5.1).
    pub async fn request_of_code(
        &self,
        current: &Current,
        typed: &str,
    ) -> Result<Typed, OidcError> {
        let scopes = [ThrottleScope::UserCodes { person: current.session.person }];
        let counted = self.count_try(&scopes).await?;
        if let Some(wait) = counted.must_wait {
            self.trace_guess(current, "user_code_too_soon").await?;
            return Ok(Typed::Wait(wait));
        }
        let Some(waiting) = self.waiting_under(current, typed).await? else {
            self.trace_guess(current, "user_code_unknown").await?;
            return Ok(Typed::Unknown);
        };
        // Its own try, and no other: whoever guesses may hold a code of his own.
        self.give_try_back(&scopes, &counted).await?;
        Ok(Typed::Found(waiting))
    }

    async fn waiting_under(
        &self,
        current: &Current,
        typed: &str,
    ) -> Result<Option<WaitingRequest>, OidcError> {
        let Some(code) = user_code_hash(typed) else { return Ok(None) };
        match self.store().read().decoupled().by_user_code(&code, self.now()).await? {
            Some((hash, request)) => self.waiting(current, &hash, request).await,
            None => Ok(None),
        }
    }

    /// Somebody typed a code under which nothing waits, or types too fast.
    async fn trace_guess(&self, current: &Current, reason: &'static str) -> Result<(), OidcError> {
        let person = current.session.person;
        let event = AuditEvent::AuthorizeRefused {
            by: ActorId::Person { person },
            person: Some(person),
            client: None,
            session: Some(current.session.id),
            reason: Code::of(reason),
            reference: self.reference(),
        };
        let place = Digest::of(person.to_string().as_bytes());
        Ok(self.trace_bounded(reason, Some(place), event).await?)
    }

    async fn waiting(
        &self,
        current: &Current,
        hash: &HandleHash,
        request: DecoupledRequest,
    ) -> Result<Option<WaitingRequest>, OidcError> {
        let client = self.store().read().clients().find(request.client).await?;
        let Some(client) = client.filter(|client| client.is_open(self.now())) else {
            return Ok(None);
        };
        Ok(Some(WaitingRequest {
            reference: hash.0.iter().map(|byte| format!("{byte:02x}")).collect(),
            kind: request.kind,
            client: client.id,
            level: level_needed(&request, &client),
            proved: is_proved(current, &request, &client),
            fell_short: !is_proved(current, &request, &client)
                && current.session.proofs.iter().any(|proof| proof.at() >= request.asked_at),
            application: client.name,
            binding_message: request.details.binding_message,
            asked_at: request.asked_at,
        }))
    }

    /// A person's word on a request: hers, or the one whose code she typed.
    pub async fn decide_elsewhere(
        &self,
        current: &Current,
        reference: &str,
        typed: Option<&str>,
        approve: bool,
    ) -> Result<Decided, OidcError> {
        let Some(hash) = oidc::hash_of_reference(reference) else { return Ok(Decided::Gone) };
        let (session, now) = (&current.session, self.now());
        let tx = self.store().begin().await?;
        // The person before what waits for her, as whoever asks her does.
        tx.people().hold(session.person).await?;
        let Some(request) = tx.decoupled().lock(&hash).await? else { return Ok(Decided::Gone) };
        let hers = match request.kind {
            DecoupledKind::Backchannel => request.person == Some(session.person),
            DecoupledKind::Device => {
                request.user_code.is_some() && request.user_code == typed.and_then(user_code_hash)
            }
        };
        let waits = request.state == DecoupledState::Pending && now < request.expires_at;
        let client = tx.clients().find(request.client).await?;
        let Some(client) = client.filter(|client| hers && waits && client.is_open(now)) else {
            return Ok(Decided::Gone);
        };
        if approve && !is_proved(current, &request, &client) {
            return Ok(Decided::ProveFirst);
        }
        let unknown = approve
            && client.settings.security.needs_national_identity
            && identity_standing(&tx.national_identities().to_tell(session.person).await?)
                == IdentityStanding::Missing;
        let approve = approve && !unknown;
        let state = if approve { DecoupledState::Approved } else { DecoupledState::Denied };
        let decided = DecoupledRequest {
            state,
            person: Some(session.person),
            session: Some((session.id, session.sid)),
            ..request.clone()
        };
        tx.decoupled().save(&hash, &decided).await?;
        fall_due(&tx, &hash, now).await?;
        let (client, kind) = (client.id, Code::of(request.kind.name()));
        let by = ActorId::Person { person: session.person };
        let (person, session) = (session.person, session.id);
        let refused = AuditEvent::AuthorizeRefused {
            by: by.clone(),
            person: Some(person),
            client: Some(client),
            session: Some(session),
            reason: Code::of(Refusal::NoNationalIdentity.code()),
            reference: self.reference(),
        };
        let (event, decided) = match (unknown, approve) {
            (true, _) => (refused, Decided::NoIdentity),
            (false, true) => (
                AuditEvent::LoginApprovedElsewhere { by, person, client, session, kind },
                Decided::Approved,
            ),
            (false, false) => (
                AuditEvent::LoginDeniedElsewhere { by, person, client, session, kind },
                Decided::Denied,
            ),
        };
        tx.commit(event).await?;
        Ok(decided)
    }
}

fn is_proved(current: &Current, request: &DecoupledRequest, client: &Client) -> bool {
    let assurance = &current.assurance;
    assurance.auth_time >= request.asked_at && assurance.level >= level_needed(request, client)
}

fn level_needed(request: &DecoupledRequest, client: &Client) -> Level {
    let least = client.settings.least_level();
    level_of(request.details.minimum_acr.map_or(least, |asked| asked.max(least)))
}
