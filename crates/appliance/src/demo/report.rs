use super::job::{Done, House, Step};
use super::login::Dpi;
use super::server::Server;
use anyhow::Context;
use reconciliation::{Population, Share};
use serde_json::{Value, json};
use std::path::Path;

pub async fn make(
    house: &House,
    done: &Done,
    server: &Server,
    claims: Value,
) -> anyhow::Result<Value> {
    let figures = done.figures.get(&Population::All).context("the truth names the staff")?;
    let verified = house.context.workflows.verify_audit(&house.context.actor).await?;
    let entries = house.context.workflows.store().read().audit().count().await?;
    Ok(json!({
        "hr": step(&done.hr),
        "ad": step(&done.ad),
        "register": step(&done.register),
        "reconciliation": {
            "people": figures.staff,
            "linked": figures.linked,
            "doubts": figures.doubts,
            "unmatched": figures.unmatched,
            "wrong_links": figures.wrong_links,
            "precision": figures.precision.value,
            "precision_interval": interval(&figures.precision),
            "recall": figures.recall.value,
            "recall_interval": interval(&figures.recall),
            "asked": figures.asked.value,
            "asked_interval": interval(&figures.asked),
            "populations": done.figures,
            "seconds": done.reconcile_seconds,
        },
        "second_sync_items": done.second_sync,
        "login": { "sub": claims["id_token"]["sub"], "claims": claims },
        "audit": { "entries": entries, "verified": verified.verdict.holds() },
        "start_ms": server.start_ms,
        "idle_rss_mb": server.idle_rss_mb,
    }))
}

fn step(step: &Step) -> Value {
    json!({ "lines": step.lines, "persons": step.persons, "seconds": step.seconds })
}

fn interval(share: &Share) -> Value {
    json!([share.low, share.high])
}

pub fn words(report: &Value, file: &Path, house: &House, dpi: &Dpi) -> String {
    let reconciliation = &report["reconciliation"];
    let line = |name: &str, unit: &str| {
        let step = &report[name];
        format!(
            "{name:10} {} lines, {} {unit}, {:.1} s",
            step["lines"],
            step["persons"],
            step["seconds"].as_f64().unwrap_or(0.0)
        )
    };
    [
        line("hr", "people"),
        line("ad", "accounts"),
        line("register", "persons"),
        format!(
            "register   {} of {} people linked, {} to decide, {} wrong (precision {:.4}, recall {:.4}), {:.1} s",
            reconciliation["linked"],
            reconciliation["people"],
            reconciliation["doubts"],
            reconciliation["wrong_links"],
            reconciliation["precision"].as_f64().unwrap_or(0.0),
            reconciliation["recall"].as_f64().unwrap_or(0.0),
            reconciliation["seconds"].as_f64().unwrap_or(0.0)
        ),
        format!("again      {} lines planned by a second reading", report["second_sync_items"]),
        format!("audit      {} entries, verified: {}", report["audit"]["entries"], report["audit"]["verified"]),
        format!("start      {} ms, {} MB idle", report["start_ms"], report["idle_rss_mb"]),
        format!("report     {}", file.display()),
        String::new(),
        format!("login      {}", house.settings.public.origin),
        format!("console    {}   first administrator, one hour, once: {}", house.settings.admin.origin, house.admin_link),
        format!("demo DPI   {}", dpi.base_url),
    ]
    .join("\n")
}
