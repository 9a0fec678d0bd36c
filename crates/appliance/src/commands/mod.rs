//! The command line: nouns then verbs. Commands act through the same workflows as the server, as the user of the
//! operating system, and are audited so. `--json` gives one document on stdout; exit 0, 1 failure, 2 usage.
mod audit;
mod cases;
mod client_errors;
mod client_settings;
mod clients;
mod clock;
mod evaluate;
mod evaluate_keys;
mod evaluate_list;
mod jobs;
mod keys;
mod operators;
mod output;
mod people;
mod register;
mod source;
mod worklist;

pub use output::Output;
pub use source::{must_be_done, read, work};

use crate::anchor::Anchor;
use crate::settings::Settings;
use crate::{demo, init, sandbox, serve, wiring};
use anyhow::Context;
use clap::{Parser, Subcommand};
use kernel::Actor;
use std::path::PathBuf;
use std::time::Instant;
use workflows::Workflows;

#[derive(Parser)]
#[command(
    name = "hygie",
    version,
    about = "Hygie, the identity appliance of hospitals",
    disable_help_subcommand = true
)]
pub struct Cli {
    /// The settings file.
    #[arg(long, global = true, default_value = "hygie.toml")]
    settings: PathBuf,
    /// One JSON document on stdout.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Subcommand)]
enum Noun {
    /// Makes keys, certificates, settings, and the first administrator's one-time link.
    Init(Box<init::InitArgs>),
    /// Serves until it is told to stop.
    Serve,
    /// Whether the database answers, what is in it, what waits.
    Status,
    /// The settings file.
    #[command(subcommand)]
    Settings(SettingsVerb),
    /// Sources of people and accounts.
    #[command(subcommand)]
    Source(source::SourceVerb),
    /// The national register.
    #[command(subcommand)]
    Register(register::RegisterVerb),
    /// People against the register.
    #[command(subcommand)]
    Reconcile(evaluate::ReconcileVerb),
    /// People.
    #[command(subcommand)]
    Person(people::PersonVerb),
    /// Means of identification.
    #[command(subcommand)]
    Means(people::MeansVerb),
    /// Who works at the console.
    #[command(subcommand)]
    Operator(operators::OperatorVerb),
    /// Applications that log people in by OpenID Connect.
    #[command(subcommand)]
    Client(clients::ClientVerb),
    /// Background jobs.
    #[command(subcommand)]
    Job(jobs::JobVerb),
    /// An appliance for editors: made-up people, registration of clients, the connector check.
    Sandbox(Box<sandbox::SandboxArgs>),
    /// Signing keys.
    #[command(subcommand)]
    Key(keys::KeyVerb),
    /// The audit.
    #[command(subcommand)]
    Audit(audit::AuditVerb),
    /// The machine's clock, which must not go back.
    #[command(subcommand)]
    Clock(clock::ClockVerb),
    /// The synthetic hospital.
    #[command(subcommand)]
    Demo(demo::DemoVerb),
}

#[derive(Subcommand)]
enum SettingsVerb {
    /// Tells every fault of the settings file, without starting.
    Check,
}

/// Runs one command; its exit code.
pub async fn run(cli: Cli, started: Instant) -> anyhow::Result<u8> {
    let out = Output::new(cli.json);
    match cli.noun {
        Noun::Demo(verb) => {
            crate::trace::start("warn", false);
            return demo::run(verb, &out).await;
        }
        Noun::Init(args) => {
            crate::trace::start("warn", false);
            let made = init::init(&args).await?;
            out.show(
                &serde_json::json!({ "settings": made.settings_file, "first_administrator": made.link }),
                &format!(
                    "Made {}.\n\nThe first administrator enrols a key here, within one hour, once:\n  {}\n\nThen: hygie --settings {} serve",
                    made.settings_file.display(),
                    made.link,
                    made.settings_file.display()
                ),
            );
            return Ok(0);
        }
        Noun::Sandbox(args) => {
            crate::trace::start("warn", false);
            return sandbox::run(&args, &out, started).await;
        }
        Noun::Settings(SettingsVerb::Check) => {
            let settings = Settings::read(&cli.settings)?;
            let cards = settings.card.as_ref().map(crate::cards::checked).transpose()?;
            out.show(
                &serde_json::json!({ "ok": true, "node": settings.node, "cards": cards }),
                &format!("{}: no fault.", cli.settings.display()),
            );
            return Ok(0);
        }
        Noun::Reconcile(evaluate::ReconcileVerb::Evaluate(args)) => {
            return evaluate::evaluate(&args, &out);
        }
        _ => {}
    }
    let settings = Settings::read(&cli.settings)?;
    if matches!(cli.noun, Noun::Serve) {
        crate::trace::start(&settings.log_filter, settings.log_json);
        serve::serve(settings, started).await?;
        return Ok(0);
    }
    crate::trace::start("warn", false);
    let opened = match &cli.noun {
        // What looks at a restored database, and says that it is one on purpose, must open it.
        Noun::Audit(audit::AuditVerb::Verify | audit::AuditVerb::Restored { .. }) => {
            wiring::open_unanchored(&settings).await
        }
        _ => wiring::open(&settings).await,
    };
    let workflows = opened.context("opening the appliance's data")?;
    let (actor, anchor) = (Actor::command_line(uid()), Anchor::of(&settings));
    let context = CommandContext { workflows, actor, anchor, out };
    let code = match cli.noun {
        Noun::Status => context.status().await?,
        Noun::Source(verb) => source::run(&context, verb).await?,
        Noun::Register(verb) => register::run(&context, verb).await?,
        Noun::Reconcile(verb) => cases::run(&context, verb).await?,
        Noun::Person(verb) => people::run(&context, verb).await?,
        Noun::Means(verb) => people::run_means(&context, verb).await?,
        Noun::Operator(verb) => operators::run(&context, verb).await?,
        Noun::Client(verb) => clients::run(&context, verb).await?,
        Noun::Job(verb) => jobs::run(&context, verb).await?,
        Noun::Key(verb) => keys::run(&context, verb).await?,
        Noun::Audit(verb) => audit::run(&context, verb).await?,
        Noun::Clock(verb) => clock::run(&context, verb).await?,
        Noun::Init(_) | Noun::Serve | Noun::Settings(_) | Noun::Demo(_) | Noun::Sandbox(_) => 0,
    };
    // What the command did is signed before it ends, server running or not.
    context.workflows.seal_all().await?;
    if !context.anchor.is_of_another_log(&context.workflows).await {
        context.anchor.keep(&context.workflows).await?;
    }
    Ok(code)
}

/// What every command acts with.
pub struct CommandContext {
    pub workflows: Workflows,
    pub actor: Actor,
    pub anchor: Anchor,
    pub out: Output,
}

impl CommandContext {
    async fn status(&self) -> anyhow::Result<u8> {
        let store = self.workflows.store();
        store.ping().await?;
        let reader = store.read();
        let people = reader.people().count(None).await?;
        let active = reader.people().count(Some(directory::PersonState::Active)).await?;
        let entries = reader.audit().count().await?;
        let jobs = reader.jobs().unfinished().await?.len();
        let register = self.workflows.register()?.map(|register| register.version().clone());
        let lines = register.as_ref().map(store::register::RegisterVersion::lines);
        self.out.show(
            &serde_json::json!({
                "database": store.backend(), "people": people, "active": active, "audit_entries": entries,
                "jobs": jobs, "register_lines": lines,
            }),
            &format!(
                "database   {}\npeople     {people} ({active} active)\naudit      {entries} entries\njobs       {jobs} unfinished\nregister   {}",
                store.backend(),
                lines.map_or("none imported".to_owned(), |lines| format!("{lines} lines")),
            ),
        );
        Ok(0)
    }
}

/// The user of the operating system, as the audit names the command line.
pub fn uid() -> u32 {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").map_or(u32::MAX, |meta| meta.uid())
}
