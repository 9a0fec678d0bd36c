//! Each person in 36 bytes: what tells, unread, that somebody cannot be one of ours. 65 MB of 1.8 million, read at once
//! when a run of matching begins.
use super::{RegisterError, Tried};
use chrono::{Datelike, NaiveDate};
use identity::Sex;
use reconciliation::{NameMark, Outline, PlaceMark, PracticeSet};
use rusqlite::{Connection, params};
use std::collections::HashMap;

/// Outlines a row of the table.
const PAGE: usize = 1024;
const WORDS: usize = 9;

/// Year, month and day as digits (0: not known); the marks of names; bits of the first names that follow and place with
/// [`PLACED`]; set, sex and somewhere.
#[derive(Debug, Clone, Copy, Default)]
struct Packed {
    born: u32,
    families: u64,
    firsts: u32,
    letters: [u32; 3],
    others_place: u32,
    rest: u32,
}

const PLACED: u32 = 1 << 15;
/// Ways of practising that can be told apart.
const SETS: u32 = 1 << 20;
const OTHER_NUMBER: u32 = 1 << 28;
const FEMALE: u32 = 1 << 29;
const MALE: u32 = 1 << 30;
const SOMEWHERE: u32 = 1 << 31;

impl Packed {
    fn outline(self) -> Outline {
        let day = NaiveDate::from_ymd_opt(
            (self.born / 10_000) as i32,
            self.born / 100 % 100,
            self.born % 100,
        );
        let place = self.others_place & 0xffff;
        Outline {
            names: NameMark {
                families: self.families,
                firsts: self.firsts,
                others: (self.others_place >> 16) as u16,
                letters: self.letters,
            },
            sex: match (self.rest & FEMALE != 0, self.rest & MALE != 0) {
                (true, _) => Some(Sex::Female),
                (false, true) => Some(Sex::Male),
                (false, false) => None,
            },
            born: day,
            birth_place: (place & PLACED != 0).then(|| PlaceMark::unpacked(place)),
            practises_somewhere: self.rest & SOMEWHERE != 0,
            other_number: self.rest & OTHER_NUMBER != 0,
            practices: PracticeSet(self.rest & (SETS - 1)),
        }
    }

    fn bytes(self) -> impl Iterator<Item = u8> {
        let [low, high] = [self.families as u32, (self.families >> 32) as u32];
        let [surname, first, all] = self.letters;
        let words: [u32; WORDS] =
            [self.born, low, high, self.firsts, surname, first, all, self.others_place, self.rest];
        words.into_iter().flat_map(u32::to_le_bytes)
    }

    fn of_words(word: impl Fn(usize) -> u32) -> Self {
        Self {
            born: word(0),
            families: u64::from(word(1)) | u64::from(word(2)) << 32,
            firsts: word(3),
            letters: [word(4), word(5), word(6)],
            others_place: word(7),
            rest: word(8),
        }
    }
}

/// Gathered while importing.
#[derive(Default)]
pub(super) struct Outlines {
    /// Of seq 1, 2, 3…
    all: Vec<Packed>,
    sets: HashMap<String, u32>,
}

impl Outlines {
    fn of(&mut self, seq: u32) -> &mut Packed {
        let place = (seq as usize).saturating_sub(1);
        if self.all.len() <= place {
            self.all.resize(place + 1, Packed::default());
        }
        &mut self.all[place]
    }

    /// Later lines of a person replace what the first ones told.
    pub fn practises(&mut self, seq: u32, practices: &str, somewhere: bool) {
        let next = self.sets.len() as u32;
        let set = match self.sets.get(practices) {
            Some(set) => *set,
            None => *self.sets.entry(practices.to_owned()).or_insert(next),
        };
        let one = self.of(seq);
        one.rest &= !((SETS - 1) | SOMEWHERE);
        one.rest |= set.min(SETS - 1) | if somewhere { SOMEWHERE } else { 0 };
    }

    pub fn other_number(&mut self, seq: u32) {
        self.of(seq).rest |= OTHER_NUMBER;
    }

    /// The first that is told holds.
    pub fn sex(&mut self, seq: u32, sex: Option<Sex>) {
        let one = self.of(seq);
        if one.rest & (FEMALE | MALE) == 0 {
            one.rest |= match sex {
                Some(Sex::Female) => FEMALE,
                Some(Sex::Male) => MALE,
                None => 0,
            };
        }
    }

    pub fn born(&mut self, seq: u32, date: Option<NaiveDate>, place: Option<&str>) {
        let one = self.of(seq);
        let digits =
            |date: NaiveDate| date.year().unsigned_abs() * 10_000 + date.month() * 100 + date.day();
        one.born = date.map_or(0, digits);
        one.others_place &= !0xffff;
        one.others_place |= place.map_or(0, |code| PlaceMark::of(code).packed() | PLACED);
    }

    /// More writings of her names.
    pub fn named(&mut self, seq: u32, mark: NameMark) {
        let one = self.of(seq);
        one.families |= mark.families;
        one.firsts |= mark.firsts;
        one.others_place |= u32::from(mark.others) << 16;
        one.letters.iter_mut().zip(mark.letters).for_each(|(all, more)| *all |= more);
    }

