//! The register as screens show it.
use crate::sync::SyncError;
use crate::{WorkflowError, Workflows};
use directory::{CaseKind, RegisterShift, RunKind, RunState};
use kernel::{Actor, Capability, DateTime, Utc};
use store::register::RegisterVersion;
use store::views::case_queue;

/// A register older than this says so; a setting of the house later.
pub const REGISTER_LIMIT_DAYS: i64 = 7;

#[derive(Debug, Clone)]
pub struct RegisterSheet {
    pub version: Option<RegisterVersion>,
    pub previous: Option<RegisterVersion>,
    /// Waits for an accord.
    pub held: Option<RegisterVersion>,
    /// What it would change of the people we hold, when that is known here.
    pub held_shift: Option<RegisterShift>,
    pub age_days: Option<i64>,
    /// National identities in force.
    pub links: u64,
    /// Questions that wait.
    pub to_decide: u64,
    pub last_reconciled_at: Option<DateTime<Utc>>,
}

impl Workflows {
    pub async fn show_register(&self, actor: &Actor) -> Result<RegisterSheet, SyncError> {
        self.must(actor, Capability::ReadSources, "show_register").await?;
        self.register_sheet().await
    }

    pub(crate) async fn register_sheet(&self) -> Result<RegisterSheet, SyncError> {
        let workflows = self.clone();
        // Opening the register's file may touch the disk.
        let (version, previous, held) = tokio::task::spawn_blocking(move || {
            let found = workflows.register()?.map(|register| register.version().clone());
            let previous = match found {
                Some(_) => RegisterVersion::previous(&workflows.parts().register_folder)?,
                None => None,
            };
            let held = workflows.waiting_register()?;
            Ok::<_, store::register::RegisterError>((found, previous, held))
        })
        .await
        .map_err(|_| SyncError::Unreadable("register"))??;
        let reader = self.store().read();
        let told = version.as_ref().map(|known| known.extracted_at.unwrap_or(known.imported_at));
        let (to_decide, _) = case_queue::waiting(&reader, CaseKind::NationalIdentity).await?;
        let runs = reader.runs().recent(None, 200).await.map_err(WorkflowError::from)?;
        let last = runs
            .iter()
            .find(|run| run.kind == RunKind::Reconcile && run.state == RunState::Applied);
        let held_shift = match &held {
            Some(held) => self.held_shift(held).await.map_err(WorkflowError::from)?,
            None => None,
        };
        Ok(RegisterSheet {
            held_shift,
            age_days: told.map(|at| (self.now() - at).num_days()),
            links: reader.national_identities().all().await?.len() as u64,
            to_decide,
            last_reconciled_at: last.map(|run| run.ended_at.unwrap_or(run.started_at)),
            version,
            previous,
            held,
        })
    }
}
