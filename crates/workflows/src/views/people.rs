//! People as screens show them.
use super::may_open::MayOpen;
use super::names::{EventNames, SiteNames};
use crate::{WorkflowError, Workflows};
use audit::AuditEvent;
use directory::{Account, Case, CaseState, Person};
use kernel::{Actor, ActorId, Capability, DateTime, MeansId, PersonId, SourceId, Utc};
use std::collections::{BTreeMap, BTreeSet};
use store::views::audit_trail::{self, AuditFilter, AuditPage};
use store::views::people::{
    self, Facets, MoreOfPerson, MoreWanted, PeopleFilter, PeoplePage, PeopleSort, PeopleStart,
    PersonLine,
};
use store::views::person::{self, MeansBrief, SessionBrief};
use store::{Merge, SourceDefinition, SourceRecord};

/// All that the page of one person shows.
#[derive(Debug, Clone)]
pub struct PersonSheet {
    pub line: PersonLine,
    pub accounts: Vec<Account>,
    /// Open questions about the person.
    pub cases: Vec<Case>,
    pub homonyms: Vec<PersonLine>,
    /// What each source says, with its lines.
    pub records: Vec<SourceRecord>,
    pub sources: BTreeMap<SourceId, SourceDefinition>,
    /// When each source was last read and applied.
    pub read_at: BTreeMap<SourceId, DateTime<Utc>>,
    pub means: Vec<MeansBrief>,
    pub sessions: Vec<SessionBrief>,
    /// Those who decided on a national identity.
    pub deciders: BTreeMap<PersonId, Person>,
    pub sites: SiteNames,
    /// Records made one with hers, the newest first, each with the other person.
    pub merges: Vec<(Merge, Person)>,
    /// What she may open, and when she last did.
    pub applications: Vec<ApplicationStanding>,
}

/// One application, for one person.
#[derive(Debug, Clone)]
pub struct ApplicationStanding {
    pub client: oidc::Client,
    /// Why a login would be refused now; `None`: nothing stands in the way but the login itself.
    pub refused: Option<&'static str>,
    pub last_opened_at: Option<DateTime<Utc>>,
}

/// What happened to one person, newest first.
#[derive(Debug, Clone)]
pub struct TimelinePage {
    pub page: AuditPage,
    /// Those who acted.
    pub actors: BTreeMap<PersonId, Person>,
    pub names: EventNames,
}

impl Workflows {
    pub async fn list_people(
        &self,
        actor: &Actor,
        filter: &PeopleFilter,
        sort: (PeopleSort, bool),
        start: &PeopleStart,
        limit: u64,
    ) -> Result<PeoplePage, WorkflowError> {
        self.must(actor, Capability::ReadPeople, "list_people").await?;
        Ok(people::page(&self.store().read(), filter, sort, start, limit).await?)
    }

    /// What some columns of the list tell of these people, and only to whoever asks for them.
    pub async fn more_of_people(
        &self,
        actor: &Actor,
        lines: &[PersonLine],
        wanted: MoreWanted,
    ) -> Result<BTreeMap<PersonId, MoreOfPerson>, WorkflowError> {
        self.must(actor, Capability::ReadPeople, "list_people").await?;
        Ok(people::more(&self.store().read(), lines, wanted).await?)
    }

    /// For the search field: whoever it finds, without all that a list needs.
    pub async fn search_people(
        &self,
        actor: &Actor,
        filter: &PeopleFilter,
        limit: u64,
    ) -> Result<(Vec<PersonLine>, u64), WorkflowError> {
        self.must(actor, Capability::ReadPeople, "search_people").await?;
        Ok(people::found(&self.store().read(), filter, limit).await?)
    }

    pub async fn people_facets(&self, actor: &Actor) -> Result<Facets, WorkflowError> {
        self.must(actor, Capability::ReadPeople, "people_facets").await?;
        Ok(people::facets(&self.store().read(), self.today()).await?)
    }

