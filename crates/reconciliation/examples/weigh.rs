//! Reads a generated hospital, links its staff to its register, and judges the links by its truth.
//! `cargo run --example weigh -- SEED SIZE [hard]`: makes the hospital first when it is not there.
use demo::hospital::{Plan, Size, generate};
use identity::register::{Guards, RegisterOpener};
use identity::{Line, Mapping, Stager, normalise};
use kernel::{Clock, FixedClock, PersonId, SeededRandomness};
use reconciliation::{
    Decision, LinkPolicy, Outcome, Population, RegisterSearch, Staff, Truth, evaluate, link,
};
use std::collections::BTreeMap;
use std::error::Error;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;
use store::register::{Register, RegisterImport};

type Done<T> = Result<T, Box<dyn Error>>;

fn main() -> Done<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seed = arguments.first().map_or(Ok(1), |seed| seed.parse())?;
    let size = match arguments.get(1).map(String::as_str) {
        Some("small") => Size::Small,
        Some("full") => Size::Full,
        _ => Size::Default,
    };
    let hard = arguments.iter().any(|word| word == "hard");
    let level = if hard { "-hard" } else { "" };
    let dir = std::env::temp_dir().join(format!("hygie-weigh/{}-{seed}{level}", size.name()));
    if !dir.join("hospital.json").exists() {
        generate(&Plan { seed, size, hard, lagging: false }, &dir, &mut |_, _, _| {})?;
    }
    let (staff, matricules) = staff_of(&dir)?;
    let truth = truth_of(&dir, &matricules)?;
    let open_only = arguments.iter().any(|word| word == "open");
    for restricted in [false, true].into_iter().filter(|restricted| !(open_only && *restricted)) {
        let register = import(&dir, restricted)?.searcher()?;
        let begun = Instant::now();
        let mut progress = |_, _| ControlFlow::Continue(());
        let decisions = link(&staff, &register, &LinkPolicy::default(), &mut progress)?;
        let seconds = begun.elapsed().as_secs_f64();
        let extract = if restricted { "restricted" } else { "open" };
        println!("-- seed {seed} {} {extract}: {seconds:.1} s to link", size.name());
        for (population, figures) in evaluate(&decisions, &truth) {
            if population == Population::All || arguments.iter().any(|word| word == "groups") {
                println!(
                    "{population:?}: staff {} registered {} linked {} wrong {} doubts {} ({:.1} %) recall {:.3} precision {:.5}",
                    figures.staff,
                    figures.registered,
                    figures.linked,
                    figures.wrong_links,
                    figures.doubts,
                    100.0 * figures.asked.value,
                    figures.recall.value,
                    figures.precision.value
                );
            }
        }
        tell(
            &decisions,
            &truth,
            &matricules,
            &register,
            arguments.iter().any(|word| word == "misses"),
        );
    }
    Ok(())
}

/// Every wrong link, and with `misses` what was not linked though registered.
fn tell(
    decisions: &[Decision],
    truth: &BTreeMap<PersonId, Truth>,
    matricules: &BTreeMap<String, PersonId>,
    register: &dyn RegisterSearch,
    misses: bool,
) {
    let named: BTreeMap<&PersonId, &String> =
        matricules.iter().map(|(matricule, person)| (person, matricule)).collect();
    for decision in decisions {
        let Some(known) = truth.get(&decision.person) else { continue };
        let matricule = named[&decision.person];
        match &decision.outcome {
            Outcome::Linked { id_nat, why, .. } if known.id_nat.as_ref() != Some(id_nat) => {
                println!(
                    "WRONG {matricule} → {id_nat}, truly {:?}: {}",
                    known.id_nat, why.sentence
                );
                why.contributions.iter().for_each(|one| println!("      {one:?}"));
            }
            Outcome::Linked { .. } => {}
            Outcome::Doubt { candidates, why } if misses => {
                println!(
                    "DOUBT {matricule} {:?}: {}",
                    known.id_nat.as_ref().map(ToString::to_string),
                    why.sentence
                );
                for candidate in candidates.iter().take(2) {
                    let words: Vec<String> = candidate
                        .why
                        .contributions
                        .iter()
                        .map(|one| {
                            format!(
                                "{:?} {:?}/{:?} {:.1}",
                                one.field,
                                one.ours.as_deref().unwrap_or("-"),
                                one.theirs.as_deref().unwrap_or("-"),
                                one.weight
                            )
                        })
                        .collect();
                    println!(
                        "      {} {:.1}: {}",
                        candidate.id_nat,
                        candidate.score,
                        words.join("; ")
                    );
                }
            }
            Outcome::Unmatched { .. } if misses && known.id_nat.is_some() => {
                let theirs =
                    known.id_nat.as_ref().and_then(|id| register.by_id_nat(id).ok().flatten());
                println!("MISSED {matricule} {theirs:?}");
            }
            Outcome::Doubt { .. } | Outcome::Unmatched { .. } => {}
        }
    }
}

