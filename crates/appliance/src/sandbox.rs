//! `hygie sandbox`: an appliance for editors, of its own (database, keys, issuer), with people who do not exist. Made at
//! the first start, found again at the next ones.
use crate::anchor::Anchor;
use crate::commands::{CommandContext, Output, must_be_done, read, work};
use crate::init::{self, InitArgs};
use crate::settings::Settings;
use crate::{serve, wiring};
use anyhow::{Context, ensure};
use audit::AccessKind;
use authentication::MeansKind;
use clap::Args;
use demo::hospital::{self, PersonaView, Plan, Size, Summary};
use directory::RunState;
use kernel::{Actor, Handle, HandleKind, OsRandomness, PersonId, Randomness};
use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Instant;
use workflows::login::Visit;
use workflows::sandbox::TestPerson;
use workflows::sync::ImportLimits;
use workflows::{AddSource, Workflows};

/// What an appliance was made as, and of a sandbox.
const MADE_AS: &str = "made_as";
const SANDBOX: &str = "sandbox";
/// Shown to everybody who reaches a sandbox: worth nothing elsewhere, where it opens nothing.
const PASSWORD: &str = "bac-a-sable-2026";
/// The files of its hospital, in its folder.
const HOSPITAL: &str = "hospital";

#[derive(Args)]
pub struct SandboxArgs {
    /// Folder of the sandbox; made when it is not there.
    #[arg(long)]
    folder: PathBuf,
    /// Host of its pages and of its issuer.
    #[arg(long, default_value = "localhost")]
    host: String,
    #[arg(long, default_value = "127.0.0.1:8443")]
    bind: SocketAddr,
    #[arg(long, default_value = "127.0.0.1:9443")]
    admin_bind: SocketAddr,
    #[arg(long, default_value = "127.0.0.1:9090")]
    health_bind: SocketAddr,
    /// Plain http://localhost, on this machine alone.
    #[arg(long)]
    demo_http: bool,
    /// PostgreSQL address file of an empty database, instead of SQLite.
    #[arg(long)]
    postgres_url_file: Option<PathBuf>,
    /// Hosts (`name` or `name:port`) where logout calls may go.
    #[arg(long = "allowed-host")]
    allowed_hosts: Vec<String>,
    /// Authorities (PEM) of the certificates of these hosts.
    #[arg(long)]
    anchors_file: Option<PathBuf>,
    /// These hosts may be on this machine.
    #[arg(long)]
    local_addresses: bool,
    /// Makes it and stops there.
    #[arg(long)]
    no_serve: bool,
}

pub async fn run(args: &SandboxArgs, out: &Output, started: Instant) -> anyhow::Result<u8> {
    let settings_file = args.folder.join("hygie.toml");
    if !settings_file.exists() {
        make(args, out).await?;
    } else if !args.allowed_hosts.is_empty() || args.anchors_file.is_some() || args.local_addresses
    {
        out.progress(
            "This sandbox is there already: what it may call stands under [applications] of its hygie.toml, and what you \
             said of it now changes nothing.",
        );
    }
    let people = hospital_people(&args.folder)?;
    let folder = args.folder.display();
    ensure!(!people.is_empty(), "its making was interrupted: remove {folder}, and begin again");
    let settings = Settings::read(&settings_file)?;
    let sandbox = settings.sandbox.as_ref().context("this appliance is no sandbox")?;
    let token = fs::read_to_string(&sandbox.registration_token_file)?;
    let origin = &settings.public.origin;
    out.show(
        &serde_json::json!({
            "sandbox": format!("{origin}/sandbox"), "issuer": origin, "settings": settings_file,
            "registration": format!("{origin}/oauth2/register"), "initial_access_token": token.trim(),
            "authority": settings.public.tls.is_some().then(|| args.folder.join("tls/ca.pem")),
            "login": people.first().map(|person| &person.login), "password": PASSWORD,
        }),
        &format!(
            "sandbox        {origin}/sandbox\nissuer         {origin}\nregistration   {origin}/oauth2/register\ninitial token  {}",
            token.trim()
        ),
    );
    if !args.no_serve {
        serve::serve(settings, started).await?;
    }
    Ok(0)
}

