use super::CommandContext;
use super::source::{must_be_done, work};
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum RegisterVerb {
    /// Imports extracts: the open one first, then the restricted one, which adds birth data.
    Import {
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// A partial extract, or the demo's: the guard on the size of the whole register is off.
        #[arg(long)]
        partial: bool,
    },
    /// The version in use.
    Status,
}

pub async fn run(context: &CommandContext, verb: RegisterVerb) -> anyhow::Result<u8> {
    match verb {
        RegisterVerb::Import { files, partial } => {
            let files: Result<Vec<PathBuf>, _> = files.iter().map(std::fs::canonicalize).collect();
            let job =
                context.workflows.start_register_import(&context.actor, files?, partial).await?;
            must_be_done(&work(context, job).await?)?;
            status(context)
        }
        RegisterVerb::Status => status(context),
    }
}

fn status(context: &CommandContext) -> anyhow::Result<u8> {
    let Some(register) = context.workflows.register()? else {
        context.out.show(&serde_json::json!({ "version": null }), "No register was imported yet.");
        return Ok(0);
    };
    let version = register.version();
    let files: Vec<&str> = version.files.iter().map(|file| file.name.as_str()).collect();
    context.out.show(
        &serde_json::json!({
            "version": version.number, "files": files, "lines": version.lines(), "persons": version.persons,
            "births": version.births, "extracted_at": version.extracted_at, "imported_at": version.imported_at,
        }),
        &format!(
            "version {}: {} lines, {} persons, {} with birth data ({})",
            version.number,
            version.lines(),
            version.persons,
            version.births,
            files.join(", ")
        ),
    );
    Ok(0)
}