    /// How many lines a file of this filter will hold; the journal keeps it before anything leaves.
    pub async fn begin_people_export(
        &self,
        actor: &Actor,
        filter: &PeopleFilter,
    ) -> Result<u64, WorkflowError> {
        self.must(actor, Capability::ReadPeople, "export_people").await?;
        let persons = people::count(&self.store().read(), filter).await?;
        self.trace(AuditEvent::PeopleExported { by: actor.id(), persons }).await?;
        Ok(persons)
    }

    /// A list of people that was read whole leaves as a file: the journal keeps how many.
    pub async fn trace_export(&self, actor: &Actor, persons: u64) -> Result<(), WorkflowError> {
        self.must(actor, Capability::ReadPeople, "export_people").await?;
        self.trace(AuditEvent::PeopleExported { by: actor.id(), persons }).await?;
        Ok(())
    }

    /// What last changed a person, and who did it: for whoever finds the record changed under her hands.
    pub async fn last_change_of(
        &self,
        id: PersonId,
    ) -> Result<Option<(DateTime<Utc>, Option<Person>)>, WorkflowError> {
        let filter = AuditFilter {
            subject: Some(id),
            outcomes: vec![audit::Outcome::Accepted],
            categories: vec![audit::Category::People, audit::Category::Means],
            ..AuditFilter::default()
        };
        let reader = self.store().read();
        let page = audit_trail::newest(&reader, &filter, None, 1).await?;
        let Some(entry) = page.entries.first() else { return Ok(None) };
        let mut named = self.actors_of(&page).await?;
        let record = audit::AuditRecord::from_bytes(entry.body.as_bytes()).ok();
        let by = record.and_then(|record| acting(record.event.actor()));
        Ok(Some((entry.at, by.and_then(|by| named.remove(&by)))))
    }

    /// One person, whole. Opening a record is a read that the journal keeps.
    pub async fn show_person(
        &self,
        actor: &Actor,
        id: PersonId,
    ) -> Result<Option<PersonSheet>, WorkflowError> {
        self.must(actor, Capability::ReadPeople, "show_person").await?;
        let Some(sheet) = self.person_sheet(id).await? else { return Ok(None) };
        self.trace(AuditEvent::PersonRead { by: actor.id(), person: id }).await?;
        Ok(Some(sheet))
    }

    /// The version of a record that is about to be closed, for whoever may close it.
    pub async fn version_to_close(
        &self,
        actor: &Actor,
        id: PersonId,
    ) -> Result<Option<i64>, WorkflowError> {
        self.must(actor, Capability::ClosePeople, "close_person").await?;
        Ok(self.store().read().people().find(id).await?.map(|person| person.version))
    }

    /// A means that is about to change, for whoever may change it.
    pub async fn means_to_change(
        &self,
        actor: &Actor,
        id: MeansId,
    ) -> Result<Option<MeansBrief>, WorkflowError> {
        self.must(actor, Capability::RevokeMeans, "change_means").await?;
        Ok(person::means_brief(&self.store().read(), id).await?)
    }

    /// Ends every session of a person; how many ended. `None`: nobody bears this id.
    pub async fn end_sessions_of(
        &self,
        actor: &Actor,
        id: PersonId,
    ) -> Result<Option<u64>, WorkflowError> {
        self.must(actor, Capability::CloseSessions, "end_sessions").await?;
        let tx = self.store().begin().await?;
        if tx.people().lock(id).await?.is_none() {
            return Ok(None);
        }
        let reason = sessions::CloseReason::EndedByOperator;
        let events = self.close_sessions_of(&tx, &actor.id(), id, reason).await?;
        let ended = events.len() as u64;
        if let Ok(events) = audit::Events::try_from(events) {
            tx.commit(events).await?;
        }
        Ok(Some(ended))
    }

