//! Who bears which key, gathered in memory while importing (8 bytes a pair), written sorted.
use super::{RegisterError, Tried};
use reconciliation::{BlockKey, Term};
use rusqlite::{Connection, params};
use std::collections::HashMap;

#[derive(Default)]
pub(super) struct Postings {
    /// Key in the high half, person in the low one: sorting groups the bearers of a key.
    pairs: Vec<u64>,
    terms: HashMap<Term, u32>,
}

impl Postings {
    pub fn add_keys(&mut self, seq: u32, keys: impl IntoIterator<Item = BlockKey>) {
        self.pairs.extend(keys.into_iter().map(|key| u64::from(key.0) << 32 | u64::from(seq)));
    }
    pub fn add_terms(&mut self, terms: impl IntoIterator<Item = Term>) {
        for term in terms {
            *self.terms.entry(term).or_default() += 1;
        }
    }

    pub fn write(mut self, database: &Connection) -> Result<(), RegisterError> {
        self.pairs.sort_unstable();
        self.pairs.dedup();
        let mut insert = database
            .prepare("INSERT INTO block (key, seqs) VALUES (?1, ?2)")
            .tried("prepare the index")?;
        let mut bearers: Vec<u8> = Vec::new();
        for group in self.pairs.chunk_by(|left, right| left >> 32 == right >> 32) {
            bearers.clear();
            bearers.extend(group.iter().flat_map(|pair| (*pair as u32).to_le_bytes()));
            insert.execute(params![(group[0] >> 32) as i64, &bearers]).tried("write the index")?;
        }
        drop(self.pairs);
        let mut terms: Vec<(i64, u32)> =
            self.terms.into_iter().map(|(term, persons)| (term.0 as i64, persons)).collect();
        terms.sort_unstable();
        let mut insert = database
            .prepare("INSERT INTO frequency (term, persons) VALUES (?1, ?2)")
            .tried("prepare the frequencies")?;
        for (term, persons) in terms {
            insert.execute(params![term, persons]).tried("write the frequencies")?;
        }
        Ok(())
    }
}

/// The key under which the persons of one place are found: a kind of its own among the keys.
pub(super) fn place_key(finess: &str) -> BlockKey {
    let wide = Term::family(&format!("\u{0}place\u{0}{finess}")).0;
    BlockKey((wide ^ (wide >> 32)) as u32)
}
