use super::due::{MOST, Within};
use crate::admin::csv;
use crate::call::{Asked, Call};
use crate::problem::Problem;
use axum::response::Response;

const DUE: [&str; 7] =
    ["Nom", "Numéro", "Lien par", "Vérifié le", "À revérifier le", "En retard", "Nom au registre"];
const WORKLIST: [&str; 6] = ["Nom", "Matricule", "Fonction", "Rôle", "Numéro", "À faire"];

/// Links to verify again, as CSV (UTF-8 with BOM, `;`).
///
/// Permission: `ReadCases`, and `ReadPeople`.
#[utoipa::path(get, path = "/api/v1/register/due.csv", operation_id = "export_due_links", tag = "register",
    params(("within_days" = Option<u64>, Query)),
    responses((status = 200, body = String, content_type = "text/csv"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn due(call: Call, Asked(within): Asked<Within>) -> Result<Response, Problem> {
    let by = call.workflows.due_by(within.within_days);
    let due = call.workflows.due_identities(call.actor(), by, MOST).await?;
    call.workflows.trace_export(call.actor(), due.len() as u64).await?;
    let zone = call.workflows.parts().zone.clone();
    let rows = due.into_iter().map(|one| {
        let told = one.in_register.map(|told| format!("{} {}", told.family, told.given));
        vec![
            one.person.display_name(),
            one.identity.id_nat.to_string(),
            channel(one.identity.channel.name()).to_owned(),
            zone.date(one.identity.verified_at).format("%d/%m/%Y").to_string(),
            one.identity.next_check.format("%d/%m/%Y").to_string(),
            if one.is_overdue { "oui" } else { "non" }.to_owned(),
            told.unwrap_or_default(),
        ]
    });
    Ok(whole("attachment; filename=\"liens-a-reverifier.csv\"", &DUE, rows.collect()))
}

/// The work list of the RPPS+ manager, as CSV (UTF-8 with BOM, `;`).
///
/// Permission: `ReadPeople`.
#[utoipa::path(get, path = "/api/v1/register/worklist.csv", operation_id = "export_people_to_register", tag = "register",
    responses((status = 200, body = String, content_type = "text/csv"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn worklist(call: Call) -> Result<Response, Problem> {
    let list = call.workflows.people_to_register(call.actor()).await?;
    call.workflows.trace_export(call.actor(), list.len() as u64).await?;
    let rows = list.into_iter().map(|one| {
        vec![
            one.person.display_name(),
            one.post.fields.matricule.to_string(),
            one.post.fields.function_label.unwrap_or_default(),
            one.role.unwrap_or_default(),
            one.id_nat.map(|id_nat| id_nat.to_string()).unwrap_or_default(),
            to_do(one.reason).to_owned(),
        ]
    });
    Ok(whole("attachment; filename=\"rpps-plus.csv\"", &WORKLIST, rows.collect()))
}

/// A file that was read at once.
fn whole(name: &'static str, columns: &[&str], rows: Vec<Vec<String>>) -> Response {
    csv::file(name, columns, rows, |rows| async move { Ok(csv::Lines { rows, next: None }) })
}

fn channel(name: &str) -> &str {
    match name {
        "credential_proved" => "Carte ou Pro Santé Connect",
        "human_decided" => "Décision humaine",
        "hr_declared_checked" => "Numéro donné par la RH, vérifié",
        "register_match" => "Rapprochement avec le registre",
        other => other,
    }
}

fn to_do(reason: &str) -> &str {
    match reason {
        "not_registered" => "À enregistrer",
        "not_in_register" => "Absent du registre",
        "no_activity_here" => "Activité à déclarer ici",
        "role_differs" => "Rôle à corriger",
        other => other,
    }
}
