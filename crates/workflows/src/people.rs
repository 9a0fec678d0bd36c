//! What a human does to one person.
use crate::{WorkflowError, Workflows};
use audit::{AuditEvent, ClosingCause};
use directory::{Closing, Person, PersonState};
use kernel::{Actor, ActorId, Capability, NaiveDate, PersonId, SessionId};
use store::{Counter, StoreError, Transaction};

#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    #[error("nobody bears this id")]
    Unknown(PersonId),
    #[error("this person is closed already")]
    AlreadyClosed(PersonId),
    /// Nobody shuts herself out of the console.
    #[error("nobody closes or suspends herself")]
    Own,
    #[error("this person is the last operator who appoints others")]
    LastOperator,
    #[error("this person is not suspended")]
    NotSuspended(PersonId),
    #[error("no closing of this person is planned")]
    NothingPlanned(PersonId),
    #[error("the day is over already")]
    DayOver,
    #[error("a motive is needed")]
    NoMotive,
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error("no session bears this id")]
    Unknown(SessionId),
    #[error("this session is over")]
    Over(SessionId),
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// So many planned closings are written in one turn.
const DUE_AT_ONCE: u64 = 200;

fn told(motive: &str) -> Result<&str, PersonError> {
    let motive = motive.trim();
    if motive.is_empty() { Err(PersonError::NoMotive) } else { Ok(motive) }
}

/// Closing by a human, at once.
pub struct ClosePerson {
    pub person: PersonId,
    pub motive: String,
}

impl Workflows {
    /// Closes a person at once: nothing is issued from this commit on, sessions and tokens end with it.
    pub async fn close_person(
        &self,
        actor: &Actor,
        close: ClosePerson,
    ) -> Result<Person, PersonError> {
        self.must(actor, Capability::ClosePeople, "close_person").await?;
        let motive = told(&close.motive)?;
        let closing = Closing { at: self.now(), motive: motive.to_owned() };
        self.close_now(actor, close.person, closing, ClosingCause::ByHand).await
    }

    async fn close_now(
        &self,
        actor: &Actor,
        id: PersonId,
        closing: Closing,
        cause: ClosingCause,
    ) -> Result<Person, PersonError> {
        let (tx, mut person) = self.open_person(id).await?;
        self.must_leave_a_way_in(&tx, actor, id).await?;
        let motive = Some(self.motive(&closing.motive));
        person.state = PersonState::Closed;
        person.closing = Some(closing);
        tx.people().save(&person).await?;
        tx.counters().raise(Counter::Directory).await?;
        let ended = self.end_everything(&tx, actor, id).await?;
        let event =
            AuditEvent::PersonClosed { by: actor.id(), person: id, run: None, cause, motive };
        tx.commit((event, ended)).await?;
        person.version += 1;
        Ok(person)
    }

    /// Somebody who is not closed, held until the act ends.
    async fn open_person(&self, id: PersonId) -> Result<(Transaction, Person), PersonError> {
        let tx = self.store().begin().await?;
        let person = tx.people().lock(id).await?.ok_or(PersonError::Unknown(id))?;
        match person.state_at(self.now()) {
            PersonState::Closed if person.state == PersonState::Closed => {
                Err(PersonError::AlreadyClosed(id))
            }
            PersonState::Active | PersonState::Suspended | PersonState::Closed => Ok((tx, person)),
        }
    }

    /// At the console nobody shuts herself out, nor the last operator who could let another in. The machine's command
    /// line and contracts that end go on: the command line appoints operators too.
    async fn must_leave_a_way_in(
        &self,
        tx: &Transaction,
        actor: &Actor,
        id: PersonId,
    ) -> Result<(), PersonError> {
        if !matches!(actor.id(), ActorId::Operator { .. }) {
            return Ok(());
        }
        if actor.id().person() == Some(id) {
            return Err(PersonError::Own);
        }
        match self.is_last_way_in(tx, id).await? {
            true => Err(PersonError::LastOperator),
            false => Ok(()),
        }
    }

    /// Sets the last day of a person: from its end on nothing is issued to her, and what is open ends within a minute.
    pub async fn plan_closing(
        &self,
        actor: &Actor,
        id: PersonId,
        last_day: NaiveDate,
        motive: &str,
    ) -> Result<Person, PersonError> {
        self.must(actor, Capability::ClosePeople, "close_person").await?;
        let motive = told(motive)?;
        let after = last_day.succ_opt().and_then(|day| self.parts().zone.start_of(day));
        let at = after.filter(|at| *at > self.now()).ok_or(PersonError::DayOver)?;
        let (tx, mut person) = self.open_person(id).await?;
        self.must_leave_a_way_in(&tx, actor, id).await?;
        person.closing = Some(Closing { at, motive: motive.to_owned() });
        let event = AuditEvent::PersonClosingPlanned {
            by: actor.id(),
            person: id,
            from: Some(at),
            motive: Some(self.motive(motive)),
        };
        self.keep(tx, person, event).await
    }

