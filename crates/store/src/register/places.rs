//! Who practises at our places: by their FINESS numbers, and by name where a line gives no number (one line of
//! a hospital in twenty).
use super::gather::activities_from;
use super::postings::{bearers, place_key, place_name_key};
use super::read::person;
use super::{RegisterError, Tried};
use identity::names::name_key;
use kernel::Finess;
use reconciliation::RegisterPerson;
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::{BTreeSet, HashMap};

/// Everybody with an activity at one of `places`, or at a site of one of these legal entities, each once.
pub(super) fn at_places(
    database: &Connection,
    places: &BTreeSet<Finess>,
) -> Result<Vec<RegisterPerson>, RegisterError> {
    let numbered = numbered_places(database)?;
    let ours = with_sites(&numbered, places);
    let mut here = Vec::new();
    let mut known = BTreeSet::new();
    for seq in bearers(database, ours.iter().map(|place| place_key(place)))? {
        // Two keys may collide: the place itself is looked at.
        let is_ours = |place: &Finess| ours.contains(place.as_str());
        if let Some(found) = person(database, seq)?.filter(|one| one.places.iter().any(is_ours)) {
            known.insert(seq);
            here.push(found);
        }
    }
    let names = names_of(&numbered, &ours);
    for seq in bearers(database, names.iter().map(|name| place_name_key(name)))? {
        if !known.contains(&seq) && practises_in(database, seq, &names)? {
            here.extend(person(database, seq)?);
        }
    }
    Ok(here)
}

struct Numbered {
    site: String,
    entity: String,
    name: String,
}

/// The structures that bear a number, as the extract writes them.
fn numbered_places(database: &Connection) -> Result<Vec<Numbered>, RegisterError> {
    const SQL: &str = "SELECT DISTINCT finess_et, finess_ej, name FROM structure
        WHERE finess_et <> '' OR finess_ej <> ''";
    let place = |row: &Row<'_>| {
        let name: String = row.get(2)?;
        Ok(Numbered { site: row.get(0)?, entity: row.get(1)?, name: name_key(&name) })
    };
    let mut select = database.prepare_cached(SQL).tried("prepare the places")?;
    let rows = select.query_map([], place).tried("read the places")?;
    rows.collect::<rusqlite::Result<_>>().tried("read the places")
}

/// A site of our legal entity is ours, also on the lines that give the site alone.
fn with_sites<'a>(numbered: &'a [Numbered], places: &'a BTreeSet<Finess>) -> BTreeSet<&'a str> {
    let ours: BTreeSet<&str> = places.iter().map(Finess::as_str).collect();
    let of_ours = numbered.iter().filter(|one| ours.contains(one.entity.as_str()));
    let sites = of_ours.map(|one| one.site.as_str()).filter(|site| !site.is_empty());
    sites.chain(ours.iter().copied()).collect()
}

/// Names that stand for our places and no other: wherever one stands beside a number, the number is ours.
fn names_of(numbered: &[Numbered], ours: &BTreeSet<&str>) -> BTreeSet<String> {
    let mut names: HashMap<&str, bool> = HashMap::new();
    for Numbered { site, entity, name } in numbered {
        let is_ours = ours.contains(site.as_str()) || ours.contains(entity.as_str());
        *names.entry(name).or_insert(true) &= is_ours;
    }
    let ours = names.into_iter().filter(|(name, is_ours)| *is_ours && !name.is_empty());
    ours.map(|(name, _)| name.to_owned()).collect()
}

/// Whether one of the person's activities names one of these places and gives no number.
fn practises_in(
    database: &Connection,
    seq: u32,
    names: &BTreeSet<String>,
) -> Result<bool, RegisterError> {
    let activities: Option<Vec<u8>> = database
        .prepare_cached("SELECT activities FROM person WHERE seq = ?1")
        .and_then(|mut select| select.query_row([seq], |row| row.get(0)).optional())
        .tried("read the activities")?;
    let mut select = database
        .prepare_cached(
            "SELECT name FROM structure WHERE id = ?1 AND finess_et = '' AND finess_ej = ''",
        )
        .tried("prepare a place by name")?;
    for (_, structure) in activities_from(&activities.unwrap_or_default()) {
        let name: Option<String> = select
            .query_row([structure], |row| row.get(0))
            .optional()
            .tried("read a place by name")?;
        if name.is_some_and(|name| names.contains(&name_key(&name))) {
            return Ok(true);
        }
    }
    Ok(false)
}
