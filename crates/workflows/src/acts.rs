//! « Mes dernières actions »: what an operator just did, and what of it she may still take back.
use crate::undo::undo_until;
use crate::{WorkflowError, Workflows};
use audit::{AuditEvent, AuditRecord};
use chrono::Duration;
use kernel::{Actor, CaseId, DateTime, Utc};
use store::AuditEntry;
use store::views::audit_trail::{self, AuditPage};

/// Acts are listed for so long.
pub const UNDO_SPAN: Duration = Duration::minutes(15);
const MOST: u64 = 20;

/// One act, and the answer that may be taken back until then.
#[derive(Debug, Clone)]
pub struct OwnAct {
    pub entry: AuditEntry,
    pub undo: Option<(CaseId, DateTime<Utc>)>,
}

impl Workflows {
    /// The caller's own acts of the last quarter of an hour, the newest first; her readings are not acts.
    pub async fn own_acts(
        &self,
        actor: &Actor,
    ) -> Result<(Vec<OwnAct>, crate::views::JournalPage), WorkflowError> {
        let reader = self.store().read();
        let Some(person) = actor.id().person() else {
            return Ok((Vec::new(), self.journal_of(Vec::new()).await?));
        };
        let entries = audit_trail::acts_of(&reader, person, self.now() - UNDO_SPAN, MOST).await?;
        let mut acts = Vec::new();
        for entry in &entries {
            let undo = self.undo_of(entry).await?;
            acts.push(OwnAct { entry: entry.clone(), undo });
        }
        Ok((acts, self.journal_of(entries).await?))
    }

    async fn undo_of(
        &self,
        entry: &AuditEntry,
    ) -> Result<Option<(CaseId, DateTime<Utc>)>, WorkflowError> {
        let record = AuditRecord::from_bytes(entry.body.as_bytes()).ok();
        let event = record.map(|record| record.event);
        let Some(AuditEvent::CaseDecided { case, decision, .. }) = event else { return Ok(None) };
        let now = self.now();
        let found = self.store().read().cases().find(case).await?;
        // Taken back or answered otherwise since: this entry's answer is not the one that stands.
        let stands = found.filter(|found| found.decision.as_deref() == Some(decision.as_str()));
        let until = stands.and_then(|found| undo_until(&found, now));
        let until = until.map(|until| until.min(entry.at + UNDO_SPAN));
        Ok(until.filter(|until| *until > now).map(|until| (case, until)))
    }

    async fn journal_of(
        &self,
        entries: Vec<AuditEntry>,
    ) -> Result<crate::views::JournalPage, WorkflowError> {
        let page = AuditPage { entries, more: false, total: 0, waiting_seal: 0 };
        let people = self.actors_of(&page).await?;
        let homonyms = self.homonyms_among(&people).await?;
        let names = self.event_names().await?;
        Ok(crate::views::JournalPage { page, people, homonyms, names })
    }
}
