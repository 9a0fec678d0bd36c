//! Rows become persons, practices, structures and activities. Lines of one person usually follow each
//! other and are gathered; when they do not, the person is completed.
use super::gather::{Gathered, State};
use super::kinds::Kinds;
use super::outlines::Outlines;
use super::postings::{Postings, place_key, place_name_key};
use super::read::sex_of;
use super::schema::NUMBERED;
use super::written::{Pages, write_births};
use super::{RegisterError, Tried};
use identity::register::{Column, ExtractKind, RegisterBatch, RegisterRow};
use reconciliation::{NameForms, NameMark, register_keys, terms};
use rusqlite::{Connection, params};
use std::collections::HashMap;
use std::path::Path;

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub persons: u64,
    pub activities: u64,
    pub births: u64,
    /// Skills, diplomas and mailboxes of persons.
    pub complements: u64,
}

pub(super) struct Filling {
    pub(super) database: Connection,
    /// RPPS identities by number → seq.
    numbers: HashMap<i64, u32>,
    others: HashMap<String, u32>,
    pub(super) kinds: Kinds,
    postings: Postings,
    outlines: Outlines,
    written: Pages,
    pub(super) counts: Counts,
    kind: ExtractKind,
    /// First seq of the extract under way.
    file_start: u32,
    next_seq: u32,
    current: Option<Gathered>,
    /// Lines of the extract under way about persons that no extract before it lists.
    pub(super) unknown: u64,
}

impl Filling {
    /// `database` is empty, its tables made, a transaction begun; `dir` is its folder.
    pub fn new(database: Connection, dir: &Path) -> Result<Self, RegisterError> {
        database.set_prepared_statement_cache_capacity(32);
        Ok(Self {
            database,
            numbers: HashMap::new(),
            others: HashMap::new(),
            kinds: Kinds::new(),
            postings: Postings::new(dir),
            outlines: Outlines::default(),
            written: Pages::of_persons(),
            counts: Counts::default(),
            kind: ExtractKind::Open,
            file_start: 1,
            next_seq: 1,
            current: None,
            unknown: 0,
        })
    }

    /// Also when an extract begins again.
    pub fn begin_file(&mut self, kind: ExtractKind) -> Result<(), RegisterError> {
        self.flush()?;
        (self.kind, self.file_start, self.unknown) = (kind, self.next_seq, 0);
        self.forget_complements(kind)
    }

    /// How many lines were about persons that no extract before this one lists.
    pub fn end_file(&mut self) -> Result<u64, RegisterError> {
        self.flush()?;
        Ok(self.unknown)
    }

    pub fn push(&mut self, batch: &RegisterBatch) -> Result<(), RegisterError> {
        match self.kind.is_whole() {
            true => batch.rows().try_for_each(|row| self.push_row(&row)),
            false => batch.rows().try_for_each(|row| self.push_complement(self.kind, &row)),
        }
    }