    /// Takes a planned closing back, as long as its moment has not come.
    pub async fn cancel_closing(&self, actor: &Actor, id: PersonId) -> Result<Person, PersonError> {
        self.must(actor, Capability::ClosePeople, "close_person").await?;
        let (tx, mut person) = self.open_person(id).await?;
        if person.closes_at().is_none_or(|at| at <= self.now()) {
            return Err(PersonError::NothingPlanned(id));
        }
        person.closing = None;
        let by = actor.id();
        let event = AuditEvent::PersonClosingPlanned { by, person: id, from: None, motive: None };
        self.keep(tx, person, event).await
    }

    /// Nothing is issued to her until she is resumed; what is open ends with this commit.
    pub async fn suspend_person(
        &self,
        actor: &Actor,
        id: PersonId,
        motive: &str,
    ) -> Result<Person, PersonError> {
        self.must(actor, Capability::ClosePeople, "suspend_person").await?;
        let motive = self.motive(told(motive)?);
        let (tx, mut person) = self.open_person(id).await?;
        self.must_leave_a_way_in(&tx, actor, id).await?;
        person.state = PersonState::Suspended;
        tx.people().save(&person).await?;
        tx.counters().raise(Counter::Directory).await?;
        let reason = sessions::CloseReason::EndedByOperator;
        let ended = self.close_sessions_of(&tx, &actor.id(), id, reason).await?;
        let by = actor.id();
        let event = AuditEvent::PersonSuspended { by, person: id, motive: Some(motive) };
        tx.commit((event, ended)).await?;
        person.version += 1;
        Ok(person)
    }

    /// She may log in again; sessions that were ended stay so.
    pub async fn resume_person(
        &self,
        actor: &Actor,
        id: PersonId,
        motive: &str,
    ) -> Result<Person, PersonError> {
        self.must(actor, Capability::ClosePeople, "resume_person").await?;
        let motive = self.motive(told(motive)?);
        let (tx, mut person) = self.open_person(id).await?;
        if person.state != PersonState::Suspended {
            return Err(PersonError::NotSuspended(id));
        }
        person.state = PersonState::Active;
        let by = actor.id();
        let event = AuditEvent::PersonResumed { by, person: id, motive: Some(motive) };
        self.keep(tx, person, event).await
    }

    async fn keep(
        &self,
        tx: Transaction,
        mut person: Person,
        event: AuditEvent,
    ) -> Result<Person, PersonError> {
        tx.people().save(&person).await?;
        tx.counters().raise(Counter::Directory).await?;
        tx.commit(event).await?;
        person.version += 1;
        Ok(person)
    }

    /// Writes the closings whose moment has come: what they mean counts from that moment without it, what is open ends
    /// here. Any node does it; a person that another one closed meanwhile is passed over.
    pub async fn close_due_people(&self) -> Result<u64, PersonError> {
        let actor =
            Actor::new(ActorId::Job { name: "closing".to_owned() }, [Capability::ClosePeople]);
        let mut closed = 0;
        for id in self.store().read().people().due_to_close(self.now(), DUE_AT_ONCE).await? {
            let found = self.store().read().people().find(id).await?;
            let Some(closing) = found.and_then(|person| person.closing) else { continue };
            match self.close_now(&actor, id, closing, ClosingCause::Planned).await {
                Ok(_) => closed += 1,
                Err(PersonError::AlreadyClosed(_)) => {}
                Err(PersonError::Store(StoreError::Stale { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(closed)
    }

    /// Ends one session of somebody, wherever it is open.
    pub async fn end_session(&self, actor: &Actor, id: SessionId) -> Result<(), SessionError> {
        self.must(actor, Capability::CloseSessions, "end_session").await?;
        let tx = self.store().begin().await?;
        let session = tx.sessions().lock(id).await?.ok_or(SessionError::Unknown(id))?;
        let reason = sessions::CloseReason::EndedByOperator;
        let closed = self.close_one(&tx, &actor.id(), session, reason).await?;
        let Some(event) = closed else { return Err(SessionError::Over(id)) };
        Ok(tx.commit(event).await?)
    }

    /// Ends sessions and tokens of a person in this act; the events of what ended.
    pub(crate) async fn end_everything(
        &self,
        tx: &store::Transaction,
        actor: &Actor,
        person: PersonId,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        self.close_sessions_of(tx, &actor.id(), person, sessions::CloseReason::PersonClosed).await
    }
}
