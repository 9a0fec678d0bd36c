use crate::{WorkflowError, Workflows};
use audit::AuditEvent;
use directory::FourEyes;
use kernel::{Actor, Capability, RunId};
use store::StoreError;

/// Why a held plan is not let go.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    #[error("no run bears this id")]
    Unknown(RunId),
    #[error(transparent)]
    FourEyes(#[from] FourEyes),
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Workflows {
    /// A second person lets a plan go that a brake holds; somebody else then applies it (AM-09).
    pub async fn release_run(&self, actor: &Actor, id: RunId) -> Result<(), ReleaseError> {
        self.must(actor, Capability::ReleaseBrakes, "release_brake").await?;
        let tx = self.store().begin().await?;
        let mut run = tx.runs().find(id).await?.ok_or(ReleaseError::Unknown(id))?;
        let source = run.source.ok_or(ReleaseError::Unknown(id))?;
        run.release(&actor.id(), self.now())?;
        tx.runs().save(&run).await?;
        tx.commit(AuditEvent::RunReleased { by: actor.id(), source, run: id }).await?;
        Ok(())
    }
}
