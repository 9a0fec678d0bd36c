//! Applying lines. Each is idempotent: what is done already is said so and changes nothing.
use super::SyncError;
use crate::Workflows;
use audit::{AuditEvent, ClosingCause, Code, Digest};
use directory::{
    Account, Act, Case, CaseKind, CaseState, Channel, Closing, NationalIdentity, Person,
    PersonState, PlanItem, Post, Run,
};
use identity::{ExternalKey, Identity};
use kernel::{AccountId, Actor, PersonId, RunId, SourceId};
use std::collections::HashMap;
use store::{SourceRecord, StoreError, Transaction};

const DONE: &str = "done";
/// Another run, or a human, did it before.
const ALREADY: &str = "already";
/// What the line was about changed under it; the next run plans it again.
const MOVED: &str = "moved";

/// The lines of one commit: what they touch is read at once, and written at once.
pub(crate) struct Chunk<'a> {
    workflows: &'a Workflows,
    tx: &'a Transaction,
    actor: &'a Actor,
    run: RunId,
    /// The run that the events name; none when a human answers a question.
    traced: Option<RunId>,
    source: Option<SourceId>,
    people: HashMap<PersonId, Person>,
    accounts: HashMap<AccountId, Account>,
    records: HashMap<ExternalKey, SourceRecord>,
    new_people: Vec<Person>,
    new_posts: Vec<Post>,
    new_accounts: Vec<Account>,
    records_to_put: Vec<SourceRecord>,
    events: Vec<AuditEvent>,
}

impl<'a> Chunk<'a> {
    pub async fn read(
        workflows: &'a Workflows,
        tx: &'a Transaction,
        actor: &'a Actor,
        run: &Run,
        items: &[PlanItem],
    ) -> Result<Self, StoreError> {
        let people: Vec<PersonId> = items.iter().filter_map(|item| item.person).collect();
        let mut people = tx.people().hold_all(&people).await?;
        // A record that another one took in meanwhile is nobody's: its lines come to nothing.
        let absorbed = tx.merges().absorbed().await?;
        people.retain(|person| !absorbed.contains(&person.id));
        let keys: Vec<ExternalKey> = items.iter().map(|item| item.external_key.clone()).collect();
        let records = match run.source {
            Some(source) => tx.records().of_keys(source, &keys).await?,
            None => Vec::new(),
        };
        let accounts: Vec<AccountId> = records.iter().filter_map(|record| record.account).collect();
        Ok(Self {
            workflows,
            tx,
            actor,
            run: run.id,
            traced: Some(run.id),
            source: run.source,
            people: by(people, |person| person.id),
            accounts: by(tx.accounts().find_all(&accounts).await?, |account| account.id),
            records: by(records, |record| record.key.clone()),
            new_people: Vec::new(),
            new_posts: Vec::new(),
            new_accounts: Vec::new(),
            records_to_put: Vec::new(),
            events: Vec::new(),
        })
    }

    /// For a human's answer: no run is behind it.
    pub fn by_hand(mut self) -> Self {
        self.traced = None;
        self
    }

    /// Writes what `act` gathered; the events of the acts.
    pub async fn write(self) -> Result<Vec<AuditEvent>, StoreError> {
        self.tx.people().insert_all(&self.new_people).await?;
        self.tx.posts().insert_all(&self.new_posts).await?;
        self.tx.accounts().insert_all(&self.new_accounts).await?;
        self.tx.records().put_all(&self.records_to_put).await?;
        Ok(self.events)
    }

