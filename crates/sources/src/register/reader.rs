//! One pass over the bytes of an extract: blocks of whole lines, and where their fields stand.
use super::header::Header;
use identity::register::{
    Column, ExtractKind, ExtractSummary, Guards, ReadProgress, ReadStep, RegisterBatch,
    RegisterFault, RegisterReading,
};
use kernel::IdNat;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

const BLOCK: usize = 1 << 20;
/// Longer than any line: a file without line ends is no extract.
const LONGEST_LINE: usize = 1 << 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Windows1252,
}

/// One line as its delimiters tell.
struct Found {
    line: (usize, usize),
    delimiters: usize,
    /// Bytes after the last delimiter.
    after_last: usize,
    /// Where the kept columns stand.
    fields: Vec<(u32, u32)>,
    /// For each column of ours, its place in `fields`.
    slots: [Option<u8>; Column::ALL.len()],
    /// The whole block holds no control character but the ends of its lines: none is looked for in each.
    clean: bool,
}

impl Found {
    fn new(header: &Header, text: &str) -> Self {
        let mut slots = [None; Column::ALL.len()];
        for (slot, column) in (0..).zip(&header.kept) {
            slots[*column as usize] = Some(slot);
        }
        let fields = vec![(0, 0); header.kept.len()];
        // Without a way out, so that it is done many bytes at once.
        let odd = |byte: u8| (byte < 0x20 && byte != b'\n') || byte == 0x7f;
        let clean = !text.bytes().fold(false, |found, byte| found | odd(byte));
        Self { line: (0, 0), delimiters: 0, after_last: 0, fields, slots, clean }
    }

    fn begin_line(&mut self, start: usize) {
        self.line = (start, 0);
        self.delimiters = 0;
        self.fields.fill((0, 0));
    }

    fn get<'text>(&self, text: &'text str, column: Column) -> &'text str {
        match self.slots[column as usize] {
            Some(slot) => {
                let (start, end) = self.fields[usize::from(slot)];
                &text[start as usize..end as usize]
            }
            None => "",
        }
    }
}

/// Lines that are refused one by one, and where the first stands.
#[derive(Debug, Clone, Default)]
struct Refused {
    count: u64,
    first: Option<(u64, String)>,
}

impl Refused {
    fn add(&mut self, line: u64, reason: impl FnOnce() -> String) {
        self.count += 1;
        self.first.get_or_insert_with(|| (line, reason()));
    }
}

/// Reads one extract, block by block.
pub struct ExtractReader {
    path: PathBuf,
    file: File,
    guards: Guards,
    encoding: Encoding,
    header: Header,
    /// Whether data lines end with a `|`, once the first is seen.
    trailing: Option<bool>,
    /// Bytes read beyond the last whole line.
    carry: Vec<u8>,
    hash: Sha256,
    /// Lines handed over or refused, the header included.
    line: u64,
    bytes: u64,
    bytes_total: u64,
    /// Its size and when it was written, as it was opened.
    stamp: (u64, Option<SystemTime>),
    at_end: bool,
    empty: Refused,
    damaged: Refused,
    warnings: Vec<String>,
}

impl ExtractReader {
    pub fn open(path: &Path, guards: &Guards) -> Result<Self, RegisterFault> {
        let unreadable = |cause| RegisterFault::Unreadable { path: path.to_owned(), cause };
        let file = File::open(path).map_err(unreadable)?;
        let stamp = stamp(&file).map_err(unreadable)?;
        let bytes_total = stamp.0;
        let empty_header = Header {
            kind: ExtractKind::Open,
            columns: 0,
            trailing: false,
            kept: vec![],
            slots: vec![],
            warnings: vec![],
        };
        let mut reader = Self {
            path: path.to_owned(),
            file,
            guards: guards.clone(),
            encoding: Encoding::Utf8,
            header: empty_header,
            trailing: None,
            carry: Vec::with_capacity(BLOCK + LONGEST_LINE),
            hash: Sha256::new(),
            line: 0,
            bytes: 0,
            bytes_total,
            stamp,
            at_end: false,
            empty: Refused::default(),
            damaged: Refused::default(),
            warnings: vec![],
        };
        reader.read_header()?;
        Ok(reader)
    }

