//! What the reader of the register hands to whoever keeps it: rows by batches, and clear faults.
mod columns;
mod remote;

pub use columns::{Column, ExtractKind};
pub use remote::{
    ChangedPage, FetchWatch, NoRemote, RegisterRemote, RemoteCard, RemoteFault, RemotePerson,
};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const NOT_HERE: u8 = u8::MAX;

/// Rows of one reading step: one text, and where each column of the file starts and ends in it.
#[derive(Debug)]
pub struct RegisterBatch {
    text: String,
    /// For each column of ours, its place in a row; most files lack most columns.
    slots: [u8; Column::ALL.len()],
    width: usize,
    spans: Vec<(u32, u32)>,
    /// Line of the file of each row, 1 for the header.
    lines: Vec<u64>,
}

impl Default for RegisterBatch {
    fn default() -> Self {
        let slots = [NOT_HERE; Column::ALL.len()];
        Self { text: String::new(), slots, width: 0, spans: Vec::new(), lines: Vec::new() }
    }
}

impl RegisterBatch {
    pub fn clear(&mut self) {
        self.text.clear();
        self.spans.clear();
        self.lines.clear();
    }
    pub fn len(&self) -> usize {
        self.lines.len()
    }
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
    /// Empties the batch for rows of these columns, each row's spans in this order.
    pub fn shape(&mut self, columns: &[Column]) {
        self.clear();
        self.slots = [NOT_HERE; Column::ALL.len()];
        self.width = columns.len();
        for (slot, column) in (0..).zip(columns) {
            self.slots[*column as usize] = slot;
        }
    }
    /// The text that the spans of the rows stand in.
    pub fn set_text(&mut self, text: String) {
        self.text = text;
    }
    /// Gives the buffer back, to be filled again.
    pub fn take_text(&mut self) -> String {
        std::mem::take(&mut self.text)
    }
    /// `spans` as wide as the shape; an absent field is `(0, 0)`.
    pub fn add_row(&mut self, line: u64, spans: &[(u32, u32)]) {
        debug_assert_eq!(spans.len(), self.width, "a row is as wide as its batch");
        self.lines.push(line);
        self.spans.extend_from_slice(spans);
    }
    pub fn rows(&self) -> impl Iterator<Item = RegisterRow<'_>> {
        let row = |(place, line): (usize, &u64)| RegisterRow {
            text: &self.text,
            slots: &self.slots,
            spans: &self.spans[place * self.width..(place + 1) * self.width],
            line: *line,
        };
        self.lines.iter().enumerate().map(row)
    }
}

/// One line of an extract.
#[derive(Debug, Clone, Copy)]
pub struct RegisterRow<'batch> {
    text: &'batch str,
    slots: &'batch [u8; Column::ALL.len()],
    spans: &'batch [(u32, u32)],
    pub line: u64,
}

impl<'batch> RegisterRow<'batch> {
    /// Empty when the file has no such column.
    pub fn get(&self, column: Column) -> &'batch str {
        match self.spans.get(usize::from(self.slots[column as usize])) {
            Some((start, end)) => &self.text[*start as usize..*end as usize],
            None => "",
        }
    }
}