    pub async fn act(&mut self, item: &PlanItem) -> Result<&'static str, SyncError> {
        match &item.act {
            Act::CreatePerson { identity } => Ok(self.create_person(item, identity)),
            Act::ChangePerson { person, identity, reopen } => {
                self.change_person(item, *person, identity, *reopen).await
            }
            Act::ClosePerson { person, motive } => self.close_person(*person, motive).await,
            Act::CreateAccount { identity, person } => {
                Ok(self.create_account(item, identity, *person))
            }
            Act::ChangeAccount { account, identity, person } => {
                self.change_account(item, *account, identity, *person).await
            }
            Act::CloseAccount { account } => self.close_account(*account).await,
            Act::LinkNational { person, id_nat, channel, evidence } => {
                self.link_national(*person, id_nat, channel, evidence).await
            }
            Act::StartAbsence => Ok(self.absence(item, true)),
            Act::EndAbsence => Ok(self.absence(item, false)),
            Act::OpenCase { case_kind, dedupe_key, payload, priority } => {
                self.open_case(item, case_kind, dedupe_key, payload, *priority).await
            }
        }
    }

    fn by(&self) -> kernel::ActorId {
        self.actor.id()
    }

    fn record(&self, item: &PlanItem, identity: &Identity) -> Option<SourceRecord> {
        Some(SourceRecord {
            source: self.source?,
            key: item.external_key.clone(),
            person: None,
            account: None,
            content_hash: item.content_hash?,
            identity: identity.clone(),
            last_seen_run: self.run,
            absent_since: None,
        })
    }

    fn create_person(&mut self, item: &PlanItem, identity: &Identity) -> &'static str {
        let known = self.records.get(&item.external_key);
        if known.is_some_and(|record| record.person.is_some()) {
            return ALREADY;
        }
        let Some(mut record) = self.record(item, identity) else { return MOVED };
        let person = Person {
            id: self.workflows.id(),
            state: PersonState::Active,
            names: identity.names.clone(),
            sex: identity.sex,
            birth_date: identity.birth_date,
            birth_place: identity.birth_place.clone(),
            mail: identity.mail.clone(),
            declared_rpps: identity.declared_rpps.clone(),
            closing: None,
            created_at: self.workflows.now(),
            version: 1,
        };
        record.person = Some(person.id);
        self.new_posts.extend(self.posts(person.id, record.source, identity));
        self.events.push(AuditEvent::PersonCreated {
            by: self.by(),
            person: person.id,
            run: self.traced,
        });
        self.new_people.push(person);
        self.records.insert(item.external_key.clone(), record.clone());
        self.records_to_put.push(record);
        DONE
    }

    fn posts(&self, person: PersonId, source: SourceId, identity: &Identity) -> Vec<Post> {
        let post = |fields: &identity::PostFields| Post {
            id: self.workflows.id(),
            person,
            source,
            fields: fields.clone(),
        };
        identity.posts.iter().map(post).collect()
    }

    async fn change_person(
        &mut self,
        item: &PlanItem,
        id: PersonId,
        identity: &Identity,
        reopen: bool,
    ) -> Result<&'static str, SyncError> {
        let Some(mut record) = self.record(item, identity) else { return Ok(MOVED) };
        let known = self.records.get(&item.external_key);
        if known.is_some_and(|known| {
            known.content_hash == record.content_hash && known.person == Some(id)
        }) {
            return Ok(ALREADY);
        }
        let Some(person) = self.people.get_mut(&id) else { return Ok(MOVED) };
        person.names = identity.names.clone();
        person.sex = identity.sex;
        person.birth_date = identity.birth_date;
        person.birth_place = identity.birth_place.clone();
        person.mail.clone_from(&identity.mail);
        person.declared_rpps.clone_from(&identity.declared_rpps);
        let reopened = reopen && person.state == PersonState::Closed;
        if reopened {
            (person.state, person.closing) = (PersonState::Active, None);
        }
        self.tx.people().save(person).await?;
        person.version += 1;
        // Posts of this source come from all its records of the person: those of the others stay.
        let mut posts = self.posts(id, record.source, identity);
        for other in self.tx.records().about(id).await? {
            if other.source == record.source && other.key != record.key {
                posts.extend(self.posts(id, record.source, &other.identity));
            }
        }
        self.tx.posts().replace(id, record.source, &posts).await?;
        record.person = Some(id);
        self.records.insert(item.external_key.clone(), record.clone());
        self.records_to_put.push(record);
        let (by, run) = (self.by(), self.traced);
        if reopened {
            self.events.push(AuditEvent::PersonReopened { by: by.clone(), person: id, run });
        }
        let fields = codes(item);
        self.events.push(AuditEvent::PersonChanged { by, person: id, run, fields });
        Ok(DONE)
    }

    async fn close_person(
        &mut self,
        id: PersonId,
        motive: &str,
    ) -> Result<&'static str, SyncError> {
        let Some(person) = self.people.get_mut(&id) else { return Ok(MOVED) };
        if person.state == PersonState::Closed {
            return Ok(ALREADY);
        }
        person.state = PersonState::Closed;
        person.closing = Some(Closing { at: self.workflows.now(), motive: motive.to_owned() });
        self.tx.people().save(person).await?;
        person.version += 1;
        let cause = match motive {
            "absent_from_source" => ClosingCause::AbsentFromSource,
            _ => ClosingCause::ContractOver,
        };
        let (by, run) = (self.by(), self.traced);
        self.events.push(AuditEvent::PersonClosed { by, person: id, run, cause, motive: None });
        self.events.extend(self.workflows.end_everything(self.tx, self.actor, id).await?);
        Ok(DONE)
    }

    fn create_account(
        &mut self,
        item: &PlanItem,
        identity: &Identity,
        person: Option<PersonId>,
    ) -> &'static str {
        if self.records.get(&item.external_key).is_some_and(|record| record.account.is_some()) {
            return ALREADY;
        }
        let (Some(mut record), Some(fields)) = (self.record(item, identity), &identity.account)
        else {
            return MOVED;
        };
        let account = Account {
            id: self.workflows.id(),
            source: record.source,
            external_key: item.external_key.clone(),
            person,
            fields: fields.clone(),
            mail: identity.mail.clone(),
            first_seen: self.workflows.now(),
        };
        (record.account, record.person) = (Some(account.id), person);
        let run = self.traced;
        self.events.push(AuditEvent::AccountSeen {
            by: self.by(),
            person,
            account: account.id,
            run,
        });
        self.new_accounts.push(account);
        self.records.insert(item.external_key.clone(), record.clone());
        self.records_to_put.push(record);
        DONE
    }

    async fn change_account(
        &mut self,
        item: &PlanItem,
        id: AccountId,
        identity: &Identity,
        person: Option<PersonId>,
    ) -> Result<&'static str, SyncError> {
        let (Some(mut record), Some(fields)) =
            (self.record(item, identity), identity.account.clone())
        else {
            return Ok(MOVED);
        };
        let Some(account) = self.accounts.get_mut(&id) else { return Ok(MOVED) };
        let before = account.clone();
        (account.fields, account.mail, account.person) = (fields, identity.mail.clone(), person);
        let after = account.clone();
        if after != before {
            self.tx.accounts().save(&after).await?;
        }
        (record.account, record.person) = (Some(id), person);
        self.records_to_put.push(record);
        if after == before {
            return Ok(ALREADY);
        }
        let (by, run) = (self.by(), self.traced);
        let fields = codes(item);
        self.events.push(AuditEvent::AccountChanged {
            by: by.clone(),
            person,
            account: id,
            run,
            fields,
        });
        if let Some(person) = person.filter(|_| before.person.is_none()) {
            let key = Code::of("directory");
            self.events.push(AuditEvent::AccountLinked {
                by: by.clone(),
                person,
                account: id,
                run,
                key,
            });
        }
        match (before.fields.enabled, after.fields.enabled) {
            (true, false) => {
                self.events.push(AuditEvent::AccountDisabled { by, person, account: id, run })
            }
            (false, true) => {
                self.events.push(AuditEvent::AccountEnabled { by, person, account: id, run })
            }
            _ => {}
        }
        if let Some(person) = person.filter(|_| !after.fields.enabled && before.fields.enabled) {
            self.events.extend(self.workflows.end_everything(self.tx, self.actor, person).await?);
        }
        Ok(DONE)
    }

    async fn close_account(&mut self, id: AccountId) -> Result<&'static str, SyncError> {
        let Some(account) = self.accounts.get_mut(&id) else { return Ok(MOVED) };
        if account.fields.deleted {
            return Ok(ALREADY);
        }
        account.fields.deleted = true;
        account.fields.enabled = false;
        let account = account.clone();
        self.tx.accounts().save(&account).await?;
        let (person, run) = (account.person, self.traced);
        self.events.push(AuditEvent::AccountDeleted { by: self.by(), person, account: id, run });
        if let Some(person) = person {
            self.events.extend(self.workflows.end_everything(self.tx, self.actor, person).await?);
        }
        Ok(DONE)
    }

    async fn link_national(
        &mut self,
        person: PersonId,
        id_nat: &str,
        channel: &str,
        evidence: &str,
    ) -> Result<&'static str, SyncError> {
        let id_nat: kernel::IdNat =
            id_nat.parse().map_err(|_| SyncError::Unreadable("national identity"))?;
        let channel = Channel::from_name(channel).ok_or(SyncError::Unreadable("channel"))?;
        if self.people.get(&person).is_none_or(|person| person.state == PersonState::Closed) {
            return Ok(MOVED);
        }
        if let Some(bearer) = self.tx.national_identities().bearer(&id_nat).await? {
            return Ok(if bearer.person == person { ALREADY } else { MOVED });
        }
        let held = self.tx.national_identities().of(person).await?;
        if id_nat.rpps().is_some() && held.iter().any(|identity| identity.id_nat.rpps().is_some()) {
            return Ok(MOVED);
        }
        let identity = NationalIdentity {
            id: self.workflows.id(),
            person,
            id_nat,
            channel,
            evidence: evidence.to_owned(),
            decided_by: self.by(),
            verified_at: self.workflows.now(),
            next_check: self.workflows.today() + super::RECHECK,
        };
        self.tx.national_identities().insert(&identity).await?;
        if channel == Channel::HrDeclaredChecked
            && let Some(person) = self.people.get(&person)
        {
            let followed = self.workflows.followed_event(self.actor, person, &identity.id_nat);
            self.events.extend(followed);
        }
        self.events.push(AuditEvent::NationalIdentityLinked {
            by: self.by(),
            person,
            national_identity: identity.id,
            channel: Code::of(channel.name()),
            evidence: self.evidence(evidence),
        });
        Ok(DONE)
    }

    /// The evidence names people: its MAC alone reaches the audit.
    fn evidence(&self, evidence: &str) -> Digest {
        Digest::from_bytes(self.workflows.keys().mac("audit-evidence", evidence.as_bytes()))
    }

    fn absence(&mut self, item: &PlanItem, starts: bool) -> &'static str {
        let now = self.workflows.now();
        let Some(record) = self.records.get_mut(&item.external_key) else { return MOVED };
        if record.absent_since.is_some() == starts {
            return ALREADY;
        }
        record.absent_since = starts.then_some(now);
        let record = record.clone();
        let source = record.source;
        self.records_to_put.push(record);
        let (by, run) = (self.actor.id(), self.run);
        self.events.extend(match (item.person, starts) {
            (Some(person), true) => Some(AuditEvent::PersonAbsent { by, person, source, run }),
            (Some(person), false) => {
                let fields = vec![Code::of("back_in_source")];
                Some(AuditEvent::PersonChanged { by, person, run: Some(run), fields })
            }
            (None, _) => self
                .records
                .get(&item.external_key)
                .and_then(|record| record.account)
                .map(|account| {
                    let fields = vec![Code::of(if starts { "absent" } else { "back_in_source" })];
                    AuditEvent::AccountChanged { by, person: None, account, run: Some(run), fields }
                }),
        });
        DONE
    }

    async fn open_case(
        &mut self,
        item: &PlanItem,
        case_kind: &str,
        dedupe_key: &str,
        payload: &str,
        priority: i64,
    ) -> Result<&'static str, SyncError> {
        let kind = CaseKind::from_name(case_kind).ok_or(SyncError::Unreadable("case"))?;
        let case = Case {
            id: self.workflows.id(),
            kind,
            state: CaseState::Open,
            person: item.person,
            source: self.source,
            external_key: Some(item.external_key.clone()),
            dedupe_key: dedupe_key.to_owned(),
            payload: payload.to_owned(),
            priority,
            opened_at: self.workflows.now(),
            decided_at: None,
            decided_by: None,
            decision: None,
            note: None,
            assigned_to: None,
            claims: None,
            version: 1,
        };
        if !self.tx.cases().open(&case).await? {
            return Ok(ALREADY);
        }
        self.events.push(AuditEvent::CaseOpened {
            by: self.by(),
            person: item.person,
            case: case.id,
            kind: Code::of(kind.name()),
            run: self.traced,
        });
        Ok(DONE)
    }
}

/// The columns that changed, as closed words.
fn codes(item: &PlanItem) -> Vec<Code> {
    let mut fields: Vec<Code> =
        item.changes.iter().map(|change| super::words::field(&change.field)).collect();
    fields.sort();
    fields.dedup();
    fields
}

fn by<T, K: std::hash::Hash + Eq>(values: Vec<T>, key: impl Fn(&T) -> K) -> HashMap<K, T> {
    values.into_iter().map(|value| (key(&value), value)).collect()
}
