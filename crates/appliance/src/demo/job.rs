//! The main job, through the same workflows as the console and the command line, with the time that each step took.
use super::RunArgs;
use crate::anchor::Anchor;
use crate::commands::{CommandContext, Output, must_be_done, read, work as follow};
use crate::init::{self, InitArgs};
use crate::settings::Settings;
use crate::wiring;
use anyhow::{Context, ensure};
use demo::hospital::Summary;
use directory::{Run, RunState};
use kernel::{Actor, PersonId};
use reconciliation::{Decision, Figures, LinkChannel, Outcome, Population, Truth, Why, evaluate};
use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Instant;
use workflows::AddSource;

/// The demo's appliance.
pub struct House {
    pub context: CommandContext,
    pub settings: Settings,
    pub settings_file: PathBuf,
    /// Where the first administrator enrols.
    pub admin_link: String,
    pub health: SocketAddr,
    /// Its ports, kept from other programs until the appliance takes them itself.
    pub kept_ports: Vec<TcpListener>,
}

/// What one step read, and how long it took.
pub struct Step {
    pub lines: u64,
    pub persons: u64,
    pub seconds: f64,
}

pub struct Done {
    pub hr: Step,
    pub ad: Step,
    pub register: Step,
    pub reconcile_seconds: f64,
    pub figures: BTreeMap<Population, Figures>,
    /// Lines that a second reading of each source plans.
    pub second_sync: u64,
}

/// Ports of the demo, those that people will type; another free one where one is taken.
const PORTS: [u16; 3] = [8080, 8081, 8083];

pub async fn prepare(
    root: &Path,
    hospital: &Path,
    summary: &Summary,
    asked: &RunArgs,
) -> anyhow::Result<House> {
    let with_ad = asked.with_ad.as_deref();
    let folder = root.join("appliance");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)
            .with_context(|| format!("removing {}", folder.display()))?;
    }
    let kept_ports: Vec<TcpListener> =
        PORTS.into_iter().map(free_port).collect::<anyhow::Result<_>>()?;
    let mut addresses = kept_ports.iter().map(TcpListener::local_addr);
    let mut next = || addresses.next().context("a port for each listener");
    let (public, admin, health) = (next()??, next()??, next()??);
    let args = InitArgs {
        folder: folder.clone(),
        host: "localhost".to_owned(),
        admin_host: None,
        bind: public,
        admin_bind: admin,
        health_bind: health,
        rp_id: None,
        hospital: Some(summary.hospital.to_owned()),
        admin_family: "Roy".to_owned(),
        admin_given: "Maxime".to_owned(),
        demo_http: true,
        postgres_url_file: asked.postgres_url_file.clone(),
        source_folders: vec![hospital.join("hr"), hospital.join("ad")],
        allowed_hosts: with_ad.map(directory_host).transpose()?.into_iter().collect(),
        more_settings: String::new(),
    };
    let made = init::init(&args).await?;
    let workflows = wiring::open(&made.settings).await?;
    let actor = Actor::command_line(crate::commands::uid());
    let anchor = Anchor::of(&made.settings);
    let context = CommandContext { workflows, actor, anchor, out: Output::new(true) };
    add_sources(&context, hospital, &folder, with_ad).await?;
    Ok(House {
        context,
        health: args.health_bind,
        settings: made.settings,
        settings_file: made.settings_file,
        admin_link: made.link,
        kept_ports,
    })
}

fn free_port(wanted: u16) -> anyhow::Result<TcpListener> {
    let taken =
        TcpListener::bind(("127.0.0.1", wanted)).or_else(|_| TcpListener::bind(("127.0.0.1", 0)));
    Ok(taken?)
}

fn directory_host(folder: &Path) -> anyhow::Result<String> {
    let file = folder.join("address");
    let address =
        std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    Ok(format!("{}:636", address.trim()))
}

async fn add_sources(
    context: &CommandContext,
    hospital: &Path,
    folder: &Path,
    with_ad: Option<&Path>,
) -> anyhow::Result<()> {
    let text = |file: PathBuf| {
        std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))
    };
    let ad = match with_ad {
        None => text(hospital.join("ad/mapping.toml"))?,
        Some(lab) => real_directory(lab, folder)?,
    };
    for definition in [text(hospital.join("hr/mapping.toml"))?, ad] {
        context.workflows.add_source(&context.actor, AddSource { definition }).await?;
    }
    Ok(())
}

/// The definition of a real directory: what the lab says of itself, its secret in a file of ours.
fn real_directory(lab: &Path, folder: &Path) -> anyhow::Result<String> {
    let read = |name: &str| {
        std::fs::read_to_string(lab.join(name))
            .with_context(|| format!("reading {name} of the lab"))
    };
    let accounts = read("accounts")?;
    let reader = accounts.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let mut reader = reader.filter(|words| words.iter().any(|word| word.contains("svc-hygie")));
    let words = reader.next().context("the lab names no svc-hygie account")?;
    let (name, password) = match words.as_slice() {
        [.., name, password] => (*name, *password),
        _ => anyhow::bail!("the lab's accounts do not parse"),
    };
    std::fs::copy(lab.join("ca.crt"), folder.join("sources/ad-ca.crt"))?;
    std::fs::write(folder.join("sources/ad-password"), password)?;
    Ok(format!(
        "[source]\nname = \"ad\"\nkind = \"active_directory\"\nurl = \"ldaps://{}\"\n\
         base = \"OU=Hopital,DC=hopital,DC=test\"\nbind_dn = \"{name}\"\npassword_file = \"ad-password\"\n\
         ca_file = \"ad-ca.crt\"\n",
        read("address")?.trim()
    ))
}

