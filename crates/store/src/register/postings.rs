//! Who bears which key, gathered in memory while importing (8 bytes a pair), written sorted.
use super::{RegisterError, Tried, frequencies};
use reconciliation::{BlockKey, Term};
use rusqlite::{Connection, params};
use std::collections::{BTreeSet, HashMap};

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
            .prepare("INSERT INTO block (bucket, pairs) VALUES (?1, ?2)")
            .tried("prepare the index")?;
        let mut bytes: Vec<u8> = Vec::new();
        let bucket_of = |pair: &u64| bucket((pair >> 32) as u32);
        for group in self.pairs.chunk_by(|left, right| bucket_of(left) == bucket_of(right)) {
            bytes.clear();
            let packed = group.iter().flat_map(|pair| {
                let (key, [_, _, _, _, seq @ ..]) = (low(*pair >> 32), pair.to_be_bytes());
                key.to_be_bytes().into_iter().chain(seq)
            });
            bytes.extend(packed);
            insert.execute(params![bucket_of(&group[0]), &bytes]).tried("write the index")?;
        }
        drop(self.pairs);
        frequencies::write(self.terms.into_iter().collect(), database)
    }
}

/// A row of the index for each would be millions: 256 Ki rows hold some dozens of pairs each.
const BUCKETS: u32 = 1 << 18;

/// Bits of a key that its bucket tells, and those that it does not.
const LOW: u32 = 14;

fn bucket(key: u32) -> u32 {
    key >> LOW
}

fn low(key: u64) -> u16 {
    (key & ((1 << LOW) - 1)) as u16
}

/// The low bits of a key and a seq, big end first, so that they are kept in order.
const WIDTH: usize = 6;
type Pair = [u8; WIDTH];

/// Who bears this key, among the pairs of its bucket.
fn bearing(pairs: &[Pair], key: u32) -> impl Iterator<Item = u32> + '_ {
    let key = low(u64::from(key));
    let key_of = |[a, b, ..]: &Pair| u16::from_be_bytes([*a, *b]);
    let first = pairs.partition_point(|pair| key_of(pair) < key);
    let of_key = pairs[first..].iter().take_while(move |pair| key_of(pair) == key);
    of_key.map(|[_, _, seq @ ..]| u32::from_be_bytes(*seq))
}

/// The persons who bear one of `keys`.
pub(super) fn bearers(
    database: &Connection,
    keys: impl IntoIterator<Item = BlockKey>,
) -> Result<BTreeSet<u32>, RegisterError> {
    let mut select = database
        .prepare_cached("SELECT pairs FROM block WHERE bucket = ?1")
        .tried("prepare a search")?;
    let mut seqs = BTreeSet::new();
    for BlockKey(key) in keys {
        let mut rows = select.query([bucket(key)]).tried("search a key")?;
        let Some(row) = rows.next().tried("search a key")? else { continue };
        let blob = row.get_ref(0).and_then(|value| Ok(value.as_blob()?)).tried("read a key")?;
        let (pairs, _) = blob.as_chunks::<WIDTH>();
        seqs.extend(bearing(pairs, key));
    }
    Ok(seqs)
}

/// All of one version in memory, for a run of matching, which asks for tens of thousands of keys.
pub(super) struct Bearers(Vec<Part>);

/// The buckets of one part of the keys.
pub(super) struct Part {
    /// As they are kept.
    pairs: Vec<Pair>,
    /// Where the pairs of each bucket begin, and where the last ends.
    begins: Vec<u32>,
}

/// Parts, each read by a thread of its own.
pub(super) const PARTS: u32 = 4;
const BUCKETS_OF_PART: u32 = BUCKETS / PARTS;

