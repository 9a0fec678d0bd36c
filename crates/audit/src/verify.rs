//! Is the log what was signed? Names the first entry that is not.
use crate::{Digest, Frontier, NoteError, VerifierKey, leaf_hash};
use std::collections::VecDeque;

/// More faults than this tell nothing more.
const MAX_FAULTS: usize = 100;
/// Below this many entries between two checkpoints, two swapped ones are looked for by trying.
const MAX_TRIED: usize = 96;

/// An entry as it lies in the base. `leaf_hash` is what was written beside it when it was sealed; the further from the
/// bytes it is kept, the better a lone change of either is placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    pub index: u64,
    pub bytes: Vec<u8>,
    pub leaf_hash: Digest,
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("entry {index} is not what was sealed")]
    Altered { index: u64 },
    #[error("entries {index} and {other} were swapped")]
    Swapped { index: u64, other: u64 },
    #[error("entries {index} to {last} are missing")]
    Removed { index: u64, last: u64 },
    #[error("entry {index} is there twice or out of order")]
    Inserted { index: u64 },
    #[error("entry {index} was never signed")]
    Unsigned { index: u64 },
    #[error("among the entries {index} to {last} one is not what was signed, is missing or moved")]
    Between { index: u64, last: u64 },
    #[error("checkpoint {number} cannot be believed: {cause}")]
    Checkpoint { number: usize, cause: NoteError },
    #[error("two checkpoints of {size} entries tell two histories")]
    Fork { size: u64 },
    #[error("row {row} stands before the last sealed entry and has no seal")]
    PassedOver { row: i64 },
}

impl Fault {
    /// The first entry concerned; `None` for a fault of a checkpoint's own, or of a row that is no entry of the log.
    pub fn index(&self) -> Option<u64> {
        match self {
            Self::Altered { index }
            | Self::Swapped { index, .. }
            | Self::Removed { index, .. }
            | Self::Inserted { index }
            | Self::Unsigned { index }
            | Self::Between { index, .. } => Some(*index),
            Self::Fork { size } => size.checked_sub(1),
            Self::Checkpoint { .. } | Self::PassedOver { .. } => None,
        }
    }
}

/// The answer of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Holds {
        entries: u64,
        checkpoints: usize,
        root: Digest,
    },
    /// Faults by place, the first bad entry first; never empty, and cut at a hundred.
    Broken {
        entries: u64,
        faults: Vec<Fault>,
    },
}

impl Verdict {
    pub fn holds(&self) -> bool {
        matches!(self, Self::Holds { .. })
    }
    pub fn first_fault(&self) -> Option<&Fault> {
        match self {
            Self::Holds { .. } => None,
            Self::Broken { faults, .. } => faults.first(),
        }
    }
}

/// Verifies a log handed over entry by entry, in the order of their numbers, so that none is held in memory.
#[derive(Debug)]
pub struct LogVerifier {
    waiting: VecDeque<(u64, Digest)>,
    checkpoints: usize,
    frontier: Frontier,
    /// The tree at the last checkpoint that held, and the leaves read since.
    trusted: Frontier,
    since: Vec<Digest>,
    /// Entries whose bytes are not those of their leaf: number, hash of the bytes, stored hash.
    strangers: Vec<(u64, Digest, Digest)>,
    /// A gap, or a wrong root, was met: no later root can be recomputed.
    lost: bool,
    faults: Vec<Fault>,
    entries: u64,
}

