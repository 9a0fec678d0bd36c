//! What a client asks: that a person be asked (CIBA), or a code that a device shows (RFC 8628).
use super::super::OidcError;
use crate::Workflows;
use audit::{AuditEvent, Code};
use authentication::{ThrottleScope, network_of};
use chrono::Duration;
use kernel::{ActorId, Handle, PersonId, Secret};
use oidc::{
    AuthMethod, Client, DECOUPLED_SECONDS, DecoupledAsk, DecoupledDetails, DecoupledKind,
    DecoupledRequest, DecoupledState, ErrorCode, MOST_PENDING, MOST_PENDING_PUBLIC, MOST_REFUSALS,
    OAuthError, POLL_SECONDS, ProviderEndpoints, REFUSAL_MINUTES, RequestObjectFault,
    new_user_code, read_signed_ask, user_code_hash,
};
use store::Transaction;

/// What the client is told of the request that it made.
pub struct DecoupledAnswer {
    pub handle: Handle,
    /// Of a device: what a person types, and where.
    pub user_code: Option<String>,
    pub verification_uri: String,
    pub expires_in: u32,
    pub interval: i64,
}

/// What is kept of a request that was judged.
struct Asked {
    details: DecoupledDetails,
    person: Option<PersonId>,
    life: Duration,
    /// What the client wants to be called with.
    call: Option<Secret<String>>,
}

impl Workflows {
    pub async fn ask_elsewhere(
        &self,
        ask: DecoupledAsk,
        kind: DecoupledKind,
    ) -> Result<DecoupledAnswer, OidcError> {
        let endpoint = match kind {
            DecoupledKind::Backchannel => ProviderEndpoints::BACKCHANNEL,
            DecoupledKind::Device => ProviderEndpoints::DEVICE,
        };
        let client = self.authenticate_client(&ask.credentials, &ask.channel, endpoint).await?;
        if !is_granted(&client, kind) {
            let description = "this client was not given this way of logging in";
            let error = OAuthError::new(ErrorCode::UnauthorizedClient, description);
            return self.refuse_client(error, Some(&client), "grant_not_granted").await;
        }
        self.ask_in_turn(&ask, kind, &client).await?;
        let ask = self.open_ask(ask, kind, &client).await?;
        let read = ask.details(&client, kind).and_then(|details| Ok((details, ask.life()?)));
        let (details, life) = match read {
            Ok(read) => read,
            Err(error) => {
                return self.refuse_client(error, Some(&client), error.code.name()).await;
            }
        };
        let person = match kind {
            DecoupledKind::Device => None,
            DecoupledKind::Backchannel => Some(self.meant_person(&ask, &client).await?),
        };
        let pinged = kind == DecoupledKind::Backchannel
            && client.settings.security.backchannel_notification_uri.is_some();
        let call = match pinged.then(|| ask.notification_token()).transpose() {
            Ok(call) => call,
            Err(error) => {
                return self.refuse_client(error, Some(&client), "no_notification_token").await;
            }
        };
        self.keep_ask(&client, kind, Asked { details, person, life, call }).await
    }

    /// Nobody proves to be a public client, and each of its askings is kept: a network that asks for many waits, so that it
    /// takes the places of no other.
    async fn ask_in_turn(
        &self,
        ask: &DecoupledAsk,
        kind: DecoupledKind,
        client: &Client,
    ) -> Result<(), OidcError> {
        let proved = client.settings.auth != AuthMethod::None;
        let (Some(network), DecoupledKind::Device, false) = (&ask.network, kind, proved) else {
            return Ok(());
        };
        let network = network_of(network);
        let counted = self.count_try(&[ThrottleScope::DeviceAsks { network: &network }]).await?;
        if counted.must_wait.is_none() {
            return Ok(());
        }
        let description = "too many codes were asked from this network: ask again in a minute";
        let error = OAuthError::new(ErrorCode::TemporarilyUnavailable, description);
        self.refuse_client(error, Some(client), "device_asks_wait").await
    }

