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
    /// From the name of the newest file (`…_AAAAMMJJhhmm.txt`), when it tells.
    pub extracted_at: Option<DateTime<Utc>>,
    pub imported_at: DateTime<Utc>,
}

impl RegisterVersion {
    /// Lines of the extract of this kind: what the next one is compared with.
    pub fn lines_of(&self, kind: ExtractKind) -> Option<u64> {
        self.files.iter().find(|file| file.kind == kind).map(|file| file.lines)
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

/// The file in use, if there is one.
pub(super) fn current(dir: &Path) -> Result<Option<PathBuf>, RegisterError> {
    let path = dir.join(CURRENT);
    match fs::read_to_string(&path) {
        Ok(name) => {
            let name = name.trim();
            let plain = version_number(name).is_some();
            let what = || format!("{} names no register file", path.display());
            plain
                .then(|| Some(dir.join(name)))
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

/// Makes a finished file the register: synced, named, then pointed at. Killed anywhere, `current`
/// names a whole version.
pub(super) fn show(dir: &Path, number: u64) -> Result<(), RegisterError> {
    let written = dir.join(UNDER_WAY);
    let named = dir.join(format!("register-{number:06}.db"));
    let previous = current(dir)?;
    sync(&written)?;
    fs::rename(&written, &named).map_err(file_error(&named, "name the new register"))?;
    sync(dir)?;
    let pointer = dir.join("current.new");
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&pointer)?;
        writeln!(file, "register-{number:06}.db")?;
        file.sync_all()?;
        fs::rename(&pointer, dir.join(CURRENT))
    };
    write().map_err(file_error(&pointer, "point at the new register"))?;
    sync(dir)?;
    forget_older(dir, &named, previous.as_deref())
}

fn sync(path: &Path) -> Result<(), RegisterError> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(file_error(path, "write the register to the disk"))
}

/// Keeps the version in use and the one before; whoever still reads an older one keeps it open.
fn forget_older(dir: &Path, current: &Path, previous: Option<&Path>) -> Result<(), RegisterError> {
    for entry in fs::read_dir(dir).map_err(file_error(dir, "list the register folder"))? {
        let path = entry.map_err(file_error(dir, "list the register folder"))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let kept = path == current || Some(path.as_path()) == previous;
        if version_number(name).is_some() && !kept {
            fs::remove_file(&path).map_err(file_error(&path, "remove an old register"))?;
        }
    }
    Ok(())
}

/// `…_202601151013.txt` → 15 January 2026, 10:13.
pub(super) fn extracted_at(file_name: &str) -> Option<DateTime<Utc>> {
    let stem = file_name.split('.').next()?;
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
        "restricted": file.kind == ExtractKind::Restricted,
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
    let restricted = value.get("restricted")?.as_bool()?;
    let warnings = value.get("warnings")?.as_array()?;
    Some(VersionFile {
        name: text("name")?,
        kind: if restricted { ExtractKind::Restricted } else { ExtractKind::Open },
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
        extracted_at: get("extracted_at")?.and_then(time),
        imported_at: get("imported_at")?.and_then(time).ok_or_else(|| unsound("imported_at"))?,
    })
}