    /// One person, whole, for the answer to an act on her: no reading of its own.
    pub async fn person_sheet(&self, id: PersonId) -> Result<Option<PersonSheet>, WorkflowError> {
        let reader = self.store().read();
        let Some(line) = people::by_ids(&reader, &[id]).await?.remove(&id) else {
            return Ok(None);
        };
        let deciders: Vec<PersonId> =
            line.identities.iter().filter_map(|identity| acting(&identity.decided_by)).collect();
        let cases = reader.cases().of(id).await?;
        let mut sources = BTreeMap::new();
        let accounts = reader.accounts().of(id).await?;
        let mut read_at = BTreeMap::new();
        for source in reader.sources().all().await? {
            if let Some(run) = reader.runs().last_applied(source.id).await? {
                read_at.insert(source.id, run.started_at);
            }
            sources.insert(source.id, source);
        }
        let applications = self.applications_of(&line, &accounts).await?;
        Ok(Some(PersonSheet {
            accounts,
            cases: cases.into_iter().filter(|case| case.state != CaseState::Decided).collect(),
            homonyms: people::homonyms(&reader, &line.person).await?,
            records: reader.records().about(id).await?,
            means: person::means_of(&reader, id).await?,
            sessions: person::open_sessions_of(&reader, id, self.now()).await?,
            deciders: person::named(&reader, &deciders).await?,
            sites: self.sites_of([&line]).await,
            applications,
            merges: self.merges_of(id).await?,
            sources,
            read_at,
            line,
        }))
    }

    async fn merges_of(&self, id: PersonId) -> Result<Vec<(Merge, Person)>, WorkflowError> {
        let reader = self.store().read();
        let merges = reader.merges().of(id).await?;
        let other = |merge: &Merge| if merge.kept == id { merge.absorbed } else { merge.kept };
        let others: Vec<PersonId> = merges.iter().map(other).collect();
        let named = person::named(&reader, &others).await?;
        let with = |merge: Merge| named.get(&other(&merge)).cloned().map(|person| (merge, person));
        Ok(merges.into_iter().filter_map(with).collect())
    }

    async fn applications_of(
        &self,
        line: &PersonLine,
        accounts: &[Account],
    ) -> Result<Vec<ApplicationStanding>, WorkflowError> {
        let (reader, now) = (self.store().read(), self.now());
        let opened = person::last_openings(&reader, Some(line.person.id)).await?;
        let means = reader.means().of(line.person.id).await?;
        let state = line.person.state_at(now);
        let told = reader.national_identities().to_tell(line.person.id).await?;
        let means = (means.as_slice(), told.as_slice());
        let may = MayOpen::of(state, &line.posts, accounts, means, (self.today(), now));
        let standing = |client: oidc::Client| ApplicationStanding {
            refused: may.refused(&client),
            last_opened_at: opened.get(&client.id).copied(),
            client,
        };
        Ok(reader.clients().all().await?.into_iter().map(standing).collect())
    }

    pub async fn person_timeline(
        &self,
        actor: &Actor,
        id: PersonId,
        before: Option<i64>,
        limit: u64,
    ) -> Result<TimelinePage, WorkflowError> {
        self.must(actor, Capability::ReadPeople, "person_timeline").await?;
        let reader = self.store().read();
        let filter = AuditFilter { subject: Some(id), ..AuditFilter::default() };
        let page = audit_trail::page(&reader, &filter, before, limit).await?;
        let actors = self.actors_of(&page).await?;
        let names = self.event_names().await?;
        Ok(TimelinePage { page, actors, names })
    }

    /// The people behind the actors of these entries.
    pub(crate) async fn actors_of(
        &self,
        page: &AuditPage,
    ) -> Result<BTreeMap<PersonId, Person>, WorkflowError> {
        let mut ids: Vec<PersonId> = Vec::new();
        for entry in &page.entries {
            if let Ok(record) = audit::AuditRecord::from_bytes(entry.body.as_bytes()) {
                ids.extend(acting(record.event.actor()));
            }
            ids.extend(entry.person);
        }
        ids.sort();
        ids.dedup();
        Ok(person::named(&self.store().read(), &ids).await?)
    }
}

impl Workflows {
    /// Those of these people whom a screen tells from somebody else by her birth date.
    pub(crate) async fn homonyms_among(
        &self,
        people: &BTreeMap<PersonId, Person>,
    ) -> Result<BTreeSet<PersonId>, WorkflowError> {
        Ok(people::with_homonyms(&self.store().read(), people.values()).await?)
    }
}

/// The person behind an actor.
pub(crate) fn acting(actor: &ActorId) -> Option<PersonId> {
    actor.person()
}
