//! The journal as screens show it. Reading it is an act that it keeps (LG-08).
use super::names::EventNames;
use crate::WorkflowError;
use crate::{SealError, Workflows};
use audit::{AuditEvent, Checkpoint, Code, Digest, verify_inclusion};
use chrono::Duration;
use directory::Person;
use kernel::{Actor, Capability, ClientId, DateTime, PersonId, Utc};
use std::collections::{BTreeMap, BTreeSet};
use store::AuditEntry;
use store::views::audit_trail::{self, AuditFilter, AuditPage, Mentions};
use store::views::people::{self, PeopleFilter};
use store::views::person;

/// A text is searched over so long, unless the filter says from when.
const SEARCHED: Duration = Duration::days(31);
/// A name that more people bear is too short a text.
const MOST_PEOPLE: u64 = 50;
const MOST_THINGS: usize = 20;

/// A page of the journal, and the people it names.
#[derive(Debug, Clone)]
pub struct JournalPage {
    pub page: AuditPage,
    pub people: BTreeMap<PersonId, Person>,
    /// Those among them whose names somebody else bears.
    pub homonyms: BTreeSet<PersonId>,
    pub names: EventNames,
}

/// How an entry is proved to stand under a signed checkpoint.
#[derive(Debug, Clone)]
pub struct EntryProof {
    pub entry: AuditEntry,
    pub people: BTreeMap<PersonId, Person>,
    /// Those among them whose names somebody else bears.
    pub homonyms: BTreeSet<PersonId>,
    pub names: EventNames,
    pub checkpoint: Checkpoint,
    /// The signed note, as a stranger's tool reads it.
    pub note: String,
    pub signed_at: DateTime<Utc>,
    pub hashes: Vec<Digest>,
    /// Recomputed from the stored bytes up to the signed root.
    pub verified: bool,
}

impl Workflows {
    pub async fn read_journal(
        &self,
        actor: &Actor,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: u64,
    ) -> Result<JournalPage, WorkflowError> {
        self.must(actor, Capability::ReadAudit, "read_journal").await?;
        let page = audit_trail::page(&self.store().read(), filter, before, limit).await?;
        let people = self.actors_of(&page).await?;
        let homonyms = self.homonyms_among(&people).await?;
        let category = match filter.categories.as_slice() {
            [one] => Some(*one),
            _ => None,
        };
        let event = AuditEvent::AuditRead {
            by: actor.id(),
            person: filter.subject,
            category,
            // A name that nobody bears was looked for: no application was read of.
            client: filter.client.filter(|client| !client.uuid().is_nil()),
            purpose: None,
        };
        self.trace(event).await?;
        let names = self.event_names().await?;
        Ok(JournalPage { page, people, homonyms, names })
    }

    /// A typed text as what it may mean: a reference, an event's own name, people, applications and sources by their
    /// names. Entries are searched from `from` on, or over the last month.
    pub async fn journal_text(
        &self,
        actor: &Actor,
        text: &str,
        filter: AuditFilter,
    ) -> Result<AuditFilter, WorkflowError> {
        self.must(actor, Capability::ReadAudit, "read_journal").await?;
        let text: String = text.trim().chars().take(200).collect();
        // Six letters may be a name as well: a reference is one that somebody was given.
        if let Ok(reference) = text.parse() {
            let given = AuditFilter { reference: Some(reference), ..AuditFilter::default() };
            if audit_trail::count(&self.store().read(), &given).await? > 0 {
                return Ok(AuditFilter { reference: given.reference, ..filter });
            }
        }
        let from = filter.from.unwrap_or(self.now() - SEARCHED);
        let folded = identity::names::name_key(&text);
        let mut mentions = Mentions::default();
        if folded.chars().count() >= 2 {
            let reader = self.store().read();
            let wanted =
                PeopleFilter { text: Some(text.clone()), ..PeopleFilter::everybody(self.today()) };
            let (found, _) = people::found(&reader, &wanted, MOST_PEOPLE).await?;
            mentions.people = found.iter().map(|line| line.person.id).collect();
            let word = text.to_lowercase().replace(' ', "_");
            let events = AuditEvent::NAMES.iter().filter(|name| name.contains(&word));
            mentions.events = events.map(|name| (*name).to_owned()).collect();
            let names = self.event_names().await?;
            let named = names
                .by_id
                .into_iter()
                .filter(|(_, name)| identity::names::name_key(name).contains(&folded));
            mentions.things = named.map(|(id, _)| id).take(MOST_THINGS).collect();
        }
        Ok(AuditFilter { from: Some(from), mentions: Some(mentions), ..filter })
    }