impl Part {
    pub fn read(database: &Connection, part: u32) -> Result<Self, RegisterError> {
        let first = part * BUCKETS_OF_PART;
        let mut begins = Vec::with_capacity(BUCKETS_OF_PART as usize + 1);
        let mut pairs = Vec::new();
        let mut select = database
            .prepare(
                "SELECT bucket, pairs FROM block WHERE bucket BETWEEN ?1 AND ?2 ORDER BY bucket",
            )
            .tried("prepare the index")?;
        let mut rows =
            select.query([first, first + BUCKETS_OF_PART - 1]).tried("read the index")?;
        while let Some(row) = rows.next().tried("read the index")? {
            let bucket: u32 = row.get(0).tried("read the index")?;
            begins.resize((bucket - first) as usize + 1, pairs.len() as u32);
            let blob =
                row.get_ref(1).and_then(|value| Ok(value.as_blob()?)).tried("read the index")?;
            let (of_bucket, rest) = blob.as_chunks::<WIDTH>();
            if !rest.is_empty() {
                let what = format!("bucket {bucket} of its index is cut");
                return Err(RegisterError::Unsound { what });
            }
            pairs.extend_from_slice(of_bucket);
        }
        begins.resize(BUCKETS_OF_PART as usize + 1, pairs.len() as u32);
        Ok(Self { pairs, begins })
    }

    fn bucket(&self, bucket: u32) -> &[Pair] {
        let place = (bucket % BUCKETS_OF_PART) as usize;
        &self.pairs[self.begins[place] as usize..self.begins[place + 1] as usize]
    }
}

impl Bearers {
    /// All [`PARTS`], in order.
    pub fn of_parts(parts: Vec<Part>) -> Self {
        Self(parts)
    }

    /// The persons who bear one of `keys`, each once, in order.
    pub fn of(&self, keys: &[BlockKey]) -> Vec<u32> {
        let mut seqs = Vec::new();
        for BlockKey(key) in keys {
            let bucket = bucket(*key);
            let of_bucket = self.0[(bucket / BUCKETS_OF_PART) as usize].bucket(bucket);
            seqs.extend(bearing(of_bucket, *key));
        }
        seqs.sort_unstable();
        seqs.dedup();
        seqs
    }
}

/// The same for a structure that a line names without its number.
pub(super) fn place_name_key(name: &str) -> BlockKey {
    place_key(&format!("\u{0}{}", identity::names::name_key(name)))
}

/// The key under which the persons of one place are found: a kind of its own among the keys.
pub(super) fn place_key(finess: &str) -> BlockKey {
    let wide = Term::family(&format!("\u{0}place\u{0}{finess}")).0;
    BlockKey((wide ^ (wide >> 32)) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_memory_each_key_has_the_same_bearers() {
        let database = Connection::open_in_memory().expect("memory");
        database.execute_batch(super::super::schema::TABLES).expect("tables");
        let mut postings = Postings::default();
        // First, last, one bucket's neighbours, and one key of many.
        let keys = [0, 1, (1 << 14) - 1, 1 << 14, 77 << 14, u32::MAX].map(BlockKey);
        for seq in 1..50 {
            postings.add_keys(seq, keys.into_iter().skip(seq as usize % 7));
        }
        postings.write(&database).expect("written");
        let parts = (0..PARTS).map(|part| Part::read(&database, part).expect("read"));
        let all = Bearers::of_parts(parts.collect());
        for asked in [&keys[..], &keys[2..4], &keys[5..], &[BlockKey(2), BlockKey(u32::MAX - 1)]] {
            let read = bearers(&database, asked.iter().copied()).expect("read");
            assert_eq!(all.of(asked), read.into_iter().collect::<Vec<_>>(), "{asked:?}");
        }
        assert_eq!(all.of(&keys).len(), 42, "one in seven bears none");
        database.execute("UPDATE block SET pairs = x'00' WHERE bucket = 77", []).expect("cut");
        let cut = (0..PARTS).map(|part| Part::read(&database, part)).filter(Result::is_err);
        assert_eq!(cut.count(), 1, "a row that is cut is told");
    }
}