impl LogVerifier {
    /// `notes`: every signed checkpoint that is kept, in the order they were made.
    pub fn new<'a>(key: &VerifierKey, notes: impl IntoIterator<Item = &'a str>) -> Self {
        let mut verifier = Self {
            waiting: VecDeque::new(),
            checkpoints: 0,
            frontier: Frontier::new(),
            trusted: Frontier::new(),
            since: Vec::new(),
            strangers: Vec::new(),
            lost: false,
            faults: Vec::new(),
            entries: 0,
        };
        let mut signed = Vec::new();
        for (number, note) in notes.into_iter().enumerate() {
            verifier.checkpoints += 1;
            match key.verify(note) {
                Ok(checkpoint) => signed.push((checkpoint.size, checkpoint.root)),
                Err(cause) => verifier.report(Fault::Checkpoint { number, cause }),
            }
        }
        signed.sort();
        signed.dedup();
        for pair in signed.windows(2) {
            if pair[0].0 == pair[1].0 {
                verifier.report(Fault::Fork { size: pair[0].0 });
            }
        }
        verifier.waiting = signed.into();
        verifier.check_root(); // a checkpoint of the empty log
        verifier
    }

    pub fn push(&mut self, entry: &StoredEntry) {
        let expected = self.frontier.size();
        if entry.index < expected && !self.lost {
            return self.report(Fault::Inserted { index: entry.index });
        }
        self.entries += 1;
        let found = leaf_hash(&entry.bytes);
        if found != entry.leaf_hash && self.strangers.len() < MAX_FAULTS {
            self.strangers.push((entry.index, found, entry.leaf_hash));
        }
        if self.lost {
            return;
        }
        if entry.index > expected {
            self.lost = true;
            return self.report(Fault::Removed { index: expected, last: entry.index - 1 });
        }
        self.frontier.append(entry.leaf_hash);
        self.since.push(entry.leaf_hash);
        self.check_root();
    }

    /// A row that bears no number, where every row has one.
    pub fn passed_over(&mut self, row: i64) {
        self.report(Fault::PassedOver { row });
    }

    pub fn finish(mut self) -> Verdict {
        let size = self.frontier.size();
        if !self.lost {
            if let Some((signed, _)) = self.waiting.back() {
                let last = signed - 1;
                let fault = match self.since.is_empty() {
                    true => Fault::Removed { index: size, last },
                    // Fewer than were signed, and no root vouches for those that are left.
                    false => Fault::Between { index: self.trusted.size(), last },
                };
                self.report(fault);
            } else if !self.since.is_empty() {
                self.report(Fault::Unsigned { index: self.trusted.size() });
            }
        }
        self.place_strangers();
        if self.faults.is_empty() {
            let (entries, checkpoints) = (self.entries, self.checkpoints);
            return Verdict::Holds { entries, checkpoints, root: self.frontier.root() };
        }
        self.faults.sort_by_key(|fault| (fault.index().is_none(), fault.index()));
        Verdict::Broken { entries: self.entries, faults: self.faults }
    }

    fn report(&mut self, fault: Fault) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(fault);
        }
    }

    fn check_root(&mut self) {
        while let Some((size, root)) = self.waiting.front().copied() {
            if size != self.frontier.size() {
                return;
            }
            self.waiting.pop_front();
            if root == self.frontier.root() {
                self.trusted = self.frontier.clone();
                self.since.clear();
                continue;
            }
            let first = self.trusted.size();
            let fault = match swapped(&self.trusted, &self.since, &root) {
                Some((one, other)) => Fault::Swapped { index: first + one, other: first + other },
                None if size == first + 1 => Fault::Altered { index: first },
                None => Fault::Between { index: first, last: size.saturating_sub(1) },
            };
            self.report(fault);
            self.lost = true;
            return;
        }
    }

    /// Bytes that lie under each other's hash were swapped; others were altered.
    fn place_strangers(&mut self) {
        let strangers = std::mem::take(&mut self.strangers);
        for (index, found, stored) in &strangers {
            let partner = strangers.iter().find(|(_, other_found, other_stored)| {
                other_found == stored && other_stored == found
            });
            match partner {
                Some((other, ..)) if other > index => {
                    self.report(Fault::Swapped { index: *index, other: *other });
                }
                Some(_) => {} // told with its partner
                None => self.report(Fault::Altered { index: *index }),
            }
        }
    }
}

/// Verifies a whole log at once.
pub fn verify_log<'a, E>(
    entries: impl IntoIterator<Item = Result<StoredEntry, E>>,
    notes: impl IntoIterator<Item = &'a str>,
    key: &VerifierKey,
) -> Result<Verdict, E> {
    let mut verifier = LogVerifier::new(key, notes);
    for entry in entries {
        verifier.push(&entry?);
    }
    Ok(verifier.finish())
}

