//! What needs me, as the first page shows it.
use super::console::ConsoleCaller;
use super::register::RegisterSheet;
use super::runs::SourceSheet;
use crate::{WorkflowError, Workflows};
use directory::{CaseKind, Run, RunState};
use kernel::{Capability, DateTime, Utc};
use store::views::audit_trail::{self, AuditFilter};
use store::views::case_queue;
use store::views::people::{self, IdentityStanding, PeopleFilter};

/// Questions of one kind that wait.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub kind: CaseKind,
    pub count: u64,
    pub oldest: Option<DateTime<Utc>>,
}

/// One line of « Santé des sources ».
pub type SourceLine = SourceSheet;

/// The first page: each part only for those who may read it.
#[derive(Debug, Clone, Default)]
pub struct HomeView {
    pub waiting: Vec<Waiting>,
    /// Runs that a brake holds.
    pub held_runs: Vec<(Run, Option<String>)>,
    pub contracts_over: u64,
    pub to_recheck: u64,
    pub sources: Vec<SourceLine>,
    pub people: u64,
    pub clients: u64,
    /// When the relaxations of applications end that do so soon, or did: these open to nobody from then on. The earliest first.
    pub relaxations: Vec<DateTime<Utc>>,
    pub hospital: Option<String>,
    pub last_decided: bool,
    pub register: Option<RegisterSheet>,
    /// When this operator was last here; `None` on a first visit.
    pub last_visit: Option<DateTime<Utc>>,
    /// What happened since then.
    pub arrivals: u64,
    pub departures: u64,
    pub links: u64,
    pub changes: u64,
}

impl Workflows {
    pub async fn home(&self, caller: &ConsoleCaller) -> Result<HomeView, WorkflowError> {
        let (reader, actor) = (self.store().read(), &caller.actor);
        let mut home = HomeView {
            hospital: reader.counters().fact("hospital").await?,
            last_visit: self.last_visit(caller).await?,
            ..HomeView::default()
        };
        if actor.can(Capability::ReadCases) {
            for kind in CaseKind::ALL {
                let (count, oldest) = case_queue::waiting(&reader, kind).await?;
                let oldest = oldest.map(|case| case.opened_at);
                home.waiting.push(Waiting { kind, count, oldest });
            }
            let all = case_queue::CaseFilter::default();
            let decided = case_queue::page(&reader, &all, 0, 1).await?.last_decided;
            home.last_decided = decided.is_some();
        }
        if actor.can(Capability::ReadPeople) {
            let everybody = PeopleFilter::everybody(self.today());
            let over = PeopleFilter { account_over: true, ..everybody.clone() };
            home.contracts_over = self.count_people(&over).await?;
            let due = vec![IdentityStanding::ToRecheck];
            let recheck = PeopleFilter { identities: due, ..everybody.clone() };
            home.to_recheck = self.count_people(&recheck).await?;
            home.people = self.count_people(&everybody).await?;
        }
        if actor.can(Capability::ReadSources) {
            for source in reader.sources().all().await? {
                home.sources.push(self.source_sheet(source).await?);
            }
            for run in reader.runs().in_state(RunState::Waiting).await? {
                let named = home.sources.iter().find(|sheet| Some(sheet.source.id) == run.source);
                let name = named.map(|sheet| sheet.source.name.clone());
                home.held_runs.push((run, name));
            }
        }
        if actor.can(Capability::ReadSources) {
            home.register = match self.register_sheet().await {
                Ok(register) => Some(register),
                Err(error) => {
                    tracing::warn!(%error, "the register cannot be told on the first page");
                    None
                }
            };
        }
        if let (true, Some(since)) = (actor.can(Capability::ReadPeople), home.last_visit) {
            self.tell_news(&mut home, since).await?;
        }
        if actor.can(Capability::ReadClients) {
            home.clients = self.count_clients(actor).await?;
            home.relaxations = self.relaxations_ending(actor).await?;
        }
        Ok(home)
    }

    /// What happened since the operator was here.
    async fn tell_news(
        &self,
        home: &mut HomeView,
        since: DateTime<Utc>,
    ) -> Result<(), WorkflowError> {
        let reader = self.store().read();
        // Operators are made at the machine; they are no arrivals of the hospital.
        let operators = reader.operators().all().await?;
        let operators: Vec<_> = operators.iter().map(|operator| operator.person).collect();
        let of = async |events: &[&str]| {
            let filter = AuditFilter {
                events: events.iter().map(|&event| event.to_owned()).collect(),
                from: Some(since),
                not_about: operators.clone(),
                ..AuditFilter::default()
            };
            audit_trail::count(&reader, &filter).await
        };
        home.arrivals = of(&["person_created", "person_reopened"]).await?;
        home.departures = of(&["person_closed"]).await?;
        home.links = of(&["national_identity_linked"]).await?;
        home.changes = of(&["person_changed", "post_changed", "account_changed"]).await?;
        Ok(())
    }

    /// When the session before this one was last seen.
    pub async fn last_visit(
        &self,
        caller: &ConsoleCaller,
    ) -> Result<Option<DateTime<Utc>>, WorkflowError> {
        let (operator, session) = (caller.operator.id, caller.session.id);
        let reader = self.store().read();
        Ok(store::views::person::last_visit(&reader, operator, session).await?)
    }

    async fn count_people(&self, filter: &PeopleFilter) -> Result<u64, WorkflowError> {
        Ok(people::count(&self.store().read(), filter).await?)
    }
}
