//! Refusals: one sentence on the screen, the cause in the journal, a reference to find it again.
use super::Visit;
use crate::Workflows;
use audit::{AuditEvent, Code, Digest, Reference};
use chrono::Duration;
use kernel::{ActorId, ClientId, MeansId, PersonId};
use store::StoreError;

/// What a page says of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalView {
    pub reference: Reference,
    /// Nothing typed here is looked at before.
    pub wait: Option<Duration>,
}

/// What the journal is told.
pub(super) struct Cause {
    pub reason: &'static str,
    pub person: Option<PersonId>,
    pub means: Option<MeansId>,
    pub client: Option<ClientId>,
}

impl Cause {
    pub fn of(reason: &'static str) -> Self {
        Self { reason, person: None, means: None, client: None }
    }
}

impl Workflows {
    /// Where it happened, for the audit: a MAC, since addresses are few.
    pub(super) fn place(&self, visit: &Visit<'_>) -> Digest {
        Digest::from_bytes(self.keys().mac("audit-place", visit.network.as_bytes()))
    }

    pub(super) fn refusal_event(
        &self,
        visit: &Visit<'_>,
        cause: &Cause,
        reference: Reference,
    ) -> AuditEvent {
        AuditEvent::LoginRefused {
            by: ActorId::Nobody,
            person: cause.person,
            means: cause.means,
            client: cause.client,
            listener: visit.listener,
            place: Some(self.place(visit)),
            reason: Code::of(cause.reason),
            reference,
        }
    }

    /// A refusal in a transaction of its own, or one more of a flood from one place (threats LG-06).
    pub(super) async fn trace_refusal_at(
        &self,
        visit: &Visit<'_>,
        reason: &'static str,
        event: AuditEvent,
    ) -> Result<(), StoreError> {
        self.trace_bounded(reason, Some(self.place(visit)), event).await
    }

    /// Traces a refusal in a transaction of its own.
    pub(super) async fn refuse(
        &self,
        visit: &Visit<'_>,
        cause: Cause,
        wait: Option<Duration>,
    ) -> Result<RefusalView, StoreError> {
        let reference = self.reference();
        let event = self.refusal_event(visit, &cause, reference.clone());
        self.trace_refusal_at(visit, cause.reason, event).await?;
        tracing::info!(reason = cause.reason, reference = %reference, "a login was refused");
        Ok(RefusalView { reference, wait })
    }
}
