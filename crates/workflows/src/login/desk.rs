//! What the desk does with means: gives a code, suspends, gives back, revokes.
use crate::{WorkflowError, Workflows};
use audit::{AuditEvent, Code};
use authentication::{
    CODE_LIFE, CodeText, EnrolmentCode, Holder, IllegalTransition, Means, MeansKind,
};
use chrono::{DateTime, Utc};
use directory::PersonState;
use kernel::{Actor, ActorId, Capability, MeansId, PersonId};
use store::{StoreError, Transaction};

/// A code, to be shown once.
#[derive(Debug)]
pub struct GivenCode {
    pub text: CodeText,
    pub expires_at: DateTime<Utc>,
}

#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    #[error("nobody bears this id")]
    UnknownPerson(PersonId),
    #[error("no means bears this id")]
    UnknownMeans(MeansId),
    #[error("this person is not active")]
    NotActive(PersonId),
    /// AM-07: nobody serves themselves.
    #[error("a means is given by somebody else than its holder")]
    OwnMeans,
    /// The console would have no way in left.
    #[error("this is the last key that opens the console")]
    LastKey,
    #[error("this kind of means is not given by a code")]
    KindNotOffered,
    #[error("a motive is needed")]
    NoMotive,
    #[error(transparent)]
    Transition(#[from] IllegalTransition),
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Workflows {
    /// A code for one enrolment of one kind, given to the person at the desk.
    pub async fn give_enrolment_code(
        &self,
        actor: &Actor,
        person: PersonId,
        kind: MeansKind,
    ) -> Result<GivenCode, DeskError> {
        self.must(actor, Capability::IssueMeans, "give_enrolment_code").await?;
        if !matches!(kind, MeansKind::Fido2 | MeansKind::Password) {
            return Err(DeskError::KindNotOffered);
        }
        if acts_on_self(actor, person) {
            return Err(DeskError::OwnMeans);
        }
        let tx = self.store().begin().await?;
        let found = tx.people().lock(person).await?.ok_or(DeskError::UnknownPerson(person))?;
        if found.state != PersonState::Active {
            return Err(DeskError::NotActive(person));
        }
        let text = CodeText::new(self.randomness());
        let hash = text.hash(self.keys());
        let holder = Holder::Person(person);
        let code =
            EnrolmentCode::give(self.id(), hash, holder, kind, actor.id(), CODE_LIFE, self.now());
        tx.enrolment_codes().insert(&code).await?;
        let event = AuditEvent::EnrolmentCodeIssued {
            by: actor.id(),
            person,
            kind: Code::of(kind.name()),
            expires_at: code.expires_at,
        };
        tx.commit(event).await?;
        Ok(GivenCode { text, expires_at: code.expires_at })
    }

    /// Stops a means for now; sessions that lean on it end with it.
    pub async fn suspend_means(
        &self,
        actor: &Actor,
        id: MeansId,
        motive: &str,
    ) -> Result<Means, DeskError> {
        self.change_means(actor, id, motive, "suspend_means", Means::suspend, Change::Suspended)
            .await
    }

    /// Lifts a suspension.
    pub async fn reactivate_means(
        &self,
        actor: &Actor,
        id: MeansId,
        motive: &str,
    ) -> Result<Means, DeskError> {
        let act = "reactivate_means";
        self.change_means(actor, id, motive, act, Means::reactivate, Change::Reactivated).await
    }

    /// For ever.
    pub async fn revoke_means(
        &self,
        actor: &Actor,
        id: MeansId,
        motive: &str,
    ) -> Result<Means, DeskError> {
        self.change_means(actor, id, motive, "revoke_means", Means::revoke, Change::Revoked).await
    }

    async fn change_means(
        &self,
        actor: &Actor,
        id: MeansId,
        motive: &str,
        act: &'static str,
        step: impl FnOnce(Means) -> Result<Means, IllegalTransition>,
        change: Change,
    ) -> Result<Means, DeskError> {
        self.must(actor, Capability::RevokeMeans, act).await?;
        let motive = motive.trim();
        if motive.is_empty() {
            return Err(DeskError::NoMotive);
        }
        let tx = self.store().begin().await?;
        let means = tx.means().lock(id).await?.ok_or(DeskError::UnknownMeans(id))?;
        let person = means.holder.map(Holder::person).ok_or(DeskError::UnknownMeans(id))?;
        if matches!(change, Change::Reactivated) && acts_on_self(actor, person) {
            return Err(DeskError::OwnMeans);
        }
        if !matches!(change, Change::Reactivated) {
            self.must_leave_a_key(&tx, actor, &means).await?;
        }
        let mut changed = step(means)?;
        tx.means().save(&changed).await?;
        changed.version += 1;
        let ended = match change {
            Change::Reactivated => Vec::new(),
            Change::Suspended | Change::Revoked => {
                self.close_leaning_on(&tx, &actor.id(), person, id).await?
            }
        };
        let event = change.event(actor.id(), person, id, self.motive(motive));
        tx.commit((event, ended)).await?;
        Ok(changed)
    }
}

impl Workflows {
    /// At the console, the last key that opens it is neither suspended nor revoked: one's own last one, nor the last
    /// one of the last operator who appoints others.
    async fn must_leave_a_key(
        &self,
        tx: &Transaction,
        actor: &Actor,
        means: &Means,
    ) -> Result<(), DeskError> {
        let holder = means.holder.and_then(|holder| Some((holder.person(), holder.operator()?)));
        let (ActorId::Operator { .. }, Some((person, operator))) = (actor.id(), holder) else {
            return Ok(());
        };
        let others = tx.means().of(person).await?;
        let left =
            others.iter().any(|other| other.id != means.id && self.opens_console(other, operator));
        if left || !self.opens_console(means, operator) {
            return Ok(());
        }
        if acts_on_self(actor, person) || self.is_last_way_in(tx, person).await? {
            return Err(DeskError::LastKey);
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Change {
    Suspended,
    Reactivated,
    Revoked,
}

impl Change {
    fn event(
        self,
        by: ActorId,
        person: PersonId,
        means: MeansId,
        motive: audit::Digest,
    ) -> AuditEvent {
        let (reason, motive) = (Code::of("by_hand"), Some(motive));
        match self {
            Self::Suspended => AuditEvent::MeansSuspended { by, person, means, reason, motive },
            Self::Reactivated => AuditEvent::MeansReactivated { by, person, means, motive },
            Self::Revoked => AuditEvent::MeansRevoked { by, person, means, reason, motive },
        }
    }
}

fn acts_on_self(actor: &Actor, person: PersonId) -> bool {
    match actor.id() {
        ActorId::Operator { person: own, .. } | ActorId::Person { person: own } => own == person,
        ActorId::CommandLine { .. }
        | ActorId::Job { .. }
        | ActorId::Client { .. }
        | ActorId::Nobody => false,
    }
}