    pub(super) fn seq_of(&self, id_nat: &str) -> Option<u32> {
        match rpps_number(id_nat) {
            Some(id) => self.numbers.get(&id).copied(),
            None => self.others.get(id_nat).copied(),
        }
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
            self.current = Some(self.start(text, rpps, row));
        }
        let birth_only = self.current.as_ref().is_some_and(|one| one.state == State::BirthOnly);
        let activity = match birth_only {
            true => None,
            false => Some(self.kinds.activity(row, &self.database)?),
        };
        let Some(current) = &mut self.current else { return Ok(()) };
        if let Some(activity) = activity {
            current.add(activity, row, &self.kinds);
        }
        current.add_identity(row);
        Ok(())
    }

    fn start(&mut self, text: &str, rpps: Option<i64>, row: &RegisterRow<'_>) -> Gathered {
        let (seq, state) = match self.seq_of(text) {
            Some(seq) if seq < self.file_start => (seq, State::BirthOnly),
            Some(seq) => (seq, State::Again),
            None => {
                let seq = self.next_seq;
                self.next_seq += 1;
                match rpps {
                    Some(id) => self.numbers.insert(id, seq),
                    None => self.others.insert(text.to_owned(), seq),
                };
                (seq, State::New)
            }
        };
        Gathered::begin(seq, rpps.unwrap_or(-i64::from(seq)), state, row)
    }

    fn flush(&mut self) -> Result<(), RegisterError> {
        let Some(mut one) = self.current.take() else { return Ok(()) };
        self.counts.activities += one.activities.len() as u64;
        match one.state {
            State::New => self.insert_person(&mut one)?,
            State::Again => self.complete_person(&mut one)?,
            State::BirthOnly => {}
        }
        for number in &one.former_numbers {
            self.database
                .prepare_cached("INSERT OR IGNORE INTO former_number VALUES (?1,?2)")
                .and_then(|mut insert| insert.execute(params![number, one.seq]))
                .tried("write a former number")?;
        }
        let inserted = self.insert_birth(&one)?;
        self.index(&one, inserted)
    }

    fn insert_person(&mut self, one: &mut Gathered) -> Result<(), RegisterError> {
        self.counts.persons += 1;
        let (practices, places) = (one.practices_text(), one.places_text());
        self.outlines.practises(one.seq, &practices, one.somewhere);
        self.outlines.sex(one.seq, sex_of(&one.civility));
        self.written.push(&[&one.number, &one.family, &one.given], &self.database)?;
        if one.id < 0 {
            self.outlines.other_number(one.seq);
        }
        self.database
            .prepare_cached("INSERT INTO person VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)")
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
                    i64::from(one.somewhere),
                    one.activities_blob(),
                ])
            })
            .map(|_| ())
            .tried("write a person")
    }

    /// Adds later lines to a person already written.
    fn complete_person(&mut self, one: &mut Gathered) -> Result<(), RegisterError> {
        let (practices, places, somewhere): (String, String, bool) = self
            .database
            .prepare_cached("SELECT practices, places, somewhere FROM person WHERE seq = ?1")
            .and_then(|mut select| {
                select.query_row([one.seq], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            })
            .tried("read a person again")?;
        one.add_written(&practices, &places, somewhere);
        let (practices, places) = (one.practices_text(), one.places_text());
        self.outlines.practises(one.seq, &practices, one.somewhere);
        self.database
            .prepare_cached(
                "UPDATE person SET practices = ?2, places = ?3, somewhere = ?4,
                                   activities = CAST(activities || ?5 AS BLOB) WHERE seq = ?1",
            )
            .and_then(|mut update| {
                let more = one.activities_blob();
                update.execute(params![one.seq, practices, places, i64::from(one.somewhere), more])
            })
            .map(|_| ())
            .tried("complete a person")
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
        if inserted > 0 {
            self.outlines.born(one.seq, birth.date, place.map(String::as_str));
            self.outlines.sex(one.seq, sex_of(&birth.sex));
        }
        Ok(inserted > 0)
    }

    fn index(&mut self, one: &Gathered, birth_is_new: bool) -> Result<(), RegisterError> {
        let birth = one.birth.as_ref().filter(|_| birth_is_new);
        let forms = NameForms::new(
            [one.family.as_str()].into_iter().chain(birth.map(|birth| birth.family.as_str())),
            [one.given.as_str()].into_iter().chain(birth.map(|birth| birth.given.as_str())),
        );
        if one.state == State::New || birth.is_some() {
            self.outlines.named(one.seq, NameMark::of(&forms));
            let date = birth.and_then(|birth| birth.date);
            let mut keys = register_keys(&forms, date);
            if one.state != State::New {
                // Those of the exercise names stand already: half of all, and memory counts.
                let known = NameForms::new([one.family.as_str()], [one.given.as_str()]);
                let known = register_keys(&known, None);
                keys.retain(|key| known.binary_search(key).is_err());
            }
            self.postings.add_keys(one.seq, keys)?;
        }
        let place = birth.map(|birth| birth.place.as_str()).filter(|place| !place.is_empty());
        match one.state {
            State::New => self.postings.add_terms(terms(&forms, &one.practices, place)),
            // The practices it had were counted; a second profession further down is rare enough.
            State::Again if birth.is_none() => {}
            State::Again | State::BirthOnly => {
                let exercise = NameForms::new([one.family.as_str()], [one.given.as_str()]);
                let known = terms(&exercise, &[], None);
                let all = terms(&forms, &[], place);
                self.postings.add_terms(all.difference(&known).copied());
            }
        }
        self.postings.add_keys(one.seq, one.places.iter().map(|place| place_key(place)))?;
        self.postings.add_keys(one.seq, one.named.iter().map(|name| place_name_key(name)))
    }

    /// Writes the indexes; the transaction is still open.
    pub fn finish(mut self) -> Result<(Connection, Counts), RegisterError> {
        self.flush()?;
        // What is gathered is written and gone, one after the other.
        self.outlines.write(&self.database)?;
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
        self.written.finish(&self.database)?;
        if self.counts.births > 0 {
            write_births(&self.database)?;
        }
        self.postings.write(&self.database)?;
        self.database.execute_batch(NUMBERED).tried("write the index of places")?;
        Ok((self.database, self.counts))
    }
}

/// `8` and an RPPS as the number it is; others have letters or `/`.
pub(super) fn rpps_number(text: &str) -> Option<i64> {
    let rpps = text.len() == 12 && text.starts_with('8');
    rpps.then(|| text.parse().ok()).flatten()
}
