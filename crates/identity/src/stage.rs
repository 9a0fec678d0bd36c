//! Lines of one reading become staged records: one a key, verbatim, with a hash of their content.
use crate::fault::{Expected, Fault};
use crate::mapping::{Mapping, Reader, Target};
use crate::{ExternalKey, Line};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Attribute that keys a directory's records.
pub const OBJECT_GUID: &str = "objectGUID";
/// More posts than anybody holds: the key's column is surely a wrong one.
const MOST_LINES: usize = 32;

/// What a source said about one key in one reading, as it said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedRecord {
    pub key: ExternalKey,
    /// In the order of the source.
    pub lines: Vec<Line>,
    /// SHA-256 over the content: the same whatever the order and the numbers of the lines.
    pub hash: [u8; 32],
}

/// A whole reading, grouped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Staged {
    /// In the order of their keys.
    pub records: Vec<StagedRecord>,
    /// Lines that could not be given to anybody, and keys with an absurd number of lines. Whoever they are about looks
    /// absent: the caller must not take it for a departure while this is not empty.
    pub faults: Vec<Fault>,
    /// Lines read, faulty ones included.
    pub lines: u64,
}

/// Takes the batches of a reading. Nothing is known until the reading is complete, hence `finish`.
pub struct Stager<'m> {
    key_column: &'m str,
    is_directory: bool,
    groups: BTreeMap<ExternalKey, Vec<Line>>,
    faults: Vec<Fault>,
    lines: u64,
}

impl<'m> Stager<'m> {
    pub fn new(mapping: &'m Mapping) -> Self {
        let (key_column, is_directory) = match mapping.reader {
            Reader::HrCsv(_) => (mapping.column_of(Target::Matricule).unwrap_or_default(), false),
            Reader::ActiveDirectory(_) | Reader::Ldif(_) => (OBJECT_GUID, true),
        };
        Self { key_column, is_directory, groups: BTreeMap::new(), faults: Vec::new(), lines: 0 }
    }

    pub fn push(&mut self, batch: Vec<Line>) {
        for line in batch {
            self.lines += 1;
            let found = line.columns.get(self.key_column).map(String::as_str).unwrap_or_default();
            match self.key(found) {
                Some(key) => self.groups.entry(key).or_default().push(line),
                None => {
                    let fault = Fault::new(line.number, self.key_column, found, Expected::Key);
                    self.faults.push(fault);
                }
            }
        }
    }

    fn key(&self, found: &str) -> Option<ExternalKey> {
        if self.is_directory {
            let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
            let good = found.len() == 32 && found.bytes().all(is_hex);
            return good.then(|| ExternalKey(found.to_owned()));
        }
        let hidden = found.chars().any(crate::value::is_hidden);
        let matricule = found.parse::<kernel::Matricule>().ok().filter(|_| !hidden)?;
        Some(ExternalKey(matricule.as_str().to_owned()))
    }

    pub fn finish(mut self) -> Staged {
        let mut records = Vec::with_capacity(self.groups.len());
        for (key, lines) in self.groups {
            match lines.get(MOST_LINES) {
                Some(line) => {
                    let fault =
                        Fault::new(line.number, self.key_column, &key.0, Expected::FewLines);
                    self.faults.push(fault);
                }
                None => records.push(StagedRecord { hash: content_hash(&lines), key, lines }),
            }
        }
        self.faults.sort_by_key(|fault| fault.line);
        Staged { records, faults: self.faults, lines: self.lines }
    }
}

/// Every text with its length before it, lines in the order of their content: no two contents share a form.
fn content_hash(lines: &[Line]) -> [u8; 32] {
    let mut forms: Vec<Vec<u8>> = lines.iter().map(canonical).collect();
    forms.sort_unstable();
    let mut hash = Sha256::new();
    hash.update(b"hygie staged record 1\n");
    for form in forms {
        hash.update((form.len() as u64).to_be_bytes());
        hash.update(form);
    }
    hash.finalize().into()
}

fn canonical(line: &Line) -> Vec<u8> {
    let mut form = Vec::new();
    for text in line.columns.iter().flat_map(|(column, value)| [column, value]) {
        form.extend_from_slice(&(text.len() as u64).to_be_bytes());
        form.extend_from_slice(text.as_bytes());
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping() -> Mapping {
        Mapping::parse(
            "[source]\nname='rh'\nkind='hr_csv'\npath='hr.csv'\n[[field]]\ncolumn='M'\nto='matricule'\n",
        )
        .expect("mapping")
    }

    fn line(number: u64, columns: &[(&str, &str)]) -> Line {
        let columns =
            columns.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Line { number, columns }
    }

    fn stage(lines: Vec<Line>) -> Staged {
        let mapping = mapping();
        let mut stager = Stager::new(&mapping);
        stager.push(lines);
        stager.finish()
    }

    #[test]
    fn lines_of_one_matricule_are_one_record_whatever_their_order() {
        let (first, second) = ([("M", "12"), ("UF", "A")], [("M", " 12 "), ("UF", "B")]);
        let one = stage(vec![line(2, &first), line(3, &[("M", "7")]), line(4, &second)]);
        let other = stage(vec![line(9, &second), line(10, &first), line(11, &[("M", "7")])]);
        assert_eq!(one.records.len(), 2);
        assert_eq!(one.records[0].key.0, "12");
        assert_eq!(one.records[0].lines.iter().map(|line| line.number).collect::<Vec<_>>(), [2, 4]);
        let hashes =
            |staged: &Staged| staged.records.iter().map(|record| record.hash).collect::<Vec<_>>();
        assert_eq!(hashes(&one), hashes(&other));
        let changed = stage(vec![line(2, &[("M", "12"), ("UF", "C")]), line(3, &second)]);
        assert_ne!(changed.records[0].hash, one.records[0].hash);
    }

    #[test]
    fn two_contents_never_share_a_hash_by_moving_a_border() {
        let one = stage(vec![line(1, &[("M", "1"), ("A", "bc"), ("D", "")])]);
        let other = stage(vec![line(1, &[("M", "1"), ("A", "b"), ("D", "c")])]);
        assert_ne!(one.records[0].hash, other.records[0].hash);
    }

    #[test]
    fn a_line_of_nobody_is_told_and_the_others_stay() {
        let mut lines =
            vec![line(2, &[("M", "")]), line(3, &[("M", "5")]), line(4, &[("M", "1\u{200b}2")])];
        lines.extend((0..40).map(|number| line(10 + number, &[("M", "77")])));
        let staged = stage(lines);
        assert_eq!(staged.lines, 43);
        assert_eq!(
            staged.records.iter().map(|record| record.key.0.as_str()).collect::<Vec<_>>(),
            ["5"]
        );
        let faults: Vec<_> = staged.faults.iter().map(|fault| (fault.line, fault.code())).collect();
        assert_eq!(faults, [(2, "key_missing"), (4, "key_missing"), (42, "too_many_lines")]);
    }
}
