//! Who practises at our places: by their FINESS numbers, and by name and postcode where a line gives no number
//! (one line of a hospital in twenty).
use super::gather::activities_from;
use super::postings::{Bearers, place_key, place_name_key};
use super::{RegisterError, Tried};
use identity::names::name_key;
use kernel::Finess;
use reconciliation::RegisterPerson;
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::{BTreeSet, HashMap};

/// Everybody with an activity at one of `places`, at a site of one of these legal entities, or in the legal entity of
/// one of these sites where the line tells no site; each once.
pub(super) fn at_places(
    database: &Connection,
    places: &BTreeSet<Finess>,
    bearers: &Bearers,
    person: impl Fn(u32) -> Result<RegisterPerson, RegisterError>,
) -> Result<Vec<RegisterPerson>, RegisterError> {
    let numbered = numbered_places(database)?;
    let ours = Ours::of(&numbered, places);
    let standing = |seq: u32, places: &str| {
        let places = places.split(' ').filter_map(|place| place.parse().ok()).collect();
        Ok::<_, RegisterError>(RegisterPerson { places, ..person(seq)? })
    };
    let mut here = Vec::new();
    let mut known = BTreeSet::new();
    for seq in bearers.of(ours.numbers.iter().map(|place| place_key(place))) {
        // Two keys may collide: the place itself is looked at.
        let places = places_of(database, seq)?;
        if places.split(' ').any(|place| ours.numbers.contains(place)) {
            known.insert(seq);
            here.push(standing(seq, &places)?);
        }
    }
    let names = OurNames::of(numbered, &ours);
    let by_entity = bearers.of(ours.entities.iter().map(|place| place_key(place)));
    let by_name = bearers.of(names.all().into_iter().map(place_name_key));
    for seq in by_entity.into_iter().chain(by_name) {
        let told = |one: &Numbered| match (one.site.is_empty(), one.entity.is_empty()) {
            (true, true) => names.tell(&one.called),
            (_, _) => ours.hold(one),
        };
        if !known.contains(&seq) && practises_in(database, seq, told)? {
            known.insert(seq);
            here.push(standing(seq, &places_of(database, seq)?)?);
        }
    }
    Ok(here)
}

/// Every place where an activity of this person stands, parted by spaces.
fn places_of(database: &Connection, seq: u32) -> Result<String, RegisterError> {
    let places = database
        .prepare_cached("SELECT places FROM person WHERE seq = ?1")
        .and_then(|mut select| select.query_row([seq], |row| row.get(0)).optional())
        .tried("read where a person practises")?;
    places.ok_or_else(|| RegisterError::Unsound { what: format!("person {seq} is missing") })
}

/// A structure, and the numbers that it bears: a legal entity alone, a site, both, none.
struct Numbered {
    site: String,
    entity: String,
    called: Called,
}

impl Numbered {
    /// `site, entity, name, office, postcode`.
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { site: row.get(0)?, entity: row.get(1)?, called: Called::read(row, 2)? })
    }
}

/// How a structure is told without its number: two hospitals may bear one name, hardly in one place.
#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Called {
    name: String,
    /// Postcode; empty when no line tells it.
    place: String,
}

impl Called {
    /// `name, office, postcode` from this column on. The cedex line often holds `CP VILLE`, with the postcode's own
    /// column left empty.
    fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        let text = |place: usize| -> rusqlite::Result<&str> { Ok(row.get_ref(place)?.as_str()?) };
        // « 99000 VALBRUME CEDEX »; a place abroad begins otherwise, and its own column tells it.
        let office = text(first + 1)?.split_whitespace().next().unwrap_or_default();
        let of_office =
            if office.len() == 5 && office.ends_with(char::is_numeric) { office } else { "" };
        let own = text(first + 2)?.trim();
        let place = if own.is_empty() { of_office } else { own }.to_uppercase();
        Ok(Self { name: name_key(text(first)?), place })
    }
}