    /// The request with the parameters that count: those that were signed, where it is.
    async fn open_ask(
        &self,
        ask: DecoupledAsk,
        kind: DecoupledKind,
        client: &Client,
    ) -> Result<DecoupledAsk, OidcError> {
        if kind == DecoupledKind::Device {
            if !ask.is_signed() {
                return Ok(ask);
            }
            let error = OAuthError::invalid_request("a device signs nothing");
            return self.refuse_client(error, Some(client), "request_object").await;
        }
        let signed = match ask.signed(client) {
            Ok(object) => object.map(str::to_owned),
            Err(error) => return self.refuse_client(error, Some(client), "request_object").await,
        };
        let Some(signed) = signed else { return Ok(ask) };
        let now = self.now();
        let unknown = |fault: &RequestObjectFault| *fault == RequestObjectFault::Signature;
        let judge = |client: &Client| read_signed_ask(&signed, client, now);
        let error = OAuthError::invalid_request(
            "the signed request is not one of this client for this issuer, now",
        );
        let (pairs, once) = match self.by_keys_of(client, unknown, judge).await {
            Ok(read) => read,
            Err(fault) => {
                tracing::info!(%fault, client.id = %client.id, "a signed request was refused");
                return self.refuse_client(error, Some(client), "request_object").await;
            }
        };
        if !self.is_first(client, "backchannel-request", &once).await? {
            return self.refuse_client(error, Some(client), "request_object_replayed").await;
        }
        match ask.with_signed(&pairs) {
            Ok(ask) => Ok(ask),
            Err(error) => self.refuse_client(error, Some(client), "request_object").await,
        }
    }

    async fn keep_ask(
        &self,
        client: &Client,
        kind: DecoupledKind,
        asked: Asked,
    ) -> Result<DecoupledAnswer, OidcError> {
        let Asked { details, person, life, call } = asked;
        let handle = Handle::new(kind.handle(), self.randomness());
        let typed = (kind == DecoupledKind::Device).then(|| new_user_code(self.randomness()));
        let now = self.now();
        let request = DecoupledRequest {
            kind,
            issuer: client.issuer.clone(),
            client: client.id,
            person,
            user_code: typed.as_deref().and_then(user_code_hash),
            details,
            state: DecoupledState::Pending,
            session: None,
            asked_at: now,
            expires_at: now + life,
            polled_at: None,
        };
        let tx = self.store().begin().await?;
        if let Some((error, reason)) = self.unwelcome(&tx, client, person).await? {
            drop(tx);
            // Her journal, and hers alone of all people's, tells that somebody insists.
            return self.refuse_client_about(error, (client, person), reason).await;
        }
        tx.decoupled().insert(&handle.hash(), &request).await?;
        if let Some(token) = &call {
            self.keep_ping(&tx, client.id, &handle, token, request.expires_at).await?;
        }
        let (by, kind) = (ActorId::Client { client: client.id }, Code::of(kind.name()));
        tx.commit(AuditEvent::LoginAskedElsewhere { by, person, client: client.id, kind }).await?;
        let seconds = u32::try_from(life.num_seconds()).unwrap_or(DECOUPLED_SECONDS);
        Ok(DecoupledAnswer {
            handle,
            user_code: typed,
            verification_uri: client.issuer.url("/device"),
            expires_in: seconds,
            interval: POLL_SECONDS,
        })
    }

    /// Why nobody is asked now, if so. One request waits for a person at a time: her row is held, so that two that come at
    /// once are two. A client's later one takes the place of its own; of somebody else's, none does.
    async fn unwelcome(
        &self,
        tx: &Transaction,
        client: &Client,
        person: Option<PersonId>,
    ) -> Result<Option<(OAuthError, &'static str)>, OidcError> {
        let now = self.now();
        if let Some(person) = person {
            tx.people().hold(person).await?;
            tx.decoupled().replace(person, client.id).await?;
            let since = now - Duration::minutes(REFUSAL_MINUTES);
            let refusals = tx.decoupled().refusals(person, client.id, since).await?;
            let description = "this person is not asked again now";
            let error = OAuthError::new(ErrorCode::AccessDenied, description);
            if refusals >= MOST_REFUSALS {
                return Ok(Some((error, "refused_too_often")));
            }
            if !tx.decoupled().waiting_for(person, now).await?.is_empty() {
                return Ok(Some((error, "one_is_waiting")));
            }
        }
        // Nobody proves to be a public client: anybody asks in its name, and each asking is written down.
        let most = match client.settings.auth {
            AuthMethod::None => MOST_PENDING_PUBLIC,
            _ => MOST_PENDING,
        };
        let crowded = tx.decoupled().pending(client.id, now).await? >= most;
        let description = "as many requests of this client wait as may: ask again in a minute";
        let error = OAuthError::new(ErrorCode::TemporarilyUnavailable, description);
        Ok(crowded.then_some((error, "too_many_pending")))
    }
}

pub(super) fn is_granted(client: &Client, kind: DecoupledKind) -> bool {
    let security = &client.settings.security;
    match kind {
        DecoupledKind::Backchannel => {
            security.backchannel_login && client.settings.auth != AuthMethod::None
        }
        DecoupledKind::Device => security.device_login,
    }
}
