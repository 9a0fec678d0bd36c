//! Sessions after their login: recognised, ended.
use super::Visit;
use crate::Workflows;
use audit::{AccessKind, AuditEvent, Code};
use authentication::{Assurance, Demand, MeansScale, ProofOf, Weighed, weigh};
use kernel::{Actor, ActorId, Handle, HandleKind, MeansId, PersonId, SessionId};
use sessions::{CloseReason, Session, SessionLimits, SessionStanding};
use store::{StoreError, Transaction};

/// The session of a request, still open.
#[derive(Debug, Clone)]
pub struct Current {
    pub session: Session,
    /// What its proofs are worth now.
    pub assurance: Assurance,
}

impl Workflows {
    /// The open session of these two cookies. A stolen session cookie without the browser's own is nothing.
    pub async fn current_session(
        &self,
        listener: AccessKind,
        session_cookie: &str,
        browser_cookie: &str,
    ) -> Result<Option<Current>, StoreError> {
        let current = self.session_as_it_is(listener, session_cookie, browser_cookie).await?;
        if let Some(seen) = current.as_ref().and_then(|current| current.session.seen(self.now())) {
            self.store().upkeep().session_seen(seen.id, seen.last_seen_at).await?;
        }
        Ok(current)
    }

    /// The same, which is no sign of life: pages that watch by themselves do not keep a session open.
    pub async fn session_as_it_is(
        &self,
        listener: AccessKind,
        session_cookie: &str,
        browser_cookie: &str,
    ) -> Result<Option<Current>, StoreError> {
        let kind = match listener {
            AccessKind::Public => HandleKind::Session,
            AccessKind::Admin => HandleKind::AdminSession,
        };
        let handles = Handle::parse(kind, session_cookie)
            .and_then(|handle| Ok((handle, Handle::parse(HandleKind::Browser, browser_cookie)?)));
        let Ok((handle, browser)) = handles else { return Ok(None) };
        if self.is_clock_behind() {
            return Ok(None); // a session that died of age would live again (threats ST-09)
        }
        let reader = self.store().read();
        let found = reader.sessions().by_handle(listener, &handle.hash()).await?;
        let found = found.filter(|(session, _)| session.browser == browser.hash());
        let Some((session, epoch)) = found else { return Ok(None) };
        let now = self.now();
        if session.standing(SessionLimits::of(listener), epoch, now) != SessionStanding::Open {
            return Ok(None);
        }
        let any = Demand::anything();
        let scale = MeansScale::default();
        let worth = weigh(&session.proofs, Some(&any), &scale, &self.reach(), now);
        let Weighed::Enough(assurance) = worth else { return Ok(None) };
        Ok(Some(Current { session, assurance }))
    }

    /// Who acts at the console by this session. `None`: the operator is no longer one.
    pub async fn operator_of(&self, current: &Current) -> Result<Option<Actor>, StoreError> {
        let Some(id) = current.session.operator else { return Ok(None) };
        let operator = self.store().read().operators().find(id).await?;
        Ok(operator.filter(|operator| operator.enabled).map(|operator| operator.actor()))
    }

    /// The person ends the session of this browser.
    pub async fn log_out(&self, current: Current) -> Result<(), StoreError> {
        let session = current.session;
        let by = match session.operator {
            Some(operator) => ActorId::Operator { operator, person: session.person },
            None => ActorId::Person { person: session.person },
        };
        let event =
            AuditEvent::LoggedOut { by, person: session.person, session: session.id, client: None };
        let Ok(closed) = session.close(CloseReason::LoggedOut, self.now()) else { return Ok(()) };
        let tx = self.store().begin().await?;
        match tx.sessions().save(&closed).await {
            Ok(()) => tx.commit(event).await,
            // Closed meanwhile by somebody else: nothing is left to do.
            Err(StoreError::Stale { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The browser is gone from here whatever cookies it still sends (threats WB-02).
    pub async fn log_out_browser(&self, visit: &Visit<'_>) -> Result<(), StoreError> {
        let tx = self.store().begin().await?;
        let here = tx.sessions().unclosed_in(visit.listener, &visit.browser.hash()).await?;
        let mut events = Vec::new();
        for session in here {
            let by = ActorId::Person { person: session.person };
            events.extend(self.close_one(&tx, &by, session, CloseReason::LoggedOut).await?);
        }
        let Ok(events) = audit::Events::try_from(events) else { return Ok(()) };
        tx.commit(events).await
    }

    /// A person ends one of her own sessions from another one. Somebody else's is unknown to her.
    pub async fn end_own_session(
        &self,
        person: PersonId,
        id: SessionId,
    ) -> Result<bool, StoreError> {
        let tx = self.store().begin().await?;
        let found = tx.sessions().lock(id).await?;
        let Some(session) = found.filter(|session| session.person == person) else {
            return Ok(false);
        };
        let by = ActorId::Person { person };
        let closed = self.close_one(&tx, &by, session, CloseReason::EndedElsewhere).await?;
        let Some(event) = closed else { return Ok(false) };
        tx.commit(event).await?;
        Ok(true)
    }

    /// Ends every session of a person within this act; the events of what ended.
    pub(crate) async fn close_sessions_of(
        &self,
        tx: &Transaction,
        by: &ActorId,
        person: PersonId,
        reason: CloseReason,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        let mut events = Vec::new();
        for session in tx.sessions().unclosed_of(person).await? {
            events.extend(self.close_one(tx, by, session, reason).await?);
        }
        Ok(events)
    }

    /// Ends the sessions that lean on a means which is withdrawn.
    pub(crate) async fn close_leaning_on(
        &self,
        tx: &Transaction,
        by: &ActorId,
        person: PersonId,
        means: MeansId,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        let mut events = Vec::new();
        for session in tx.sessions().unclosed_of(person).await? {
            let leans = session.proofs.iter().any(|proof| proof.of() == ProofOf::Means(means));
            if leans {
                let reason = CloseReason::MeansWithdrawn;
                events.extend(self.close_one(tx, by, session, reason).await?);
            }
        }
        Ok(events)
    }

    pub(crate) async fn close_one(
        &self,
        tx: &Transaction,
        by: &ActorId,
        session: Session,
        reason: CloseReason,
    ) -> Result<Option<AuditEvent>, StoreError> {
        let Ok(closed) = session.close(reason, self.now()) else { return Ok(None) };
        tx.sessions().save(&closed).await?;
        Ok(Some(AuditEvent::SessionClosed {
            by: by.clone(),
            person: closed.person,
            session: closed.id,
            reason: Code::of(reason.name()),
        }))
    }
}