    fn unreadable(&self, cause: std::io::Error) -> RegisterFault {
        RegisterFault::Unreadable { path: self.path.clone(), cause }
    }

    /// Adds one block to `carry`.
    fn read_more(&mut self) -> Result<(), RegisterFault> {
        let before = self.carry.len();
        let read = (&mut self.file)
            .take(BLOCK as u64)
            .read_to_end(&mut self.carry)
            .map_err(|cause| RegisterFault::Unreadable { path: self.path.clone(), cause })?;
        self.hash.update(&self.carry[before..]);
        self.bytes += read as u64;
        self.at_end = read < BLOCK;
        Ok(())
    }

    fn read_header(&mut self) -> Result<(), RegisterFault> {
        self.read_more()?;
        if self.carry.is_empty() {
            return Err(RegisterFault::Empty { path: self.path.clone() });
        }
        let end = match memchr::memchr(b'\n', &self.carry) {
            Some(end) => end + 1,
            None if self.at_end && self.carry.len() < LONGEST_LINE => self.carry.len(),
            None => {
                return Err(RegisterFault::ColumnCount {
                    path: self.path.clone(),
                    line: 1,
                    expected: 56,
                    found: 0,
                });
            }
        };
        let first: Vec<u8> = self.carry.drain(..end).collect();
        let text = match (self.encoding, String::from_utf8(first)) {
            (Encoding::Utf8, Ok(text)) => text,
            (_, Ok(text)) => text,
            (_, Err(bad)) => encoding_rs::WINDOWS_1252.decode(bad.as_bytes()).0.into_owned(),
        };
        self.header = Header::read(&text, &self.path)?;
        self.warnings.extend(self.header.warnings.iter().cloned());
        self.line = 1;
        Ok(())
    }

    /// The same file from its start, in the encoding it really has.
    fn restart(&mut self) -> Result<(), RegisterFault> {
        self.file.seek(SeekFrom::Start(0)).map_err(|cause| self.unreadable(cause))?;
        let near = self.line;
        self.encoding = Encoding::Windows1252;
        self.carry.clear();
        self.hash = Sha256::new();
        (self.line, self.bytes, self.at_end, self.trailing) = (0, 0, false, None);
        (self.empty, self.damaged) = (Refused::default(), Refused::default());
        self.warnings = vec![format!(
            "le fichier n’est pas en UTF-8 (après la ligne {near}) : relu en Windows-1252"
        )];
        self.read_header()
    }

    /// Whole lines out of `carry`; `None` when the bytes are not in the encoding believed so far.
    fn whole_lines(&mut self, mut buffer: String) -> Result<Option<String>, RegisterFault> {
        let end = match memchr::memrchr(b'\n', &self.carry) {
            _ if self.at_end => self.carry.len(),
            Some(end) => end + 1,
            None if self.carry.len() > LONGEST_LINE => {
                return Err(RegisterFault::ColumnCount {
                    path: self.path.clone(),
                    line: self.line + 1,
                    expected: self.header.columns,
                    found: 0,
                });
            }
            None => 0,
        };
        buffer.clear();
        let text = match self.encoding {
            Encoding::Utf8 => match std::str::from_utf8(&self.carry[..end]) {
                Ok(text) => {
                    buffer.push_str(text);
                    buffer
                }
                Err(_) => return Ok(None),
            },
            Encoding::Windows1252 => {
                let (text, _) =
                    encoding_rs::WINDOWS_1252.decode_without_bom_handling(&self.carry[..end]);
                text.into_owned()
            }
        };
        self.carry.drain(..end);
        Ok(Some(text))
    }

