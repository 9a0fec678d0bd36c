//! The binary `hygie`: settings, wiring, jobs, command line.
//! Refuses to decide: every act is a workflow.
//! Start at `commands/mod.rs`, then `serve.rs`.
mod anchor;
mod cards;
mod commands;
mod demo;
mod facts;
mod health;
mod init;
mod mtls;
mod routers;
mod sandbox;
mod serve;
mod settings;
mod trace;
mod wiring;

use clap::Parser;
use std::process::ExitCode;
use std::time::Instant;

/// A request makes and drops some thousand small things: glibc's allocator took a sixth of its processor time
/// (crates/BENCHMARKS.md).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let started = Instant::now();
    let cli = commands::Cli::parse();
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        return fail("another TLS provider was installed first");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("the runtime did not start: {error}")),
    };
    match runtime.block_on(commands::run(cli, started)) {
        Ok(code) => ExitCode::from(code),
        Err(error) => fail(&chain(&error)),
    }
}

/// What was attempted, then each cause once.
fn chain(error: &anyhow::Error) -> String {
    let mut told: Vec<String> = Vec::new();
    for cause in error.chain().map(ToString::to_string) {
        if !told.iter().any(|before| before.contains(&cause)) {
            told.push(cause);
        }
    }
    told.join(": ")
}

#[expect(clippy::print_stderr, reason = "the last word of a command")]
fn fail(message: &str) -> ExitCode {
    eprintln!("hygie: {message}");
    ExitCode::FAILURE
}