/// The structures that bear a number, as the extract writes them.
fn numbered_places(database: &Connection) -> Result<Vec<Numbered>, RegisterError> {
    const SQL: &str = "SELECT DISTINCT finess_et, finess_ej, name, office, postcode FROM structure
        WHERE finess_et <> '' OR finess_ej <> ''";
    let mut select = database.prepare_cached(SQL).tried("prepare the places")?;
    let rows = select.query_map([], Numbered::read).tried("read the places")?;
    rows.collect::<rusqlite::Result<_>>().tried("read the places")
}

struct Ours {
    /// Those that we have, and the sites of our legal entities, also on the lines that give the site alone.
    numbers: BTreeSet<String>,
    /// Legal entities of our sites: ours where a line tells no site, since another site of theirs may not be.
    entities: BTreeSet<String>,
}

impl Ours {
    fn of(numbered: &[Numbered], places: &BTreeSet<Finess>) -> Self {
        let ours: BTreeSet<String> = places.iter().map(|place| place.as_str().to_owned()).collect();
        let of_ours = numbered.iter().filter(|one| ours.contains(&one.entity));
        let sites = of_ours.map(|one| one.site.clone()).filter(|site| !site.is_empty());
        let at_ours = numbered.iter().filter(|one| ours.contains(&one.site));
        let entities = at_ours.map(|one| one.entity.clone());
        let entities =
            entities.filter(|entity| !entity.is_empty() && !ours.contains(entity)).collect();
        Self { numbers: sites.chain(ours.iter().cloned()).collect(), entities }
    }

    fn hold(&self, one: &Numbered) -> bool {
        self.numbers.contains(&one.site)
            || self.numbers.contains(&one.entity)
            || (one.site.is_empty() && self.entities.contains(&one.entity))
    }
}

/// What stands for our places and no other: wherever it stands beside a number, the number is ours.
struct OurNames {
    /// Names that no other place bears.
    own: BTreeSet<String>,
    /// Names that another place bears too, but not there.
    there: BTreeSet<Called>,
}

impl OurNames {
    fn of(numbered: Vec<Numbered>, ours: &Ours) -> Self {
        let (mut names, mut called) = (HashMap::new(), HashMap::new());
        let mut anywhere = BTreeSet::new();
        for one in numbered.into_iter().filter(|one| !one.called.name.is_empty()) {
            let is_ours = ours.hold(&one);
            *names.entry(one.called.name.clone()).or_insert(true) &= is_ours;
            match (one.called.place.is_empty(), is_ours) {
                (false, _) => *called.entry(one.called).or_insert(true) &= is_ours,
                // It may be in our town.
                (true, false) => drop(anywhere.insert(one.called.name)),
                (true, true) => {}
            }
        }
        called.retain(|called: &Called, ours| *ours && !anywhere.contains(&called.name));
        let own = names.into_iter().filter_map(|(name, ours)| ours.then_some(name));
        Self { own: own.collect(), there: called.into_keys().collect() }
    }

    fn all(&self) -> BTreeSet<&str> {
        let there = self.there.iter().map(|called| called.name.as_str());
        self.own.iter().map(String::as_str).chain(there).collect()
    }

    fn tell(&self, called: &Called) -> bool {
        self.own.contains(&called.name) || self.there.contains(called)
    }
}

/// Whether one of the person's activities stands where `is_ours` says.
fn practises_in(
    database: &Connection,
    seq: u32,
    is_ours: impl Fn(&Numbered) -> bool,
) -> Result<bool, RegisterError> {
    let activities: Option<Vec<u8>> = database
        .prepare_cached("SELECT activities FROM person WHERE seq = ?1")
        .and_then(|mut select| select.query_row([seq], |row| row.get(0)).optional())
        .tried("read the activities")?;
    let mut select = database
        .prepare_cached(
            "SELECT finess_et, finess_ej, name, office, postcode FROM structure WHERE id = ?1",
        )
        .tried("prepare a place")?;
    for (_, structure) in activities_from(&activities.unwrap_or_default()) {
        let place =
            select.query_row([structure], Numbered::read).optional().tried("read a place")?;
        if place.is_some_and(|place| is_ours(&place)) {
            return Ok(true);
        }
    }
    Ok(false)
}