    /// What an application was part of: from `from` on, or over the last month. One that nobody knows was part of nothing.
    pub async fn journal_of_client(
        &self,
        actor: &Actor,
        client_id: &str,
        filter: AuditFilter,
    ) -> Result<AuditFilter, WorkflowError> {
        self.must(actor, Capability::ReadAudit, "read_journal").await?;
        let known = self.store().read().clients().named(client_id).await?;
        let client = known.map_or_else(|| ClientId::from(kernel::Uuid::nil()), |known| known.id);
        let from = filter.from.unwrap_or(self.now() - SEARCHED);
        Ok(AuditFilter { client: Some(client), from: Some(from), ..filter })
    }

    /// How far a file of this filter will go; the journal keeps it before anything leaves.
    pub async fn begin_journal_export(
        &self,
        actor: &Actor,
        filter: &AuditFilter,
    ) -> Result<Option<i64>, WorkflowError> {
        self.must(actor, Capability::ExportAudit, "export_audit").await?;
        let page = audit_trail::newest(&self.store().read(), filter, None, 1).await?;
        let last = page.entries.first().map(|entry| entry.seq);
        let to = last.and_then(|seq| u64::try_from(seq).ok()).unwrap_or(0);
        let (by, format, client) = (actor.id(), Code::of("csv"), filter.client);
        let event = AuditEvent::AuditExported { by, format, from: 0, to, client };
        self.trace(event).await?;
        Ok(last)
    }

    /// A page of a file that has begun: its reading is in the journal already. Newest first.
    pub async fn journal_lines(
        &self,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: u64,
    ) -> Result<JournalPage, WorkflowError> {
        let page = audit_trail::newest(&self.store().read(), filter, before, limit).await?;
        let people = self.actors_of(&page).await?;
        let homonyms = self.homonyms_among(&people).await?;
        let names = self.event_names().await?;
        Ok(JournalPage { page, people, homonyms, names })
    }

    /// One sealed entry with its proof; `None` when no entry bears this number.
    pub async fn prove_entry(
        &self,
        actor: &Actor,
        index: u64,
    ) -> Result<Option<EntryProof>, SealError> {
        self.must(actor, Capability::ReadAudit, "prove_entry").await?;
        let reader = self.store().read();
        let Some(entry) = audit_trail::sealed_entry(&reader, index).await? else {
            return Ok(None);
        };
        let Some((note, signed_at)) = audit_trail::last_checkpoint(&reader).await? else {
            return Ok(None);
        };
        let checkpoint = self.audit_key()?.verify(&note)?;
        let hashes = self.prove_leaf(index, checkpoint.size).await?;
        let recomputed = audit::leaf_hash(entry.body.as_bytes());
        let proved =
            verify_inclusion(&recomputed, index, checkpoint.size, &hashes, &checkpoint.root);
        let page =
            AuditPage { entries: vec![entry.clone()], more: false, total: 1, waiting_seal: 0 };
        let people = self.actors_of(&page).await?;
        let homonyms = self.homonyms_among(&people).await?;
        let names = self.event_names().await?;
        Ok(Some(EntryProof {
            entry,
            people,
            homonyms,
            names,
            checkpoint,
            note,
            signed_at,
            hashes,
            verified: proved.is_ok(),
        }))
    }

    /// The last signed checkpoint; `None` before the first seal.
    pub async fn last_checkpoint(
        &self,
        actor: &Actor,
    ) -> Result<Option<(Checkpoint, String, DateTime<Utc>)>, SealError> {
        self.must(actor, Capability::ReadAudit, "last_checkpoint").await?;
        let found = audit_trail::last_checkpoint(&self.store().read()).await?;
        let Some((note, at)) = found else { return Ok(None) };
        let checkpoint = self.audit_key()?.verify(&note)?;
        Ok(Some((checkpoint, note, at)))
    }

    /// A refusal by the reference that a user quotes.
    pub async fn find_reference(
        &self,
        actor: &Actor,
        reference: &audit::Reference,
    ) -> Result<Option<AuditEntry>, WorkflowError> {
        self.must(actor, Capability::ReadAudit, "find_reference").await?;
        let filter = AuditFilter { reference: Some(reference.clone()), ..AuditFilter::default() };
        let page = audit_trail::page(&self.store().read(), &filter, None, 1).await?;
        Ok(page.entries.into_iter().next())
    }

    /// Names of the people that an entry or a list mentions.
    pub async fn name_people(
        &self,
        actor: &Actor,
        ids: &[PersonId],
    ) -> Result<BTreeMap<PersonId, Person>, WorkflowError> {
        self.must(actor, Capability::ReadPeople, "name_people").await?;
        Ok(person::named(&self.store().read(), ids).await?)
    }
}
