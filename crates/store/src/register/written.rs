//! Number, names and birth of each person as the extracts write them, in the order of seq: 1 024 persons a row, all of
//! them in memory while a run of matching lasts (some 65 MB of 1.8 million, 130 with birth data). Whoever may be
//! somebody's is read from there: what a row holds is looked at no sooner.
use super::{RegisterError, Tried};
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, params};

/// Persons a row.
const PAGE: u32 = 1024;
/// The birth name that is the one of exercise. Like the sign that parts fields, no extract has it: control characters
/// never pass its reader.
const SAME: &str = "\u{1}";
const FIELD: char = '\t';
/// Bytes of a number that tells how many lines a row has, or where one of them ends.
const NUMBER: usize = 4;

/// Rows of one table, written as their persons come: in the order of seq, none left out.
pub(super) struct Pages {
    table: &'static str,
    /// Where each line ends.
    ends: Vec<u32>,
    text: String,
    /// Persons written so far.
    persons: u32,
}

impl Pages {
    pub fn of_persons() -> Self {
        Self::of("INSERT INTO written (page, persons) VALUES (?1, ?2)")
    }

    fn of_births() -> Self {
        Self::of("INSERT INTO written_birth (page, births) VALUES (?1, ?2)")
    }

    fn of(table: &'static str) -> Self {
        Self { table, ends: Vec::new(), text: String::new(), persons: 0 }
    }

    /// The next person, seq 1 first; no field at all is somebody of whom nothing is told.
    pub fn push(&mut self, fields: &[&str], database: &Connection) -> Result<(), RegisterError> {
        for (place, field) in fields.iter().enumerate() {
            if place > 0 {
                self.text.push(FIELD);
            }
            self.text.push_str(field);
        }
        self.ends.push(self.text.len() as u32);
        self.persons += 1;
        match self.persons % PAGE {
            0 => self.write(database),
            _ => Ok(()),
        }
    }

    fn write(&mut self, database: &Connection) -> Result<(), RegisterError> {
        let mut insert: CachedStatement<'_> =
            database.prepare_cached(self.table).tried("prepare what is written of persons")?;
        let lines = self.ends.len() as u32;
        let mut bytes = Vec::with_capacity(NUMBER * (self.ends.len() + 1) + self.text.len());
        bytes.extend([lines].iter().chain(&self.ends).flat_map(|number| number.to_le_bytes()));
        bytes.extend(self.text.as_bytes());
        insert
            .execute(params![(self.persons - 1) / PAGE, bytes])
            .tried("write what is written of persons")?;
        self.text.clear();
        self.ends.clear();
        Ok(())
    }

    pub fn finish(&mut self, database: &Connection) -> Result<(), RegisterError> {
        if self.ends.is_empty() { Ok(()) } else { self.write(database) }
    }
}

/// Births in the order of seq, from where they were gathered: extracts tell them in any order.
pub(super) fn write_births(database: &Connection) -> Result<(), RegisterError> {
    let mut select = database
        .prepare(
            "SELECT b.seq, nullif(b.family, p.family), nullif(b.given, p.given), b.place
             FROM birth b JOIN person p ON p.seq = b.seq ORDER BY b.seq",
        )
        .tried("prepare the births")?;
    let mut rows = select.query([]).tried("read the births")?;
    let mut pages = Pages::of_births();
    while let Some(row) = rows.next().tried("read the births")? {
        let seq: u32 = row.get(0).tried("read the births")?;
        while pages.persons + 1 < seq {
            pages.push(&[], database)?;
        }
        let text = |place: usize, none: &'static str| match row.get_ref(place)? {
            ValueRef::Null => Ok(none),
            told => Ok(told.as_str()?),
        };
        let fields = [text(1, SAME), text(2, SAME), text(3, "")];
        let [family, given, place] =
            fields.map(|field: rusqlite::Result<&str>| field.tried("read the births"));
        pages.push(&[family?, given?, place?], database)?;
    }
    pages.finish(database)
}

/// What is written of one person.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Written<'text> {
    /// National number.
    pub number: &'text str,
    pub family: &'text str,
    pub given: &'text str,
    pub birth: Option<WrittenBirth<'text>>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct WrittenBirth<'text> {
    pub family: &'text str,
    pub given: &'text str,
    pub place: Option<&'text str>,
}

/// All of one version, in memory.
pub(super) struct AllWritten {
    persons: Vec<Box<[u8]>>,
    births: Vec<Box<[u8]>>,
}

impl AllWritten {
    pub fn read(database: &Connection) -> Result<Self, RegisterError> {
        let persons = "SELECT page, persons FROM written ORDER BY page";
        let births = "SELECT page, births FROM written_birth ORDER BY page";
        Ok(Self { persons: pages(database, persons)?, births: pages(database, births)? })
    }

    /// `None` for a person of whom nothing stands there: a register that does not hold.
    pub fn of(&self, seq: u32) -> Option<Written<'_>> {
        let mut fields = line(&self.persons, seq)?.split(FIELD);
        let (number, family, given) = (fields.next()?, fields.next()?, fields.next()?);
        let born = line(&self.births, seq).filter(|line| !line.is_empty());
        let birth = match born {
            None => None,
            Some(line) => {
                let mut fields = line.split(FIELD);
                let mut name =
                    |same| Some(fields.next()?).map(|name| if name == SAME { same } else { name });
                let (family, given) = (name(family)?, name(given)?);
                let place = fields.next()?;
                Some(WrittenBirth { family, given, place: (!place.is_empty()).then_some(place) })
            }
        };
        Some(Written { number, family, given, birth })
    }
}