async fn make(args: &SandboxArgs, out: &Output) -> anyhow::Result<()> {
    let anchors = anchors(args)?;
    let keys = args.folder.join("keys");
    fs::create_dir_all(&keys).with_context(|| format!("making {}", keys.display()))?;
    let mut token = [0u8; 32];
    OsRandomness.fill(&mut token);
    let token: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
    write(&keys.join("registration.token"), token.as_bytes())?;
    write(&args.folder.join("people.json"), b"[]")?;
    out.progress("A hospital that does not exist is being made…");
    let files = args.folder.join(HOSPITAL);
    let plan = Plan { seed: 1, size: Size::Small, hard: false, lagging: false };
    let summary = hospital::generate(&plan, &files, &mut |_, _, _| {})?;
    let made = init::init(&init_args(args, anchors.as_deref())).await?;
    let workflows = wiring::open(&made.settings).await?;
    workflows.store().upkeep().set_fact(MADE_AS, SANDBOX).await?;
    let actor = Actor::command_line(crate::commands::uid());
    let anchor = Anchor::of(&made.settings);
    let context = CommandContext { workflows, actor, anchor, out: Output::new(true) };
    fill(&context, &files, &summary).await?;
    let mut people = Vec::new();
    for persona in &summary.personas {
        people.push(give_password(&context, persona).await?);
    }
    keep_people(&args.folder, &people)?;
    context.workflows.seal_all().await?;
    context.anchor.keep(&context.workflows).await?;
    Ok(())
}

/// Registration without an operator, hostile answers and logins by shown passwords stay away from real people: the section
/// alone makes no sandbox, only this command does, of an empty database.
pub async fn refuse_beside_people(
    settings: &Settings,
    workflows: &Workflows,
) -> anyhow::Result<()> {
    let made = workflows.fact(MADE_AS).await?;
    ensure!(
        settings.sandbox.is_none() || made.as_deref() == Some(SANDBOX),
        "[sandbox] stands in the settings of an appliance that `hygie sandbox` did not make: take the section out, and \
         make a sandbox of its own"
    );
    Ok(())
}

/// Told before anything is made: the settings are read from another folder than the one where the command was typed.
fn anchors(args: &SandboxArgs) -> anyhow::Result<Option<PathBuf>> {
    let Some(file) = &args.anchors_file else {
        ensure!(
            args.allowed_hosts.is_empty(),
            "--allowed-host without --anchors-file: no certificate of these hosts would be believed (for public ones, \
             the system's: /etc/ssl/certs/ca-certificates.crt)"
        );
        return Ok(None);
    };
    let whole = fs::canonicalize(file).with_context(|| format!("reading {}", file.display()))?;
    Ok(Some(whole))
}

fn init_args(args: &SandboxArgs, anchors: Option<&Path>) -> InitArgs {
    let list = |texts: &[String]| {
        toml::Value::Array(texts.iter().cloned().map(toml::Value::String).collect()).to_string()
    };
    let anchors = anchors.map_or(String::new(), |file| {
        let file = toml::Value::String(file.display().to_string());
        format!("anchors_file = {file}\n")
    });
    InitArgs {
        folder: args.folder.clone(),
        host: args.host.clone(),
        admin_host: None,
        bind: args.bind,
        admin_bind: args.admin_bind,
        health_bind: args.health_bind,
        rp_id: None,
        hospital: Some("Bac à sable".to_owned()),
        admin_family: "Essai".to_owned(),
        admin_given: "Administrateur".to_owned(),
        demo_http: args.demo_http,
        postgres_url_file: args.postgres_url_file.clone(),
        // As the settings are read: from their own folder, wherever the command was typed.
        source_folders: ["hr", "ad"].map(|folder| PathBuf::from(HOSPITAL).join(folder)).into(),
        allowed_hosts: Vec::new(),
        more_settings: format!(
            "\n[applications]\nallowed_hosts = {}\nlocal_addresses = {}\n{anchors}\n\
             # Editors try their clients here: never on an appliance that knows real people.\n\
             [sandbox]\nregistration_token_file = \"keys/registration.token\"\npeople_file = \"people.json\"\n",
            list(&args.allowed_hosts),
            args.local_addresses,
        ),
    }
}

