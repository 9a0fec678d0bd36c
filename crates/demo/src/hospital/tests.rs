//! The whole of a small hospital: format, shares, parts of the scenes, and the same bytes twice.
use super::*;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::OnceLock;

/// A folder of this test run, cleared with it.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("demo-{}-{name}", std::process::id()));
    drop(std::fs::remove_dir_all(&folder));
    folder
}

struct Small {
    files: BTreeMap<String, Vec<u8>>,
    summary: Summary,
}

fn made(plan: Plan, name: &str) -> Small {
    let out = folder(name);
    let mut heard = 0;
    let summary = generate(&plan, &out, &mut |_, _, _| heard += 1).expect("a hospital");
    assert!(heard > 0, "progress was told");
    let mut files = BTreeMap::new();
    let mut folders = vec![out.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&out).expect("inside").to_string_lossy().into_owned();
            files.insert(name, std::fs::read(&path).expect("a file"));
        }
    }
    std::fs::remove_dir_all(&out).expect("cleared");
    Small { files, summary }
}

const SMALL: Plan = Plan { seed: 1, size: Size::Small, hard: false, lagging: false };

fn small() -> &'static Small {
    static SMALL_ONCE: OnceLock<Small> = OnceLock::new();
    SMALL_ONCE.get_or_init(|| made(SMALL, "small"))
}

impl Small {
    fn text(&self, name: &str) -> String {
        String::from_utf8(self.files[name].clone()).expect("UTF-8")
    }

    /// Fields of each line but the header; the trailing `|` is taken off.
    fn register(&self, name: &str) -> Vec<Vec<String>> {
        let fields = |line: &str| {
            let line = line.strip_suffix('|').expect("a trailing delimiter");
            line.split('|').map(str::to_owned).collect()
        };
        self.text(name).lines().skip(1).map(fields).collect()
    }

    fn hr(&self) -> Vec<Vec<String>> {
        let (text, _, faults) = encoding_rs::WINDOWS_1252.decode(&self.files["hr/hr-v1.csv"]);
        assert!(!faults);
        let fields = |line: &str| line.split(';').map(str::to_owned).collect();
        text.lines().skip(1).map(fields).collect()
    }

    fn people(&self) -> Vec<BTreeMap<String, String>> {
        let text = self.text("truth/people.csv");
        let mut lines = text.lines().map(|line| line.split(';').map(str::to_owned));
        let header: Vec<String> = lines.next().expect("a header").collect();
        lines.map(|fields| header.iter().cloned().zip(fields).collect()).collect()
    }
}

