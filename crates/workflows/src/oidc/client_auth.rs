//! Who calls the provider without a browser: each client by the one method that it registered (threats OP-10, OP-11).
use super::OidcError;
use crate::Workflows;
use audit::{AuditEvent, Code, Digest, Reference};
use kernel::{ActorId, PersonId};
use oidc::{
    AssertionFault, AuthMethod, CertificateFault, Channel, Client, ClientCredentials, OAuthError,
    OnceOnly, ProviderEndpoints, judge_assertion, judge_certificate,
};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use store::ReadClient;

/// More than a hospital has clients.
const MOST_KNOWN: usize = 1_000;

/// Clients as they were read last, by name. What is kept here decides nothing: it is compared with the row that stands,
/// when the row is read again ([`Workflows::client_now`]) or in the act that gives ([`Workflows::client_from_before`]).
#[derive(Default)]
pub(crate) struct KnownClients(RwLock<HashMap<String, Arc<ReadClient>>>);

impl KnownClients {
    fn find(&self, name: &str) -> Option<Arc<ReadClient>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    fn keep(&self, read: &Arc<ReadClient>) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let name = &read.client.client_id;
        if all.len() >= MOST_KNOWN && !all.contains_key(name) {
            all.clear();
        }
        all.insert(name.clone(), Arc::clone(read));
    }
}

impl Workflows {
    /// Who the client is; one answer for all causes of refusal. `endpoint`: the route that it called.
    pub(super) async fn authenticate_client(
        &self,
        credentials: &ClientCredentials,
        channel: &Channel,
        endpoint: &str,
    ) -> Result<Arc<Client>, OidcError> {
        let (reason, client) = match self.client_now(&credentials.client_id).await? {
            None => ("client_unknown", None),
            Some(client) if !client.is_open(self.now()) => ("client_disabled", Some(client)),
            Some(client) => match self.proves(credentials, channel, &client, endpoint).await? {
                Ok(()) if self.may_call(&client) => return Ok(client),
                Ok(()) => {
                    let error = OAuthError::too_many_calls();
                    return self.refuse_client(error, Some(&client), "too_many_calls").await;
                }
                Err(reason) => (reason, Some(client)),
            },
        };
        self.refuse_client(OAuthError::invalid_client(), client.as_deref(), reason).await
    }

    /// A client of this issuer, by its name, as it stands: its row is read each time, and made out anew where it changed.
    pub(super) async fn client_now(&self, name: &str) -> Result<Option<Arc<Client>>, OidcError> {
        let issuer = self.issuer()?;
        let known = self.0.known_clients.find(name);
        let reader = self.store().read();
        let read = reader.clients().read_named(name, known.as_ref()).await?;
        let Some(read) = read.filter(|read| read.client.issuer == issuer) else {
            return Ok(None); // nor known from now on: what is known is not asked for its issuer
        };
        if known.is_none_or(|known| !Arc::ptr_eq(&known, &read)) {
            self.0.known_clients.keep(&read);
        }
        Ok(Some(Arc::clone(&read.client)))
    }

    /// A client that shows its secret alone, by what was read of it before. Nothing may be given to it, nor refused, before
    /// an act has seen that it still is as it was read.
    pub(super) fn client_from_before(
        &self,
        credentials: &ClientCredentials,
        channel: &Channel,
    ) -> Option<Arc<ReadClient>> {
        let known = self.0.known_clients.find(&credentials.client_id)?;
        let client = &known.client;
        let secret = credentials.secret.as_ref().map(|secret| secret.expose().as_str());
        let security = &client.settings.security;
        let binds_nothing = security.sender_constraint.is_none() && channel.proof.is_none();
        let proved = binds_nothing
            && client.settings.auth.has_secret() // what else proves it, is judged each time
            && client.is_open(self.now())
            && client.admits(credentials.method, secret);
        (proved && self.may_call(client)).then_some(known)
    }

    /// Whoever proves nothing is not counted: a stranger would spend what the application may call.
    fn may_call(&self, client: &Client) -> bool {
        client.settings.auth == AuthMethod::None || self.keeps_pace(client.id)
    }

