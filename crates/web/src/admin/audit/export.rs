use super::list::{AuditQuery, filter};
use super::rows::row;
use super::views::AuditRow;
use crate::admin::csv;
use crate::admin::shared::views::Outcome;
use crate::call::{Asked, Call};
use crate::problem::Problem;
use axum::response::Response;

const STEP: u64 = 1_000;
const COLUMNS: [&str; 9] = [
    "Date et heure (UTC)",
    "Événement",
    "Catégorie",
    "Qui",
    "À propos de",
    "Résultat",
    "Référence",
    "Feuille",
    "Champs",
];

/// The current filter as CSV (UTF-8 with BOM, `;`), newest first.
///
/// Permission: `ExportAudit`.
#[utoipa::path(get, path = "/api/v1/audit.csv", operation_id = "export_audit", tag = "audit.csv", params(AuditQuery),
    responses((status = 200, body = String, content_type = "text/csv"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn export(call: Call, Asked(query): Asked<AuditQuery>) -> Result<Response, Problem> {
    let filter = filter(&call, &query).await?;
    let last = call.workflows.begin_journal_export(call.actor(), &filter).await?;
    let workflows = call.workflows.clone();
    let next = move |before: Option<i64>| {
        let (workflows, filter) = (workflows.clone(), filter.clone());
        async move {
            let found = workflows.journal_lines(&filter, before, STEP).await?;
            let shown = found
                .page
                .entries
                .iter()
                .filter_map(|entry| row(entry, &found.people, &found.homonyms, &found.names));
            let next = found.page.entries.last().filter(|_| found.page.more);
            Ok(csv::Lines {
                rows: shown.map(|row| cells(&row)).collect(),
                next: next.map(|entry| Some(entry.seq)),
            })
        }
    };
    // What is written after the file was asked for, its own entry first, is not in it.
    let first = Some(last.unwrap_or(0) + 1);
    Ok(csv::file("attachment; filename=\"journal.csv\"", &COLUMNS, first, next))
}

fn cells(row: &AuditRow) -> Vec<String> {
    let word = |value: serde_json::Result<serde_json::Value>| match value {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => String::new(),
    };
    let about = row.subject.as_ref().map(|person| format!("{} {}", person.family, person.given));
    let fields = row.params.iter().flatten().map(|(name, value)| format!("{name}={value}"));
    vec![
        row.at.format("%Y-%m-%d %H:%M:%S").to_string(),
        row.event.clone(),
        word(serde_json::to_value(row.category)),
        row.actor.clone().unwrap_or_default(),
        about.unwrap_or_default(),
        outcome(row.outcome).to_owned(),
        row.reference.clone().unwrap_or_default(),
        row.index.map(|index| index.to_string()).unwrap_or_default(),
        fields.collect::<Vec<_>>().join(" "),
    ]
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted => "Accepté",
        Outcome::Refused => "Refusé",
        Outcome::Read => "Lu",
    }
}
