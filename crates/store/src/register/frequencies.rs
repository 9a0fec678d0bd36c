//! How many persons bear each word, in rows of sorted pairs: all of them in memory while a run of matching lasts.
use super::{RegisterError, Tried};
use reconciliation::Term;
use rusqlite::{Connection, params};

/// Words a row.
const PAGE: usize = 4096;
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

/// All of one version, in memory, as they are kept.
pub(super) struct AllFrequencies {
    terms: Vec<Kept>,
    /// Where the terms of each value of their high bits begin, and where the last end.
    begins: Vec<u32>,
}

type Kept = [u8; WIDTH];

/// High bits that are looked up and not sought: one word or two are left to seek among.
const HIGH: u32 = 20;

fn high(term: u64) -> usize {
    (term >> (u64::BITS - HIGH)) as usize
}

fn term_of([a, b, c, d, e, f, g, h, ..]: &Kept) -> u64 {
    u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h])
}

impl AllFrequencies {
    pub fn read(database: &Connection) -> Result<Self, RegisterError> {
        let pages: Option<u32> = database
            .query_row("SELECT max(page) FROM frequency", [], |row| row.get(0))
            .tried("count the frequencies")?;
        let mut terms: Vec<Kept> =
            Vec::with_capacity(pages.map_or(0, |last| (last as usize + 1) * PAGE));
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
            if !rest.is_empty() {
                let what = "its frequencies are cut".to_owned();
                return Err(RegisterError::Unsound { what });
            }
            terms.extend_from_slice(pairs);
        }
        let mut begins = vec![0; (1 << HIGH) + 1];
        let (mut filled, mut before) = (0, 0);
        for (place, kept) in terms.iter().enumerate() {
            let term = term_of(kept);
            if term < before {
                let what = "its frequencies are not in order".to_owned();
                return Err(RegisterError::Unsound { what });
            }
            before = term;
            while filled < high(term) {
                filled += 1;
                begins[filled] = place as u32;
            }
        }
        begins[filled + 1..].fill(terms.len() as u32);
        Ok(Self { terms, begins })
    }

    /// Nobody bears a word that is not there.
    pub fn of(&self, term: Term) -> u64 {
        let (first, end) = (self.begins[high(term.0)], self.begins[high(term.0) + 1]);
        let among = &self.terms[first as usize..end as usize];
        let found = among.iter().find(|kept| term_of(kept) == term.0);
        found.map_or(0, |[.., a, b, c, d]| u64::from(u32::from_le_bytes([*a, *b, *c, *d])))
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
        write((1..9_000).map(|count| (word(count), count)).collect(), &database).expect("written");
        let all = AllFrequencies::read(&database).expect("read");
        for count in 1..9_000 {
            assert_eq!(all.of(word(count)), u64::from(count));
        }
        assert_eq!(all.of(word(9_000)), 0);
        let cut = "UPDATE frequency SET terms = substr(terms, 2) WHERE page = 1";
        database.execute(cut, []).expect("cut");
        assert!(matches!(AllFrequencies::read(&database), Err(RegisterError::Unsound { .. })));
    }
}