    /// Finds the fields of each line of `text`, which ends with a whole line.
    fn split(&mut self, text: &str, rows: &mut RegisterBatch) -> Result<(), RegisterFault> {
        let bytes = text.as_bytes();
        let mut found = Found::new(&self.header, text);
        let mut start = 0;
        for place in memchr::memchr2_iter(b'|', b'\n', bytes) {
            if bytes[place] == b'|' {
                self.keep(&mut found, start, place);
                found.delimiters += 1;
            } else {
                let returned = place > start && bytes[place - 1] == b'\r';
                let end = place - usize::from(returned);
                self.keep(&mut found, start, end);
                found.line.1 = end;
                found.after_last = end - start;
                self.line += 1;
                self.judge(text, &found, rows);
                found.begin_line(place + 1);
            }
            start = place + 1;
        }
        if found.line.0 < bytes.len() {
            self.keep(&mut found, start, bytes.len());
            found.line.1 = bytes.len();
            found.after_last = bytes.len() - start;
            self.line += 1;
            if !self.is_whole(&found) {
                return Err(RegisterFault::Cut { path: self.path.clone(), line: self.line });
            }
            self.warnings.push("la dernière ligne n’a pas de fin de ligne".to_owned());
            self.judge(text, &found, rows);
        }
        Ok(())
    }

    fn keep(&self, found: &mut Found, start: usize, end: usize) {
        if let Some(Some(slot)) = self.header.slots.get(found.delimiters) {
            found.fields[usize::from(*slot)] = (start as u32, end as u32);
        }
    }

    /// As many columns as the header: a file has its trailing `|` on all data lines or on none.
    fn is_whole(&mut self, found: &Found) -> bool {
        let columns = self.header.columns;
        let trailing = *self.trailing.get_or_insert(match found.delimiters {
            count if count == columns => true,
            count if count + 1 == columns => false,
            _ => self.header.trailing,
        });
        match trailing {
            true => found.delimiters == columns && found.after_last == 0,
            false => found.delimiters + 1 == columns,
        }
    }

    /// Keeps one line, or refuses it with its place: a line is never shifted to fit.
    fn judge(&mut self, text: &str, found: &Found, rows: &mut RegisterBatch) {
        let line = self.line;
        let get = |column: Column| found.get(text, column);
        if !self.is_whole(found) {
            let (columns, expected) = (found.delimiters + 1, self.header.columns);
            return self.damaged.add(line, || format!("{columns} colonnes au lieu de {expected}"));
        }
        let whole = &text[found.line.0..found.line.1];
        if !found.clean && has_control(whole) {
            return self.damaged.add(line, || "un caractère de contrôle".to_owned());
        }
        let id_nat = get(Column::IdNat);
        let told = match self.header.kind {
            ExtractKind::Mailboxes => !get(Column::Mailbox).is_empty(),
            _ => !get(Column::ExerciseFamily).is_empty() || !get(Column::BirthFamily).is_empty(),
        };
        // A mailbox of a structure bears nobody's number.
        let nobody = self.header.kind == ExtractKind::Mailboxes && id_nat.is_empty();
        if nobody && told {
            return rows.add_row(line, &found.fields);
        }
        if id_nat.is_empty() || !told {
            return self.empty.add(line, || "ni identifiant ni nom".to_owned());
        }
        let is_rpps = id_nat.len() == 12
            && id_nat.starts_with('8')
            && id_nat.bytes().all(|byte| byte.is_ascii_digit());
        if !is_rpps && id_nat.parse::<IdNat>().is_err() {
            return self.damaged.add(line, || "un identifiant national mal formé".to_owned());
        }
        rows.add_row(line, &found.fields);
    }

