use super::CommandContext;
use anyhow::{Context, bail};
use clap::Subcommand;
use directory::{ItemKind, Run, RunState};
use kernel::RunId;
use std::path::PathBuf;
use std::time::Duration;
use store::{Job, JobState};
use workflows::AddSource;
use workflows::sync::Selection;

#[derive(Subcommand)]
pub enum SourceVerb {
    /// Adds a source, or its next version, from its TOML definition.
    Add { file: PathBuf },
    /// Sources and their last run.
    List,
    /// Reads a source and stores the plan; applies nothing.
    Preview {
        name: String,
        /// Lines of the plan to show.
        #[arg(long, default_value_t = 20)]
        show: u64,
    },
    /// Reads a source and applies the plan, unless a brake holds it.
    Sync { name: String },
    /// Applies the plan of a preview, or one that a brake held, within 15 minutes after a person let it go at the console.
    Apply { run: RunId },
}

pub async fn run(context: &CommandContext, verb: SourceVerb) -> anyhow::Result<u8> {
    match verb {
        SourceVerb::Add { file } => add(context, file).await,
        SourceVerb::List => list(context).await,
        SourceVerb::Preview { name, show } => {
            let (run, _) = read(context, &name, false).await?;
            report(context, &run, show).await
        }
        SourceVerb::Sync { name } => {
            let (run, _) = read(context, &name, true).await?;
            report(context, &run, 0).await
        }
        SourceVerb::Apply { run } => apply(context, run).await,
    }
}

async fn add(context: &CommandContext, file: PathBuf) -> anyhow::Result<u8> {
    let definition =
        std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let source = context.workflows.add_source(&context.actor, AddSource { definition }).await?;
    context.out.show(
        &serde_json::json!({ "id": source.id, "name": source.name, "version": source.version }),
        &format!("Source {} is at version {}.", source.name, source.version),
    );
    Ok(0)
}

async fn list(context: &CommandContext) -> anyhow::Result<u8> {
    let (mut documents, mut words) = (Vec::new(), Vec::new());
    let reader = context.workflows.store().read();
    for source in reader.sources().all().await? {
        let last = reader.runs().recent(Some(source.id), 1).await?.pop();
        let state = last.as_ref().map_or("never read", |run| run.state.name());
        words.push(format!(
            "{:20} {:18} v{:<4} {state}",
            source.name,
            source.kind.name(),
            source.version
        ));
        documents.push(serde_json::json!({
            "id": source.id, "name": source.name, "kind": source.kind.name(), "version": source.version, "last_run": state,
        }));
    }
    context.out.show(&documents.into(), &words.join("\n"));
    Ok(0)
}

async fn apply(context: &CommandContext, run: RunId) -> anyhow::Result<u8> {
    let everything = Selection::AllBut(Vec::new());
    let job = context.workflows.start_apply(&context.actor, run, &everything).await?;
    work(context, job).await?;
    report(context, &find(context, run).await?, 0).await
}

/// Reads a source to its plan, and beyond when `apply`.
pub async fn read(context: &CommandContext, name: &str, apply: bool) -> anyhow::Result<(Run, Job)> {
    let source = context.workflows.store().read().sources().by_name(name).await?;
    let source = source
        .with_context(|| format!("no source bears the name {name}; see `hygie source list`"))?;
    let (run, job) = context.workflows.start_sync(&context.actor, source.id, apply).await?;
    let job = work(context, job).await?;
    let run = find(context, run.id).await?;
    // A run that failed by itself says why; one whose end could not even be written is told by its job.
    let ended = matches!(run.state, RunState::Failed | RunState::Refused | RunState::Stopped);
    if !ended {
        must_be_done(&job)?;
    }
    Ok((run, job))
}

async fn find(context: &CommandContext, run: RunId) -> anyhow::Result<Run> {
    context.workflows.store().read().runs().find(run).await?.context("the run is gone")
}

/// Works on a job, or follows whoever works on it, until it is over.
pub async fn work(context: &CommandContext, job: Job) -> anyhow::Result<Job> {
    loop {
        context.workflows.run_waiting_jobs().await?;
        let now = context
            .workflows
            .store()
            .read()
            .jobs()
            .find(job.id)
            .await?
            .context("the job is gone")?;
        if now.state.is_over() {
            return Ok(now);
        }
        context.out.progress(&format!("{} {} / {} {}", now.kind, now.done, now.total, now.unit));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Ends with a failure when the job did.
pub fn must_be_done(job: &Job) -> anyhow::Result<()> {
    match job.state {
        JobState::Done => Ok(()),
        JobState::Paused => bail!("paused before its end"),
        JobState::Stopped => bail!("stopped before its end"),
        JobState::Failed | JobState::Waiting | JobState::Running => {
            bail!("{}", job.result.as_deref().unwrap_or("it failed without a word; see the traces"))
        }
    }
}

pub fn run_document(run: &Run) -> serde_json::Value {
    serde_json::json!({
        "run": run.id, "state": run.state.name(), "lines": run.lines, "counts": run.counts, "brakes": run.brakes,
        "faults": run.faults, "warnings": run.warnings, "error": run.error,
    })
}

async fn report(context: &CommandContext, run: &Run, show: u64) -> anyhow::Result<u8> {
    let counts = &run.counts;
    let mut words = vec![
        format!("{}: {} lines, {} records", run.state.name(), run.lines, counts.records),
        format!(
            "create {}  change {}  close {}  reopen {}  link {}  conflict {}  doubt {}  unchanged {}  absent {}  faulty {}",
            counts.create,
            counts.change,
            counts.close,
            counts.reopen,
            counts.link,
            counts.conflict,
            counts.doubt,
            counts.unchanged,
            counts.absent,
            counts.faulty
        ),
    ];
    for brake in run.brakes.iter().filter(|brake| brake.passed) {
        let unit = brake.unit.as_deref().map(|unit| format!(" of unit {unit}")).unwrap_or_default();
        words.push(format!("brake: {}{unit} {} / {}", brake.name, brake.value, brake.limit));
    }
    match run.state {
        RunState::Planned => words.push(format!("to apply it: hygie source apply {}", run.id)),
        RunState::Waiting => words.push(format!(
            "a second person lets it go at the console, then: hygie source apply {}",
            run.id
        )),
        _ => {}
    }
    words.extend(run.warnings.iter().map(|warning| format!("warning: {warning}")));
    words.extend(run.faults.iter().take(20).map(|fault| format!("fault: {}", fault.message)));
    words.extend(run.error.iter().cloned());
    if show > 0 {
        let items = context.workflows.store().read().plans().page(run.id, None, None, show).await?;
        for item in items {
            words.push(format!("{} {}  {}", sign(item.kind), item.label, item.reason));
            for change in &item.changes {
                let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "∅".to_owned());
                words.push(format!(
                    "    {}: {} → {}",
                    change.field,
                    text(&change.before),
                    text(&change.after)
                ));
            }
        }
    }
    context.out.show(&run_document(run), &words.join("\n"));
    let failed = matches!(run.state, RunState::Failed | RunState::Refused | RunState::Stopped);
    Ok(u8::from(failed))
}

fn sign(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Create => "+",
        ItemKind::Change => "±",
        ItemKind::Close => "−",
        ItemKind::Reopen => "↺",
        ItemKind::Link => "→",
        ItemKind::Conflict => "≠",
        ItemKind::Doubt => "?",
    }
}