    async fn proves(
        &self,
        credentials: &ClientCredentials,
        channel: &Channel,
        client: &Client,
        endpoint: &str,
    ) -> Result<Result<(), &'static str>, OidcError> {
        let secret = credentials.secret.as_ref().map(|secret| secret.expose().as_str());
        match (client.settings.auth, credentials.method) {
            (AuthMethod::PrivateKeyJwt, AuthMethod::PrivateKeyJwt) => {
                let mut endpoints = self.addresses_of(endpoint)?;
                if endpoint == ProviderEndpoints::BACKCHANNEL {
                    // CIBA Core §7.1: there the token endpoint's address is one of ours as well.
                    endpoints.extend(self.addresses_of(ProviderEndpoints::TOKEN)?);
                }
                let (assertion, now) = (secret.unwrap_or_default(), self.now());
                let unknown = |fault: &AssertionFault| *fault == AssertionFault::Signature;
                let judge = |client: &Client| judge_assertion(assertion, client, &endpoints, now);
                let once = match self.by_keys_of(client, unknown, judge).await {
                    Ok(once) => once,
                    Err(fault) => return Ok(Err(fault.name())),
                };
                self.ask_number(client, channel, endpoint).await?;
                let first = self.is_first(client, "assertion", &once).await?;
                Ok(first.then_some(()).ok_or("assertion_replayed"))
            }
            (registered, AuthMethod::None) if registered.by_certificate() => {
                let now = self.now();
                let unknown = |fault: &CertificateFault| *fault == CertificateFault::Unknown;
                let judge =
                    |client: &Client| judge_certificate(client, channel.certificate.as_ref(), now);
                let judged = self.by_keys_of(client, unknown, judge).await;
                Ok(judged.map_err(CertificateFault::name))
            }
            (_, method) => {
                let admitted = client.admits(method, secret);
                Ok(admitted.then_some(()).ok_or("client_not_proved"))
            }
        }
    }

    /// The addresses by which a route is called: at the issuer, and at the listener that asks for certificates.
    pub(super) fn addresses_of(&self, endpoint: &str) -> Result<Vec<String>, OidcError> {
        let issuer = self.issuer()?;
        let entity = issuer.as_str().strip_prefix(issuer.origin()).unwrap_or_default();
        let alias = self.mtls_origin().map(|origin| format!("{origin}{entity}{endpoint}"));
        Ok([issuer.url(endpoint)].into_iter().chain(alias).collect())
    }

    /// Whether a token that serves once was never seen, on any node; kept from now on.
    pub(super) async fn is_first(
        &self,
        client: &Client,
        kind: &str,
        once: &OnceOnly,
    ) -> Result<bool, OidcError> {
        let id = once.fingerprint(kind, &client.id.to_string());
        Ok(self.store().upkeep().spend_id(&id, once.until).await?)
    }

    /// A refusal at an endpoint of clients, before anything of a person was looked at.
    pub(super) async fn refuse_client<T>(
        &self,
        error: OAuthError,
        client: Option<&Client>,
        reason: &'static str,
    ) -> Result<T, OidcError> {
        let event = |reference| client_refused(client, None, reason, reference);
        self.refuse_as(error, client.map(place_of), reason, event).await
    }

    /// The same, of a request about a known person: counted for her and this client by themselves.
    pub(super) async fn refuse_client_about<T>(
        &self,
        error: OAuthError,
        (client, person): (&Client, Option<PersonId>),
        reason: &'static str,
    ) -> Result<T, OidcError> {
        let place = person.map(|person| format!("{} {person}", client.client_id));
        let place = place.map_or_else(|| place_of(client), |place| Digest::of(place.as_bytes()));
        let event = |reference| client_refused(Some(client), person, reason, reference);
        self.refuse_as(error, Some(place), reason, event).await
    }

    async fn refuse_as<T>(
        &self,
        error: OAuthError,
        place: Option<Digest>,
        reason: &'static str,
        event: impl FnOnce(Reference) -> AuditEvent,
    ) -> Result<T, OidcError> {
        let reference = self.reference();
        // Of each client by itself: a flood of one hides nothing of another (LG-06).
        self.trace_bounded(reason, place, event(reference.clone())).await?;
        tracing::info!(reason, reference = %reference, "a client's request was refused");
        Err(OidcError::Refused { error, reference })
    }
}

fn client_refused(
    client: Option<&Client>,
    person: Option<PersonId>,
    reason: &'static str,
    reference: Reference,
) -> AuditEvent {
    AuditEvent::TokenRefused {
        by: client.map_or(ActorId::Nobody, |client| ActorId::Client { client: client.id }),
        person,
        client: client.map(|client| client.id),
        session: None,
        grant: Code::of("client_request"),
        reason: Code::of(reason),
        reference,
    }
}

/// What refusals of one client are counted by.
pub(super) fn place_of(client: &Client) -> Digest {
    Digest::of(client.client_id.as_bytes())
}
