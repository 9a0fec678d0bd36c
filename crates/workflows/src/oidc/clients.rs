//! Registered clients: made, changed, closed, their secret drawn again. A secret is shown once.
use crate::accords::Begun;
use crate::{TwoPeopleAct, WorkflowError, Workflows};
use audit::{AuditEvent, Code};
use kernel::{Actor, Capability, ClientId, DateTime, PersonId, Utc};
use oidc::{
    Client, ClientDraft, ClientFault, ClientSecret, ClientSettings, Profile, SenderConstraint,
};
use std::collections::{BTreeMap, BTreeSet};
use store::{StoreError, Transaction};

use super::OidcError;
use super::client_changes::setting_changes;

/// How long before the end of a relaxation the console says so (threats OP-29).
const RELAXATION_WARNING: chrono::Duration = chrono::Duration::days(30);

#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("no client has this id")]
    Unknown,
    #[error("a client already calls itself `{0}`")]
    NameTaken(String),
    #[error("a client id has 1 to 64 letters, digits, `-`, `_` or `.`")]
    ClientId,
    #[error("{} faults", .0.len())]
    Faults(Vec<ClientFault>),
    #[error("this client has no secret: it is public, or proves itself by a key")]
    NoSecret,
    #[error("the client changed since it was read")]
    Changed,
    #[error("this client was not opened there, or the session goes on")]
    NothingToTell,
    #[error("this client asked for no calls")]
    NotCalled,
    #[error(transparent)]
    Report(#[from] oidc::check::ReportFault),
    #[error(transparent)]
    Provider(#[from] OidcError),
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A client to make.
pub struct CreateClient {
    /// What it will call itself; drawn when absent.
    pub client_id: Option<String>,
    pub draft: ClientDraft,
}

/// What a client is to become, judged already.
pub(crate) struct AgreedClient {
    pub name: String,
    pub profile: Profile,
    pub settings: ClientSettings,
}

/// A client just made, with its secret, shown this once.
pub struct CreatedClient {
    pub client: Client,
    pub secret: Option<ClientSecret>,
}

impl Workflows {
    pub async fn create_client(
        &self,
        actor: &Actor,
        wish: CreateClient,
    ) -> Result<CreatedClient, ClientError> {
        self.make_client(actor, wish, true).await
    }

    /// A client that opens nothing before a second person lets it.
    pub async fn prepare_client(
        &self,
        actor: &Actor,
        wish: CreateClient,
    ) -> Result<CreatedClient, ClientError> {
        self.make_client(actor, wish, false).await
    }

    async fn make_client(
        &self,
        actor: &Actor,
        wish: CreateClient,
        enabled: bool,
    ) -> Result<CreatedClient, ClientError> {
        self.must(actor, Capability::ManageClients, "create_client").await?;
        let (issuer, now) = (self.issuer()?, self.now());
        let id: ClientId = self.id();
        let client_id = wish.client_id.unwrap_or_else(|| id.to_string());
        if !is_client_id(&client_id) {
            return Err(ClientError::ClientId);
        }
        let (name, profile) = (wish.draft.name.trim().to_owned(), wish.draft.profile);
        let settings = wish.draft.check(&issuer, now).map_err(ClientError::Faults)?;
        self.check_certificates(&settings)?;
        let drawn = settings.auth.has_secret();
        let secret = drawn.then(|| ClientSecret::draw(self.randomness()));
        self.ensure_keys_of(actor, &settings).await?;
        let client = Client {
            id,
            client_id,
            issuer,
            name,
            enabled,
            profile,
            settings,
            secret: secret.as_ref().map(|secret| secret.hash(id)),
            version: 1,
            created_at: now,
        };
        let tx = self.store().begin().await?;
        match tx.clients().insert(&client).await {
            Err(StoreError::Conflict(_)) => return Err(ClientError::NameTaken(client.client_id)),
            other => other?,
        }
        let profile = Code::of(profile.name());
        tx.commit(AuditEvent::ClientCreated { by: actor.id(), client: id, profile }).await?;
        Ok(CreatedClient { client, secret })
    }

    /// Replaces what people set of a client, read at `version`. Its name in requests stays.
    pub async fn change_client(
        &self,
        actor: &Actor,
        id: ClientId,
        version: i64,
        draft: ClientDraft,
        enabled: bool,
    ) -> Result<Client, ClientError> {
        self.must(actor, Capability::ManageClients, "change_client").await?;
        let client = self.store().read().clients().find(id).await?.ok_or(ClientError::Unknown)?;
        if client.version != version {
            return Err(ClientError::Changed);
        }
        let wanted = if only_closes(&client, &draft, enabled) {
            AgreedClient { name: client.name, profile: client.profile, settings: client.settings }
        } else {
            let (name, profile) = (draft.name.trim().to_owned(), draft.profile);
            let settings = draft.check(&client.issuer, self.now()).map_err(ClientError::Faults)?;
            self.ready_for(actor, &settings).await?;
            AgreedClient { name, profile, settings }
        };
        let begun = Begun::alone(self.store().begin().await?);
        self.write_client(begun, actor, id, version, wanted, enabled).await
    }

    /// Before the act: saved with an algorithm that has no key, the client would get nothing at all.
    pub(crate) async fn ready_for(
        &self,
        actor: &Actor,
        settings: &ClientSettings,
    ) -> Result<(), ClientError> {
        self.check_certificates(settings)?;
        Ok(self.ensure_keys_of(actor, settings).await?)
    }

    /// By those whom it takes.
    pub(crate) async fn write_client(
        &self,
        begun: Begun,
        actor: &Actor,
        id: ClientId,
        version: i64,
        wanted: AgreedClient,
        enabled: bool,
    ) -> Result<Client, ClientError> {
        let AgreedClient { name, profile, settings } = wanted;
        let tx = &begun.tx;
        let mut client = tx.clients().find(id).await?.ok_or(ClientError::Unknown)?;
        if client.version != version {
            return Err(ClientError::Changed);
        }
        let owners = settings.owners.clone();
        let mut owned_as_before = settings.clone();
        owned_as_before.owners.clone_from(&client.settings.owners);
        let fields = [
            ("name", client.name != name),
            ("profile", client.profile != profile),
            ("enabled", client.enabled != enabled),
            ("settings", client.settings != owned_as_before),
            ("owners", client.settings.owners != owners),
        ];
        let changed = fields.into_iter().filter(|(_, changed)| *changed);
        let fields: Vec<Code> = changed.map(|(field, _)| Code::of(field)).collect();
        if fields.is_empty() {
            begun.commit_alone().await?;
            return Ok(client);
        }
        let owned = owner_events(actor, id, &client.settings.owners, &owners);
        let changes = setting_changes(&client.settings, &owned_as_before);
        (client.name, client.profile) = (name, profile);
        (client.enabled, client.settings) = (enabled, settings);
        tx.clients().save(&client).await?;
        let changed = AuditEvent::ClientChanged { by: actor.id(), client: id, fields, changes };
        begun.commit((changed, owned)).await?;
        client.version += 1;
        Ok(client)
    }

    /// The applications that `from` answers for, each with whether `to` does too.
    pub(crate) async fn answered_for(
        &self,
        tx: &Transaction,
        from: PersonId,
        to: PersonId,
    ) -> Result<Vec<(ClientId, bool)>, StoreError> {
        let all = tx.clients().all().await?.into_iter();
        let owned = all.filter(|client| client.settings.owners.contains(&from));
        Ok(owned.map(|one| (one.id, one.settings.owners.contains(&to))).collect())
    }

    /// Who answered for these applications under one record answers for them under another; `from` goes on where it is
    /// told to. An application that was taken from her since stays so.
    pub(crate) async fn give_owned(
        &self,
        tx: &Transaction,
        actor: &Actor,
        owned: &[(ClientId, bool)],
        (from, to): (PersonId, PersonId),
    ) -> Result<Vec<AuditEvent>, StoreError> {
        let mut events = Vec::new();
        for (client, stays) in owned {
            let Some(mut client) = tx.clients().find(*client).await? else {
                continue;
            };
            let was = client.settings.owners.clone();
            if !was.contains(&from) {
                continue;
            }
            if !stays {
                client.settings.owners.remove(&from);
            }
            client.settings.owners.insert(to);
            tx.clients().save(&client).await?;
            let (by, fields) = (actor.id(), vec![Code::of("owners")]);
            let changes = Vec::new();
            events.push(AuditEvent::ClientChanged { by, client: client.id, fields, changes });
            events.extend(owner_events(actor, client.id, &was, &client.settings.owners));
        }
        Ok(events)
    }

    /// What a change would make of a client, where it is one that a single person may not make: a relaxation begun,
    /// prolonged or widened (threats OP-29), people no longer asked for their consent.
    pub async fn relaxing(
        &self,
        actor: &Actor,
        id: ClientId,
        version: i64,
        draft: ClientDraft,
        enabled: bool,
    ) -> Result<Option<TwoPeopleAct>, ClientError> {
        self.must(actor, Capability::ManageClients, "change_client").await?;
        let client = self.store().read().clients().find(id).await?.ok_or(ClientError::Unknown)?;
        if client.version != version {
            return Err(ClientError::Changed);
        }
        if only_closes(&client, &draft, enabled) {
            return Ok(None);
        }
        let (name, profile) = (draft.name.trim().to_owned(), draft.profile);
        let settings = draft.check(&client.issuer, self.now()).map_err(ClientError::Faults)?;
        // People were asked, and took back what they had said: nobody alone makes their word void.
        let unasked = client.settings.security.asks_consent && !settings.security.asks_consent;
        if settings.relaxation.is_none() && !unasked {
            return Ok(None);
        }
        let same =
            !unasked && client.profile == profile && is_as_strict(&client.settings, &settings);
        if same && (client.enabled || !enabled) {
            return Ok(None);
        }
        let settings = Box::new(settings);
        let client = client.id;
        Ok(Some(TwoPeopleAct::RelaxClient { client, version, name, profile, settings, enabled }))
    }

    /// Certificates are shown to a listener that asks for them, or to nobody.
    fn check_certificates(&self, settings: &ClientSettings) -> Result<(), ClientError> {
        let bound = settings.security.sender_constraint == Some(SenderConstraint::Mtls);
        if self.mtls_origin().is_some() {
            return Ok(());
        }
        let mut faults = Vec::new();
        if settings.auth.by_certificate() {
            faults.push(ClientFault::NoMtlsListener);
        }
        if bound {
            faults.push(ClientFault::BoundWithoutListener);
        }
        if faults.is_empty() { Ok(()) } else { Err(ClientError::Faults(faults)) }
    }

    async fn ensure_keys_of(
        &self,
        actor: &Actor,
        settings: &ClientSettings,
    ) -> Result<(), OidcError> {
        self.ensure_signing_key(actor, settings.id_token_algorithm).await?;
        match settings.security.userinfo_algorithm {
            Some(algorithm) => self.ensure_signing_key(actor, algorithm).await,
            None => Ok(()),
        }
    }

    /// A new secret; the old one opens nothing from this commit on.
    pub async fn rotate_client_secret(
        &self,
        actor: &Actor,
        id: ClientId,
    ) -> Result<ClientSecret, ClientError> {
        self.must(actor, Capability::ManageClients, "rotate_client_secret").await?;
        let tx = self.store().begin().await?;
        let mut client = tx.clients().find(id).await?.ok_or(ClientError::Unknown)?;
        if !client.settings.auth.has_secret() {
            return Err(ClientError::NoSecret);
        }
        let secret = ClientSecret::draw(self.randomness());
        client.secret = Some(secret.hash(id));
        tx.clients().save(&client).await?;
        tx.commit(AuditEvent::ClientSecretRotated { by: actor.id(), client: id }).await?;
        Ok(secret)
    }

    pub async fn list_clients(&self, actor: &Actor) -> Result<Vec<Client>, ClientError> {
        self.must(actor, Capability::ReadClients, "list_clients").await?;
        let mut clients = self.store().read().clients().all().await?;
        clients.retain(|client| sees(actor, client));
        Ok(clients)
    }

    /// Of what is known of applications, what is of those that she sees.
    pub(super) async fn of_those_seen<T>(
        &self,
        actor: &Actor,
        mut known: BTreeMap<ClientId, T>,
    ) -> Result<BTreeMap<ClientId, T>, ClientError> {
        let seen = self.list_clients(actor).await?;
        let seen: BTreeSet<ClientId> = seen.iter().map(|client| client.id).collect();
        known.retain(|client, _| seen.contains(client));
        Ok(known)
    }

    /// How many there are for her.
    pub(crate) async fn count_clients(&self, actor: &Actor) -> Result<u64, StoreError> {
        let clients = self.store().read().clients().all().await?;
        Ok(clients.iter().filter(|client| sees(actor, client)).count() as u64)
    }

    /// Ends of relaxations that are near or past, of applications that are in use; the earliest first.
    pub(crate) async fn relaxations_ending(
        &self,
        actor: &Actor,
    ) -> Result<Vec<DateTime<Utc>>, StoreError> {
        let soon = self.now() + RELAXATION_WARNING;
        let clients = self.store().read().clients().all().await?;
        let mut ends: Vec<DateTime<Utc>> = clients
            .iter()
            .filter(|client| client.enabled && sees(actor, client))
            .filter(|client| client.profile == Profile::Legacy)
            .filter_map(|client| client.settings.relaxation.as_ref())
            .map(|relaxation| relaxation.until)
            .filter(|until| *until <= soon)
            .collect();
        ends.sort();
        Ok(ends)
    }

    pub async fn show_client(&self, actor: &Actor, id: ClientId) -> Result<Client, ClientError> {
        self.must(actor, Capability::ReadClients, "show_client").await?;
        let found = self.store().read().clients().find(id).await?;
        found.filter(|client| sees(actor, client)).ok_or(ClientError::Unknown)
    }

    /// By the name that it calls itself in requests.
    pub async fn show_client_named(
        &self,
        actor: &Actor,
        client_id: &str,
    ) -> Result<Client, ClientError> {
        self.must(actor, Capability::ReadClients, "show_client").await?;
        let found = self.store().read().clients().named(client_id).await?;
        found.filter(|client| sees(actor, client)).ok_or(ClientError::Unknown)
    }
}

/// It is to open nothing, and stays as it is otherwise: not judged again. A rule that came after it, a relaxation that is
/// over or a listener that is gone keep no application open.
fn only_closes(client: &Client, draft: &ClientDraft, enabled: bool) -> bool {
    !enabled && *draft == ClientDraft::from(client)
}

/// Who answers for it from now on, and who does no longer: one event each, found by the person.
fn owner_events(
    actor: &Actor,
    client: ClientId,
    was: &BTreeSet<PersonId>,
    becomes: &BTreeSet<PersonId>,
) -> Vec<AuditEvent> {
    let named = becomes.difference(was).map(|person| AuditEvent::ClientOwnerNamed {
        by: actor.id(),
        person: *person,
        client,
    });
    let removed = was.difference(becomes).map(|person| AuditEvent::ClientOwnerRemoved {
        by: actor.id(),
        person: *person,
        client,
    });
    named.chain(removed).collect()
}

/// Whoever answers for some applications sees those alone: the others are not there for her.
pub(super) fn sees(actor: &Actor, client: &Client) -> bool {
    let own = |person| client.settings.owners.contains(&person);
    actor.can(Capability::ReadAllClients) || actor.id().person().is_some_and(own)
}

/// The same relaxations, under the same answerable person, until the same day.
fn is_as_strict(was: &ClientSettings, becomes: &ClientSettings) -> bool {
    let relaxed = |settings: &ClientSettings| {
        let (state, nonce) = (settings.state_required, settings.nonce_required);
        (settings.relaxation.clone(), state, nonce, settings.pkce_required)
    };
    relaxed(was) == relaxed(becomes)
        && was.security.assertion_audience == becomes.security.assertion_audience
}

fn is_client_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}
