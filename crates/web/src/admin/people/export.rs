use super::query::PeopleQuery;
use super::row;
use super::views::{NationalIdentityState, PersonRow, PersonState};
use crate::admin::csv;
use crate::admin::means::views::MeansKind;
use crate::call::{Asked, Call, listed};
use crate::problem::Problem;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::Zone;
use workflows::views::people_list::PeopleStart;

/// So many lines are read at once.
const STEP: u64 = 500;

/// What a column is called on screen and in files, in the order of the file.
const COLUMNS: [(&str, &str); 15] = [
    ("name", "Nom"),
    ("birth_name", "Nom de naissance"),
    ("given", "Prénom"),
    ("birth_date", "Naissance"),
    ("function", "Fonction"),
    ("unit", "UF"),
    ("unit_name", "Libellé UF"),
    ("site", "Site"),
    ("matricules", "Matricules"),
    ("identity", "Identité nationale"),
    ("means", "Moyens"),
    ("contract_end", "Fin de contrat"),
    ("last_login", "Dernière connexion"),
    ("state", "État"),
    ("id", "Identifiant Hygie"),
];

/// The current filter in its order as CSV (UTF-8 with BOM, `;`); `columns`: those of the screen, in their order; `ids`:
/// the ticked ones alone.
///
/// Permission: `ReadPeople`.
#[utoipa::path(get, path = "/api/v1/people.csv", operation_id = "export_people", tag = "people.csv", params(PeopleQuery),
    responses((status = 200, body = String, content_type = "text/csv"),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn export(call: Call, Asked(query): Asked<PeopleQuery>) -> Result<Response, Problem> {
    let filter = query.filter(&call)?;
    let (columns, sort) = (columns(query.columns.as_deref())?, query.sort()?);
    call.workflows.begin_people_export(call.actor(), &filter).await?;
    let titles: Vec<&str> = columns.iter().map(|(_, title)| *title).collect();
    let (workflows, actor) = (call.workflows.clone(), call.actor().clone());
    let next = move |start: PeopleStart| {
        let (workflows, actor) = (workflows.clone(), actor.clone());
        let (filter, columns) = (filter.clone(), columns.clone());
        async move {
            let page = workflows.list_people(&actor, &filter, sort, &start, STEP).await?;
            let next = page.next.map(|place| PeopleStart::After(place, page.counts));
            let zone = &workflows.parts().zone;
            let sites = workflows.sites_of(&page.lines).await;
            let rows = page.lines.iter().map(|line| {
                let row = row(line, filter.today, &sites);
                columns.iter().map(|(name, _)| cell(&row, name, zone)).collect()
            });
            Ok(csv::Lines { rows: rows.collect(), next })
        }
    };
    let name = "attachment; filename=\"personnes.csv\"";
    Ok(csv::file(name, &titles, PeopleStart::First, next))
}

/// The screen's `function` and `unit` stand for what they show.
fn columns(asked: Option<&str>) -> Result<Vec<(&'static str, &'static str)>, Problem> {
    let asked = listed(asked);
    if asked.is_empty() {
        let own = |column: &&(&str, &str)| !matches!(column.0, "birth_date" | "means" | "id");
        return Ok(COLUMNS.iter().filter(own).copied().collect());
    }
    let known = |name: &String| {
        let found = COLUMNS.iter().find(|(known, _)| known == name).copied();
        found.ok_or_else(|| Problem::bad_request(format!("columns has no value {name}")))
    };
    asked.iter().map(known).collect()
}

fn cell(row: &PersonRow, column: &str, zone: &Zone) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    match column {
        "name" => row.family.clone(),
        "birth_name" => text(&row.birth_family),
        "given" => row.given.clone(),
        "birth_date" => row.birth_date.map(day).unwrap_or_default(),
        "function" => text(&row.function),
        "unit" => text(&row.unit),
        "unit_name" => text(&row.unit_name),
        "site" => text(&row.site_name),
        "matricules" => row.matricules.join(" "),
        "identity" => identity(row.national_identity).to_owned(),
        "means" => means(row),
        "contract_end" => row.contract_end.map(day).unwrap_or_default(),
        "last_login" => row.last_login_at.map(|at| moment(at, zone)).unwrap_or_default(),
        "state" => state(row.state).to_owned(),
        "id" => row.id.to_string(),
        _ => String::new(),
    }
}

fn day(date: NaiveDate) -> String {
    date.format("%d/%m/%Y").to_string()
}

fn moment(at: DateTime<Utc>, zone: &Zone) -> String {
    zone.at(at).format("%d/%m/%Y %H:%M").to_string()
}

fn means(row: &PersonRow) -> String {
    let word = |kind| match kind {
        MeansKind::Fido2 => "Clé",
        MeansKind::Password => "Mot de passe",
        MeansKind::Badge => "Badge",
        MeansKind::Cps => "CPS",
        MeansKind::Totp => "Application à codes",
    };
    let one = row.means.iter().map(|means| format!("{} ({})", word(means.kind), means.count));
    one.collect::<Vec<_>>().join(", ")
}

fn identity(state: NationalIdentityState) -> &'static str {
    match state {
        NationalIdentityState::Verified => "Vérifiée",
        NationalIdentityState::Declared => "Déclarée",
        NationalIdentityState::ToDecide => "À arbitrer",
        NationalIdentityState::ToRecheck => "À revérifier",
        NationalIdentityState::NotApplicable => "Sans objet",
        NationalIdentityState::Missing => "Absente",
    }
}

fn state(state: PersonState) -> &'static str {
    match state {
        PersonState::Active => "Actif",
        PersonState::Coming => "À venir",
        PersonState::Suspended => "Suspendu",
        PersonState::Closed => "Fermé",
    }
}