fn fingerprint(files: &BTreeMap<String, Vec<u8>>) -> Vec<(String, Vec<u8>)> {
    files.iter().map(|(name, bytes)| (name.clone(), Sha256::digest(bytes).to_vec())).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_another_hospital() {
    let again = made(SMALL, "again");
    assert_eq!(fingerprint(&small().files), fingerprint(&again.files));
    let other = made(Plan { seed: 2, ..SMALL }, "other");
    let [ours, theirs] = [&small().files, &other.files].map(|files| &files["hr/hr-v1.csv"]);
    assert_ne!(ours, theirs);
}

#[test]
fn every_line_of_the_register_has_its_columns_and_a_number_with_its_key() {
    let version = &small().summary.versions[0];
    let restricted = version.restricted.clone().expect("a restricted view");
    for (name, columns) in [(&version.register, 56), (&restricted, 49)] {
        let rows = small().register(name);
        assert_eq!(rows.len() as u64, version.register_lines);
        for row in &rows {
            assert_eq!(row.len(), columns, "{name}: {row:?}");
            assert_eq!(row[2], format!("8{}", row[1]));
            assert!(row[1].starts_with("9990") && kernel::luhn_holds(&row[1]), "{row:?}");
        }
        let persons: BTreeSet<&String> = rows.iter().map(|row| &row[1]).collect();
        assert_eq!(persons.len() as u64, version.register_persons);
    }
    let header = small().text(&version.register);
    let header = header.lines().next().expect("a header");
    assert!(
        header.starts_with("Type d'identifiant PP|Identifiant PP|Identification nationale PP|")
    );
    assert!(header.ends_with("|Code genre activité|Libellé genre activité|"));
}

#[test]
fn shares_stay_near_the_published_figures() {
    let rows = small().register(&small().summary.versions[0].register);
    let mut persons: BTreeMap<&String, &Vec<String>> = BTreeMap::new();
    for row in &rows {
        persons.entry(&row[1]).or_insert(row);
    }
    let all = persons.len();
    let per_mille = |wanted: &dyn Fn(&Vec<String>) -> bool| {
        persons.values().filter(|row| wanted(row)).count() * 1_000 / all
    };
    for (what, found, expected) in [
        ("nurses", per_mille(&|row| row[9] == "60"), 360..=390),
        ("physicians", per_mille(&|row| row[9] == "10"), 160..=182),
        ("physiotherapists", per_mille(&|row| row[9] == "70"), 62..=78),
        ("roles", per_mille(&|row| row[9].is_empty()), 35..=55),
        ("students", per_mille(&|row| row[11] == "E"), 40..=60),
        ("nowhere", per_mille(&|row| row[24].is_empty()), 100..=130),
        ("women among all", per_mille(&|row| row[5] == "MME"), 650..=760),
        ("lines a person", rows.len() * 1_000 / all, 1_240..=1_300),
    ] {
        assert!(expected.contains(&found), "{what}: {found} per mille");
    }
    let surnames: BTreeSet<&String> = persons.values().map(|row| &row[7]).collect();
    assert!(surnames.len() > 10_000, "{}", surnames.len());
}

#[test]
fn a_third_of_the_staff_is_not_in_the_register_and_the_truth_is_complete() {
    let people = small().people();
    let hr = small().hr();
    let matricules: BTreeSet<&String> = hr.iter().map(|row| &row[0]).collect();
    assert_eq!(matricules.len(), 300);
    assert!(hr.iter().all(|row| row.len() == hr::COLUMNS.len()));
    let text = small().text("truth/truth.csv");
    let links: Vec<(&str, &str)> =
        text.lines().skip(1).filter_map(|line| line.split_once(';')).collect();
    assert_eq!(links.len(), 300);
    assert!(links.iter().all(|(matricule, _)| matricules.contains(&(*matricule).to_owned())));
    let absent = links.iter().filter(|(_, idnat)| idnat.is_empty()).count();
    assert!((80..=130).contains(&absent), "{absent}");
    let rows = small().register(&small().summary.versions[0].register);
    let registered: BTreeSet<&String> = rows.iter().map(|row| &row[2]).collect();
    for (matricule, idnat) in links.iter().filter(|(_, idnat)| !idnat.is_empty()) {
        assert!(registered.contains(&(*idnat).to_owned()), "{matricule}");
    }
    let given = people.iter().filter(|person| person["rpps_given"] != "no").count();
    assert!((70..=130).contains(&given), "{given}");
}

#[test]
fn no_view_betrays_the_truth() {
    // Nobody outside staff and register holds these: a view that named them would be a leak.
    for (name, bytes) in small().files.iter().filter(|(name, _)| !name.starts_with("truth/")) {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("truth"), "{name}");
    }
    for person in small().people().iter().filter(|person| person["rpps_given"] == "no") {
        let number = &person["idnat"];
        let hr = String::from_utf8_lossy(&small().files["hr/hr-v1.csv"]);
        assert!(number.is_empty() || !hr.contains(&number[1..]), "{}", person["matricule"]);
    }
}

