//! Builds the next version of the register beside the one in use.
use super::files::{
    RegisterVersion, UNDER_WAY, VersionFile, accept, current, discard, extracted_at, file_error,
    held, hold, next_number, previous_of, read_meta, write_meta,
};
use super::fill::Filling;
use super::read::Register;
use super::schema::{BULK, TABLES};
use super::{RegisterError, Tried};
use chrono::{DateTime, Utc};
use identity::register::{
    ExtractSummary, ReadProgress, ReadStep, RegisterBatch, RegisterFault, RegisterReading,
};
use rusqlite::Connection;
use std::fs::{self, File, TryLockError};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// An import under way. Dropped before [`RegisterImport::finish`], it leaves nothing behind but a
/// file that the next one overwrites.
pub struct RegisterImport {
    dir: PathBuf,
    filling: Option<Filling>,
    files: Vec<ExtractSummary>,
    /// Held until the end: one import at a time, also across processes.
    lock: File,
}

/// A whole version that nobody reads yet.
pub struct WaitingRegister {
    dir: PathBuf,
    version: RegisterVersion,
    /// No import while a version is judged.
    _lock: File,
}

impl WaitingRegister {
    /// The version that waits in this folder, if there is one.
    pub fn find(dir: &Path) -> Result<Option<Self>, RegisterError> {
        if held(dir)?.is_none() {
            return Ok(None);
        }
        // Read under the lock: somebody may have accepted it meanwhile.
        let lock = lock(dir)?;
        let Some(pointed) = held(dir)? else { return Ok(None) };
        let version = read_meta(&open_read_only(&pointed.path)?, &pointed.path)?;
        pointed.must_be(&version)?;
        Ok(Some(Self { dir: dir.to_owned(), version, _lock: lock }))
    }

    pub fn version(&self) -> &RegisterVersion {
        &self.version
    }

    /// Opened to be judged.
    pub fn open(&self) -> Result<Register, RegisterError> {
        Register::waiting(&self.dir)?.ok_or(RegisterError::Nothing)
    }

    pub fn accept(self) -> Result<RegisterVersion, RegisterError> {
        accept(&self.dir, &self.version)?;
        Ok(self.version)
    }

    pub fn discard(self) -> Result<RegisterVersion, RegisterError> {
        discard(&self.dir)?;
        Ok(self.version)
    }
}

/// One import at a time, also across processes.
fn lock(dir: &Path) -> Result<File, RegisterError> {
    let lock_path = dir.join("import.lock");
    let lock = File::create(&lock_path).map_err(file_error(&lock_path, "lock the register"))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(RegisterError::Busy),
        Err(TryLockError::Error(cause)) => Err(file_error(&lock_path, "lock the register")(cause)),
    }
}

impl RegisterImport {
    /// `dir` is made when it is not there.
    pub fn begin(dir: &Path) -> Result<Self, RegisterError> {
        fs::create_dir_all(dir).map_err(file_error(dir, "make the register folder"))?;
        let lock = lock(dir)?;
        let filling = Some(Filling::new(fresh(dir)?, dir)?);
        Ok(Self { dir: dir.to_owned(), filling, files: Vec::new(), lock })
    }

    /// Reads one extract whole. Give them in the order of [`ExtractKind::ALL`]: each completes those before it.
    /// `watch` hears how far it is, a few times a second at full speed, and may break off.
    pub fn fill(
        &mut self,
        reading: &mut dyn RegisterReading,
        watch: &mut dyn FnMut(ReadProgress) -> ControlFlow<()>,
    ) -> Result<(), RegisterError> {
        let mut batch = RegisterBatch::default();
        if self.files.is_empty() && !reading.kind().is_whole() {
            return Err(RegisterError::NobodyToComplete { path: reading.path().to_owned() });
        }
        if let Some(first) = self.files.iter().find(|file| file.kind == reading.kind()) {
            return Err(RegisterError::SecondOfKind {
                path: reading.path().to_owned(),
                first: first.path.display().to_string(),
                kind: reading.kind(),
            });
        }
        self.filling()?.begin_file(reading.kind())?;
        loop {
            if watch(reading.progress()).is_break() {
                return Err(RegisterFault::Stopped.into());
            }
            match reading.next_batch(&mut batch)? {
                ReadStep::Rows => self.filling()?.push(&batch)?,
                ReadStep::Restarted if self.files.is_empty() => {
                    self.filling = None;
                    let mut filling = Filling::new(fresh(&self.dir)?, &self.dir)?;
                    filling.begin_file(reading.kind())?;
                    self.filling = Some(filling);
                }
                // Birth data read twice are the same; other complements are taken away first.
                ReadStep::Restarted => self.filling()?.begin_file(reading.kind())?,
                ReadStep::Done(mut summary) => {
                    let unknown = self.filling()?.end_file()?;
                    if unknown > 0 {
                        summary.warnings.push(format!(
                            "{unknown} lignes sur des personnes absentes de l’extraction principale, laissées de côté"
                        ));
                    }
                    self.files.push(summary);
                    return Ok(());
                }
            }
        }
    }

    /// Indexes, verifies, and swaps: from here on, whoever opens the register gets this version.
    pub fn finish(self, now: DateTime<Utc>) -> Result<RegisterVersion, RegisterError> {
        self.prepare(now)?.accept()
    }

