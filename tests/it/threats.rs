//! `crates/THREATS.md` answers for every row of the threat model (their ids: `threat_ids.txt`), and names no test that
//! is not there.
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One line of the table: what stands between its bars.
struct Row {
    severity: String,
    answer: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests have a parent").to_owned()
}

fn rows(text: &str) -> Vec<(String, Row)> {
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    text.lines()
        .map(cells)
        .filter(|cells| cells.len() == 5 && is_id(&cells[1]))
        .map(|cells| {
            (cells[1].clone(), Row { severity: cells[2].clone(), answer: cells[3].clone() })
        })
        .collect()
}

fn is_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 5
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2] == b'-'
        && bytes[3..].iter().all(u8::is_ascii_digit)
}

/// What a line names between backquotes: functions, or titles of browser tests.
fn named(answer: &str) -> Vec<&str> {
    answer.split('`').skip(1).step_by(2).collect()
}

/// Every source file below `folder` with one of these endings; builds and packages apart.
fn sources(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the tree") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !["target", "node_modules", "dist"].contains(&name) {
                sources(&path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
}

/// Names of tests: `fn` after a test attribute or inside `proptest!`, and titles given to `test(` or `it(`.
fn tests_of(text: &str, is_rust: bool) -> BTreeSet<String> {
    if !is_rust {
        let titles = text.lines().filter_map(|line| {
            let line = line.trim_start();
            let rest = line.strip_prefix("test(").or_else(|| line.strip_prefix("it("))?;
            let quote = rest.chars().next().filter(|quote| "'\"`".contains(*quote))?;
            rest[1..].split_once(quote).map(|(title, _)| title.to_owned())
        });
        return titles.collect();
    }
    let (mut names, mut is_marked) = (BTreeSet::new(), false);
    for line in text.lines().map(str::trim_start) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_marked = true;
        } else if let Some(rest) = line.trim_start_matches("async ").strip_prefix("fn ") {
            let name = rest.split(['(', '<']).next().unwrap_or_default();
            if std::mem::take(&mut is_marked) {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

fn known_tests() -> BTreeSet<String> {
    let (root, mut files, mut known) = (root(), Vec::new(), BTreeSet::new());
    for folder in ["crates", "migrations", "tests"] {
        sources(&root.join(folder), &[".rs"], &mut files);
    }
    sources(&root.join("tests/e2e"), &[".test.mjs"], &mut files);
    sources(&root.join("web-admin/src"), &[".test.ts", ".test.tsx"], &mut files);
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a source file");
        known.extend(tests_of(&text, file.extension().is_some_and(|ending| ending == "rs")));
    }
    known
}

/// What is wrong with the table, a sentence each.
fn faults(page: &str, ids: &str, known: &BTreeSet<String>) -> Vec<String> {
    let (mut faults, mut lines) = (Vec::new(), BTreeMap::new());
    for (id, row) in rows(page) {
        if lines.insert(id.clone(), row).is_some() {
            faults.push(format!("{id} has two lines"));
        }
    }
    let wanted: BTreeMap<&str, &str> =
        ids.lines().filter_map(|line| line.split_once(' ')).collect();
    for (id, severity) in &wanted {
        match lines.get(*id) {
            None => faults.push(format!("{id} has no line")),
            Some(row) if row.severity != **severity => {
                faults.push(format!("{id} is {severity}, not {}", row.severity));
            }
            Some(row) if row.answer.is_empty() => faults.push(format!("{id} has no answer")),
            Some(_) => {}
        }
    }
    for (id, row) in &lines {
        if !wanted.contains_key(id.as_str()) {
            faults.push(format!("{id} is no row of the threat model"));
        }
        let missing = named(&row.answer).into_iter().filter(|name| !known.contains(*name));
        faults.extend(missing.map(|name| format!("{id} names `{name}`, which is no test")));
    }
    faults
}

#[test]
fn every_threat_has_its_line_and_every_named_test_exists() {
    let page = std::fs::read_to_string(root().join("crates/THREATS.md")).expect("the page");
    let ids = include_str!("threat_ids.txt");
    assert_eq!(ids.lines().count(), 207, "rows of the threat model");
    let faults = faults(&page, ids, &known_tests());
    assert!(faults.is_empty(), "crates/THREATS.md:\n{}", faults.join("\n"));
}

/// What the last column names in the way of our tests; words of the protocols are shorter.
#[test]
fn every_test_that_the_page_of_the_public_suite_names_exists() {
    let page =
        std::fs::read_to_string(root().join("crates/oidc/CONFORMANCE.md")).expect("the page");
    let known = known_tests();
    let is_name = |name: &str| {
        name.len() > 24
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let cells = page.lines().filter_map(|line| line.strip_suffix(" |")?.rsplit_once(" | "));
    let names: Vec<&str> =
        cells.flat_map(|(_, ours)| named(ours)).filter(|name| is_name(name)).collect();
    assert!(names.len() > 60, "the page was not read: {}", names.len());
    let missing: Vec<&&str> = names.iter().filter(|name| !known.contains(**name)).collect();
    assert!(missing.is_empty(), "crates/oidc/CONFORMANCE.md: {missing:?}");
}

#[test]
fn a_gap_in_the_table_is_told() {
    let known = tests_of("#[test]\nfn op_01_real() {}\nfn helper() {}\n", true);
    let ids = "OP-01 C\nOP-02 M\n";
    for (page, expected) in [
        ("| OP-01 | C | `op_01_real` |\n| OP-02 | M | owed by x |", vec![]),
        ("| OP-01 | C | `op_01_real` |", vec!["OP-02 has no line"]),
        (
            "| OP-01 | H | `op_01_gone` |\n| OP-02 | M | `helper` |",
            vec![
                "OP-01 is C, not H",
                "OP-01 names `op_01_gone`, which is no test",
                "OP-02 names `helper`, which is no test",
            ],
        ),
        (
            "| OP-01 | C | |\n| OP-02 | M | x |\n| OP-02 | M | x |\n| OP-99 | L | x |",
            vec![
                "OP-02 has two lines",
                "OP-01 has no answer",
                "OP-99 is no row of the threat model",
            ],
        ),
    ] {
        assert_eq!(faults(page, ids, &known), expected, "{page}");
    }
}
