//! Which file is the register: one name in `DIR/current`, changed by one rename.
use super::schema::LAYOUT;
use super::{RegisterError, Tried};
use chrono::{DateTime, Utc};
use identity::register::ExtractKind;
use reconciliation::INDEX_VERSION;
use rusqlite::{Connection, OptionalExtension, params};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

const CURRENT: &str = "current";
/// A version that waits for a human: whole, verified, and read by nobody yet.
const HELD: &str = "held";
pub(super) const UNDER_WAY: &str = "register-import.db";

/// One extract that a version was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionFile {
    pub name: String,
    pub kind: ExtractKind,
    pub sha256: String,
    pub bytes: u64,
    pub lines: u64,
    pub left_out: u64,
    pub warnings: Vec<String>,
}

/// What is known of one kept version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterVersion {
    pub number: u64,
    pub files: Vec<VersionFile>,
    pub persons: u64,
    pub activities: u64,
    /// Persons with birth data.
    pub births: u64,
    /// Skills, diplomas and mailboxes of persons, and mailboxes of structures.
    pub complements: u64,
    /// From the name of the newest file (`…_AAAAMMJJhhmm.txt`), when it tells.
    pub extracted_at: Option<DateTime<Utc>>,
    pub imported_at: DateTime<Utc>,
}

impl RegisterVersion {
    /// Lines of the extract of this kind: what the next one is compared with.
    pub fn lines_of(&self, kind: ExtractKind) -> Option<u64> {
        self.files.iter().find(|file| file.kind == kind).map(|file| file.lines)
    }
    /// What the pointer bears beside the name, so that a file put in its place is noticed.
    fn mark(&self) -> String {
        let first = self.files.first().map(|file| file.sha256.as_str()).unwrap_or_default();
        let first = first.get(..16).unwrap_or(first);
        format!("{first}-{}-{}", self.persons, self.imported_at.timestamp_millis())
    }
    /// All lines of all extracts.
    pub fn lines(&self) -> u64 {
        self.files.iter().map(|file| file.lines).sum()
    }
}

pub(super) fn file_error(
    path: &Path,
    attempted: &'static str,
) -> impl FnOnce(std::io::Error) -> RegisterError + use<> {
    let path = path.to_owned();
    move |cause| RegisterError::File { path, attempted, cause }
}

/// A version's file, and the mark that it must bear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pointed {
    pub path: PathBuf,
    mark: String,
}

impl Pointed {
    /// The file is the one that was accepted, not another put in its place.
    pub fn must_be(&self, version: &RegisterVersion) -> Result<(), RegisterError> {
        match version.mark() == self.mark {
            true => Ok(()),
            false => Err(RegisterError::Swapped { path: self.path.clone() }),
        }
    }
}

/// The file in use, if there is one.
pub(super) fn current(dir: &Path) -> Result<Option<Pointed>, RegisterError> {
    pointed(dir, CURRENT)
}

/// The file that waits to be accepted, if there is one. Killed while it was accepted, it is in use and waits no more.
pub(super) fn held(dir: &Path) -> Result<Option<Pointed>, RegisterError> {
    let waiting = pointed(dir, HELD)?;
    Ok(match waiting {
        Some(waiting) if current(dir)?.is_some_and(|in_use| in_use == waiting) => None,
        waiting => waiting,
    })
}

fn pointed(dir: &Path, pointer: &str) -> Result<Option<Pointed>, RegisterError> {
    let path = dir.join(pointer);
    match fs::read_to_string(&path) {
        Ok(text) => {
            let (name, mark) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
            let plain = version_number(name).is_some();
            let what = || format!("{} names no register file", path.display());
            plain
                .then(|| Some(Pointed { path: dir.join(name), mark: mark.to_owned() }))
                .ok_or_else(|| RegisterError::Unsound { what: what() })
        }
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(file_error(&path, "read which register is in use")(cause)),
    }
}

fn version_number(name: &str) -> Option<u64> {
    name.strip_prefix("register-")?.strip_suffix(".db")?.parse().ok()
}

