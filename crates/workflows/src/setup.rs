//! What `init` leaves behind: the facts of the appliance and the first entry of its audit.
use crate::{WorkflowError, Workflows};
use audit::{AuditEvent, Digest};
use kernel::{Actor, Capability};

impl Workflows {
    /// The first entry of the log. Done once: a second call says what is there and changes nothing.
    pub async fn initialise(
        &self,
        actor: &Actor,
        version: &str,
        settings_text: &str,
        hospital: &str,
    ) -> Result<(), WorkflowError> {
        self.must(actor, Capability::ManageSystem, "initialise").await?;
        let tx = self.store().begin().await?;
        if tx.counters().fact("initialised_at").await?.is_some() {
            return Ok(());
        }
        tx.counters().set_fact("initialised_at", &self.now().to_rfc3339()).await?;
        tx.counters().set_fact("hospital", hospital).await?;
        tx.commit(AuditEvent::SystemInitialised {
            by: actor.id(),
            version: version.to_owned(),
            settings: Digest::of(settings_text.as_bytes()),
        })
        .await?;
        Ok(())
    }

    /// A fact that people may change: the hospital's name, its entities.
    pub async fn fact(&self, key: &str) -> Result<Option<String>, WorkflowError> {
        Ok(self.store().read().counters().fact(key).await?)
    }

    /// Says that the log left the appliance as a file.
    pub async fn audit_exported(
        &self,
        actor: &Actor,
        format: &'static str,
        entries: u64,
    ) -> Result<(), WorkflowError> {
        self.must(actor, Capability::ExportAudit, "audit_export").await?;
        let format = audit::Code::of(format);
        self.trace(AuditEvent::AuditExported {
            by: actor.id(),
            format,
            from: 0,
            to: entries,
            client: None,
        })
        .await?;
        Ok(())
    }
}
