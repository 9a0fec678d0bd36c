//! Sealing gives numbers to new entries and signs the tree; verifying reads all of it again (design §9).
use crate::{WorkflowError, Workflows};
use audit::{AuditEvent, Checkpoint, LogVerifier, Origin, Verdict, VerifierKey};
use chrono::Duration;
use kernel::{Actor, Capability, KeyError};
use store::StoreError;

/// Entries that one beat may number.
const MOST_SEALED: u64 = 5_000;
/// Few enough that a verification can name two swapped entries between two checkpoints, by trying.
const ENTRIES_A_CHECKPOINT: usize = 64;
/// Entries read at a time.
const READ_AT_ONCE: u64 = 2_000;
/// Rows without a seal that a verification names.
const MOST_TOLD: u64 = 20;
/// The seal's own lease: another node takes over after this.
const LEASE: Duration = Duration::seconds(5);
/// Longer than a lease: whoever died with it is out of the way by then.
const LONGEST_WAIT: std::time::Duration = std::time::Duration::from_secs(7);

#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("the host {0} cannot name a log")]
    Origin(String),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Note(#[from] audit::NoteError),
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a verification found.
#[derive(Debug, Clone)]
pub struct VerifyReport {
    pub verdict: Verdict,
    /// Entries appended since the last seal: signed within the next second.
    pub unsealed: u64,
}

impl Workflows {
    /// The public half of the log's key.
    pub fn audit_key(&self) -> Result<VerifierKey, SealError> {
        Ok(VerifierKey::new(self.audit_origin()?, self.keys().checkpoint_public_key()))
    }

    fn audit_origin(&self) -> Result<Origin, SealError> {
        let host = &self.parts().public_host;
        Origin::of_host(host).map_err(|_| SealError::Origin(host.clone()))
    }

    /// Seals what was appended; how many entries. 0 also when another node holds the lease.
    pub async fn seal_audit(&self) -> Result<u64, SealError> {
        self.tell_counted_refusals().await?;
        let node = self.instance().to_owned();
        let waits = !self.store().read().audit().to_seal(1).await?.is_empty();
        if !waits || !self.store().upkeep().take_lease("seal", &node, LEASE).await? {
            return Ok(0);
        }
        // Read again under the lease: another node may have sealed them in between.
        let entries = self.store().read().audit().to_seal(MOST_SEALED).await?;
        if entries.is_empty() {
            return Ok(0);
        }
        let mut frontier = self.store().read().audit().sealed().await?.frontier;
        for batch in entries.chunks(ENTRIES_A_CHECKPOINT) {
            let mut numbered = Vec::with_capacity(batch.len());
            for (seq, leaf) in batch {
                numbered.push((*seq, frontier.size()));
                frontier.append(*leaf);
            }
            let (origin, size, root) = (self.audit_origin()?, frontier.size(), frontier.root());
            let note = Checkpoint { origin, size, root }.sign(self.keys())?;
            self.store().upkeep().seal(&numbered, &frontier, &note).await?;
        }
        Ok(entries.len() as u64)
    }

    /// Seals until nothing is left: at a stop, at the end of a command, before a verification. Where another process
    /// holds the lease, waits for it to seal, or to be gone; what is not sealed by then is sealed by the next one.
    pub async fn seal_all(&self) -> Result<(), SealError> {
        let deadline = tokio::time::Instant::now() + LONGEST_WAIT;
        while !self.store().read().audit().to_seal(1).await?.is_empty() {
            if self.seal_audit().await? == 0 {
                if tokio::time::Instant::now() > deadline {
                    tracing::warn!(
                        "another process keeps the sealing lease; entries wait for its next seal"
                    );
                    return Ok(());
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
        self.store().upkeep().release_lease("seal", self.instance()).await?;
        Ok(())
    }

    /// Reads the whole log again against every signed checkpoint; names the first entry that is not what was signed.
    pub async fn verify_audit(&self, actor: &Actor) -> Result<VerifyReport, SealError> {
        self.must(actor, Capability::ReadAudit, "audit_verify").await?;
        self.seal_all().await?;
        let key = self.audit_key()?;
        let mut notes = Vec::new();
        loop {
            let after = notes.last().map(|(size, _): &(u64, String)| *size);
            let page = self.store().read().audit().notes(after, READ_AT_ONCE).await?;
            if page.is_empty() {
                break;
            }
            notes.extend(page);
        }
        let mut verifier = LogVerifier::new(&key, notes.iter().map(|(_, note)| note.as_str()));
        let mut from = 0;
        loop {
            let page = self.store().read().audit().entries(from, READ_AT_ONCE).await?;
            let Some(last) = page.last() else { break };
            from = last.index + 1;
            page.iter().for_each(|entry| verifier.push(entry));
        }
        let passed_over = self.store().read().audit().passed_over(MOST_TOLD).await?;
        passed_over.into_iter().for_each(|row| verifier.passed_over(row));
        let verdict = verifier.finish();
        let entries = match &verdict {
            Verdict::Holds { entries, .. } | Verdict::Broken { entries, .. } => *entries,
        };
        let first_fault = verdict.first_fault().and_then(audit::Fault::index);
        self.trace(AuditEvent::AuditVerified {
            by: actor.id(),
            entries,
            holds: verdict.holds(),
            first_fault,
        })
        .await?;
        let unsealed = self.store().read().audit().count_unsealed().await?;
        Ok(VerifyReport { verdict, unsealed })
    }
}