/// Highest number ever kept, so that a name is never used again.
pub(super) fn next_number(dir: &Path) -> Result<u64, RegisterError> {
    let mut highest = 0;
    for entry in fs::read_dir(dir).map_err(file_error(dir, "list the register folder"))? {
        let entry = entry.map_err(file_error(dir, "list the register folder"))?;
        highest =
            highest.max(entry.file_name().to_str().and_then(version_number).unwrap_or_default());
    }
    Ok(highest + 1)
}

/// Names a finished file and lets it wait. Killed anywhere, `current` names a whole version.
pub(super) fn hold(dir: &Path, version: &RegisterVersion) -> Result<(), RegisterError> {
    let written = dir.join(UNDER_WAY);
    let named = dir.join(file_name(version.number));
    sync(&written)?;
    fs::rename(&written, &named).map_err(file_error(&named, "name the new register"))?;
    sync(dir)?;
    point(dir, HELD, version)?;
    forget_others(dir, &[])
}

/// Makes the waiting version the register: one rename. The one before is kept beside it.
pub(super) fn accept(dir: &Path, version: &RegisterVersion) -> Result<(), RegisterError> {
    let previous = current(dir)?;
    point(dir, CURRENT, version)?;
    end_waiting(dir)?;
    let previous: Vec<PathBuf> = previous.into_iter().map(|pointed| pointed.path).collect();
    forget_others(dir, &previous)
}

/// Forgets the waiting version.
pub(super) fn discard(dir: &Path) -> Result<(), RegisterError> {
    end_waiting(dir)?;
    forget_others(dir, &previous_of(dir)?)
}

/// Two who end it at the same moment end it once.
fn end_waiting(dir: &Path) -> Result<(), RegisterError> {
    let waiting = dir.join(HELD);
    match fs::remove_file(&waiting) {
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(()),
        ended => ended.map_err(file_error(&waiting, "end the waiting")),
    }
}

/// The version before the one in use: the highest number below it.
pub(super) fn previous_of(dir: &Path) -> Result<Vec<PathBuf>, RegisterError> {
    let Some(in_use) = current(dir)? else { return Ok(Vec::new()) };
    let mut before: Vec<PathBuf> =
        version_files(dir)?.into_iter().filter(|path| *path < in_use.path).collect();
    before.sort();
    Ok(before.pop().into_iter().collect())
}

fn file_name(number: u64) -> String {
    format!("register-{number:06}.db")
}

fn point(dir: &Path, pointer: &str, version: &RegisterVersion) -> Result<(), RegisterError> {
    let new = dir.join(format!("{pointer}.new"));
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&new)?;
        writeln!(file, "{} {}", file_name(version.number), version.mark())?;
        file.sync_all()?;
        fs::rename(&new, dir.join(pointer))
    };
    write().map_err(file_error(&new, "point at the new register"))?;
    sync(dir)
}

fn sync(path: &Path) -> Result<(), RegisterError> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(file_error(path, "write the register to the disk"))
}

fn version_files(dir: &Path) -> Result<Vec<PathBuf>, RegisterError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(file_error(dir, "list the register folder"))? {
        let path = entry.map_err(file_error(dir, "list the register folder"))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if version_number(name).is_some() {
            files.push(path);
        }
    }
    Ok(files)
}

/// Keeps what is in use, what waits and `kept`, or the version before when nothing else is to be kept; whoever
/// still reads an older one keeps it open.
fn forget_others(dir: &Path, kept: &[PathBuf]) -> Result<(), RegisterError> {
    let (in_use, waiting) = (current(dir)?, held(dir)?);
    let before = if kept.is_empty() { previous_of(dir)? } else { kept.to_vec() };
    let pointed: Vec<PathBuf> =
        in_use.into_iter().chain(waiting).map(|pointed| pointed.path).chain(before).collect();
    for path in version_files(dir)? {
        if !pointed.contains(&path) {
            fs::remove_file(&path).map_err(file_error(&path, "remove an old register"))?;
        }
    }
    Ok(())
}