/// Which two leaves, put back in place, lead to the signed root?
fn swapped(trusted: &Frontier, since: &[Digest], root: &Digest) -> Option<(u64, u64)> {
    if since.len() > MAX_TRIED {
        return None;
    }
    let mut tried = since.to_vec();
    for one in 0..since.len() {
        for other in one + 1..since.len() {
            tried.swap(one, other);
            let mut frontier = trusted.clone();
            tried.iter().for_each(|leaf| frontier.append(*leaf));
            if frontier.root() == *root {
                return Some((one as u64, other as u64));
            }
            tried.swap(one, other);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Checkpoint;
    use crate::checkpoint::tests::{Signer, origin};
    use kernel::KeyStore;
    use std::convert::Infallible;

    const SIZE: u64 = 23;

    struct Log {
        entries: Vec<StoredEntry>,
        notes: Vec<String>,
        key: VerifierKey,
    }

    /// Sealed in chunks of 4, the last one shorter.
    fn log() -> Log {
        let signer = Signer::new(7);
        let key = VerifierKey::new(origin(), signer.checkpoint_public_key());
        let (mut entries, mut notes, mut frontier) = (Vec::new(), Vec::new(), Frontier::new());
        for index in 0..SIZE {
            let bytes = format!("{{\"entry\":{index}}}").into_bytes();
            let leaf_hash = leaf_hash(&bytes);
            frontier.append(leaf_hash);
            entries.push(StoredEntry { index, bytes, leaf_hash });
            if index % 4 == 3 || index == SIZE - 1 {
                let size = frontier.size();
                let checkpoint = Checkpoint { origin: origin(), size, root: frontier.root() };
                notes.push(checkpoint.sign(&signer).expect("signed"));
            }
        }
        Log { entries, notes, key }
    }

    fn verdict(log: &Log) -> Verdict {
        let entries = log.entries.iter().cloned().map(Ok::<_, Infallible>);
        let Ok(verdict) = verify_log(entries, log.notes.iter().map(String::as_str), &log.key);
        verdict
    }

    #[test]
    fn an_untouched_log_holds() {
        let log = log();
        let told = verdict(&log);
        assert!(matches!(told, Verdict::Holds { entries: SIZE, checkpoints: 6, .. }), "{told:?}");
        let empty = Log { entries: Vec::new(), notes: Vec::new(), key: log.key };
        assert!(verdict(&empty).holds());
    }

    #[test]
    fn lg_01_any_single_change_of_the_table_is_found_and_placed() {
        type Change = fn(&mut Log, usize);
        let changes: [(&str, Change); 6] = [
            ("bytes altered", |log, at| log.entries[at].bytes[3] ^= 1),
            ("hash altered", |log, at| log.entries[at].leaf_hash = Digest::of(b"")),
            ("both altered", |log, at| {
                log.entries[at].bytes[3] ^= 1;
                log.entries[at].leaf_hash = leaf_hash(&log.entries[at].bytes);
            }),
            ("removed", |log, at| {
                log.entries.remove(at);
            }),
            ("bytes swapped", |log, at| {
                let mine = log.entries[at].bytes.clone();
                let other = (at + 5) % log.entries.len();
                log.entries[at].bytes = std::mem::replace(&mut log.entries[other].bytes, mine);
            }),
            ("removed and renumbered", |log, at| {
                log.entries.remove(at);
                for (index, entry) in log.entries.iter_mut().enumerate() {
                    entry.index = index as u64;
                }
            }),
        ];
        for (name, change) in changes {
            for at in 0..SIZE as usize {
                let mut log = log();
                change(&mut log, at);
                let told = verdict(&log);
                let fault = told.first_fault().unwrap_or_else(|| panic!("{name} at {at}"));
                let first = fault.index().expect("an entry");
                let exact = (at as u64).min(if name == "bytes swapped" {
                    (at as u64 + 5) % SIZE
                } else {
                    u64::MAX
                });
                match fault {
                    // The hash went along: only the span between two checkpoints can be told.
                    Fault::Between { last, .. } => {
                        assert!(first <= exact && exact <= *last && last - first < 4, "{fault:?}");
                    }
                    Fault::Altered { .. } | Fault::Removed { .. } | Fault::Swapped { .. } => {
                        assert!(first <= exact && exact - first < 4, "{name} at {at}: {fault:?}");
                        let placed = ["bytes altered", "removed", "bytes swapped"].contains(&name);
                        assert!(!placed || first == exact, "{name} at {at}: {fault:?}");
                    }
                    other => panic!("{name} at {at}: {other:?}"),
                }
            }
        }
    }

    #[test]
    fn lg_01_rows_swapped_with_their_hashes_are_named_within_a_seal() {
        let mut log = log();
        log.entries.swap(8, 10);
        (log.entries[8].index, log.entries[10].index) = (8, 10);
        assert_eq!(verdict(&log).first_fault(), Some(&Fault::Swapped { index: 8, other: 10 }));
    }

    #[test]
    fn lg_02_a_cut_tail_a_forged_checkpoint_and_a_fork_are_told() {
        let mut cut = log();
        cut.entries.truncate(20);
        assert_eq!(verdict(&cut).first_fault(), Some(&Fault::Removed { index: 20, last: 22 }));

        let mut longer = log();
        longer.notes.pop();
        assert_eq!(verdict(&longer).first_fault(), Some(&Fault::Unsigned { index: 20 }));

        let mut forged = log();
        forged.notes[2] = forged.notes[2].replace("\n12\n", "\n11\n");
        let cause = NoteError::Forged;
        assert_eq!(verdict(&forged).first_fault(), Some(&Fault::Checkpoint { number: 2, cause }));

        let mut fork = log();
        let other = Checkpoint { origin: origin(), size: 8, root: Digest::of(b"fork") };
        fork.notes.insert(2, other.sign(&Signer::new(7)).expect("signed"));
        let told = verdict(&fork);
        let Verdict::Broken { faults, .. } = &told else { panic!("a fork held") };
        assert!(faults.contains(&Fault::Fork { size: 8 }), "{faults:?}");
    }
}
