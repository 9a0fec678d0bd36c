use super::SyncError;
use crate::{JobContext, Workflows};
use audit::{AuditEvent, Digest};
use identity::register::Guards;
use kernel::Actor;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use store::register::{Register, RegisterError, RegisterImport, RegisterVersion};

impl Workflows {
    /// The register in use; `None` before the first import. Kept open until an import puts another in its place.
    pub fn register(&self) -> Result<Option<Register>, RegisterError> {
        let folder = &self.parts().register_folder;
        let kept = self.0.register.read().expect("no holder of this lock panics").clone();
        if let Some(register) = kept
            && register.is_current(folder)?
        {
            return Ok(Some(register));
        }
        let opened = Register::open(folder)?;
        *self.0.register.write().expect("no holder of this lock panics") = opened.clone();
        Ok(opened)
    }

    pub(crate) async fn run_register_import(
        &self,
        actor: &Actor,
        files: Vec<PathBuf>,
        partial: bool,
        context: &JobContext,
    ) -> Result<String, SyncError> {
        let (folder, opener, now) =
            (self.parts().register_folder.clone(), self.parts().register.clone(), self.now());
        let progress = context.clone();
        let imported = tokio::task::spawn_blocking(move || {
            import(&folder, &*opener, &files, partial, now, &progress)
        })
        .await
        .map_err(|_| SyncError::Unreadable("register"))?;
        match imported {
            Ok(version) => {
                self.trace(imported_event(actor, &version, self.today())).await?;
                Ok(format!("{} personnes, {} lignes.", version.persons, version.lines()))
            }
            Err(RegisterError::Fault(identity::register::RegisterFault::Stopped)) => {
                Err(SyncError::Stopped)
            }
            Err(error) => {
                let reason = audit::Code::of(refusal(&error));
                let file = Digest::of(error.to_string().as_bytes());
                self.trace(AuditEvent::RegisterRefused { by: actor.id(), file, reason }).await?;
                Err(error.into())
            }
        }
    }
}

fn import(
    folder: &Path,
    opener: &dyn identity::register::RegisterOpener,
    files: &[PathBuf],
    partial: bool,
    now: kernel::DateTime<kernel::Utc>,
    progress: &JobContext,
) -> Result<RegisterVersion, RegisterError> {
    let in_use = RegisterVersion::in_use(folder)?;
    let mut import = RegisterImport::begin(folder)?;
    let sizes: Vec<u64> =
        files.iter().map(|file| file.metadata().map_or(0, |meta| meta.len())).collect();
    let (total, mut before) = (sizes.iter().sum::<u64>(), 0);
    for (file, size) in files.iter().zip(&sizes) {
        let defaults = Guards::default();
        let guards = Guards { min_lines: if partial { 1 } else { defaults.min_lines }, ..defaults };
        let mut reading = opener.open(file, &guards)?;
        if let Some(last) = in_use.as_ref().and_then(|version| version.lines_of(reading.kind())) {
            reading = opener.open(file, &Guards { last_accepted: Some(last), ..guards })?;
        }
        import.fill(&mut *reading, &mut |at| {
            progress.set(before + at.bytes, total);
            if progress.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        before += size;
    }
    import.finish(now)
}

fn imported_event(
    actor: &Actor,
    version: &RegisterVersion,
    today: kernel::NaiveDate,
) -> AuditEvent {
    let hashes: Vec<&str> = version.files.iter().map(|file| file.sha256.as_str()).collect();
    AuditEvent::RegisterImported {
        by: actor.id(),
        file: Digest::of(hashes.join("\n").as_bytes()),
        extracted_on: version.extracted_at.map_or(today, |at| at.date_naive()),
        lines: version.lines(),
        persons: version.persons,
        rejected: version.files.iter().map(|file| file.left_out).sum(),
    }
}

fn refusal(error: &RegisterError) -> &'static str {
    use identity::register::RegisterFault as Fault;
    match error {
        RegisterError::Fault(fault) => match fault {
            Fault::Unreadable { .. } => "unreadable",
            Fault::Empty { .. } => "empty",
            Fault::MissingColumn { .. } => "missing_column",
            Fault::ColumnCount { .. } => "column_count",
            Fault::Cut { .. } => "cut",
            Fault::Deviation { .. } => "deviation",
            Fault::TooFew { .. } => "too_few",
            Fault::TooManyEmpty { .. } => "too_many_empty",
            Fault::TooManyDamaged { .. } => "too_many_damaged",
            Fault::Stopped => "stopped",
        },
        RegisterError::Busy => "busy",
        RegisterError::File { .. } => "file",
        RegisterError::Database { .. } => "database",
        RegisterError::Unsound { .. } => "unsound",
        RegisterError::Stale { .. } => "stale",
        RegisterError::Nothing => "nothing",
    }
}
