//! Who bears which key, gathered while importing (8 bytes a pair, what is too much for memory in sorted runs on disk),
//! written sorted.
use super::files::file_error;
use super::{RegisterError, Tried, frequencies};
use reconciliation::{BlockKey, Term};
use rusqlite::{Connection, params};
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Pairs that are held in memory: 32 MB.
const RUN: usize = 1 << 22;

pub(super) struct Postings {
    /// Key in the high half, person in the low one: sorting groups the bearers of a key.
    pairs: Vec<u64>,
    runs: Runs,
    terms: HashMap<Term, u32>,
    /// Pairs from which a run goes to disk.
    most: usize,
}

impl Postings {
    /// `dir`: where what is too much for memory stands until it is written.
    pub fn new(dir: &Path) -> Self {
        let runs = Runs { dir: dir.to_owned(), file: None, all: Vec::new() };
        Self { pairs: Vec::new(), runs, terms: HashMap::new(), most: RUN }
    }

    pub fn add_keys(
        &mut self,
        seq: u32,
        keys: impl IntoIterator<Item = BlockKey>,
    ) -> Result<(), RegisterError> {
        self.pairs.extend(keys.into_iter().map(|key| u64::from(key.0) << 32 | u64::from(seq)));
        match self.pairs.len() < self.most {
            true => Ok(()),
            false => self.spill(),
        }
    }
    pub fn add_terms(&mut self, terms: impl IntoIterator<Item = Term>) {
        for term in terms {
            *self.terms.entry(term).or_default() += 1;
        }
    }

    fn spill(&mut self) -> Result<(), RegisterError> {
        self.pairs.sort_unstable();
        self.pairs.dedup();
        self.runs.add(&self.pairs)?;
        self.pairs.clear();
        Ok(())
    }

    pub fn write(mut self, database: &Connection) -> Result<(), RegisterError> {
        self.pairs.sort_unstable();
        let mut insert = database
            .prepare("INSERT INTO block (shelf, pairs) VALUES (?1, ?2)")
            .tried("prepare the index")?;
        let (mut group, mut bytes): (Vec<u64>, Vec<u8>) = Default::default();
        let mut rest = self.pairs.as_slice();
        for shelf in 0..SHELVES {
            let here = rest.partition_point(|pair| shelf_of(*pair) <= shelf);
            group.clear();
            self.runs.read(shelf, &mut group)?;
            group.extend_from_slice(&rest[..here]);
            rest = &rest[here..];
            // Runs after each other: this sort merges them.
            group.sort();
            group.dedup();
            if group.is_empty() {
                continue;
            }
            bytes.clear();
            for next in shelf * SHELF + 1..=(shelf + 1) * SHELF {
                let end = group.partition_point(|pair| bucket((pair >> 32) as u32) < next);
                bytes.extend((end as u32).to_le_bytes());
            }
            for pair in &group {
                let [_, _, _, _, seq @ ..] = pair.to_be_bytes();
                bytes.extend(low((pair >> 32) as u32).to_be_bytes());
                bytes.extend(seq);
            }
            insert.execute(params![shelf, &bytes]).tried("write the index")?;
        }
        drop((self.pairs, self.runs));
        frequencies::write(self.terms.into_iter().collect(), database)
    }
}

fn shelf_of(pair: u64) -> u32 {
    shelf(bucket((pair >> 32) as u32))
}

/// Sorted pairs after each other in a file without a name, which goes with whoever holds it.
struct Runs {
    dir: PathBuf,
    file: Option<File>,
    /// Of each run, the pair of the file at which each shelf begins, and where the last one ends.
    all: Vec<Vec<u64>>,
}

impl Runs {
    fn add(&mut self, pairs: &[u64]) -> Result<(), RegisterError> {
        let failed = file_error(&self.dir, "keep a part of the index");
        let first = self.all.last().and_then(|run| run.last()).copied().unwrap_or_default();
        let begins = (0..=SHELVES)
            .map(|shelf| first + pairs.partition_point(|pair| shelf_of(*pair) < shelf) as u64);
        self.all.push(begins.collect());
        self.append(pairs).map_err(failed)
    }

