//! How many persons bear each word, in rows of sorted pairs: all of them in memory while a run of matching lasts.
use super::{RegisterError, Tried};
use reconciliation::Term;
use rusqlite::{Connection, params};

/// Words a row.
const PAGE: usize = 512;
/// A word's hash and its count, little end first.
const WIDTH: usize = 12;

/// `terms`: each once.
pub(super) fn write(
    mut terms: Vec<(Term, u32)>,
    database: &Connection,
) -> Result<(), RegisterError> {
    terms.sort_unstable();
    let mut insert = database
        .prepare("INSERT INTO frequency (page, terms) VALUES (?1, ?2)")
        .tried("prepare the frequencies")?;
    let mut bytes = Vec::with_capacity(PAGE * WIDTH);
    for (page, terms) in terms.chunks(PAGE).enumerate() {
        bytes.clear();
        for (term, persons) in terms {
            bytes.extend(term.0.to_le_bytes());
            bytes.extend(persons.to_le_bytes());
        }
        insert.execute(params![page as i64, &bytes]).tried("write the frequencies")?;
    }
    Ok(())
}

/// All of one version, in memory.
pub(super) struct AllFrequencies {
    terms: Vec<u64>,
    persons: Vec<u32>,
    /// Where the terms of each value of their high bits begin, and where the last end.
    begins: Vec<u32>,
}

/// High bits that are looked up and not sought: some words are left to seek among.
const HIGH: u32 = 16;

fn high(term: u64) -> usize {
    (term >> (u64::BITS - HIGH)) as usize
}

impl AllFrequencies {
    pub fn read(database: &Connection) -> Result<Self, RegisterError> {
        let mut all = Self { terms: Vec::new(), persons: Vec::new(), begins: Vec::new() };
        let mut select = database
            .prepare("SELECT terms FROM frequency ORDER BY page")
            .tried("prepare the frequencies")?;
        let mut rows = select.query([]).tried("read the frequencies")?;
        while let Some(row) = rows.next().tried("read the frequencies")? {
            let blob = row
                .get_ref(0)
                .and_then(|value| Ok(value.as_blob()?))
                .tried("read the frequencies")?;
            let (pairs, rest) = blob.as_chunks::<WIDTH>();
            for [a, b, c, d, e, f, g, h, persons @ ..] in pairs {
                all.terms.push(u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]));
                all.persons.push(u32::from_le_bytes(*persons));
            }
            if !rest.is_empty() {
                let what = "its frequencies are cut".to_owned();
                return Err(RegisterError::Unsound { what });
            }
        }
        if !all.terms.is_sorted() {
            let what = "its frequencies are not in order".to_owned();
            return Err(RegisterError::Unsound { what });
        }
        for (place, term) in all.terms.iter().enumerate() {
            let next = high(*term) + 1;
            if all.begins.len() < next {
                all.begins.resize(next, place as u32);
            }
        }
        all.begins.resize((1 << HIGH) + 1, all.terms.len() as u32);
        Ok(all)
    }

    /// Nobody bears a word that is not there.
    pub fn of(&self, term: Term) -> u64 {
        let (first, end) = (self.begins[high(term.0)], self.begins[high(term.0) + 1]);
        let among = &self.terms[first as usize..end as usize];
        let place = among.binary_search(&term.0);
        place.map_or(0, |place| u64::from(self.persons[first as usize + place]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        let database = Connection::open_in_memory().expect("memory");
        database.execute_batch(super::super::schema::TABLES).expect("tables");
        let word = |word: u32| Term::family(&format!("word {word}"));
        write((1..2_000).map(|count| (word(count), count)).collect(), &database).expect("written");
        let all = AllFrequencies::read(&database).expect("read");
        for count in 1..2_000 {
            assert_eq!(all.of(word(count)), u64::from(count));
        }
        assert_eq!(all.of(word(2_000)), 0);
        let cut = "UPDATE frequency SET terms = substr(terms, 2) WHERE page = 1";
        database.execute(cut, []).expect("cut");
        assert!(matches!(AllFrequencies::read(&database), Err(RegisterError::Unsound { .. })));
    }
}