/// Its people and their accounts, and the register that proves who practises.
async fn fill(context: &CommandContext, files: &Path, summary: &Summary) -> anyhow::Result<()> {
    for (folder, source) in [("hr", "rh"), ("ad", "ad")] {
        let mapping = files.join(folder).join("mapping.toml");
        let definition = fs::read_to_string(&mapping)
            .with_context(|| format!("reading {}", mapping.display()))?;
        context.workflows.add_source(&context.actor, AddSource { definition }).await?;
        let (run, job) = read(context, source, true).await?;
        must_be_done(&job)?;
        ensure!(run.state == RunState::Applied, "{source} was not taken in: {:?}", run.brakes);
    }
    let version = summary.versions.first().context("the hospital has a register")?;
    let extracts = [Some(&version.register), version.restricted.as_ref()];
    let extracts = extracts.into_iter().flatten().map(|file| files.join(file)).collect();
    let (workflows, actor) = (&context.workflows, &context.actor);
    let job = workflows.start_register_import(actor, extracts, ImportLimits::partial()).await?;
    must_be_done(&work(context, job).await?)?;
    let (_, job) = workflows.start_reconcile(actor).await?;
    must_be_done(&work(context, job).await?)
}

/// By the code of the desk, as anybody gets one.
async fn give_password(
    context: &CommandContext,
    persona: &PersonaView,
) -> anyhow::Result<(PersonId, TestPerson)> {
    let workflows = &context.workflows;
    let bearers = workflows.store().read().posts().bearers(&persona.matricule).await?;
    let person = *bearers.first().context("this person is in the directory")?;
    let given = workflows.give_enrolment_code(&context.actor, person, MeansKind::Password).await?;
    set_password(workflows, &given.text.expose()).await?;
    let name = format!("{} {}", persona.first_name, persona.usage_name);
    let (part, login) = (persona.part.to_owned(), persona.matricule.clone());
    Ok((person, TestPerson { person, name, part, login, password: PASSWORD.to_owned() }))
}

async fn set_password(workflows: &Workflows, code: &str) -> anyhow::Result<()> {
    let browser = Handle::new(HandleKind::Browser, &OsRandomness);
    let visit = Visit { listener: AccessKind::Public, browser: &browser, network: "127.0.0.1" };
    let page = workflows.begin_enrolment(&visit, code).await?;
    let page =
        workflows.finish_password_enrolment(&visit, &page.handle, PASSWORD, PASSWORD).await?;
    ensure!(
        page.refusal.is_none() && page.advice.is_none(),
        "the password was not taken: {:?}",
        page.advice
    );
    Ok(())
}

fn keep_people(folder: &Path, people: &[(PersonId, TestPerson)]) -> anyhow::Result<()> {
    let lines: Vec<serde_json::Value> = people
        .iter()
        .map(|(id, person)| {
            serde_json::json!({
                "id": id, "name": person.name, "part": person.part, "login": person.login,
                "password": person.password,
            })
        })
        .collect();
    fs::write(folder.join("people.json"), serde_json::to_string_pretty(&lines)?)?;
    Ok(())
}

fn hospital_people(folder: &Path) -> anyhow::Result<Vec<TestPerson>> {
    people_of(&folder.join("people.json"))
}

/// The people that the pages of a sandbox show.
pub fn people_of(file: &Path) -> anyhow::Result<Vec<TestPerson>> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let lines: Vec<serde_json::Value> = serde_json::from_str(&text)?;
    let person = |line: &serde_json::Value| {
        let text = |name: &str| line[name].as_str().map(str::to_owned);
        let person = text("id")?.parse().ok()?;
        let (name, part) = (text("name")?, text("part")?);
        Some(TestPerson { person, name, part, login: text("login")?, password: text("password")? })
    };
    lines.iter().map(person).collect::<Option<_>>().context("people.json does not parse")
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("writing {}", path.display()))?;
    file.write_all(bytes)?;
    Ok(())
}