    /// The guards that need the whole file.
    fn finish(&self) -> Result<ExtractSummary, RegisterFault> {
        let path = || self.path.clone();
        let stamp = stamp(&self.file).map_err(|cause| self.unreadable(cause))?;
        if stamp != self.stamp || self.bytes != self.bytes_total {
            return Err(RegisterFault::Changed { path: path() });
        }
        let lines = self.line.saturating_sub(1);
        if self.header.kind.is_whole() && lines < self.guards.min_lines {
            let expected = self.guards.min_lines;
            return Err(RegisterFault::TooFew { path: path(), expected, found: lines });
        }
        let last = self.guards.last_accepted.get(&self.header.kind).copied();
        if let Some(last) = last.filter(|last| *last > 0) {
            let deviation = 100.0 * (lines as f64 - last as f64) / last as f64;
            let limit = self.guards.max_deviation_percent;
            if deviation.abs() > limit {
                let deviation = deviation.abs();
                return Err(RegisterFault::Deviation {
                    path: path(),
                    expected: last,
                    found: lines,
                    deviation,
                    limit,
                });
            }
        }
        let too_many = |refused: &Refused, limit: f64| {
            refused.count as f64 > lines as f64 * limit / 100.0 && refused.count > 0
        };
        if let (true, Some((first, _))) =
            (too_many(&self.empty, self.guards.max_empty_percent), &self.empty.first)
        {
            let (found, limit) = (self.empty.count, self.guards.max_empty_percent);
            return Err(RegisterFault::TooManyEmpty {
                path: path(),
                lines,
                found,
                limit,
                first: *first,
            });
        }
        if let (true, Some((first, reason))) =
            (too_many(&self.damaged, self.guards.max_damaged_percent), &self.damaged.first)
        {
            let (found, limit, reason) =
                (self.damaged.count, self.guards.max_damaged_percent, reason.clone());
            return Err(RegisterFault::TooManyDamaged {
                path: path(),
                lines,
                found,
                limit,
                first: *first,
                reason,
            });
        }
        let mut warnings = self.warnings.clone();
        for (refused, what) in
            [(&self.empty, "sans identifiant ou sans nom"), (&self.damaged, "abîmées")]
        {
            if let Some((first, reason)) = &refused.first {
                warnings.push(format!(
                    "{} lignes {what} laissées de côté (la première : {first}, {reason})",
                    refused.count
                ));
            }
        }
        Ok(ExtractSummary {
            path: path(),
            kind: self.header.kind,
            sha256: hex::encode(self.hash.clone().finalize()),
            bytes: self.bytes,
            lines,
            left_out: self.empty.count + self.damaged.count,
            warnings,
        })
    }
}

fn has_control(line: &str) -> bool {
    line.bytes().any(|byte| byte < 0x20 || byte == 0x7f)
}

fn stamp(file: &File) -> std::io::Result<(u64, Option<SystemTime>)> {
    let metadata = file.metadata()?;
    Ok((metadata.len(), metadata.modified().ok()))
}

impl RegisterReading for ExtractReader {
    fn kind(&self) -> ExtractKind {
        self.header.kind
    }
    fn path(&self) -> &Path {
        &self.path
    }
    fn progress(&self) -> ReadProgress {
        ReadProgress {
            bytes: self.bytes,
            bytes_total: self.bytes_total,
            lines: self.line.saturating_sub(1),
        }
    }

