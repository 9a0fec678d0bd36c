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
    assert!(personal.len() > 200, "{}", personal.len());
    assert!(personal.iter().any(|name| name.contains('@')), "mails are searched too");
    for name in
        personal.iter().filter(|name| name.len() > 3 && !ALSO_WORDS.contains(&name.as_str()))
    {
        assert!(!says(&traces, name), "{name} is in the traces");
    }
    // Handles bear the prefix of their kind; secrets of clients and codes are never printed either.
    for kind in kernel::HandleKind::ALL {
        assert!(!shows_handle(&traces, kind.prefix()), "{} is in the traces", kind.prefix());
    }
    assert!(!traces.contains("CODE="), "a query string is in the traces");
}

/// Whether the text is there as words of its own, whatever stands inside it.
fn says(traces: &str, text: &str) -> bool {
    let inside = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    traces.match_indices(text).any(|(at, _)| {
        let (before, after) = (&traces[..at], &traces[at + text.len()..]);
        !inside(before.chars().next_back()) && !inside(after.chars().next())
    })
}

/// Whether a handle of this prefix is there, whole or in good part.
fn shows_handle(traces: &str, prefix: &str) -> bool {
    let prefix = prefix.to_uppercase();
    let inside = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    traces.match_indices(&prefix).any(|(at, _)| {
        let begins = !traces[..at].chars().next_back().is_some_and(inside);
        begins && traces[at..].chars().take_while(|letter| inside(*letter)).count() > 20
    })
}

#[test]
fn wb_14_the_search_finds_what_it_is_for() {
    for (name, trace) in [
        ("LE GALL-MARTIN", r#"A="LE GALL-MARTIN""#),
        ("D'ORNANO", "WHO: D'ORNANO,"),
        ("ZOE.MARTIN@CH.TEST", "MAIL=ZOE.MARTIN@CH.TEST "),
        ("MARTIN", "(MARTIN)"),
    ] {
        assert!(says(trace, name), "{trace}");
    }
    assert!(!says("MARTINET", "MARTIN"));
    for kind in kernel::HandleKind::ALL {
        let trace = format!("TOKEN={}{}", kind.prefix().to_uppercase(), "A1-_".repeat(8));
        assert!(shows_handle(&trace, kind.prefix()), "{trace}");
    }
}