/// `…_202601151013.txt` → 15 January 2026, 10:13.
pub fn extracted_at(file_name: &str) -> Option<DateTime<Utc>> {
    // A browser that saves a file twice adds ` (1)`.
    let stem = file_name.split('.').next()?.split(" (").next()?.trim_end();
    let stamp = stem.rsplit(['_', '-']).next()?;
    let well_formed = stamp.len() == 12 && stamp.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = chrono::NaiveDateTime::parse_from_str(stamp, "%Y%m%d%H%M").ok()?;
    well_formed.then(|| parsed.and_utc())
}

pub(super) fn write_meta(
    database: &Connection,
    version: &RegisterVersion,
) -> Result<(), RegisterError> {
    let mut insert = database
        .prepare("INSERT INTO meta (name, value) VALUES (?1, ?2)")
        .tried("prepare the description")?;
    let mut put = |name: &str, value: String| {
        insert.execute(params![name, value]).tried("write the description").map(|_| ())
    };
    put("layout", LAYOUT.to_string())?;
    put("index", INDEX_VERSION.to_string())?;
    put("number", version.number.to_string())?;
    put("persons", version.persons.to_string())?;
    put("activities", version.activities.to_string())?;
    put("births", version.births.to_string())?;
    put("complements", version.complements.to_string())?;
    put("imported_at", version.imported_at.to_rfc3339())?;
    if let Some(at) = version.extracted_at {
        put("extracted_at", at.to_rfc3339())?;
    }
    let files: Vec<serde_json::Value> = version.files.iter().map(file_to_json).collect();
    put("files", serde_json::Value::from(files).to_string())
}

fn file_to_json(file: &VersionFile) -> serde_json::Value {
    serde_json::json!({
        "name": file.name,
        "kind": file.kind.name(),
        "sha256": file.sha256,
        "bytes": file.bytes,
        "lines": file.lines,
        "left_out": file.left_out,
        "warnings": file.warnings,
    })
}

fn file_from_json(value: &serde_json::Value) -> Option<VersionFile> {
    let text = |name: &str| Some(value.get(name)?.as_str()?.to_owned());
    let number = |name: &str| value.get(name)?.as_u64();
    let warnings = value.get("warnings")?.as_array()?;
    Some(VersionFile {
        name: text("name")?,
        kind: ExtractKind::from_name(&text("kind")?)?,
        sha256: text("sha256")?,
        bytes: number("bytes")?,
        lines: number("lines")?,
        left_out: number("left_out")?,
        warnings: warnings.iter().filter_map(|one| Some(one.as_str()?.to_owned())).collect(),
    })
}

pub(super) fn read_meta(
    database: &Connection,
    path: &Path,
) -> Result<RegisterVersion, RegisterError> {
    let get = |name: &str| -> Result<Option<String>, RegisterError> {
        database
            .query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0))
            .optional()
            .tried("read the description")
    };
    let unsound =
        |name: &str| RegisterError::Unsound { what: format!("{}: {name}", path.display()) };
    let number = |name: &str| -> Result<u64, RegisterError> {
        get(name)?.and_then(|text| text.parse().ok()).ok_or_else(|| unsound(name))
    };
    if number("layout")? != u64::from(LAYOUT) || number("index")? != u64::from(INDEX_VERSION) {
        return Err(RegisterError::Stale { path: path.to_owned() });
    }
    let time = |text: String| DateTime::parse_from_rfc3339(&text).ok().map(|at| at.to_utc());
    let files = get("files")?.ok_or_else(|| unsound("files"))?;
    let files: Vec<serde_json::Value> =
        serde_json::from_str(&files).map_err(|_| unsound("files"))?;
    let files = files.iter().map(file_from_json).collect::<Option<Vec<_>>>();
    Ok(RegisterVersion {
        number: number("number")?,
        files: files.ok_or_else(|| unsound("files"))?,
        persons: number("persons")?,
        activities: number("activities")?,
        births: number("births")?,
        complements: number("complements")?,
        extracted_at: get("extracted_at")?.and_then(time),
        imported_at: get("imported_at")?.and_then(time).ok_or_else(|| unsound("imported_at"))?,
    })
}