    fn append(&mut self, pairs: &[u64]) -> io::Result<()> {
        let file = match &self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile_in(&self.dir)?),
        };
        let mut writer = BufWriter::new(file);
        pairs.iter().try_for_each(|pair| writer.write_all(&pair.to_le_bytes()))?;
        writer.flush()
    }

    /// The pairs of one shelf, those of each run sorted.
    fn read(&self, shelf: u32, group: &mut Vec<u64>) -> Result<(), RegisterError> {
        let Some(mut file) = self.file.as_ref() else { return Ok(()) };
        let mut bytes = Vec::new();
        for run in &self.all {
            let (first, end) = (run[shelf as usize], run[shelf as usize + 1]);
            bytes.resize((end - first) as usize * 8, 0);
            file.seek(SeekFrom::Start(first * 8))
                .and_then(|_| file.read_exact(&mut bytes))
                .map_err(file_error(&self.dir, "read a part of the index again"))?;
            let (pairs, _) = bytes.as_chunks::<8>();
            group.extend(pairs.iter().map(|pair| u64::from_le_bytes(*pair)));
        }
        Ok(())
    }
}

/// Buckets of the index, which hold some tens of pairs each.
const BUCKETS: u32 = 1 << 20;

/// Buckets a row: a row for each would be a million.
const SHELF: u32 = 1 << 12;
const SHELVES: u32 = BUCKETS / SHELF;

/// Bits of a key that its bucket tells not.
const LOW: u32 = 12;

fn bucket(key: u32) -> u32 {
    key >> LOW
}

fn shelf(bucket: u32) -> u32 {
    bucket / SHELF
}

fn low(key: u32) -> u16 {
    (key & ((1 << LOW) - 1)) as u16
}

/// The low bits of a key and a seq, big end first, so that they are kept in order.
const WIDTH: usize = 6;
type Pair = [u8; WIDTH];

/// One row: where the pairs of each bucket end, then the pairs.
struct Shelf<'bytes> {
    ends: &'bytes [[u8; 4]],
    pairs: &'bytes [Pair],
}

impl<'bytes> Shelf<'bytes> {
    /// `None` for a row that is cut.
    fn of(bytes: &'bytes [u8]) -> Option<Self> {
        let (ends, pairs) = bytes.split_at_checked(4 * SHELF as usize)?;
        let (ends, _) = ends.as_chunks::<4>();
        let (pairs, rest) = pairs.as_chunks::<WIDTH>();
        let last = ends.last().map(|last| u32::from_le_bytes(*last) as usize);
        (rest.is_empty() && last == Some(pairs.len())).then_some(Self { ends, pairs })
    }

    /// The pairs of one of its buckets.
    fn bucket(&self, bucket: u32) -> &'bytes [Pair] {
        let place = (bucket % SHELF) as usize;
        let end = |place: usize| u32::from_le_bytes(self.ends[place]) as usize;
        let first = place.checked_sub(1).map_or(0, end);
        // Nobody where a row contradicts itself.
        self.pairs.get(first..end(place)).unwrap_or_default()
    }
}

/// Who bears this key, among the pairs of its bucket.
fn bearing(pairs: &[Pair], key: u32) -> impl Iterator<Item = u32> + '_ {
    let key = low(key);
    let key_of = |[a, b, ..]: &Pair| u16::from_be_bytes([*a, *b]);
    let first = pairs.partition_point(|pair| key_of(pair) < key);
    let of_key = pairs[first..].iter().take_while(move |pair| key_of(pair) == key);
    of_key.map(|[_, _, seq @ ..]| u32::from_be_bytes(*seq))
}

fn cut(shelf: u32) -> RegisterError {
    RegisterError::Unsound { what: format!("row {shelf} of its index is cut") }
}

/// The persons who bear one of `keys`.
pub(super) fn bearers(
    database: &Connection,
    keys: impl IntoIterator<Item = BlockKey>,
) -> Result<BTreeSet<u32>, RegisterError> {
    let mut select = database
        .prepare_cached("SELECT pairs FROM block WHERE shelf = ?1")
        .tried("prepare a search")?;
    let mut seqs = BTreeSet::new();
    for BlockKey(key) in keys {
        let number = shelf(bucket(key));
        let mut rows = select.query([number]).tried("search a key")?;
        let Some(row) = rows.next().tried("search a key")? else { continue };
        let blob = row.get_ref(0).and_then(|value| Ok(value.as_blob()?)).tried("read a key")?;
        let shelf = Shelf::of(blob).ok_or_else(|| cut(number))?;
        seqs.extend(bearing(shelf.bucket(bucket(key)), key));
    }
    Ok(seqs)
}

