//! Rows become persons, practices, structures and activities. Lines of one person usually follow each
//! other and are gathered; when they do not, the person is completed.
use super::postings::{Postings, place_key};
use super::{RegisterError, Tried};
use chrono::NaiveDate;
use identity::register::{Column, ExtractKind, RegisterBatch, RegisterRow};
use reconciliation::{NameForms, Practice, register_keys, terms};
use rusqlite::{Connection, params};
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub persons: u64,
    pub activities: u64,
    pub births: u64,
}

/// What the lines of one person add up to.
#[derive(Default)]
struct Gathered {
    seq: u32,
    id: i64,
    state: State,
    civility: String,
    title: String,
    family: String,
    given: String,
    practices: BTreeSet<Practice>,
    places: BTreeSet<String>,
    somewhere: bool,
    /// (practice, structure)
    activities: Vec<(u32, u32)>,
    birth: Option<Birth>,
}

struct Birth {
    family: String,
    given: String,
    date: Option<NaiveDate>,
    place: String,
    sex: String,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    New,
    /// Seen higher up in the same extract.
    Again,
    /// An extract read before told all but the birth.
    BirthOnly,
}

pub(super) struct Filling {
    database: Connection,
    /// RPPS identities by number → seq.
    numbers: HashMap<i64, u32>,
    others: HashMap<String, u32>,
    hasher: RandomState,
    practices: HashMap<u64, u32>,
    structures: HashMap<u64, u32>,
    postings: Postings,
    counts: Counts,
    /// First seq of the extract under way.
    file_start: u32,
    next_seq: u32,
    current: Option<Gathered>,
}

impl Filling {
    /// `database` is empty, its tables made, a transaction begun.
    pub fn new(database: Connection) -> Result<Self, RegisterError> {
        database.set_prepared_statement_cache_capacity(32);
        Ok(Self {
            database,
            numbers: HashMap::new(),
            others: HashMap::new(),
            hasher: RandomState::new(),
            practices: HashMap::new(),
            structures: HashMap::new(),
            postings: Postings::default(),
            counts: Counts::default(),
            file_start: 1,
            next_seq: 1,
            current: None,
        })
    }

    pub fn begin_file(&mut self, _kind: ExtractKind) {
        self.file_start = self.next_seq;
    }

    pub fn end_file(&mut self) -> Result<(), RegisterError> {
        self.flush()
    }

    pub fn push(&mut self, batch: &RegisterBatch) -> Result<(), RegisterError> {
        batch.rows().try_for_each(|row| self.push_row(&row))
    }

    fn push_row(&mut self, row: &RegisterRow<'_>) -> Result<(), RegisterError> {
        let text = row.get(Column::IdNat);
        let rpps = rpps_number(text);
        let same = match (&self.current, rpps) {
            (Some(current), Some(id)) => current.id == id,
            (Some(current), None) => self.others.get(text) == Some(&current.seq),
            (None, _) => false,
        };
        if !same {
            self.flush()?;
            self.current = Some(self.start(text, rpps, row)?);
        }
        let birth_only = self.current.as_ref().is_some_and(|one| one.state == State::BirthOnly);
        let activity = if birth_only { None } else { Some(self.activity(row)?) };
        let Some(current) = &mut self.current else { return Ok(()) };
        if let Some(activity) = activity {
            current.activities.push(activity);
            gather(current, row);
        }
        if current.birth.is_none() {
            current.birth = birth_of(row);
        }
        Ok(())
    }

    fn start(
        &mut self,
        text: &str,
        rpps: Option<i64>,
        row: &RegisterRow<'_>,
    ) -> Result<Gathered, RegisterError> {
        let known = match rpps {
            Some(id) => self.numbers.get(&id),
            None => self.others.get(text),
        };
        let (seq, state) = match known {
            Some(seq) if *seq < self.file_start => (*seq, State::BirthOnly),
            Some(seq) => (*seq, State::Again),
            None => {
                let seq = self.next_seq;
                self.next_seq += 1;
                match rpps {
                    Some(id) => {
                        self.numbers.insert(id, seq);
                    }
                    None => {
                        self.others.insert(text.to_owned(), seq);
                    }
                }
                (seq, State::New)
            }
        };
        Ok(Gathered {
            seq,
            state,
            id: rpps.unwrap_or(-i64::from(seq)),
            civility: row.get(Column::Civility).to_owned(),
            title: row.get(Column::CivilityOfExercise).to_owned(),
            family: row.get(Column::ExerciseFamily).to_owned(),
            given: row.get(Column::ExerciseGiven).to_owned(),
            ..Gathered::default()
        })
    }

