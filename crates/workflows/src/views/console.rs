//! Who is at the console, by the cookies of its session.
use crate::{WorkflowError, Workflows};
use audit::{AccessKind, AuditEvent};
use authentication::Operator;
use directory::{Person, PersonState};
use kernel::Actor;
use sessions::{CloseReason, Session};

/// Somebody at the console: what they may do is read again at each call, so that a right withdrawn ends at once.
#[derive(Debug, Clone)]
pub struct ConsoleCaller {
    pub actor: Actor,
    pub operator: Operator,
    pub person: Person,
    pub session: Session,
}

impl Workflows {
    /// The caller behind the console's cookies; `None` when the session, the person or the operator no longer stands.
    /// `alive`: the call is a sign of life of somebody, and not of a page that watches by itself.
    pub async fn console_caller(
        &self,
        session_cookie: &str,
        browser_cookie: &str,
        alive: bool,
    ) -> Result<Option<ConsoleCaller>, WorkflowError> {
        let kind = AccessKind::Admin;
        let current = match alive {
            true => self.current_session(kind, session_cookie, browser_cookie).await?,
            false => self.session_as_it_is(kind, session_cookie, browser_cookie).await?,
        };
        let Some(current) = current else { return Ok(None) };
        let (reader, session) = (self.store().read(), current.session);
        let operator = reader.operators().of(session.person).await?;
        let operator = operator.filter(|known| known.enabled && session.operator == Some(known.id));
        let person = reader.people().find(session.person).await?;
        let now = self.now();
        let person = person.filter(|person| person.state_at(now) == PersonState::Active);
        let (Some(operator), Some(person)) = (operator, person) else { return Ok(None) };
        Ok(Some(ConsoleCaller { actor: operator.actor(), operator, person, session }))
    }

    /// Leaves the console.
    pub async fn leave_console(&self, caller: &ConsoleCaller) -> Result<(), WorkflowError> {
        let tx = self.store().begin().await?;
        let Some(session) = tx.sessions().lock(caller.session.id).await? else { return Ok(()) };
        let Ok(closed) = session.close(CloseReason::LoggedOut, self.now()) else { return Ok(()) };
        tx.sessions().save(&closed).await?;
        let event = AuditEvent::LoggedOut {
            by: caller.actor.id(),
            person: caller.person.id,
            session: closed.id,
            client: None,
        };
        Ok(tx.commit(event).await?)
    }
}
