use super::query::PeopleQuery;
use super::row;
use super::views::PersonRow;
use crate::call::{Asked, Call};
use crate::problem::Problem;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

const COLUMNS: &str = "Nom;Nom de naissance;Prénom;Fonction;UF;Libellé UF;Site;Matricules;\
    Identité nationale;Fin de contrat;État\r\n";

/// The current filter as CSV (UTF-8 with BOM, `;`).
///
/// Permission: `ReadPeople`.
#[utoipa::path(get, path = "/api/v1/people.csv", operation_id = "export_people", tag = "people.csv", params(PeopleQuery),
    responses((status = 200, body = String, content_type = "text/csv"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn export(call: Call, Asked(query): Asked<PeopleQuery>) -> Result<Response, Problem> {
    let filter = query.filter(&call)?;
    let lines = call.workflows.export_people(call.actor(), &filter).await?;
    let mut text = format!("\u{feff}{COLUMNS}");
    for line in &lines {
        text.push_str(&csv_line(&row(line, filter.today)));
    }
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let name = HeaderValue::from_static("attachment; filename=\"personnes.csv\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

fn csv_line(row: &PersonRow) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let word = |value: serde_json::Result<serde_json::Value>| match value {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => String::new(),
    };
    let cells = [
        row.family.clone(),
        text(&row.birth_family),
        row.given.clone(),
        text(&row.function),
        text(&row.unit),
        text(&row.unit_name),
        text(&row.site_name),
        row.matricules.join(" "),
        word(serde_json::to_value(row.national_identity)),
        row.contract_end.map(|end| end.format("%d/%m/%Y").to_string()).unwrap_or_default(),
        word(serde_json::to_value(row.state)),
    ];
    let cells: Vec<String> = cells.iter().map(|cell| safe_cell(cell)).collect();
    format!("{}\r\n", cells.join(";"))
}

/// AM-13: a spreadsheet must not take a name for a formula. The full-width signs count too.
fn safe_cell(text: &str) -> String {
    let mut cell: String = text.chars().filter(|letter| !letter.is_control()).collect();
    let first = cell.trim_start_matches(['"', '\'', ' ']).chars().next();
    if first.is_some_and(|first| "=+-@＝＋－＠".contains(first)) {
        cell.insert(0, '\'');
    }
    format!("\"{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn am_13_no_name_becomes_a_formula() {
        for (name, cell) in [
            ("MARTIN", "\"MARTIN\""),
            ("=1+1", "\"'=1+1\""),
            ("\t=1", "\"'=1\""),
            ("\"=1", "\"'\"\"=1\""),
            ("＝1", "\"'＝1\""),
            ("@x", "\"'@x\""),
            ("-Bob", "\"'-Bob\""),
            ("L’HÔTE; Jean", "\"L’HÔTE; Jean\""),
            ("a\r\nb", "\"ab\""),
        ] {
            assert_eq!(safe_cell(name), cell, "{name:?}");
        }
    }
}