    pub fn write(&mut self, database: &Connection) -> Result<(), RegisterError> {
        if self.sets.len() >= SETS as usize {
            let what = format!("it has {} ways of practising", self.sets.len());
            return Err(RegisterError::Unsound { what });
        }
        let mut insert = database
            .prepare("INSERT INTO outline (page, outlines) VALUES (?1, ?2)")
            .tried("prepare the outlines")?;
        for (page, outlines) in self.all.chunks(PAGE).enumerate() {
            let bytes: Vec<u8> = outlines.iter().flat_map(|one| one.bytes()).collect();
            insert.execute(params![page as i64, bytes]).tried("write the outlines")?;
        }
        let mut insert = database
            .prepare("INSERT INTO practice_set (id, practices) VALUES (?1, ?2)")
            .tried("prepare the practices")?;
        for (practices, set) in &self.sets {
            insert.execute(params![set, practices]).tried("write the practices")?;
        }
        *self = Self::default();
        Ok(())
    }
}

/// All of one version, in memory, as they are kept.
pub(super) struct Outlined {
    all: Vec<Kept>,
    /// Texts as `person.practices` has them, by number.
    pub sets: Vec<String>,
}

/// An outline as a row has it.
pub(super) type Kept = [u8; 4 * WORDS];

impl Outlined {
    pub fn read(database: &Connection) -> Result<Self, RegisterError> {
        let pages: Option<u32> = database
            .query_row("SELECT max(page) FROM outline", [], |row| row.get(0))
            .tried("count the outlines")?;
        let mut all = Vec::with_capacity(pages.map_or(0, |last| (last as usize + 1) * PAGE));
        let mut select = database
            .prepare("SELECT outlines FROM outline ORDER BY page")
            .tried("prepare the outlines")?;
        let mut rows = select.query([]).tried("read the outlines")?;
        while let Some(row) = rows.next().tried("read the outlines")? {
            let blob =
                row.get_ref(0).and_then(|value| Ok(value.as_blob()?)).tried("read the outlines")?;
            let (outlines, rest) = blob.as_chunks::<{ 4 * WORDS }>();
            if !rest.is_empty() || !all.len().is_multiple_of(PAGE) {
                let what = "its outlines are cut".to_owned();
                return Err(RegisterError::Unsound { what });
            }
            all.extend_from_slice(outlines);
        }
        let mut select = database
            .prepare("SELECT practices FROM practice_set ORDER BY id")
            .tried("prepare the practices")?;
        let sets = select
            .query_map([], |row| row.get(0))
            .and_then(Iterator::collect)
            .tried("read the practices")?;
        Ok(Self { all, sets })
    }

    /// `None` for a person written after the outlines: a register that does not hold.
    pub fn of(&self, seq: u32) -> Option<Outline> {
        self.kept(seq).map(|kept| outline(&kept))
    }

    pub fn kept(&self, seq: u32) -> Option<Kept> {
        self.all.get((seq as usize).checked_sub(1)?).copied()
    }
}

pub(super) fn outline(kept: &Kept) -> Outline {
    let (words, _) = kept.as_chunks::<4>();
    Packed::of_words(|place| u32::from_le_bytes(words[place])).outline()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reconciliation::NameForms;

    #[test]
    fn what_is_written_is_what_is_read() {
        let database = Connection::open_in_memory().expect("memory");
        database.execute_batch(super::super::schema::TABLES).expect("tables");
        let date: NaiveDate = "1980-05-13".parse().expect("date");
        let mut outlines = Outlines::default();
        outlines.practises(1, "60\tC\t", true);
        outlines.sex(1, None);
        outlines.sex(1, Some(Sex::Female));
        outlines.sex(1, Some(Sex::Male));
        outlines.born(1, Some(date), Some("99352"));
        let mark = |family: &str, given: &str| NameMark::of(&NameForms::new([family], [given]));
        outlines.named(1, mark("MARTIN", "ANNE"));
        outlines.named(1, mark("MARTIN-ROY", "LUCE EVE"));
        outlines.other_number(2000);
        outlines.practises(2000, "10\tC\t", false);
        outlines.practises(1, "10\tC\t", true);
        outlines.write(&database).expect("write");
        let read = Outlined::read(&database).expect("read");
        let (one, other) = (mark("MARTIN", "ANNE"), mark("MARTIN-ROY", "LUCE EVE"));
        let names = one.and(other);
        let first = Outline {
            names,
            sex: Some(Sex::Female),
            born: Some(date),
            birth_place: Some(PlaceMark::of("99352")),
            practises_somewhere: true,
            other_number: false,
            practices: PracticeSet(1),
        };
        assert_eq!(read.of(1), Some(first));
        let last = Outline { practices: PracticeSet(1), other_number: true, ..Outline::default() };
        assert_eq!(read.of(2000), Some(last));
        assert_eq!((read.of(0), read.of(2001)), (None, None));
        assert_eq!(read.sets, ["60\tC\t", "10\tC\t"]);
        let cut = "UPDATE outline SET outlines = substr(outlines, 2) WHERE page = 1";
        database.execute(cut, []).expect("cut");
        assert!(matches!(Outlined::read(&database), Err(RegisterError::Unsound { .. })));
    }
}
