//! The demo: the synthetic hospital, the main job on it, a doctor's login, and the report of what was seen.
mod browser;
mod job;
mod login;
mod report;
mod server;

use crate::commands::Output;
use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use demo::hospital::{self, Plan, Size, Summary};
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Subcommand)]
pub enum DemoVerb {
    /// Makes the synthetic hospital: HR, AD and register files, with their truth kept apart.
    Generate {
        #[command(flatten)]
        hospital: HospitalArgs,
        #[arg(long)]
        out: PathBuf,
    },
    /// Makes the hospital, does the main job on it, plays a doctor's login, reports, and serves the console.
    Run(RunArgs),
}

#[derive(Args, Clone, Copy)]
pub struct HospitalArgs {
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, value_enum, default_value = "default")]
    size: OfferedSize,
    /// With the dangers of a real hospital, all at once and more often.
    #[arg(long)]
    hard: bool,
    /// With a register that lags far behind the house: more staff are still shown at their last place, or nowhere.
    #[arg(long)]
    lagging: bool,
}

#[derive(Args)]
pub struct RunArgs {
    #[command(flatten)]
    hospital: HospitalArgs,
    /// Everything is made there; what an earlier demo left is replaced.
    #[arg(long)]
    out: PathBuf,
    /// Stops after the report.
    #[arg(long)]
    once: bool,
    /// Folder of a running Active Directory that holds the hospital's accounts (`address`, `ca.crt`, `accounts`).
    #[arg(long)]
    pub with_ad: Option<PathBuf>,
    /// PostgreSQL address file of an empty database, instead of SQLite.
    #[arg(long)]
    pub postgres_url_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OfferedSize {
    Small,
    Default,
    Full,
}

impl HospitalArgs {
    fn plan(self) -> Plan {
        let size = match self.size {
            OfferedSize::Small => Size::Small,
            OfferedSize::Default => Size::Default,
            OfferedSize::Full => Size::Full,
        };
        Plan { seed: self.seed, size, hard: self.hard, lagging: self.lagging }
    }
}

pub async fn run(verb: DemoVerb, out: &Output) -> anyhow::Result<u8> {
    match verb {
        DemoVerb::Generate { hospital, out: folder } => {
            let summary = generate(hospital.plan(), &folder, out)?;
            out.show(
                &serde_json::to_value(&summary)?,
                &format!("The hospital is in {}.", folder.display()),
            );
            Ok(0)
        }
        DemoVerb::Run(args) => play(&args, out).await,
    }
}

fn generate(plan: Plan, folder: &Path, out: &Output) -> anyhow::Result<Summary> {
    let mut told = Instant::now();
    let summary = hospital::generate(&plan, folder, &mut |what, done, all| {
        if told.elapsed().as_secs() >= 2 {
            told = Instant::now();
            out.progress(&format!("{what} {done} / {all}"));
        }
    })?;
    Ok(summary)
}

async fn play(args: &RunArgs, out: &Output) -> anyhow::Result<u8> {
    std::fs::create_dir_all(&args.out).with_context(|| format!("making {}", args.out.display()))?;
    let root = args.out.canonicalize()?;
    out.progress("The hospital is being made…");
    let hospital = root.join("hospital");
    let summary = generate(args.hospital.plan(), &hospital, out)?;
    let mut house = job::prepare(&root, &hospital, &summary, args).await?;
    out.progress("HR, Active Directory and register are being read and reconciled…");
    let done = job::work(&house, &hospital, &summary, out).await?;
    out.progress("The appliance starts…");
    let mut server = server::Server::start(&mut house).await?;
    out.progress("A doctor enrols a key and logs into the demo DPI…");
    let doctor = summary.persona("doctor").context("the hospital has its doctor")?;
    let dpi = login::Dpi::start(&house).await?;
    let claims = login::play(&house, &dpi, doctor).await?;
    let report = report::make(&house, &done, &server, claims).await?;
    let file = root.join("report.json");
    std::fs::write(&file, serde_json::to_string_pretty(&report)?)?;
    out.show(&report, &report::words(&report, &file, &house, &dpi));
    if !args.once {
        out.progress("Serving; Ctrl-C stops.");
        tokio::signal::ctrl_c().await?;
    }
    dpi.stop().await?;
    server.stop().await?;
    Ok(0)
}
