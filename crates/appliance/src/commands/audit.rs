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
    /// Says that the database was put back to an older state on purpose: whatever was handed out before opens nothing.
    Restored {
        /// Why; kept with the act.
        #[arg(long)]
        motive: String,
    },
}

/// Entries read at a time.
const AT_ONCE: u64 = 2_000;

pub async fn run(context: &CommandContext, verb: AuditVerb) -> anyhow::Result<u8> {
    match verb {
        AuditVerb::Verify => verify(context).await,
        AuditVerb::Export { file } => export(context, file).await,
        AuditVerb::Restored { motive } => restored(context, &motive).await,
    }
}

async fn verify(context: &CommandContext) -> anyhow::Result<u8> {
    let report = context.workflows.verify_audit(&context.actor).await?;
    let (entries, mut faults): (u64, Vec<String>) = match &report.verdict {
        audit::Verdict::Holds { entries, .. } => (*entries, Vec::new()),
        audit::Verdict::Broken { entries, faults } => {
            (*entries, faults.iter().map(ToString::to_string).collect())
        }
    };
    // What this node saw of the log, outside the database, counts as a checkpoint does.
    if let Err(error) = context.anchor.check(&context.workflows).await {
        faults.push(error.root_cause().to_string());
    }
    let holds = faults.is_empty();
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

async fn restored(context: &CommandContext, motive: &str) -> anyhow::Result<u8> {
    let seen = context.anchor.read()?;
    let restored = context.workflows.begin_epoch(&context.actor, seen.as_deref(), motive).await?;
    context.workflows.seal_all().await?;
    context.anchor.replace(&context.workflows).await?;
    let (kept, seen) = (restored.kept.size, restored.lost.as_ref().map(|lost| lost.size));
    let lost = seen.map_or(0, |seen| seen.saturating_sub(kept));
    context.out.show(
        &serde_json::json!({ "epoch": restored.epoch, "kept": kept, "seen": seen }),
        &format!(
            "Epoch {}. The log goes on from {kept} entries; this node had seen {lost} more, whose acts are gone.\n\
             Sessions, tokens and codes of before open nothing. Read every source again, and withdraw again the means \
             that were withdrawn since.",
            restored.epoch
        ),
    );
    Ok(0)
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
