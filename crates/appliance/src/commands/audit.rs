use super::CommandContext;
use anyhow::Context;
use clap::Subcommand;
use std::io::Write;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum AuditVerb {
    /// Reads the whole log again against its signed checkpoints; names the first entry that is not what was signed.
    Verify,
    /// Writes the sealed entries as JSON lines.
    Export { file: PathBuf },
}

/// Entries read at a time.
const AT_ONCE: u64 = 2_000;

pub async fn run(context: &CommandContext, verb: AuditVerb) -> anyhow::Result<u8> {
    match verb {
        AuditVerb::Verify => verify(context).await,
        AuditVerb::Export { file } => export(context, file).await,
    }
}

async fn verify(context: &CommandContext) -> anyhow::Result<u8> {
    let report = context.workflows.verify_audit(&context.actor).await?;
    let holds = report.verdict.holds();
    let (entries, faults) = match &report.verdict {
        audit::Verdict::Holds { entries, .. } => (*entries, Vec::new()),
        audit::Verdict::Broken { entries, faults } => {
            (*entries, faults.iter().map(ToString::to_string).collect())
        }
    };
    let words = if holds {
        format!("The audit holds: {entries} entries are what was signed.")
    } else {
        format!("The audit does not hold:\n  {}", faults.join("\n  "))
    };
    context.out.show(
        &serde_json::json!({ "holds": holds, "entries": entries, "faults": faults, "unsealed": report.unsealed }),
        &words,
    );
    Ok(u8::from(!holds))
}

async fn export(context: &CommandContext, file: PathBuf) -> anyhow::Result<u8> {
    context.workflows.seal_all().await?;
    let mut out = std::io::BufWriter::new(
        std::fs::File::create(&file).with_context(|| format!("writing {}", file.display()))?,
    );
    let mut next = 0;
    loop {
        let entries = context.workflows.store().read().audit().entries(next, AT_ONCE).await?;
        let Some(last) = entries.last() else { break };
        next = last.index + 1;
        for entry in &entries {
            out.write_all(&entry.bytes)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    context.workflows.audit_exported(&context.actor, "json_lines", next).await?;
    context.out.show(
        &serde_json::json!({ "entries": next }),
        &format!("{next} entries written to {}.", file.display()),
    );
    Ok(0)
}
