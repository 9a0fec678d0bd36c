//! No secret and no person's name reaches the traces: the whole main job and a login are played, and what was written on
//! stderr by every process is searched.
use crate::program::Program;
use std::collections::BTreeSet;
use std::process::Stdio;

/// Words of traces that are also names of the synthetic hospital's people.
const ALSO_WORDS: [&str; 4] = ["PUBLIC", "SAMSON", "ADMIN", "HOSPITAL"];

#[test]
fn wb_14_the_traces_of_the_main_job_hold_no_name_and_no_secret() {
    let Some(program) = Program::init() else { return };
    let out = program.folder.with_file_name("demo");
    let output = program
        .bare(&["--json", "demo", "run", "--once", "--size", "small", "--seed", "3", "--out"])
        .arg(&out)
        .stdin(Stdio::null())
        .output()
        .expect("hygie runs");
    let traces = String::from_utf8_lossy(&output.stderr).to_uppercase();
    assert!(output.status.success(), "{traces}");
    assert!(traces.contains("READY"), "the server's traces are there: {traces}");

    let hr = std::fs::read(out.join("hospital/hr/hr-v1.csv")).expect("HR");
    let hr: String = hr.iter().map(|byte| char::from(*byte)).collect(); // Windows-1252, near enough for plain names
    let header: Vec<&str> = hr.lines().next().expect("header").split(';').collect();
    let columns = ["NOM_NAISSANCE", "NOM_USAGE", "MAIL"]
        .map(|name| header.iter().position(|column| *column == name));
    let mut personal: BTreeSet<String> = BTreeSet::new();
    for line in hr.lines().skip(1) {
        let fields: Vec<&str> = line.split(';').collect();
        personal.extend(
            columns
                .iter()
                .flatten()
                .filter_map(|column| fields.get(*column))
                .map(|text| text.to_uppercase()),
        );
    }
    let words: BTreeSet<&str> =
        traces.split(|letter: char| !letter.is_alphanumeric() && letter != '@').collect();
    assert!(personal.len() > 200, "{}", personal.len());
    for name in
        personal.iter().filter(|name| name.len() > 3 && !ALSO_WORDS.contains(&name.as_str()))
    {
        assert!(!words.contains(name.as_str()), "{name} is in the traces");
    }
    // Handles bear the prefix of their kind; secrets of clients and codes are never printed either.
    for kind in kernel::HandleKind::ALL {
        let prefix = kind.prefix().to_uppercase();
        assert!(
            !words.iter().any(|word| word.starts_with(&prefix) && word.len() > 20),
            "{prefix} is in the traces"
        );
    }
    assert!(!traces.contains("CODE="), "a query string is in the traces");
}
