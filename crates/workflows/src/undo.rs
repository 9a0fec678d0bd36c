//! Taking back an answer that changed nothing but the question itself (console, section 4.3: level 1).
use crate::{CaseError, Workflows};
use audit::AuditEvent;
use chrono::Duration;
use directory::{Case, CaseKind, CaseState};
use kernel::{Actor, Capability, CaseId, DateTime, Utc};

/// An answer may be taken back for so long.
pub const UNDO: Duration = Duration::minutes(15);

/// Until when this answer may be taken back; `None` when it made a link or a person.
pub fn undo_until(case: &Case, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let harmless = match (case.kind, case.decision.as_deref()) {
        (_, Some("ask_hr" | "wait_card")) => true,
        (CaseKind::Duplicate, Some("none_fits")) => false, // it made a person
        (_, Some("none_fits")) => true,
        (_, _) => false,
    };
    harmless.then(|| case.decided_at.unwrap_or(now) + UNDO)
}

impl Workflows {
    /// Opens a question again.
    pub async fn undo_case(&self, actor: &Actor, id: CaseId) -> Result<Case, CaseError> {
        self.must(actor, Capability::DecideCases, "undo_case").await?;
        let tx = self.store().begin().await?;
        let mut case = self.held_case(&tx, id).await?;
        let now = self.now();
        if undo_until(&case, now).is_none_or(|until| until < now) {
            return Err(CaseError::Decided(id));
        }
        case.state = CaseState::Open;
        (case.decided_at, case.decided_by) = (None, None);
        (case.decision, case.note) = (None, None);
        tx.cases().save(&case).await?;
        let event = AuditEvent::CaseUndone { by: actor.id(), person: case.person, case: id };
        tx.commit(event).await?;
        case.version += 1;
        Ok(case)
    }
}