/// Why an extract is not taken. The register in use stays as it is after any of these.
#[derive(Debug, thiserror::Error)]
pub enum RegisterFault {
    #[error("{}: cannot be read: {cause}", path.display())]
    Unreadable { path: PathBuf, cause: std::io::Error },
    #[error("{}: the file is empty; fetch it again", path.display())]
    Empty { path: PathBuf },
    #[error(
        "{}: line 1: no column « {column} »; closest found: {found}; check that this is the right extract, \
         or declare the new name",
        path.display()
    )]
    MissingColumn { path: PathBuf, column: &'static str, found: String },
    #[error(
        "{}: line {line}: expected {expected} columns, found {found}: the file is cut or damaged; \
         fetch it again",
        path.display()
    )]
    ColumnCount { path: PathBuf, line: u64, expected: usize, found: usize },
    #[error(
        "{}: line {line}: the file stops in the middle of its last line; fetch it again",
        path.display()
    )]
    Cut { path: PathBuf, line: u64 },
    #[error(
        "{}: {found} lines, {deviation:.1} % away from the {expected} of the last accepted extract \
         (limit {limit} %); compare with the publisher, then import again with that limit raised",
        path.display()
    )]
    Deviation { path: PathBuf, expected: u64, found: u64, deviation: f64, limit: f64 },
    #[error(
        "{}: {found} lines, at least {expected} expected for a whole register; fetch it again, \
         or import it with --partial when it is a part on purpose",
        path.display()
    )]
    TooFew { path: PathBuf, expected: u64, found: u64 },
    #[error(
        "{}: {found} of {lines} lines have no national id or no name (limit {limit} %), \
         first at line {first}; fetch it again",
        path.display()
    )]
    TooManyEmpty { path: PathBuf, lines: u64, found: u64, limit: f64, first: u64 },
    #[error(
        "{}: {found} of {lines} lines are damaged (limit {limit} %), first at line {first}: {reason}; \
         fetch it again",
        path.display()
    )]
    TooManyDamaged { path: PathBuf, lines: u64, found: u64, limit: f64, first: u64, reason: String },
    #[error("{}: the file changed while it was read; wait until it is whole, then import again", path.display())]
    Changed { path: PathBuf },
    #[error(
        "{}: this extract is of {found}, the one in use of {in_use}: an older one, or another of the same moment, \
         is not taken; fetch today's, or say that an older one is meant",
        path.display()
    )]
    Older { path: PathBuf, found: String, in_use: String },
    #[error("the import was stopped")]
    Stopped,
}

/// What a file must satisfy to become the register (defaults: `rpps.md` §2.1).
#[derive(Debug, Clone, PartialEq)]
pub struct Guards {
    /// Lines of the last accepted extract of each kind.
    pub last_accepted: BTreeMap<ExtractKind, u64>,
    pub max_deviation_percent: f64,
    /// Of an extract that lists everybody: 2 000 000; 1 for a partial extract or a demo.
    pub min_lines: u64,
    pub max_empty_percent: f64,
    pub max_damaged_percent: f64,
}

impl Default for Guards {
    fn default() -> Self {
        Self {
            last_accepted: BTreeMap::new(),
            max_deviation_percent: 5.0,
            min_lines: 2_000_000,
            max_empty_percent: 1.0,
            max_damaged_percent: 0.1,
        }
    }
}

/// What was read, known at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractSummary {
    pub path: PathBuf,
    pub kind: ExtractKind,
    pub sha256: String,
    pub bytes: u64,
    /// Data lines, header apart.
    pub lines: u64,
    /// Lines left out, with the place and reason of the first ones.
    pub left_out: u64,
    pub warnings: Vec<String>,
}

/// One step of a reading.
#[derive(Debug)]
pub enum ReadStep {
    /// The batch holds rows.
    Rows,
    /// The file is not what it seemed (its encoding): forget all rows so far, it starts again.
    Restarted,
    /// The file is read whole and its guards hold.
    Done(ExtractSummary),
}

/// Where a long reading stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadProgress {
    pub bytes: u64,
    pub bytes_total: u64,
    pub lines: u64,
}

/// The port of the register's reader. Runs on a thread of its own: it computes as much as it reads.
pub trait RegisterReading: Send {
    fn kind(&self) -> ExtractKind;
    fn path(&self) -> &Path;
    /// Replaces what `batch` holds.
    fn next_batch(&mut self, batch: &mut RegisterBatch) -> Result<ReadStep, RegisterFault>;
    fn progress(&self) -> ReadProgress;
}

/// Opens extracts, since a workflow imports one while the appliance runs.
pub trait RegisterOpener: Send + Sync {
    /// The kind is told by the header.
    fn open(&self, path: &Path, guards: &Guards)
    -> Result<Box<dyn RegisterReading>, RegisterFault>;
}