fn pages(database: &Connection, sql: &str) -> Result<Vec<Box<[u8]>>, RegisterError> {
    const READ: &str = "read what is written of persons";
    let mut select = database.prepare(sql).tried("prepare what is written of persons")?;
    let mut rows = select.query([]).tried(READ)?;
    let mut pages: Vec<Box<[u8]>> = Vec::new();
    while let Some(row) = rows.next().tried(READ)? {
        let page: i64 = row.get(0).tried(READ)?;
        let unsound = |how| {
            let what = format!("page {} of what is written of persons is {how}", pages.len());
            RegisterError::Unsound { what }
        };
        if page != pages.len() as i64 {
            return Err(unsound("missing"));
        }
        let bytes = row.get_ref(1).and_then(|bytes| Ok(bytes.as_blob()?)).tried(READ)?;
        let last = Page::of(bytes).and_then(|page| Some((page.end(page.lines)?, page.text.len())));
        if last.is_none_or(|(end, text)| end != text) {
            return Err(unsound("cut"));
        }
        pages.push(bytes.into());
    }
    Ok(pages)
}

/// One row: how many lines, where each ends, the lines.
struct Page<'bytes> {
    lines: u32,
    ends: &'bytes [u8],
    text: &'bytes [u8],
}

impl<'bytes> Page<'bytes> {
    fn of(bytes: &'bytes [u8]) -> Option<Self> {
        let (lines, rest) = bytes.split_first_chunk::<NUMBER>()?;
        let lines = u32::from_le_bytes(*lines);
        let (ends, text) = rest.split_at_checked(NUMBER * lines as usize)?;
        Some(Self { lines, ends, text })
    }

    /// Where so many lines end.
    fn end(&self, lines: u32) -> Option<usize> {
        let Some(place) = lines.checked_sub(1) else { return Some(0) };
        let (ends, _) = self.ends.as_chunks::<NUMBER>();
        ends.get(place as usize).map(|end| u32::from_le_bytes(*end) as usize)
    }
}

fn line(pages: &[Box<[u8]>], seq: u32) -> Option<&str> {
    let place = seq.checked_sub(1)?;
    let page = Page::of(pages.get((place / PAGE) as usize)?)?;
    let (start, end) = (page.end(place % PAGE)?, page.end(place % PAGE + 1)?);
    str::from_utf8(page.text.get(start..end)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> Connection {
        let database = Connection::open_in_memory().expect("memory");
        database.execute_batch(super::super::schema::TABLES).expect("tables");
        database
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let database = database();
        let mut pages = Pages::of_persons();
        for seq in 1..=3_000_u32 {
            let (number, given) = (format!("8{seq:011}"), format!("ANNE{seq}"));
            pages.push(&[&number, "D’HONDT", &given], &database).expect("pushed");
            let person =
                "INSERT INTO person VALUES (?1, ?1, '', '', 'D’HONDT', ?2, '', '', 0, x'')";
            database.execute(person, params![seq, given]).expect("person");
        }
        pages.finish(&database).expect("written");
        let birth = "INSERT INTO birth VALUES (?1, ?2, ?3, NULL, ?4, NULL)";
        database.execute(birth, params![2_000, "D’HONDT", "ANNE2000", "75056"]).expect("birth");
        database.execute(birth, params![2, "", "ANNE'LUCE", None::<&str>]).expect("birth");
        write_births(&database).expect("births");
        let all = AllWritten::read(&database).expect("read");
        for (seq, birth) in [
            (1, None),
            (2, Some(WrittenBirth { family: "", given: "ANNE'LUCE", place: None })),
            (1_024, None),
            (1_025, None),
            (
                2_000,
                Some(WrittenBirth { family: "D’HONDT", given: "ANNE2000", place: Some("75056") }),
            ),
            (3_000, None),
        ] {
            let (number, given) = (format!("8{seq:011}"), format!("ANNE{seq}"));
            let expected = Written { number: &number, family: "D’HONDT", given: &given, birth };
            assert_eq!(all.of(seq), Some(expected), "{seq}");
        }
        assert_eq!((all.of(0), all.of(3_001)), (None, None));
    }

    #[test]
    fn a_page_that_is_missing_or_cut_is_told() {
        for harm in [
            "DELETE FROM written WHERE page = 1",
            "UPDATE written SET persons = substr(persons, 1, length(persons) - 1) WHERE page = 1",
            "UPDATE written SET persons = x'ffffffff' WHERE page = 2",
            "UPDATE written SET persons = x'00' WHERE page = 0",
        ] {
            let database = database();
            let mut pages = Pages::of_persons();
            (0..3_000).for_each(|_| pages.push(&["1", "A", "B"], &database).expect("pushed"));
            pages.finish(&database).expect("written");
            assert_eq!(database.execute(harm, []).expect("harmed"), 1, "{harm}");
            let read = AllWritten::read(&database);
            assert!(matches!(read, Err(RegisterError::Unsound { .. })), "{harm}");
        }
    }
}