/// All of one version in memory, for a run of matching, which asks for tens of thousands of keys.
pub(super) struct Bearers(Vec<Part>);

/// The shelves of one part of the keys, as they are kept; empty where nobody bears a key of theirs.
pub(super) struct Part(Vec<Box<[u8]>>);

/// Parts, each read by a thread of its own.
pub(super) const PARTS: u32 = 4;
const SHELVES_OF_PART: u32 = SHELVES / PARTS;

impl Part {
    pub fn read(database: &Connection, part: u32) -> Result<Self, RegisterError> {
        let first = part * SHELVES_OF_PART;
        let mut shelves = vec![Box::default(); SHELVES_OF_PART as usize];
        let mut select = database
            .prepare("SELECT shelf, pairs FROM block WHERE shelf BETWEEN ?1 AND ?2 ORDER BY shelf")
            .tried("prepare the index")?;
        let mut rows =
            select.query([first, first + SHELVES_OF_PART - 1]).tried("read the index")?;
        while let Some(row) = rows.next().tried("read the index")? {
            let number: u32 = row.get(0).tried("read the index")?;
            let blob =
                row.get_ref(1).and_then(|value| Ok(value.as_blob()?)).tried("read the index")?;
            Shelf::of(blob).ok_or_else(|| cut(number))?;
            shelves[(number - first) as usize] = blob.into();
        }
        Ok(Self(shelves))
    }
}

impl Bearers {
    /// All [`PARTS`], in order.
    pub fn of_parts(parts: Vec<Part>) -> Self {
        Self(parts)
    }

    fn bucket(&self, bucket: u32) -> &[Pair] {
        let number = shelf(bucket);
        let Part(shelves) = &self.0[(number / SHELVES_OF_PART) as usize];
        let shelf = Shelf::of(&shelves[(number % SHELVES_OF_PART) as usize]);
        shelf.map_or(&[], |shelf| shelf.bucket(bucket))
    }

    /// The persons who bear one of `keys`, each once, in order.
    pub fn of(&self, keys: impl IntoIterator<Item = BlockKey>) -> Vec<u32> {
        // All buckets first: memory then answers several questions at once.
        let buckets: Vec<(u32, &[Pair])> =
            keys.into_iter().map(|BlockKey(key)| (key, self.bucket(bucket(key)))).collect();
        let mut seqs = Vec::new();
        for (key, of_bucket) in buckets {
            seqs.extend(bearing(of_bucket, key));
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
        let folder = tempfile::tempdir().expect("folder");
        let mut postings = Postings::new(folder.path());
        // Most of it from disk.
        postings.most = 20;
        // First, last, one bucket's neighbours, and one key of many.
        let keys = [0, 1, (1 << 12) - 1, 1 << 12, 77 << 24, u32::MAX].map(BlockKey);
        for seq in 1..50 {
            let some = keys.into_iter().skip(seq as usize % 7);
            postings.add_keys(seq, some).expect("added");
        }
        postings.write(&database).expect("written");
        let parts = (0..PARTS).map(|part| Part::read(&database, part).expect("read"));
        let all = Bearers::of_parts(parts.collect());
        for asked in [&keys[..], &keys[2..4], &keys[5..], &[BlockKey(2), BlockKey(u32::MAX - 1)]] {
            let read = bearers(&database, asked.iter().copied()).expect("read");
            assert_eq!(
                all.of(asked.iter().copied()),
                read.into_iter().collect::<Vec<_>>(),
                "{asked:?}"
            );
        }
        assert_eq!(all.of(keys).len(), 42, "one in seven bears none");
        let cut = "UPDATE block SET pairs = substr(pairs, 1, length(pairs) - 6) WHERE shelf = 77";
        assert_eq!(database.execute(cut, []).expect("cut"), 1);
        let cut = (0..PARTS).map(|part| Part::read(&database, part)).filter(Result::is_err);
        assert_eq!(cut.count(), 1, "a row that is cut is told");
    }
}