    /// The practice and structure of one line, each kept once.
    fn activity(&mut self, row: &RegisterRow<'_>) -> Result<(u32, u32), RegisterError> {
        const PRACTICE: [Column; 12] = [
            Column::Profession,
            Column::ProfessionLabel,
            Column::Category,
            Column::SkillType,
            Column::Skill,
            Column::SkillLabel,
            Column::Mode,
            Column::Authority,
            Column::Sector,
            Column::Role,
            Column::RoleLabel,
            Column::ActivityKind,
        ];
        const STRUCTURE: [Column; 5] = [
            Column::FinessSite,
            Column::FinessEntity,
            Column::Siret,
            Column::StructureId,
            Column::StructureName,
        ];
        let practice = PRACTICE.map(|column| row.get(column));
        let structure = STRUCTURE.map(|column| row.get(column));
        let practice_id = intern(&mut self.practices, self.hasher.hash_one(practice));
        if practice_id.1 {
            const SQL: &str =
                "INSERT INTO practice VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)";
            let mut insert = self.database.prepare_cached(SQL).tried("prepare a practice")?;
            insert.raw_bind_parameter(1, practice_id.0).tried("write a practice")?;
            for (place, text) in practice.iter().enumerate() {
                insert.raw_bind_parameter(place + 2, text).tried("write a practice")?;
            }
            insert.raw_execute().tried("write a practice")?;
        }
        let structure_id = intern(&mut self.structures, self.hasher.hash_one(structure));
        if structure_id.1 {
            let [site, entity, siret, technical, name] = structure;
            self.database
                .prepare_cached("INSERT INTO structure VALUES (?1,?2,?3,?4,?5,?6)")
                .and_then(|mut insert| {
                    insert.execute(params![structure_id.0, site, entity, siret, technical, name])
                })
                .tried("write a structure")?;
        }
        Ok((practice_id.0, structure_id.0))
    }

    fn flush(&mut self) -> Result<(), RegisterError> {
        let Some(mut one) = self.current.take() else { return Ok(()) };
        let first_rank = match one.state {
            State::New => self.insert_person(&one).map(|()| 0)?,
            State::Again => self.complete_person(&mut one)?,
            State::BirthOnly => 0,
        };
        for (rank, (practice, structure)) in (first_rank..).zip(&one.activities) {
            self.database
                .prepare_cached("INSERT INTO activity VALUES (?1,?2,?3,?4)")
                .and_then(|mut insert| insert.execute(params![one.seq, rank, practice, structure]))
                .tried("write an activity")?;
        }
        self.counts.activities += one.activities.len() as u64;
        let inserted = self.insert_birth(&one)?;
        self.index(&one, inserted);
        Ok(())
    }

    fn insert_person(&mut self, one: &Gathered) -> Result<(), RegisterError> {
        self.counts.persons += 1;
        let somewhere = i64::from(one.somewhere);
        let (practices, places) = (practices_text(&one.practices), places_text(&one.places));
        self.database
            .prepare_cached("INSERT INTO person VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)")
            .and_then(|mut insert| {
                insert.execute(params![
                    one.seq,
                    one.id,
                    one.civility,
                    one.title,
                    one.family,
                    one.given,
                    practices,
                    places,
                    somewhere
                ])
            })
            .map(|_| ())
            .tried("write a person")
    }