    fn next_batch(&mut self, batch: &mut RegisterBatch) -> Result<ReadStep, RegisterFault> {
        let buffer = batch.take_text();
        if self.carry.is_empty() && self.at_end {
            return self.finish().map(ReadStep::Done);
        }
        if !self.at_end {
            self.read_more()?;
        }
        let Some(text) = self.whole_lines(buffer)? else {
            self.restart()?;
            return Ok(ReadStep::Restarted);
        };
        batch.shape(&self.header.kept);
        self.split(&text, batch)?;
        batch.set_text(text);
        Ok(ReadStep::Rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Line, national identity and family name of each row read.
    type ReadRows = Vec<(u64, String, String)>;
    use std::io::Write;

    const HEADER: &str = "Type d'identifiant PP|Identification nationale PP|Code civilité|Nom d'exercice|Prénom d'exercice|\
        Code profession|Code catégorie professionnelle|Numéro FINESS site|Numéro FINESS établissement juridique";

    fn line(number: u64, family: &str) -> String {
        format!("8|8999{number:08}|MME|{family}|ANNE|60|C|990000010|990000002")
    }

    /// Every row as (line, id, family), and the summary.
    fn read(content: &[u8], guards: &Guards) -> Result<(ReadRows, ExtractSummary), RegisterFault> {
        let mut file = tempfile::NamedTempFile::new().expect("file");
        file.write_all(content).expect("write");
        let mut reader = ExtractReader::open(file.path(), guards)?;
        let (mut batch, mut rows) = (RegisterBatch::default(), Vec::new());
        loop {
            match reader.next_batch(&mut batch)? {
                ReadStep::Rows => rows.extend(batch.rows().map(|row| {
                    let get = |column| row.get(column).to_owned();
                    (row.line, get(Column::IdNat), get(Column::ExerciseFamily))
                })),
                ReadStep::Restarted => rows.clear(),
                ReadStep::Done(summary) => return Ok((rows, summary)),
            }
        }
    }

    fn loose() -> Guards {
        Guards { min_lines: 1, ..Guards::default() }
    }

    #[test]
    fn trailing_delimiter_and_line_ends_change_nothing() {
        let expected = ["D'HONDT \"LE\"", "ÉVRARD", "MARTIN"];
        for (tail, end) in [("|", "\n"), ("", "\n"), ("|", "\r\n"), ("", "\r\n")] {
            let mut text = format!("{HEADER}{tail}{end}");
            for (number, family) in expected.iter().enumerate() {
                text += &format!("{}{tail}{end}", line(number as u64, family));
            }
            let (rows, summary) = read(text.as_bytes(), &loose()).expect("read");
            let families: Vec<&str> = rows.iter().map(|row| row.2.as_str()).collect();
            assert_eq!(families, expected, "{tail:?} {end:?}");
            assert_eq!((rows[0].0, summary.lines, summary.left_out), (2, 3, 0));
            assert_eq!(summary.bytes, text.len() as u64);
        }
    }

    #[test]
    fn windows_1252_is_read_again_from_the_start() {
        let mut text = format!("{HEADER}|\n");
        for number in 0..40_000 {
            text += &format!("{}|\n", line(number, "MARTIN"));
        }
        text += &format!("{}|\n", line(40_000, "ÉVRARD"));
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(&text);
        let (rows, summary) = read(&bytes, &loose()).expect("read");
        assert_eq!(rows.len(), 40_001);
        assert_eq!(rows.last().map(|row| row.2.as_str()), Some("ÉVRARD"));
        assert!(summary.warnings.iter().any(|text| text.contains("Windows-1252")));
    }

    #[test]
    fn each_guard_is_a_fault_of_its_own() {
        let body = |count: u64| -> String {
            (0..count).map(|number| format!("{}|\n", line(number, "MARTIN"))).collect()
        };
        let whole = format!("{HEADER}|\n{}", body(100));
        let last = |lines| Guards { last_accepted: [(ExtractKind::Open, lines)].into(), ..loose() };
        let cut = whole[..whole.len() - 20].to_owned();
        let no_names = whole.replace("|MARTIN|", "||");
        let shifted = whole.replace("|MARTIN|", "|MAR|TIN|");
        for (content, guards, told) in [
            (String::new(), loose(), "empty"),
            (whole.clone(), last(94), "6.4 % away"),
            (whole.clone(), last(107), "6.5 % away"),
            (whole.clone(), Guards::default(), "at least 2000000"),
            (cut, loose(), "line 101: the file stops"),
            (no_names, loose(), "no national id or no name"),
            (shifted, loose(), "100 of 100 lines are damaged"),
            (whole.replace("Nom d'exercice", "Nom"), loose(), "« Nom d'exercice »"),
        ] {
            let fault = read(content.as_bytes(), &guards).expect_err(told).to_string();
            assert!(fault.contains(told), "{told}: {fault}");
        }
        read(whole.as_bytes(), &last(96)).expect("within 5 %");
    }

    /// DA-10: an extra delimiter, a NUL or a bad id refuses its line, with its place, and no other.
    #[test]
    fn a_damaged_line_is_refused_and_never_shifted_da_10() {
        for bad in [
            "8|899900000001|MME|MAR|TIN|ANNE|60|C|990000010|990000002|",
            "8|899900000001|MME|MAR\0TIN|ANNE|60|C|990000010|990000002|",
            "8|x1|MME|MARTIN|ANNE|60|C|990000010|990000002|",
            "garbage",
        ] {
            let body: String =
                (0..2_000).map(|number| format!("{}|\n", line(number, "DURAND"))).collect();
            let text = format!("{HEADER}|\n{}|\n{bad}\n{body}", line(5_000, "FIRST"));
            let (rows, summary) = read(text.as_bytes(), &loose()).expect("read");
            assert_eq!((rows.len(), summary.left_out), (2_001, 1), "{bad:?}");
            assert!(
                summary.warnings.iter().any(|text| text.contains("la première : 3")),
                "{bad:?}"
            );
        }
    }

    /// DA-06: whatever the byte where a delivery stops, no half line becomes a row.
    #[test]
    fn a_cut_anywhere_gives_whole_rows_or_a_fault_da_06() {
        let text = format!("{HEADER}|\n{}|\n{}|\n", line(1, "ÉVRARD"), line(2, "MARTIN"));
        for end in 0..text.len() {
            if let Ok((rows, _)) =
                read(&text.as_bytes()[..end], &Guards { min_lines: 0, ..loose() })
            {
                assert!(
                    rows.iter().all(|row| row.2 == "ÉVRARD" || row.2 == "MARTIN"),
                    "cut at {end}"
                );
                assert!(rows.iter().all(|row| row.1.len() == 12), "cut at {end}");
            }
        }
    }

    /// A delivery still being copied, or swapped under the reader, is no extract.
    #[test]
    fn a_file_that_changes_while_it_is_read_is_refused() {
        let body: String =
            (0..40_000).map(|number| format!("{}|\n", line(number, "MARTIN"))).collect();
        let mut file = tempfile::NamedTempFile::new().expect("file");
        file.write_all(format!("{HEADER}|\n{body}").as_bytes()).expect("write");
        let mut reader = ExtractReader::open(file.path(), &loose()).expect("open");
        let mut batch = RegisterBatch::default();
        assert!(matches!(reader.next_batch(&mut batch), Ok(ReadStep::Rows)));
        file.write_all(format!("{}|\n", line(50_000, "MARTIN")).as_bytes()).expect("write");
        let fault = loop {
            match reader.next_batch(&mut batch) {
                Ok(ReadStep::Done(_)) => panic!("a changed file was taken"),
                Ok(_) => {}
                Err(fault) => break fault,
            }
        };
        assert!(matches!(fault, RegisterFault::Changed { .. }), "{fault}");
    }

    /// Kind, rows, left out of one extract written whole.
    fn read_kind(text: &str) -> (ExtractKind, usize, u64) {
        let (rows, summary) = read(text.as_bytes(), &Guards::default()).expect("read");
        (summary.kind, rows.len(), summary.left_out)
    }

    #[test]
    fn each_extract_is_read_by_its_own_rules() {
        let skills = "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Nom d'exercice|Prénom d'exercice|\
            Code profession|Libellé profession|Code catégorie professionnelle|Libellé catégorie professionnelle|\
            Code type savoir-faire|Libellé type savoir-faire|Code savoir-faire|Libellé savoir-faire|\n\
            8|99900001233|899900001233|LE GOFF-MARTIN|ANNE-SOPHIE|10|Médecin|C|Civil|S|Spécialité ordinale|SM04|Cardiologie|\n";
        let diplomas = "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Nom d'exercice|Prénom d'exercice|\
            Code type diplôme obtenu|Libellé type diplôme obtenu|Code diplôme obtenu|Libellé diplôme obtenu|\
            Code type autorisation|Libellé type autorisation|Code discipline autorisation|Libellé discipline autorisation|\n\
            8|99900001233|899900001233|LE GOFF-MARTIN|ANNE-SOPHIE|DE|Diplôme d'Etat français|DE28|Docteur en médecine|||||\n";
        let mailboxes = "Type de BAL|Adresse BAL|Type Identifiant PP|Identifiant PP|Identification nationale PP|\
            Type identifiant structure|Identification Structure|Service de rattachement|Civilité d'exercice|Nom d'exercice|\n\
            PER|a@b.mssante.example|8|99900001233|899900001233||||M|LE GOFF|\n\
            ORG|urgences@b.mssante.example||||1|1990000010|Urgences|||\n\
            ORG|||||1|1990000010|Urgences|||\n";
        // The size of a whole register is asked of extracts that list everybody alone.
        assert_eq!(read_kind(skills), (ExtractKind::Skills, 1, 0));
        assert_eq!(read_kind(diplomas), (ExtractKind::Diplomas, 1, 0));
        let lenient = Guards { max_empty_percent: 50.0, ..Guards::default() };
        let (rows, summary) = read(mailboxes.as_bytes(), &lenient).expect("read");
        assert_eq!((summary.kind, rows.len(), summary.left_out), (ExtractKind::Mailboxes, 2, 1));
    }
}
