use super::CommandContext;
use super::source::{must_be_done, work};
use clap::Subcommand;

#[derive(Subcommand)]
pub enum JobVerb {
    /// The last jobs, newest first.
    List,
    /// Asks a job to pause: it can be taken up where it was.
    Pause { job: String },
    /// Ends a job for good, running or paused.
    Stop { job: String },
    /// Takes up a job that was paused or that failed, and works on it to its end.
    Resume { job: String },
}

pub async fn run(context: &CommandContext, verb: JobVerb) -> anyhow::Result<u8> {
    match verb {
        JobVerb::List => {
            let jobs = context.workflows.store().read().jobs().recent(50).await?;
            let documents: Vec<serde_json::Value> = jobs
                .iter()
                .map(|job| {
                    serde_json::json!({
                        "job": job.id, "kind": job.kind, "state": job.state.name(), "done": job.done, "total": job.total,
                        "unit": job.unit, "result": job.result,
                    })
                })
                .collect();
            let words: Vec<String> = jobs
                .iter()
                .map(|job| {
                    format!(
                        "{}  {:16} {:8} {} / {} {}",
                        job.id,
                        job.kind,
                        job.state.name(),
                        job.done,
                        job.total,
                        job.unit
                    )
                })
                .collect();
            context.out.show(&documents.into(), &words.join("\n"));
        }
        JobVerb::Pause { job } => {
            context.workflows.pause_job(&context.actor, job.parse()?).await?;
            let document = serde_json::json!({ "pause_requested": true });
            context.out.show(&document, "The job was asked to pause.");
        }
        JobVerb::Stop { job } => {
            context.workflows.stop_job(&context.actor, job.parse()?).await?;
            context
                .out
                .show(&serde_json::json!({ "stop_requested": true }), "The job was asked to stop.");
        }
        JobVerb::Resume { job } => {
            let resumed = context.workflows.resume_job(&context.actor, job.parse()?).await?;
            let done = work(context, resumed).await?;
            must_be_done(&done)?;
            let document = serde_json::json!({ "job": done.id, "state": done.state.name(), "result": done.result });
            context.out.show(&document, done.result.as_deref().unwrap_or("done"));
        }
    }
    Ok(0)
}
