//! What the targets of the extracts share: a header that is right, then any bytes at all.
use identity::register::{Column, Guards, ReadStep, RegisterBatch, RegisterFault, RegisterReading};
use sources::register::ExtractReader;
use std::io::Write;

/// Reads `header` and `body` as one file; every row is whole, or its line was left out.
pub fn read(header: &str, body: &[u8], columns: &[Column]) {
    let mut file = tempfile::NamedTempFile::new_in(folder()).expect("file");
    file.write_all(header.as_bytes()).expect("header");
    file.write_all(body).expect("body");
    let guards = Guards {
        min_lines: 0,
        max_empty_percent: 100.0,
        max_damaged_percent: 100.0,
        ..Guards::default()
    };
    let mut reader = match ExtractReader::open(file.path(), &guards) {
        Ok(reader) => reader,
        Err(fault) => return told(&fault),
    };
    let (mut batch, mut rows) = (RegisterBatch::default(), 0);
    loop {
        match reader.next_batch(&mut batch) {
            Ok(ReadStep::Rows) => {
                for row in batch.rows() {
                    rows += 1;
                    for column in columns {
                        let text = row.get(*column);
                        assert!(!text.contains(['|', '\n', '\0']), "{column:?}: {text:?}");
                    }
                }
            }
            Ok(ReadStep::Restarted) => rows = 0,
            Ok(ReadStep::Done(summary)) => {
                assert_eq!(rows + summary.left_out, summary.lines, "no line is lost");
                return;
            }
            Err(fault) => return told(&fault),
        }
    }
}

/// A fault says what it is about.
fn told(fault: &RegisterFault) {
    assert!(!fault.to_string().is_empty());
}

/// In memory where there is a place in memory.
fn folder() -> &'static std::path::Path {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { memory } else { std::path::Path::new("/tmp") }
}
