//! What a node saw of the log last, kept beside the master key and so outside the database: a database put back to an
//! older state is found out at the next start (threats LG-02, ST-04), and goes on only after a human said so. From then
//! on a new epoch runs: sessions, tokens and codes of before are refused.
use crate::{SealError, WorkflowError, Workflows};
use audit::{AuditEvent, Checkpoint, Digest};
use kernel::{Actor, Capability};
use store::{Counter, StoreError};

/// Why the database is not the one that this node last saw.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    #[error(
        "the audit holds {kept} entries, and this node has seen {seen}: the database was put back to an older state"
    )]
    Shorter { kept: u64, seen: u64 },
    #[error(
        "the audit is another one than this node has seen, from before its entry {seen}: the database was put back and went on"
    )]
    Forked { seen: u64 },
    #[error("the anchor of the audit is not signed by this appliance's key")]
    NotOurs(#[source] audit::NoteError),
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A restoration that was agreed to: both heads of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    pub epoch: u64,
    pub kept: Checkpoint,
    pub lost: Option<Checkpoint>,
}

#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error("say why, in words: it is kept with the act")]
    NoMotive,
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Workflows {
    /// The last signed checkpoint: what a node keeps outside. `None` before the first seal.
    pub async fn head(&self) -> Result<Option<String>, StoreError> {
        let note = self.store().read().audit().sealed().await?.note;
        Ok(Some(note).filter(|note| !note.is_empty()))
    }

    /// Whether the log of the database still is what this node saw.
    pub async fn check_anchor(&self, anchor: &str) -> Result<(), AnchorError> {
        let key = self.audit_key()?;
        let seen = key.verify(anchor).map_err(AnchorError::NotOurs)?;
        let kept = self.store().read().audit().sealed().await?.frontier.size();
        if kept < seen.size {
            return Err(AnchorError::Shorter { kept, seen: seen.size });
        }
        let forked = AnchorError::Forked { seen: seen.size };
        let note = self.store().read().audit().note_at(seen.size).await?;
        match note.map(|note| key.verify(&note)) {
            Some(Ok(same)) if same == seen => Ok(()),
            _ => Err(forked),
        }
    }

    /// The ceremony after a restoration on purpose: a new epoch, and nothing that was handed out before opens anything.
    pub async fn begin_epoch(
        &self,
        actor: &Actor,
        anchor: Option<&str>,
        motive: &str,
    ) -> Result<Restored, RestoreError> {
        self.must(actor, Capability::ManageSystem, "begin_epoch").await?;
        if motive.trim().is_empty() {
            return Err(RestoreError::NoMotive);
        }
        self.seal_all().await?;
        let key = self.audit_key()?;
        // One that is not ours (another host's name, a damaged file) says nothing: its loss is what the motive is about.
        let lost = anchor.and_then(|note| key.verify(note).ok());
        let frontier = self.store().read().audit().sealed().await?.frontier;
        let (size, root) = (frontier.size(), frontier.root());
        let kept = Checkpoint { origin: key.name().clone(), size, root };
        let tx = self.store().begin().await?;
        let epoch = tx.counters().raise(Counter::RestoreEpoch).await?.unsigned_abs();
        tx.forget_handles().await?;
        let (seen, seen_root) =
            lost.as_ref().map_or((0, Digest::of(b"")), |lost| (lost.size, lost.root));
        tx.commit(AuditEvent::RestoreEpochBegun {
            by: actor.id(),
            epoch,
            kept: size,
            kept_root: root,
            seen,
            seen_root,
            motive: self.motive(motive),
        })
        .await?;
        Ok(Restored { epoch, kept, lost })
    }
}