pub async fn work(
    house: &House,
    hospital: &Path,
    summary: &Summary,
    out: &Output,
) -> anyhow::Result<Done> {
    let context = &house.context;
    let hr = sync(context, "rh").await?;
    out.progress(&format!("HR: {} lines, {} people", hr.lines, hr.persons));
    let ad = sync(context, "ad").await?;
    out.progress(&format!("AD: {} accounts", ad.persons));
    let register = import(context, hospital, summary).await?;
    out.progress(&format!("register: {} lines, {} persons", register.lines, register.persons));
    let started = Instant::now();
    let (_, job) = context.workflows.start_reconcile(&context.actor).await?;
    must_be_done(&follow(context, job).await?)?;
    let reconcile_seconds = started.elapsed().as_secs_f64();
    let mut second_sync = 0;
    for source in ["rh", "ad"] {
        second_sync += read(context, source, true).await?.0.counts.items();
    }
    // The truth is read here, by the demo, once all links are made: the appliance never sees it.
    let figures = judge(context, &hospital.join("truth/truth.csv")).await?;
    Ok(Done { hr, ad, register, reconcile_seconds, figures, second_sync })
}

async fn sync(context: &CommandContext, source: &str) -> anyhow::Result<Step> {
    let started = Instant::now();
    let (run, job): (Run, _) = read(context, source, true).await?;
    must_be_done(&job)?;
    ensure!(run.state == RunState::Applied, "{source} is {}: {:?}", run.state.name(), run.brakes);
    Ok(Step {
        lines: run.lines,
        persons: run.counts.records,
        seconds: started.elapsed().as_secs_f64(),
    })
}

async fn import(
    context: &CommandContext,
    hospital: &Path,
    summary: &Summary,
) -> anyhow::Result<Step> {
    let started = Instant::now();
    let version = summary.versions.first().context("the hospital has a register")?;
    let files = [Some(&version.register), version.restricted.as_ref()];
    let files = files.into_iter().flatten().map(|file| hospital.join(file)).collect();
    let job = context
        .workflows
        .start_register_import(&context.actor, files, workflows::sync::ImportLimits::partial())
        .await?;
    must_be_done(&follow(context, job).await?)?;
    let register = context.workflows.register()?.context("the register was kept")?;
    let version = register.version();
    Ok(Step {
        lines: version.lines(),
        persons: version.persons,
        seconds: started.elapsed().as_secs_f64(),
    })
}

async fn judge(
    context: &CommandContext,
    truth: &Path,
) -> anyhow::Result<BTreeMap<Population, Figures>> {
    let reader = context.workflows.store().read();
    let mut people: BTreeMap<String, PersonId> = BTreeMap::new();
    for post in reader.posts().all().await? {
        people.insert(post.fields.matricule.to_string(), post.person);
    }
    let identities = reader.national_identities().all().await?;
    let linked: BTreeMap<PersonId, kernel::IdNat> =
        identities.into_iter().map(|identity| (identity.person, identity.id_nat)).collect();
    let doubts: std::collections::BTreeSet<PersonId> = reader
        .cases()
        .in_state(directory::CaseState::Open, 100_000)
        .await?
        .into_iter()
        .filter(|case| case.kind == directory::CaseKind::NationalIdentity)
        .filter_map(|case| case.person)
        .collect();
    let why = || Why::sentence("");
    let outcome = |person: &PersonId| match (linked.get(person), doubts.contains(person)) {
        (Some(id_nat), _) => Outcome::Linked {
            id_nat: id_nat.clone(),
            channel: LinkChannel::RegisterMatch,
            why: why(),
        },
        (None, true) => Outcome::Doubt { candidates: Vec::new(), why: why() },
        (None, false) => Outcome::Unmatched { why: why() },
    };
    let everybody = reader.people().all().await?;
    let known: BTreeMap<PersonId, &directory::Person> =
        everybody.iter().map(|person| (person.id, person)).collect();
    let (mut truths, mut decisions) = (BTreeMap::new(), Vec::new());
    let text =
        std::fs::read_to_string(truth).with_context(|| format!("reading {}", truth.display()))?;
    for line in text.lines().skip(1) {
        let (matricule, id_nat) = line.split_once(';').context("the truth does not parse")?;
        let Some(person) = people.get(matricule) else { continue };
        let id_nat = match id_nat.trim() {
            "" => None,
            text => Some(text.parse()?),
        };
        let found = known.get(person);
        truths.insert(
            *person,
            Truth {
                id_nat,
                has_birth_date: found.is_some_and(|person| person.birth_date.is_some()),
                changed_name: found.is_some_and(|person| {
                    person.names.usage_family.is_some()
                        && person.names.usage_family != person.names.birth_family
                }),
                rpps_from_hr: found.is_some_and(|person| person.declared_rpps.is_some()),
            },
        );
        decisions.push(Decision { person: *person, outcome: outcome(person) });
    }
    Ok(evaluate(&decisions, &truths))
}