#[test]
fn the_personas_stand_in_every_view() {
    for plan in [SMALL, Plan { hard: true, ..SMALL }] {
        let hospital = made(plan, if plan.hard { "hard" } else { "plain" });
        let register = hospital.register(&hospital.summary.versions[0].register);
        let hr = hospital.hr();
        let ad = hospital.text("ad/ad-v1.ldif");
        assert_eq!(hospital.summary.personas.len(), 4);
        for persona in &hospital.summary.personas {
            let row = hr.iter().find(|row| row[0] == persona.matricule).expect("in HR");
            assert_eq!(row[11], persona.mail);
            assert!(
                ad.contains(&format!("sAMAccountName: {}\n", persona.login)),
                "{}",
                persona.key
            );
            let entry =
                register.iter().find(|row| row[1] == persona.rpps).expect("in the register");
            assert_eq!(entry[21], "990000010", "{}", persona.key);
        }
        let doctor = hospital.summary.persona("doctor").expect("a doctor");
        let row = hr.iter().find(|row| row[0] == doctor.matricule).expect("in HR");
        assert_eq!(row[10], doctor.rpps);
        // Three nurses called MARTIN Marie at our main site: no name can tell them apart.
        for number in &hospital.summary.homonym_candidates {
            let entry = register.iter().find(|row| &row[1] == number).expect("a candidate");
            let [surname, first_name] = [7, 8].map(|column| entry[column].to_uppercase());
            assert_eq!((surname.as_str(), first_name.as_str()), ("MARTIN", "MARIE"));
            assert_eq!((entry[9].as_str(), entry[21].as_str()), ("60", "990000010"));
        }
    }
}

#[test]
fn the_hard_level_has_every_danger() {
    let hospital = made(Plan { seed: 4, hard: true, ..SMALL }, "dangers");
    let people = hospital.people();
    let count =
        |column: &str, value: &str| people.iter().filter(|person| person[column] == value).count();
    for (column, value, least) in [
        ("rpps_given", "namesake", 2),
        ("namesake", "yes", 8),
        ("grade_tells", "no", 40),
        ("birth_date", "missing", 10),
        ("birth_date", "first_january", 3),
        ("in_register", "no", 80),
    ] {
        assert!(count(column, value) >= least, "{column} {value}: {}", count(column, value));
    }
    let unregistered = people.iter().filter(|person| person["in_register"] == "no");
    assert!(unregistered.filter(|person| person["namesake"] == "yes").count() >= 3);
}

/// Of a thousand lines of registered staff in the open extract, those that show another house, or none.
fn shown_away(plan: Plan, name: &str) -> usize {
    let hospital = made(plan, name);
    let staff: BTreeSet<String> = hospital
        .people()
        .iter()
        .filter(|person| person["in_register"] == "yes" && person["first_version"] == "1")
        .map(|person| person["idnat"].clone())
        .collect();
    let register = hospital.register(&hospital.summary.versions[0].register);
    let lines: Vec<_> = register.iter().filter(|line| staff.contains(&line[2])).collect();
    assert!(lines.len() >= 100, "{} lines of staff", lines.len());
    1_000 * lines.iter().filter(|line| line[22] != "990000002").count() / lines.len()
}

#[test]
fn a_lagging_register_shows_more_staff_elsewhere() {
    let near = shown_away(Plan { hard: true, ..SMALL }, "near");
    let far = shown_away(Plan { hard: true, lagging: true, ..SMALL }, "far");
    assert!(far > near + 80, "{near} and {far} in a thousand");
}

#[test]
fn versions_follow_one_another_with_arrivals_departures_and_moves() {
    let versions = &small().summary.versions;
    let lines = |version: usize| -> BTreeSet<Vec<u8>> {
        let file = &small().files[&versions[version].hr];
        file.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
    };
    let [first, second, third] = [0, 1, 2].map(lines);
    assert!(second.difference(&first).count() >= 2 && third.difference(&second).count() >= 2);
    assert!(first.intersection(&third).count() * 10 > first.len() * 9, "most stay as they are");
    let persons: Vec<u64> = versions.iter().map(|version| version.register_persons).collect();
    assert!(persons[0] < persons[1] && persons[1] < persons[2], "{persons:?}");
}