    /// Adds later lines to a person already written; the next free rank.
    fn complete_person(&mut self, one: &mut Gathered) -> Result<i64, RegisterError> {
        let (practices, places, somewhere): (String, String, bool) = self
            .database
            .prepare_cached("SELECT practices, places, somewhere FROM person WHERE seq = ?1")
            .and_then(|mut select| {
                select.query_row([one.seq], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            })
            .tried("read a person again")?;
        one.practices.extend(practices_from(&practices));
        one.places.extend(places.split_whitespace().map(str::to_owned));
        one.somewhere |= somewhere;
        let (practices, places) = (practices_text(&one.practices), places_text(&one.places));
        self.database
            .prepare_cached(
                "UPDATE person SET practices = ?2, places = ?3, somewhere = ?4 WHERE seq = ?1",
            )
            .and_then(|mut update| {
                update.execute(params![one.seq, practices, places, i64::from(one.somewhere)])
            })
            .tried("complete a person")?;
        self.database
            .prepare_cached("SELECT count(*) FROM activity WHERE seq = ?1")
            .and_then(|mut select| select.query_row([one.seq], |row| row.get(0)))
            .tried("count activities")
    }

    /// True when the birth of this person was not known yet.
    fn insert_birth(&mut self, one: &Gathered) -> Result<bool, RegisterError> {
        let Some(birth) = &one.birth else { return Ok(false) };
        let date = birth.date.map(|date| date.to_string());
        let place = (!birth.place.is_empty()).then_some(&birth.place);
        let sex = (!birth.sex.is_empty()).then_some(&birth.sex);
        let inserted = self
            .database
            .prepare_cached("INSERT OR IGNORE INTO birth VALUES (?1,?2,?3,?4,?5,?6)")
            .and_then(|mut insert| {
                insert.execute(params![one.seq, birth.family, birth.given, date, place, sex])
            })
            .tried("write birth data")?;
        self.counts.births += inserted as u64;
        Ok(inserted > 0)
    }

    fn index(&mut self, one: &Gathered, birth_is_new: bool) {
        let birth = one.birth.as_ref().filter(|_| birth_is_new);
        let forms = NameForms::new(
            [one.family.as_str()].into_iter().chain(birth.map(|birth| birth.family.as_str())),
            [one.given.as_str()].into_iter().chain(birth.map(|birth| birth.given.as_str())),
        );
        if one.state == State::New || birth.is_some() {
            let date = birth.and_then(|birth| birth.date);
            self.postings.add_keys(one.seq, register_keys(&forms, date));
        }
        let place = birth.map(|birth| birth.place.as_str()).filter(|place| !place.is_empty());
        let practices: Vec<Practice> = one.practices.iter().cloned().collect();
        match one.state {
            State::New => self.postings.add_terms(terms(&forms, &practices, place)),
            // The practices it had were counted; a second profession further down is rare enough.
            State::Again => {}
            State::BirthOnly => {
                let exercise = NameForms::new([one.family.as_str()], [one.given.as_str()]);
                let known = terms(&exercise, &[], None);
                let all = terms(&forms, &[], place);
                self.postings.add_terms(all.difference(&known).copied());
            }
        }
        self.postings.add_keys(one.seq, one.places.iter().map(|place| place_key(place)));
    }

    /// Writes the indexes; the transaction is still open.
    pub fn finish(mut self) -> Result<(Connection, Counts), RegisterError> {
        self.flush()?;
        let mut numbers: Vec<(i64, u32)> = self.numbers.drain().collect();
        numbers.extend(self.others.values().map(|seq| (-i64::from(*seq), *seq)));
        self.numbers = HashMap::new();
        numbers.sort_unstable();
        {
            let sql = "INSERT INTO number VALUES (?1,?2)";
            let mut insert = self.database.prepare(sql).tried("prepare the numbers")?;
            for (id, seq) in &numbers {
                insert.execute(params![id, seq]).tried("write the numbers")?;
            }
            let sql = "INSERT INTO other_number (text, seq) VALUES (?1,?2)";
            let mut insert = self.database.prepare(sql).tried("prepare the numbers")?;
            for (text, seq) in &self.others {
                insert.execute(params![text, seq]).tried("write the numbers")?;
            }
        }
        drop(numbers);
        self.postings.write(&self.database)?;
        Ok((self.database, self.counts))
    }
}

/// `8` and an RPPS as the number it is; others have letters or `/`.
pub(super) fn rpps_number(text: &str) -> Option<i64> {
    let rpps = text.len() == 12 && text.starts_with('8');
    rpps.then(|| text.parse().ok()).flatten()
}

fn intern(known: &mut HashMap<u64, u32>, hash: u64) -> (u32, bool) {
    let next = known.len() as u32 + 1;
    let id = *known.entry(hash).or_insert(next);
    (id, id == next)
}

fn gather(current: &mut Gathered, row: &RegisterRow<'_>) {
    let get = |column| row.get(column);
    let practice = Practice {
        profession: get(Column::Profession).to_owned(),
        category: get(Column::Category).to_owned(),
        role: get(Column::Role).to_owned(),
    };
    if !(practice.profession.is_empty() && practice.role.is_empty()) {
        current.practices.insert(practice);
    }
    for place in [get(Column::FinessSite), get(Column::FinessEntity)] {
        if !place.is_empty() && !current.places.contains(place) {
            current.places.insert(place.to_owned());
        }
    }
    current.somewhere |=
        [Column::FinessSite, Column::Siret, Column::StructureId, Column::StructureName]
            .into_iter()
            .any(|column| !get(column).is_empty());
}

fn birth_of(row: &RegisterRow<'_>) -> Option<Birth> {
    let (family, date) = (row.get(Column::BirthFamily), row.get(Column::BirthDate));
    if family.is_empty() && date.is_empty() {
        return None;
    }
    let commune = row.get(Column::BirthCommune);
    let place = if commune.is_empty() { row.get(Column::BirthCountry) } else { commune };
    Some(Birth {
        family: family.to_owned(),
        given: row.get(Column::BirthGiven).to_owned(),
        date: NaiveDate::parse_from_str(date, "%d/%m/%Y").ok(),
        place: place.to_owned(),
        sex: row.get(Column::Sex).to_owned(),
    })
}

// Control characters never pass the reader, so they part the fields.
fn practices_text(practices: &BTreeSet<Practice>) -> String {
    let one = |practice: &Practice| {
        format!("{}\t{}\t{}", practice.profession, practice.category, practice.role)
    };
    practices.iter().map(one).collect::<Vec<_>>().join("\n")
}

pub(super) fn practices_from(text: &str) -> impl Iterator<Item = Practice> + '_ {
    text.lines().filter_map(|line| {
        let mut parts = line.split('\t').map(str::to_owned);
        Some(Practice { profession: parts.next()?, category: parts.next()?, role: parts.next()? })
    })
}

fn places_text(places: &BTreeSet<String>) -> String {
    places.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}
