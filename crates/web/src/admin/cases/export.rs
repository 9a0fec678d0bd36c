use super::list::{CasesQuery, filter, row};
use super::views::{CaseKind, CaseState};
use crate::admin::csv;
use crate::call::{Asked, Call};
use crate::problem::Problem;
use axum::response::Response;

const STEP: u64 = 500;
const COLUMNS: [&str; 8] =
    ["Question", "État", "Nom", "Prénom", "Candidats", "Attend depuis", "Confié à", "Cas"];

/// The queue as CSV (UTF-8 with BOM, `;`).
///
/// Permission: `ReadCases`.
#[utoipa::path(get, path = "/api/v1/cases.csv", operation_id = "export_cases", tag = "cases.csv", params(CasesQuery),
    responses((status = 200, body = String, content_type = "text/csv"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn export(call: Call, Asked(query): Asked<CasesQuery>) -> Result<Response, Problem> {
    let filter = filter(&query, &call)?;
    call.workflows.begin_cases_export(call.actor(), &filter).await?;
    let (workflows, actor) = (call.workflows.clone(), call.actor().clone());
    let next = move |last: Option<directory::Case>| {
        let (workflows, actor, filter) = (workflows.clone(), actor.clone(), filter.clone());
        async move {
            let (page, people) =
                workflows.cases_after(&actor, &filter, last.as_ref(), STEP).await?;
            let zone = &workflows.parts().zone;
            let rows = page.cases.iter().map(|case| {
                let row = row(case, &page, &people);
                vec![
                    kind(row.kind).to_owned(),
                    state(row.state).to_owned(),
                    row.person.family,
                    row.person.given,
                    row.candidates.to_string(),
                    zone.at(row.waiting_since).format("%d/%m/%Y %H:%M").to_string(),
                    row.assigned_to.map(|person| person.name).unwrap_or_default(),
                    row.id.to_string(),
                ]
            });
            let rows = rows.collect();
            let next = page.cases.last().filter(|_| page.more).cloned().map(Some);
            Ok(csv::Lines { rows, next })
        }
    };
    Ok(csv::file("attachment; filename=\"a-arbitrer.csv\"", &COLUMNS, None, next))
}

fn kind(kind: CaseKind) -> &'static str {
    match kind {
        CaseKind::Account => "Compte sans titulaire",
        CaseKind::NationalIdentity => "Identité nationale",
        CaseKind::Conflict => "Conflit",
        CaseKind::Duplicate => "Doublon",
    }
}

fn state(state: CaseState) -> &'static str {
    match state {
        CaseState::Open => "Ouvert",
        CaseState::AskHr => "Demandé à la RH",
        CaseState::WaitCard => "Attend la carte",
        CaseState::Decided => "Décidé",
    }
}
