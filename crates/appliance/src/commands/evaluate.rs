//! `reconcile evaluate`: the matcher on any files of the known formats, against a truth, without a server.
use super::Output;
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use identity::mapping::{Mapping, Reader};
use identity::names::name_key;
use identity::register::{Guards, RegisterOpener};
use identity::{Identity, Source, Stager, normalise};
use kernel::{Clock, IdNat, OsRandomness, PersonId, SystemClock};
use reconciliation::{
    Figures, LinkPolicy, Population, Share, Staff, Truth, evaluate as judge, link,
};
use sources::register::ExtractFiles;
use sources::{Folders, HrCsv};
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;
use store::register::{Register, RegisterImport, RegisterVersion};

#[derive(Subcommand)]
pub enum ReconcileVerb {
    /// Compares everybody who has no RPPS with the register: sure links are made, doubts become cases.
    Run,
    /// Open cases.
    Cases,
    /// Answers a case.
    Decide {
        case: String,
        /// The candidate to link, with `--evidence`.
        #[arg(long, conflicts_with_all = ["none_fits", "ask_hr", "wait_card"])]
        link: Option<String>,
        #[arg(long, requires = "link")]
        evidence: Option<String>,
        #[arg(long)]
        none_fits: bool,
        #[arg(long, conflicts_with = "none_fits")]
        ask_hr: bool,
        #[arg(long, conflicts_with_all = ["none_fits", "ask_hr"])]
        wait_card: bool,
        #[arg(long)]
        note: Option<String>,
    },
    /// Measures the matcher on files, against a truth that it never reads.
    Evaluate(EvaluateArgs),
}

#[derive(Args)]
pub struct EvaluateArgs {
    /// HR export.
    #[arg(long)]
    pub hr: PathBuf,
    /// Mapping of the HR source, as `hygie source add` takes it.
    #[arg(long)]
    pub mapping: PathBuf,
    /// Open extract of the register (Personne_activite).
    #[arg(long)]
    pub register: PathBuf,
    /// Restricted extract, with birth data.
    #[arg(long)]
    pub restricted: Option<PathBuf>,
    /// `matricule;idnat`, the number empty when absent from the register.
    #[arg(long)]
    pub truth: PathBuf,
    /// Writes what became of each member of staff beside the truth, as CSV.
    #[arg(long)]
    pub list: Option<PathBuf>,
    /// Keeps the imported register in this folder, and takes it from there when the same files are given again.
    #[arg(long)]
    pub keep: Option<PathBuf>,
}

pub fn evaluate(args: &EvaluateArgs, out: &Output) -> anyhow::Result<u8> {
    let mut seconds = BTreeMap::new();
    let mut step = Instant::now();
    let mut lap = |name: &'static str| {
        seconds.insert(name, step.elapsed().as_secs_f64());
        step = Instant::now();
    };
    let identities = read_hr(&args.hr, &args.mapping)?;
    lap("hr");
    let folder = tempfile::tempdir().context("a folder for the register")?;
    let register = match &args.keep {
        Some(kept) => kept_or_imported(kept, args)?,
        None => import(folder.path(), args)?,
    };
    lap("register");
    let (staff, ids) = staff_of(&identities);
    let searcher = register.searcher()?;
    let decisions =
        link(&staff, &searcher, &LinkPolicy::default(), &mut |_, _| ControlFlow::Continue(()))?;
    lap("link");
    let truth = read_truth(&args.truth, &identities, &ids)?;
    if let Some(file) = &args.list {
        super::evaluate_list::write(file, &ids, &decisions, &truth)?;
    }
    let figures = judge(&decisions, &truth);
    let all =
        figures.get(&Population::All).copied().context("the truth names nobody of the export")?;
    let keys = super::evaluate_keys::measure(&staff, &searcher, &truth, &decisions)?;
    let mut document = document(&all, &figures, &seconds);
    document["keys"] = serde_json::to_value(keys)?;
    let words = format!(
        "{}\nkeys: {} of {} share none with their line of the register; of them {} linked, {} doubts, {} unmatched",
        words(&figures, &seconds),
        keys.without_key,
        keys.registered,
        keys.linked,
        keys.doubts,
        keys.unmatched,
    );
    out.show(&document, &words);
    Ok(0)
}

