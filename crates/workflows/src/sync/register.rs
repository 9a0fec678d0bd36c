//! An import of the register: read, index, judge what it changes of our people, then accept it or let it wait.
use super::SyncError;
use crate::{JobContext, Workflows};
use audit::{AuditEvent, Digest};
use identity::register::{ExtractKind, Guards, RegisterFault, RegisterReading};
use kernel::Actor;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use store::register::{
    Register, RegisterError, RegisterImport, RegisterVersion, VersionFile, WaitingRegister,
    extracted_at,
};

/// What an operator may loosen for one import, knowingly.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportLimits {
    /// A partial extract, or the demo's: the guard on the size of a whole register is off.
    #[serde(default)]
    pub partial: bool,
    /// How far from the last accepted extract the number of lines may be; 5 % when not said.
    #[serde(default)]
    pub max_deviation_percent: Option<u32>,
    /// An extract older than the one in use is meant.
    #[serde(default)]
    pub older: bool,
}

impl ImportLimits {
    pub fn partial() -> Self {
        Self { partial: true, ..Self::default() }
    }
}

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
        limits: ImportLimits,
        context: &JobContext,
    ) -> Result<String, SyncError> {
        let (folder, opener, now) =
            (self.parts().register_folder.clone(), self.parts().register.clone(), self.now());
        let progress = context.clone();
        let imported = tokio::task::spawn_blocking(move || {
            import(&folder, &*opener, &files, &limits, now, &progress)
        })
        .await
        .map_err(|_| SyncError::Unreadable("register"))?;
        match imported {
            Ok(waiting) => self.judge_register(actor, waiting).await,
            Err(RegisterError::Fault(RegisterFault::Stopped)) => Err(SyncError::Stopped),
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
    limits: &ImportLimits,
    now: kernel::DateTime<kernel::Utc>,
    progress: &JobContext,
) -> Result<WaitingRegister, RegisterError> {
    let in_use = RegisterVersion::in_use(folder)?;
    let guards = guards(in_use.as_ref(), limits);
    let mut readings: Vec<(Box<dyn RegisterReading>, u64)> = Vec::new();
    for file in files {
        readings.push((opener.open(file, &guards)?, file.metadata().map_or(0, |meta| meta.len())));
    }
    // Each kind completes those before it, whatever the order in which they were named.
    readings.sort_by_key(|(reading, _)| reading.kind());
    one_of_each(&readings)?;
    if let (Some(in_use), false) = (&in_use, limits.older) {
        readings
            .iter()
            .try_for_each(|(reading, _)| must_be_newer(reading.path(), reading.kind(), in_use))?;
    }
    let (total, mut before) = (readings.iter().map(|(_, size)| size).sum(), 0);
    let mut import = RegisterImport::begin(folder)?;
    for (reading, size) in &mut readings {
        import.fill(&mut **reading, &mut |at| {
            progress.set(before + at.bytes, total);
            if progress.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        before += *size;
    }
    // Before it takes the place of another that waits.
    if let Some(in_use) = in_use.filter(|_| !limits.older) {
        import.read_files().iter().try_for_each(|file| must_be_no_other(file, &in_use))?;
    }
    import.prepare(now)
}

/// Extracts of several days are not one register: said before anything is read. They are in the order of kinds.
fn one_of_each(readings: &[(Box<dyn RegisterReading>, u64)]) -> Result<(), RegisterError> {
    let twice = readings.windows(2).find(|pair| pair[0].0.kind() == pair[1].0.kind());
    twice.map_or(Ok(()), |pair| {
        let (first, second) = (&pair[0].0, &pair[1].0);
        Err(RegisterError::SecondOfKind {
            path: second.path().to_owned(),
            first: first.path().display().to_string(),
            kind: second.kind(),
        })
    })
}

/// A new extract is compared with the last accepted one of its kind.
fn guards(in_use: Option<&RegisterVersion>, limits: &ImportLimits) -> Guards {
    let lines = |version: &RegisterVersion| {
        version.files.iter().map(|file| (file.kind, file.lines)).collect()
    };
    let defaults = Guards::default();
    Guards {
        last_accepted: in_use.map(lines).unwrap_or_default(),
        min_lines: if limits.partial { 1 } else { defaults.min_lines },
        max_deviation_percent: limits
            .max_deviation_percent
            .map_or(defaults.max_deviation_percent, f64::from),
        ..defaults
    }
}

/// DA-09: the register never goes back. The name of an extract bears its moment (`…_AAAAMMJJhhmm.txt`); each kind has
/// its own, since they are not all made at once. A whole extract that tells none cannot follow one that did.
fn must_be_newer(
    path: &Path,
    kind: ExtractKind,
    in_use: &RegisterVersion,
) -> Result<(), RegisterError> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let known = in_use.files.iter().find(|file| file.kind == kind);
    match (extracted_at(&name), known.and_then(|known| extracted_at(&known.name))) {
        (Some(found), Some(known)) if found < known => Err(older(path, Some(found), known)),
        (None, Some(known)) if kind.is_whole() => Err(older(path, None, known)),
        _ => Ok(()),
    }
}

/// The same extract may be imported again, with others; another content of the same moment may not.
fn must_be_no_other(file: &VersionFile, in_use: &RegisterVersion) -> Result<(), RegisterError> {
    let Some(known) = in_use.files.iter().find(|known| known.kind == file.kind) else {
        return Ok(());
    };
    match (extracted_at(&file.name), extracted_at(&known.name)) {
        (Some(found), Some(moment)) if found == moment && file.sha256 != known.sha256 => {
            Err(older(Path::new(&file.name), Some(found), moment))
        }
        _ => Ok(()),
    }
}

fn older(
    path: &Path,
    found: Option<kernel::DateTime<kernel::Utc>>,
    known: kernel::DateTime<kernel::Utc>,
) -> RegisterError {
    let words = |at: kernel::DateTime<kernel::Utc>| at.format("%Y-%m-%d %H:%M").to_string();
    let found = found.map_or("no moment in its name (…_YYYYMMDDhhmm.txt)".to_owned(), words);
    RegisterFault::Older { path: path.to_owned(), found, in_use: words(known) }.into()
}

fn refusal(error: &RegisterError) -> &'static str {
    use RegisterFault as Fault;
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
            Fault::Changed { .. } => "changed",
            Fault::Older { .. } => "older",
            Fault::Stopped => "stopped",
        },
        RegisterError::Busy => "busy",
        RegisterError::File { .. } => "file",
        RegisterError::Database { .. } => "database",
        RegisterError::Unsound { .. } => "unsound",
        RegisterError::Stale { .. } => "stale",
        RegisterError::Swapped { .. } => "swapped",
        RegisterError::Nothing => "nothing",
        RegisterError::NobodyToComplete { .. } => "nobody_to_complete",
        RegisterError::SecondOfKind { .. } => "second_of_kind",
    }
}
