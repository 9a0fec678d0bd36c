//! What an application's page tells of it beside its registration: whom it was told of, and what it was refused.
use super::ClientError;
use super::clients::sees;
use crate::Workflows;
use audit::{AuditEvent, AuditRecord, Category};
use directory::Person;
use kernel::{Actor, Capability, ClientId, DateTime, OpeningId, PersonId, Utc};
use oidc::Client;
use std::collections::{BTreeMap, BTreeSet};
use store::views::receipts::{self, Receipt, ReceiptState};
use store::views::{audit_trail, person};
use store::{AuditEntry, ToldAgain};

/// What is older is looked for in the journal.
const REFUSALS_OF: chrono::Duration = chrono::Duration::days(31);

/// A page of what an application was told, and the people whose sessions ended, where the reader may know them.
#[derive(Debug, Clone)]
pub struct LogoutReceipts {
    pub client: Client,
    pub receipts: Vec<Receipt>,
    pub people: BTreeMap<PersonId, Person>,
    /// Those among them whose names somebody else bears.
    pub homonyms: BTreeSet<PersonId>,
    pub more: bool,
    /// Of all pages.
    pub waiting: u64,
}

/// One thing that an application was refused. Nobody is named: its editor reads this too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientRefusal {
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub event: String,
    /// One closed word.
    pub reason: String,
    /// What it had asked at the token endpoint.
    pub grant: Option<String>,
    pub reference: Option<String>,
}

/// A page of refusals.
#[derive(Debug, Clone)]
pub struct ClientRefusals {
    pub refusals: Vec<ClientRefusal>,
    pub more: bool,
    /// Nothing is told of before.
    pub since: DateTime<Utc>,
}

impl Workflows {
    /// The ends of sessions that an application was told of or is to be told of, the newest openings first.
    pub async fn logout_receipts(
        &self,
        actor: &Actor,
        client_id: &str,
        wanted: Option<ReceiptState>,
        before: Option<OpeningId>,
        limit: u64,
    ) -> Result<LogoutReceipts, ClientError> {
        let client = self.show_client_named(actor, client_id).await?;
        let (reader, when) = (self.store().read(), self.due_when().await?);
        let (receipts, more) =
            receipts::receipts(&reader, client.id, &when, wanted, before, limit).await?;
        let ids: Vec<PersonId> = receipts.iter().map(|receipt| receipt.person).collect();
        let people = match actor.can(Capability::ReadPeople) {
            true => person::named(&reader, &ids).await?,
            false => BTreeMap::new(),
        };
        let waiting = receipts::waiting(&reader, &when).await?.remove(&client.id).unwrap_or(0);
        let homonyms = self.homonyms_among(&people).await?;
        Ok(LogoutReceipts { client, receipts, people, homonyms, more, waiting })
    }

    /// How many ends each application that she sees is still to be told of.
    pub async fn logouts_waiting(
        &self,
        actor: &Actor,
    ) -> Result<BTreeMap<ClientId, u64>, ClientError> {
        let when = self.due_when().await?;
        let waiting = receipts::waiting(&self.store().read(), &when).await?;
        self.of_those_seen(actor, waiting).await
    }

    /// When each application that she sees was last opened, by anybody.
    pub async fn last_openings(
        &self,
        actor: &Actor,
    ) -> Result<BTreeMap<ClientId, DateTime<Utc>>, ClientError> {
        let opened = person::last_openings(&self.store().read(), None).await?;
        self.of_those_seen(actor, opened).await
    }

    /// The names of those who answer for it, for whoever sees it.
    pub async fn owners_of(
        &self,
        actor: &Actor,
        client: &Client,
    ) -> Result<Vec<Person>, ClientError> {
        self.must(actor, Capability::ReadClients, "show_client").await?;
        if !sees(actor, client) {
            return Err(ClientError::Unknown);
        }
        let ids: Vec<PersonId> = client.settings.owners.iter().copied().collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(person::named(&self.store().read(), &ids).await?.into_values().collect())
    }

    /// Has an application told once more, at the next turn: whether it waits, was given up, or says that it lost it.
    pub async fn resend_logout(
        &self,
        actor: &Actor,
        client_id: &str,
        opening: OpeningId,
    ) -> Result<(), ClientError> {
        let client = self.client_to_change(actor, client_id).await?;
        if client.settings.security.backchannel_logout_uri.is_none() {
            return Err(ClientError::NotCalled);
        }
        let (client, when) = (client.id, self.due_when().await?);
        let tx = self.store().begin().await?;
        let told = tx.opening_clients().tell_again(opening, client, &when).await?;
        let ToldAgain { session, person, now_due } = told.ok_or(ClientError::NothingToTell)?;
        // It is due already, or being told right now: nothing was done.
        if now_due {
            let by = actor.id();
            tx.commit(AuditEvent::LogoutResent { by, person, client, session, opening }).await?;
        }
        Ok(())
    }

    /// What an application was refused this last month, newest first. Reading it is told to the journal, as any reading of it.
    pub async fn client_refusals(
        &self,
        actor: &Actor,
        client_id: &str,
        before: Option<i64>,
        limit: u64,
    ) -> Result<ClientRefusals, ClientError> {
        let client = self.show_client_named(actor, client_id).await?;
        let since = self.now() - REFUSALS_OF;
        let reader = self.store().read();
        let (entries, more) =
            audit_trail::refusals_of(&reader, client.id, since, before, limit).await?;
        let event = AuditEvent::AuditRead {
            by: actor.id(),
            person: None,
            category: Some(Category::Applications),
            client: Some(client.id),
            purpose: None,
        };
        self.trace(event).await?;
        let refusals = entries.iter().map(refusal).collect();
        Ok(ClientRefusals { refusals, more, since })
    }
}

/// An entry that this version cannot read is told without its cause.
fn refusal(entry: &AuditEntry) -> ClientRefusal {
    let record = AuditRecord::from_bytes(entry.body.as_bytes()).ok();
    let told = record.and_then(|record| serde_json::to_value(&record.event).ok());
    let word = |name: &str| Some(told.as_ref()?.get(name)?.as_str()?.to_owned());
    ClientRefusal {
        seq: entry.seq,
        at: entry.at,
        event: entry.event.clone(),
        reason: word("reason").unwrap_or_default(),
        grant: word("grant"),
        reference: entry.reference.clone(),
    }
}