fn first_version(dir: &Path, stem: &str) -> Done<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir.join("register"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(stem))
        })
        .collect();
    found.sort();
    found.into_iter().next().ok_or_else(|| format!("no {stem}").into())
}

fn import(dir: &Path, restricted: bool) -> Done<Register> {
    let kept = dir.join(if restricted { "kept-restricted" } else { "kept-open" });
    if kept.exists() {
        std::fs::remove_dir_all(&kept)?;
    }
    let begun = Instant::now();
    let guards = Guards { min_lines: 1, ..Guards::default() };
    let mut import = RegisterImport::begin(&kept)?;
    let mut watch = |_| ControlFlow::Continue(());
    let files = sources::register::ExtractFiles;
    let open = first_version(dir, "PS_LibreAcces_Personne_activite")?;
    import.fill(files.open(&open, &guards)?.as_mut(), &mut watch)?;
    if restricted {
        let path = first_version(dir, "Extraction_ProSanteConnect")?;
        import.fill(files.open(&path, &guards)?.as_mut(), &mut watch)?;
    }
    let version = import.finish(FixedClock::at("2026-01-20T08:00:00Z").now())?;
    println!(
        "imported {} persons, {} activities, {} births from {} lines in {:.1} s",
        version.persons,
        version.activities,
        version.births,
        version.lines(),
        begun.elapsed().as_secs_f64()
    );
    Register::open(&kept)?.ok_or_else(|| "no register after its import".into())
}

fn staff_of(dir: &Path) -> Done<(Vec<Staff>, BTreeMap<String, PersonId>)> {
    let mapping = Mapping::parse(&std::fs::read_to_string(dir.join("hr/mapping.toml"))?)
        .map_err(|faults| format!("{faults:?}"))?;
    let bytes = std::fs::read(dir.join("hr/hr-v1.csv"))?;
    let (text, _, _) = encoding_rs::WINDOWS_1252.decode(&bytes);
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(text.as_bytes());
    let headers = reader.headers()?.clone();
    let mut lines = Vec::new();
    for (place, record) in reader.records().enumerate() {
        let record = record?;
        let columns =
            headers.iter().zip(&record).map(|(name, value)| (name.to_owned(), value.to_owned()));
        lines.push(Line { number: place as u64 + 2, columns: columns.collect() });
    }
    let mut stager = Stager::new(&mapping);
    stager.push(lines);
    let today = "2026-01-20".parse()?;
    let (clock, chance) = (FixedClock::at("2026-01-20T08:00:00Z"), SeededRandomness::new(1));
    let (mut staff, mut matricules, mut faulty) = (Vec::new(), BTreeMap::new(), 0);
    for record in stager.finish().records {
        match normalise(&mapping, &record, today) {
            Ok(normalised) => {
                let mut identity = normalised.identity;
                // Other civil first names, where the export tells them apart.
                let others =
                    record.lines.first().and_then(|line| line.columns.get("AUTRES_PRENOMS"));
                let wanted = std::env::args().any(|word| word == "others");
                if let (true, Some(given), Some(others)) =
                    (wanted, &mut identity.names.given, others)
                {
                    given.push(' ');
                    given.push_str(others);
                }
                let person = PersonId::new(&clock, &chance);
                matricules.insert(record.key.0.clone(), person);
                staff.push(Staff {
                    person,
                    names: identity.names,
                    sex: identity.sex,
                    birth_date: identity.birth_date,
                    birth_place: identity.birth_place,
                    declared_rpps: identity.declared_rpps,
                    posts: identity.posts,
                });
            }
            Err(faults) => {
                if faulty < 3 {
                    println!("set aside: {faults:?}");
                }
                faulty += 1;
            }
        }
    }
    println!("{} staff, {faulty} set aside", staff.len());
    Ok((staff, matricules))
}

fn truth_of(
    dir: &Path,
    matricules: &BTreeMap<String, PersonId>,
) -> Done<BTreeMap<PersonId, Truth>> {
    let mut truth = BTreeMap::new();
    let mut reader =
        csv::ReaderBuilder::new().delimiter(b';').from_path(dir.join("truth/people.csv"))?;
    let headers = reader.headers()?.clone();
    for record in reader.records() {
        let record = record?;
        let get = |name: &str| {
            let place = headers.iter().position(|header| header == name);
            place.and_then(|place| record.get(place)).unwrap_or_default()
        };
        let Some(person) = matricules.get(get("matricule")) else { continue };
        let id_nat = get("idnat");
        let known = Truth {
            id_nat: if id_nat.is_empty() { None } else { Some(id_nat.parse()?) },
            has_birth_date: !matches!(get("birth_date"), "no" | "missing"),
            changed_name: get("changed_name") == "yes",
            rpps_from_hr: !matches!(get("rpps_given"), "no" | "none" | ""),
        };
        truth.insert(*person, known);
    }
    Ok(truth)
}
