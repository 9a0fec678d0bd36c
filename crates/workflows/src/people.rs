//! What a human does to one person.
use crate::{WorkflowError, Workflows};
use audit::{AuditEvent, ClosingCause};
use directory::{Closing, Person, PersonState};
use kernel::{Actor, Capability, PersonId};
use store::{Counter, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    #[error("nobody bears this id")]
    Unknown(PersonId),
    #[error("this person is closed already")]
    AlreadyClosed(PersonId),
    #[error("a motive is needed")]
    NoMotive,
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    #[error(transparent)]
    Store(#[from] StoreError),
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
        let motive = close.motive.trim();
        if motive.is_empty() {
            return Err(PersonError::NoMotive);
        }
        let tx = self.store().begin().await?;
        let mut person =
            tx.people().lock(close.person).await?.ok_or(PersonError::Unknown(close.person))?;
        if person.state == PersonState::Closed {
            return Err(PersonError::AlreadyClosed(person.id));
        }
        person.state = PersonState::Closed;
        person.closing = Some(Closing { at: self.now(), motive: motive.to_owned() });
        tx.people().save(&person).await?;
        tx.counters().raise(Counter::Directory).await?;
        let mut ended = self.end_everything(&tx, actor, person.id).await?;
        let event = AuditEvent::PersonClosed {
            by: actor.id(),
            person: person.id,
            run: None,
            cause: ClosingCause::ByHand,
            motive: Some(self.motive(motive)),
        };
        ended.insert(0, event);
        let mut ended = ended.into_iter();
        let first = ended.next().expect("the closing itself");
        tx.commit((first, ended.collect())).await?;
        person.version += 1;
        Ok(person)
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
