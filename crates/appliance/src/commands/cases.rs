use super::CommandContext;
use super::evaluate::ReconcileVerb;
use super::source::{must_be_done, run_document, work};
use anyhow::Context;
use directory::{CaseState, Decision};
use workflows::DecideCase;

pub async fn run(context: &CommandContext, verb: ReconcileVerb) -> anyhow::Result<u8> {
    match verb {
        ReconcileVerb::Run => reconcile(context).await,
        ReconcileVerb::Cases => list(context).await,
        ReconcileVerb::Decide { case, link, evidence, none_fits, ask_hr, wait_card, note } => {
            let decision = match (link, none_fits, ask_hr, wait_card) {
                (Some(candidate), ..) => {
                    Decision::Link { candidate, evidence: evidence.unwrap_or_default() }
                }
                (None, true, ..) => Decision::NoneFits,
                (None, false, true, _) => Decision::AskHr,
                (None, false, false, true) => Decision::WaitCard,
                (None, false, false, false) => {
                    anyhow::bail!("say --link, --none-fits, --ask-hr or --wait-card")
                }
            };
            let decide = DecideCase { case: case.parse()?, version: None, decision, note };
            let case = context.workflows.decide_case(&context.actor, decide).await?;
            context.out.show(
                &serde_json::json!({ "case": case.id, "state": case.state.name() }),
                &format!("Case {} is {}.", case.id, case.state.name()),
            );
            Ok(0)
        }
        ReconcileVerb::Evaluate(_) => Ok(0),
    }
}

async fn reconcile(context: &CommandContext) -> anyhow::Result<u8> {
    let (run, job) = context.workflows.start_reconcile(&context.actor).await?;
    must_be_done(&work(context, job).await?)?;
    let run =
        context.workflows.store().read().runs().find(run.id).await?.context("the run is gone")?;
    context.out.show(
        &run_document(&run),
        &format!(
            "{} people compared: {} linked, {} to decide, {} without a match.",
            run.counts.records, run.counts.link, run.counts.doubt, run.counts.unchanged
        ),
    );
    Ok(0)
}

async fn list(context: &CommandContext) -> anyhow::Result<u8> {
    let cases = context.workflows.store().read().cases().in_state(CaseState::Open, 500).await?;
    let documents: Vec<serde_json::Value> = cases
        .iter()
        .map(|case| serde_json::json!({ "case": case.id, "kind": case.kind.name(), "person": case.person, "opened_at": case.opened_at }))
        .collect();
    let words: Vec<String> = cases
        .iter()
        .map(|case| {
            let payload: serde_json::Value =
                serde_json::from_str(&case.payload).unwrap_or_default();
            format!(
                "{}  {:18} {}",
                case.id,
                case.kind.name(),
                payload["sentence"].as_str().unwrap_or_default()
            )
        })
        .collect();
    context.out.show(&documents.into(), &words.join("\n"));
    Ok(0)
}