/// Records of an HR export, read by its mapping; faulty ones are left out, as a run leaves them.
pub fn read_hr(hr: &Path, mapping: &Path) -> anyhow::Result<Vec<Identity>> {
    let text = std::fs::read_to_string(mapping)
        .with_context(|| format!("reading {}", mapping.display()))?;
    let mapping = Mapping::parse(&text).map_err(|faults| {
        anyhow::anyhow!(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    })?;
    let Reader::HrCsv(settings) = &mapping.reader else {
        bail!("the mapping is not of an HR export")
    };
    let mut settings = settings.clone();
    let name = hr.file_name().and_then(|name| name.to_str()).context("the export has no name")?;
    settings.path = name.to_owned();
    let parent =
        hr.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let source = HrCsv::new(&mapping, &settings, Folders::new([parent.to_owned()]));
    let staged = tokio::task::block_in_place(|| {
        tokio::runtime::Handle::current().block_on(async {
            let mut reading = source.read().await?;
            let mut stager = Stager::new(&mapping);
            while let Some(batch) = reading.next_batch().await? {
                stager.push(batch);
            }
            Ok::<_, identity::SourceError>(stager.finish())
        })
    })?;
    let today = SystemClock.now().date_naive();
    let read = staged.records.iter().filter_map(|record| normalise(&mapping, record, today).ok());
    Ok(read.map(|normalised| normalised.identity).collect())
}

/// The extracts that make the register, in the order in which they are read.
fn extracts(args: &EvaluateArgs) -> impl Iterator<Item = &PathBuf> {
    std::iter::once(&args.register).chain(&args.restricted)
}

/// The same names and sizes are the same files.
fn kept_or_imported(folder: &Path, args: &EvaluateArgs) -> anyhow::Result<Register> {
    let mut given = Vec::new();
    for file in extracts(args) {
        let about = file.metadata().with_context(|| format!("reading {}", file.display()))?;
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
        given.push((name.unwrap_or_default(), about.len()));
    }
    if RegisterVersion::in_use(folder)?.is_some_and(|version| {
        let files = version.files.into_iter().map(|file| (file.name, file.bytes));
        files.eq(given)
    }) {
        return Register::open(folder)?.context("the register was not kept");
    }
    import(folder, args)
}

fn import(folder: &Path, args: &EvaluateArgs) -> anyhow::Result<Register> {
    let guards = Guards { min_lines: 1, ..Guards::default() };
    let mut import = RegisterImport::begin(folder)?;
    for file in extracts(args) {
        let mut reading = ExtractFiles.open(file, &guards)?;
        import.fill(&mut *reading, &mut |_| ControlFlow::Continue(()))?;
    }
    import.finish(SystemClock.now())?;
    Register::open(folder)?.context("the register was not kept")
}

fn staff_of(identities: &[Identity]) -> (Vec<Staff>, HashMap<String, PersonId>) {
    let mut ids = HashMap::new();
    let staff = identities
        .iter()
        .map(|identity| {
            let person = PersonId::new(&SystemClock, &OsRandomness);
            ids.insert(identity.key.0.clone(), person);
            Staff {
                person,
                names: identity.names.clone(),
                sex: identity.sex,
                birth_date: identity.birth_date,
                birth_place: identity.birth_place.clone(),
                declared_rpps: identity.declared_rpps.clone(),
                posts: identity.posts.clone(),
            }
        })
        .collect();
    (staff, ids)
}

/// `matricule;idnat` with a header line.
pub fn read_truth(
    file: &Path,
    identities: &[Identity],
    ids: &HashMap<String, PersonId>,
) -> anyhow::Result<BTreeMap<PersonId, Truth>> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let header = lines.next().unwrap_or_default().trim();
    if header != "matricule;idnat" {
        bail!("{}: line 1: expected « matricule;idnat », found « {header} »", file.display());
    }
    let by_key: HashMap<&str, &Identity> =
        identities.iter().map(|identity| (identity.key.0.as_str(), identity)).collect();
    let mut truth = BTreeMap::new();
    for (number, line) in (2..).zip(lines).filter(|(_, line)| !line.trim().is_empty()) {
        let place = || format!("{}: line {number}", file.display());
        let Some((matricule, id_nat)) = line.split_once(';') else {
            bail!("{}: expected « matricule;idnat », found no « ; »", place());
        };
        let id_nat: Option<IdNat> = match id_nat.trim() {
            "" => None,
            text => Some(text.parse().with_context(place)?),
        };
        let matricule = matricule.trim();
        let (Some(person), Some(identity)) = (ids.get(matricule), by_key.get(matricule)) else {
            continue; // not in this export, or its record was set aside
        };
        let known = truth_of(identity, id_nat);
        if truth.insert(*person, known).is_some() {
            bail!("{}: the matricule {matricule} comes twice", place());
        }
    }
    if truth.is_empty() {
        bail!("{}: none of its matricules is in the HR export", file.display());
    }
    Ok(truth)
}

fn truth_of(identity: &Identity, id_nat: Option<IdNat>) -> Truth {
    let key = |name: &Option<String>| name.as_deref().map(name_key);
    let names = &identity.names;
    Truth {
        id_nat,
        has_birth_date: identity.birth_date.is_some(),
        changed_name: names.usage_family.is_some()
            && key(&names.usage_family) != key(&names.birth_family),
        rpps_from_hr: identity.declared_rpps.is_some(),
    }
}

fn document(
    all: &Figures,
    figures: &BTreeMap<Population, Figures>,
    seconds: &BTreeMap<&'static str, f64>,
) -> serde_json::Value {
    serde_json::json!({
        "staff": all.staff, "linked": all.linked, "doubts": all.doubts, "unmatched": all.unmatched,
        "wrong_links": all.wrong_links, "precision": all.precision, "recall": all.recall,
        "populations": figures, "seconds": seconds,
    })
}

/// A line a population, then the seconds of each step.
fn words(figures: &BTreeMap<Population, Figures>, seconds: &BTreeMap<&'static str, f64>) -> String {
    let share = |share: &Share| format!("{:.4} [{:.4}, {:.4}]", share.value, share.low, share.high);
    let mut text = String::new();
    for (population, one) in figures {
        text.push_str(&format!(
            "{}: {} staff, {} in the register, {} linked, {} wrong, {} doubts, {} unmatched; \
             precision {}, recall {}\n",
            name(*population),
            one.staff,
            one.registered,
            one.linked,
            one.wrong_links,
            one.doubts,
            one.unmatched,
            share(&one.precision),
            share(&one.recall),
        ));
    }
    let steps = seconds.iter().map(|(step, seconds)| format!("{step} {seconds:.2}"));
    text.push_str(&format!("seconds: {}", steps.collect::<Vec<_>>().join(", ")));
    text
}

fn name(population: Population) -> &'static str {
    match population {
        Population::All => "all",
        Population::WithBirthDate => "with birth date",
        Population::WithoutBirthDate => "without birth date",
        Population::ChangedName => "changed name",
        Population::AbsentFromRegister => "absent from the register",
        Population::RppsFromHr => "RPPS given by HR",
    }
}
