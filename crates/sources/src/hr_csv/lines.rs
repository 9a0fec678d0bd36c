//! Records of a CSV text, each with its line and exactly as many fields as the header.
use super::encoding::Found;
use super::header::places;
use csv::{ByteRecord, ReaderBuilder};
use identity::mapping::CsvSettings;
use identity::{Line, SourceError};
use std::collections::{BTreeMap, BTreeSet};

const LONGEST_LINE: usize = 64 * 1024;

pub(super) struct CsvLines<'b> {
    file: String,
    body: &'b [u8],
    encoding: Found,
    delimiter: u8,
    reader: csv::Reader<&'b [u8]>,
    record: ByteRecord,
    width: usize,
    places: Vec<(usize, String)>,
    /// Line ends seen before this byte.
    counted: (usize, u64),
    /// Line of the record at hand.
    line: u64,
    pub(super) empty_lines: u64,
}

impl<'b> CsvLines<'b> {
    pub(super) fn new(
        file: &str,
        body: &'b [u8],
        encoding: Found,
        settings: &CsvSettings,
        columns: &BTreeSet<String>,
    ) -> Result<Self, SourceError> {
        let reader = ReaderBuilder::new()
            .delimiter(settings.delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(body);
        let mut lines = Self {
            file: file.to_owned(),
            body,
            encoding,
            delimiter: settings.delimiter,
            reader,
            record: ByteRecord::new(),
            width: 0,
            places: Vec::new(),
            counted: (0, 0),
            line: 0,
            empty_lines: 0,
        };
        if !lines.next_record()? {
            return Err(SourceError::Malformed {
                place: file.to_owned(),
                expected: "un en-tête".to_owned(),
                found: "un fichier vide".to_owned(),
            });
        }
        let header: Vec<String> =
            lines.record.iter().map(|name| lines.encoding.decode(name).trim().to_owned()).collect();
        lines.width = header.len();
        lines.places = places(file, &header, columns)?;
        if !settings.open_last_line && !body.ends_with(b"\n") && !body.ends_with(b"\r") {
            let last = 1 + body.iter().filter(|byte| **byte == b'\n').count() as u64;
            let found = "une coupure : le dépôt est incomplet (ou régler open_last_line)";
            return Err(lines.wrong(last, "une dernière ligne terminée", found));
        }
        Ok(lines)
    }

    pub(super) fn next_line(&mut self) -> Result<Option<Line>, SourceError> {
        while self.next_record()? {
            let number = self.line;
            if self.record.iter().all(|field| field.iter().all(u8::is_ascii_whitespace)) {
                self.empty_lines += 1;
                continue;
            }
            if self.record.len() != self.width {
                let expected = format!("{} champs", self.width);
                return Err(self.wrong(number, &expected, &self.record.len().to_string()));
            }
            let columns: BTreeMap<String, String> = self
                .places
                .iter()
                .map(|(place, name)| {
                    let field = self.record.get(*place).unwrap_or_default();
                    (name.clone(), self.encoding.decode(field))
                })
                .collect();
            return Ok(Some(Line { number, columns }));
        }
        Ok(None)
    }

    fn next_record(&mut self) -> Result<bool, SourceError> {
        let more = self.reader.read_byte_record(&mut self.record).map_err(|cause| {
            let line = cause.position().map_or(0, csv::Position::line);
            self.wrong(line, "un enregistrement CSV", "des octets illisibles")
        })?;
        if !more {
            return Ok(false);
        }
        let start = self.record.position().map_or(0, csv::Position::byte);
        let start = usize::try_from(start).unwrap_or_default();
        let end = usize::try_from(self.reader.position().byte()).unwrap_or(self.body.len());
        let raw = self.body.get(start..end).unwrap_or_default();
        let line = self.count_lines(start, raw);
        // Quotes left open swallow the rest of the file: told as such before its length is.
        if end >= self.body.len() && is_left_open(raw, self.delimiter) {
            return Err(self.wrong(line, "des guillemets refermés", "la fin du fichier"));
        }
        let length = self.record.as_slice().len() + self.record.len();
        if length > LONGEST_LINE {
            let expected = format!("au plus {LONGEST_LINE} octets");
            return Err(self.wrong(line, &expected, &length.to_string()));
        }
        Ok(true)
    }

    /// The crate's own count is late by one after `\r\n`: a record begins for it at the `\n` of the one before.
    fn count_lines(&mut self, start: usize, raw: &[u8]) -> u64 {
        let ends = raw.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let (from, seen) = self.counted;
        let passed = self.body.get(from..start + ends).unwrap_or_default();
        let seen = seen + passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.counted = (start + ends, seen);
        self.line = seen + 1;
        self.line
    }

    fn wrong(&self, line: u64, expected: &str, found: &str) -> SourceError {
        SourceError::Malformed {
            place: format!("{}, ligne {line}", self.file),
            expected: expected.to_owned(),
            found: found.to_owned(),
        }
    }
}

/// Whether the text ends inside quotes, as the csv crate understands them: opened at the start of a field only.
fn is_left_open(raw: &[u8], delimiter: u8) -> bool {
    let (mut at_start, mut inside) = (true, false);
    for byte in raw {
        match (inside, *byte) {
            (true, b'"') => inside = false,
            (true, _) => (),
            // Right after a closing quote, another one opens again: `""` stands for one.
            (false, b'"') if at_start => inside = true,
            (false, mark) => at_start = mark == delimiter || mark == b'\n' || mark == b'\r',
        }
        if inside {
            at_start = true;
        }
    }
    inside
}