    /// Indexes and verifies: the version is whole, and waits beside the one in use until somebody accepts it.
    pub fn prepare(mut self, now: DateTime<Utc>) -> Result<WaitingRegister, RegisterError> {
        let filling = self.filling.take().ok_or(RegisterError::Nothing)?;
        if self.files.is_empty() {
            return Err(RegisterError::Nothing);
        }
        let number = next_number(&self.dir)?;
        let (database, counts) = filling.finish()?;
        let files = self.read_files();
        let version = RegisterVersion {
            number,
            extracted_at: files.iter().filter_map(|file| extracted_at(&file.name)).max(),
            files,
            persons: counts.persons,
            activities: counts.activities,
            births: counts.births,
            complements: counts.complements,
            imported_at: now,
        };
        write_meta(&database, &version)?;
        database.execute_batch("COMMIT").tried("end the writing")?;
        database.close().map_err(|(_, source)| source).tried("close the new register")?;
        verify(&self.dir.join(UNDER_WAY), &version)?;
        hold(&self.dir, &version)?;
        Ok(WaitingRegister { dir: self.dir, version, _lock: self.lock })
    }

    /// The extracts read so far.
    pub fn read_files(&self) -> Vec<VersionFile> {
        self.files.iter().map(version_file).collect()
    }

    fn filling(&mut self) -> Result<&mut Filling, RegisterError> {
        self.filling.as_mut().ok_or(RegisterError::Nothing)
    }
}

/// The version in use, to compare the next extract with. `None` also when it is of another layout.
impl RegisterVersion {
    pub fn in_use(dir: &Path) -> Result<Option<Self>, RegisterError> {
        let Some(pointed) = current(dir)? else { return Ok(None) };
        let database = open_read_only(&pointed.path)?;
        match read_meta(&database, &pointed.path) {
            Ok(version) => Ok(Some(version)),
            Err(RegisterError::Stale { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The version that was in use before this one, as long as it is kept.
    pub fn previous(dir: &Path) -> Result<Option<Self>, RegisterError> {
        let Some(path) = previous_of(dir)?.pop() else { return Ok(None) };
        match read_meta(&open_read_only(&path)?, &path) {
            Ok(version) => Ok(Some(version)),
            Err(RegisterError::Stale { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The version that waits to be accepted.
    pub fn waiting(dir: &Path) -> Result<Option<Self>, RegisterError> {
        let Some(pointed) = held(dir)? else { return Ok(None) };
        let version = read_meta(&open_read_only(&pointed.path)?, &pointed.path)?;
        pointed.must_be(&version)?;
        Ok(Some(version))
    }
}

fn version_file(summary: &ExtractSummary) -> VersionFile {
    let name = summary.path.file_name().map(|name| name.to_string_lossy().into_owned());
    VersionFile {
        name: name.unwrap_or_default(),
        kind: summary.kind,
        sha256: summary.sha256.clone(),
        bytes: summary.bytes,
        lines: summary.lines,
        left_out: summary.left_out,
        warnings: summary.warnings.clone(),
    }
}

fn fresh(dir: &Path) -> Result<Connection, RegisterError> {
    let path = dir.join(UNDER_WAY);
    match fs::remove_file(&path) {
        Ok(()) => {}
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
        Err(cause) => {
            return Err(file_error(&path, "remove what a broken import left")(cause));
        }
    }
    let database = Connection::open(&path).tried("create the new register")?;
    database.execute_batch(BULK).tried("set up the new register")?;
    database.execute_batch(TABLES).tried("make the tables")?;
    database.execute_batch("BEGIN").tried("begin the writing")?;
    Ok(database)
}

pub(super) fn open_read_only(path: &Path) -> Result<Connection, RegisterError> {
    use rusqlite::OpenFlags;
    // Its files are never written again once named: no lock to take, no journal to look for.
    let text = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(format!("file:{text}?immutable=1"), flags)
        .tried("open the register")?;
    database.execute_batch("PRAGMA cache_size = -8192; PRAGMA query_only = 1;").tried("set up")?;
    Ok(database)
}

/// Opens what was written as a reader would, and counts.
fn verify(path: &Path, version: &RegisterVersion) -> Result<(), RegisterError> {
    let database = open_read_only(path)?;
    let kept = read_meta(&database, path)?;
    let sum = |sql: &str| -> Result<u64, RegisterError> {
        let counted: i64 =
            database.query_row(sql, [], |row| row.get(0)).tried("count what was written")?;
        Ok(counted.unsigned_abs())
    };
    let count = |table: &str| sum(&format!("SELECT count(*) FROM {table}"));
    let checks = [
        ("its description", kept == *version),
        ("persons", count("person")? == version.persons),
        ("numbers", count("number")? == version.persons),
        (
            "activities",
            sum("SELECT coalesce(sum(length(activities)), 0) / 8 FROM person")?
                == version.activities,
        ),
        (
            "skills, diplomas and mailboxes",
            count("skill")? + count("diploma")? + count("mailbox")? == version.complements,
        ),
        ("birth data", count("birth")? == version.births),
        ("no person at all", version.persons > 0),
    ];
    match checks.iter().find(|(_, holds)| !holds) {
        Some((what, _)) => Err(RegisterError::Unsound { what: (*what).to_owned() }),
        None => Ok(()),
    }
}
