//! The register as its readers see it: one whole version, unmoved by imports until they reopen.
use super::files::{Pointed, RegisterVersion, current, held, read_meta};
use super::fill::rpps_number;
use super::gather::practices_from;
use super::import::open_read_only;
use super::postings::bearers;
use super::searcher::RegisterSearcher;
use super::{RegisterError, Tried};
use identity::Sex;
use kernel::IdNat;
use reconciliation::{BirthRecord, BlockKey, RegisterPerson};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Connections kept open between two searches.
const KEPT: usize = 4;

struct Inner {
    path: PathBuf,
    version: RegisterVersion,
    free: Mutex<Vec<Connection>>,
}

/// One version of the register, open for reading. Cheap to clone.
#[derive(Clone)]
pub struct Register(Arc<Inner>);

impl std::fmt::Debug for Register {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Register").field("number", &self.0.version.number).finish_non_exhaustive()
    }
}

impl Register {
    /// The version in use; `None` when nothing was ever imported.
    pub fn open(dir: &Path) -> Result<Option<Self>, RegisterError> {
        current(dir)?.map(Self::open_pointed).transpose()
    }

    /// The version that waits to be accepted.
    pub(super) fn waiting(dir: &Path) -> Result<Option<Self>, RegisterError> {
        held(dir)?.map(Self::open_pointed).transpose()
    }

    fn open_pointed(pointed: Pointed) -> Result<Self, RegisterError> {
        let database = open_read_only(&pointed.path)?;
        let version = read_meta(&database, &pointed.path)?;
        pointed.must_be(&version)?;
        let free = Mutex::new(vec![database]);
        Ok(Self(Arc::new(Inner { path: pointed.path, version, free })))
    }

    pub fn version(&self) -> &RegisterVersion {
        &self.0.version
    }

    /// Whether this still is the version in use: a look at one small file.
    pub fn is_current(&self, dir: &Path) -> Result<bool, RegisterError> {
        Ok(current(dir)?.is_some_and(|pointed| pointed.path == self.0.path))
    }

    pub fn find_by_id_nat(&self, id_nat: &IdNat) -> Result<Option<RegisterPerson>, RegisterError> {
        self.with(|database| match seq_of(database, id_nat)? {
            Some(seq) => person(database, seq),
            None => Ok(None),
        })
    }

    /// Persons who share a key with these names, to be compared by the caller; at most `limit`.
    pub fn search(
        &self,
        keys: &[BlockKey],
        limit: usize,
    ) -> Result<Vec<RegisterPerson>, RegisterError> {
        self.with(|database| {
            let seqs = bearers(database, keys.iter().copied())?;
            seqs.into_iter()
                .take(limit)
                .filter_map(|seq| person(database, seq).transpose())
                .collect()
        })
    }

    /// Ready for a run of matching, which passes over most persons unread.
    pub fn searcher(&self) -> Result<RegisterSearcher, RegisterError> {
        RegisterSearcher::open(self.clone())
    }

    /// What the register calls these sites (FINESS géographique); those that it does not know are left out.
    pub fn site_names(
        &self,
        sites: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, String>, RegisterError> {
        const SQL: &str = "SELECT finess_et, name FROM structure WHERE finess_et <> '' AND name <> '' ORDER BY id DESC";
        self.with(|database| {
            let mut select = database.prepare_cached(SQL).tried("prepare the names of sites")?;
            let mut rows = select.query([]).tried("read the names of sites")?;
            let mut names = BTreeMap::new();
            while let Some(row) = rows.next().tried("read the names of sites")? {
                let finess: String = row.get(0).tried("read the names of sites")?;
                if sites.contains(&finess) {
                    names.insert(finess, row.get(1).tried("read the names of sites")?);
                }
            }
            Ok(names)
        })
    }

    /// Runs on a connection of the pool; one is opened when all are taken.
    pub(super) fn with<T>(
        &self,
        act: impl FnOnce(&Connection) -> Result<T, RegisterError>,
    ) -> Result<T, RegisterError> {
        let free = || self.0.free.lock().expect("no holder of this lock panics");
        let kept = free().pop();
        let database = match kept {
            Some(database) => database,
            None => open_read_only(&self.0.path)?,
        };
        let result = act(&database);
        let mut free = free();
        if free.len() < KEPT {
            free.push(database);
        }
        result
    }
}

pub(super) fn seq_of(database: &Connection, id_nat: &IdNat) -> Result<Option<u32>, RegisterError> {
    let text = id_nat.as_str();
    match rpps_number(text) {
        Some(number) => database
            .prepare_cached("SELECT seq FROM number WHERE id = ?1")
            .and_then(|mut select| select.query_row([number], |row| row.get(0)).optional()),
        None => database
            .prepare_cached("SELECT seq FROM other_number WHERE text = ?1")
            .and_then(|mut select| select.query_row(params![text], |row| row.get(0)).optional()),
    }
    .tried("find a number")
}

pub(super) fn person(
    database: &Connection,
    seq: u32,
) -> Result<Option<RegisterPerson>, RegisterError> {
    const SQL: &str = "
        SELECT p.id, p.civility, p.family, p.given, p.practices, p.places, p.somewhere,
               b.seq, b.family, b.given, b.date, b.place, b.sex, o.text
        FROM person p
        LEFT JOIN birth b ON b.seq = p.seq
        LEFT JOIN other_number o ON p.id < 0 AND o.seq = p.seq
        WHERE p.seq = ?1";
    let mut select = database.prepare_cached(SQL).tried("prepare a person")?;
    let mut rows = select.query([seq]).tried("read a person")?;
    let Some(row) = rows.next().tried("read a person")? else { return Ok(None) };
    let number: i64 = row.get(0).tried("read a number")?;
    let text = match number {
        ..0 => row.get::<_, String>(13).tried("read a number")?,
        _ => number.to_string(),
    };
    let what = || format!("person {seq}: national id {text:?}");
    let id_nat = text.parse().map_err(|_| RegisterError::Unsound { what: what() })?;
    person_row(row, id_nat).map(Some).tried("read a person")
}

fn person_row(row: &Row<'_>, id_nat: IdNat) -> rusqlite::Result<RegisterPerson> {
    let text = |place: usize| -> rusqlite::Result<&str> { Ok(row.get_ref(place)?.as_str()?) };
    let born: Option<i64> = row.get(7)?;
    let birth = match born {
        Some(_) => Some(BirthRecord {
            family: row.get(8)?,
            given: row.get(9)?,
            date: row.get::<_, Option<String>>(10)?.and_then(|date| date.parse().ok()),
            place: row.get(11)?,
        }),
        None => None,
    };
    let told = row.get::<_, Option<String>>(12)?;
    Ok(RegisterPerson {
        id_nat,
        sex: sex_of(text(1)?).or_else(|| sex_of(told.as_deref().unwrap_or_default())),
        family: row.get(2)?,
        given: row.get(3)?,
        birth,
        practices: practices_from(text(4)?).collect(),
        places: text(5)?.split(' ').filter_map(|place| place.parse().ok()).collect(),
        practises_somewhere: row.get(6)?,
    })
}

/// Civilité of the extract, or `Code sexe` of the restricted one.
pub(super) fn sex_of(code: &str) -> Option<Sex> {
    match code {
        "MME" | "MLLE" | "F" | "2" => Some(Sex::Female),
        "M" | "1" => Some(Sex::Male),
        _ => None,
    }
}
