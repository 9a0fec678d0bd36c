//! Number, names and birth of each person as the extracts write them, in the order of seq: 64 persons a row, all of
//! them in memory while a run of matching lasts (some 50 MB of 1.8 million, 90 with birth data). Whoever may be
//! somebody's is read from there, which costs a tenth of asking the file.
use super::{RegisterError, Tried};
use memchr::memchr_iter;
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, params};

/// Persons a row.
const PAGE: u32 = 64;
/// The birth name that is the one of exercise. Like the signs that part fields and persons, no extract has it: control
/// characters never pass its reader.
const SAME: &str = "\u{1}";
const FIELD: char = '\t';
const PERSON: u8 = b'\n';

/// Rows of one table, written as their persons come: in the order of seq, none left out.
pub(super) struct Pages {
    table: &'static str,
    text: String,
    /// Persons written so far.
    persons: u32,
}

impl Pages {
    pub fn of_persons() -> Self {
        Self {
            table: "INSERT INTO written (page, persons) VALUES (?1, ?2)",
            text: String::new(),
            persons: 0,
        }
    }

    fn of_births() -> Self {
        let table = "INSERT INTO written_birth (page, births) VALUES (?1, ?2)";
        Self { table, text: String::new(), persons: 0 }
    }

    /// The next person, seq 1 first; no field at all is somebody of whom nothing is told.
    pub fn push(&mut self, fields: &[&str], database: &Connection) -> Result<(), RegisterError> {
        for (place, field) in fields.iter().enumerate() {
            if place > 0 {
                self.text.push(FIELD);
            }
            self.text.push_str(field);
        }
        self.text.push(char::from(PERSON));
        self.persons += 1;
        match self.persons % PAGE {
            0 => self.write(database),
            _ => Ok(()),
        }
    }

    fn write(&mut self, database: &Connection) -> Result<(), RegisterError> {
        let mut insert: CachedStatement<'_> =
            database.prepare_cached(self.table).tried("prepare what is written of persons")?;
        insert
            .execute(params![(self.persons - 1) / PAGE, self.text])
            .tried("write what is written of persons")?;
        self.text.clear();
        Ok(())
    }

    pub fn finish(&mut self, database: &Connection) -> Result<(), RegisterError> {
        if self.text.is_empty() { Ok(()) } else { self.write(database) }
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
    persons: Vec<Box<str>>,
    births: Vec<Box<str>>,
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

fn pages(database: &Connection, sql: &str) -> Result<Vec<Box<str>>, RegisterError> {
    const READ: &str = "read what is written of persons";
    let mut select = database.prepare(sql).tried("prepare what is written of persons")?;
    let mut rows = select.query([]).tried(READ)?;
    let mut pages: Vec<Box<str>> = Vec::new();
    while let Some(row) = rows.next().tried(READ)? {
        let page: i64 = row.get(0).tried(READ)?;
        if page != pages.len() as i64 {
            let what = format!("page {} of what is written of persons is missing", pages.len());
            return Err(RegisterError::Unsound { what });
        }
        pages.push(row.get_ref(1).and_then(|text| Ok(text.as_str()?)).tried(READ)?.into());
    }
    Ok(pages)
}

fn line(pages: &[Box<str>], seq: u32) -> Option<&str> {
    let place = seq.checked_sub(1)?;
    let page = pages.get((place / PAGE) as usize)?;
    let mut ends = memchr_iter(PERSON, page.as_bytes());
    let start = match place % PAGE {
        0 => 0,
        before => ends.nth(before as usize - 1)? + 1,
    };
    page.get(start..ends.next()?)
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
        for seq in 1..=300_u32 {
            let (number, given) = (format!("8{seq:011}"), format!("ANNE{seq}"));
            pages.push(&[&number, "D’HONDT", &given], &database).expect("pushed");
            let person =
                "INSERT INTO person VALUES (?1, ?1, '', '', 'D’HONDT', ?2, '', '', 0, x'')";
            database.execute(person, params![seq, given]).expect("person");
        }
        pages.finish(&database).expect("written");
        let birth = "INSERT INTO birth VALUES (?1, ?2, ?3, NULL, ?4, NULL)";
        database.execute(birth, params![200, "D’HONDT", "ANNE200", "75056"]).expect("birth");
        database.execute(birth, params![2, "", "ANNE'LUCE", None::<&str>]).expect("birth");
        write_births(&database).expect("births");
        let all = AllWritten::read(&database).expect("read");
        for (seq, birth) in [
            (1, None),
            (2, Some(WrittenBirth { family: "", given: "ANNE'LUCE", place: None })),
            (128, None),
            (129, None),
            (200, Some(WrittenBirth { family: "D’HONDT", given: "ANNE200", place: Some("75056") })),
            (300, None),
        ] {
            let (number, given) = (format!("8{seq:011}"), format!("ANNE{seq}"));
            let expected = Written { number: &number, family: "D’HONDT", given: &given, birth };
            assert_eq!(all.of(seq), Some(expected), "{seq}");
        }
        assert_eq!((all.of(0), all.of(301)), (None, None));
    }

    #[test]
    fn a_page_that_is_missing_is_told() {
        let database = database();
        let mut pages = Pages::of_persons();
        (0..300).for_each(|_| pages.push(&["1", "A", "B"], &database).expect("pushed"));
        pages.finish(&database).expect("written");
        database.execute("DELETE FROM written WHERE page = 1", []).expect("deleted");
        assert!(matches!(AllWritten::read(&database), Err(RegisterError::Unsound { .. })));
    }
}
