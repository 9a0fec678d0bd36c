use super::columns::Columns;
use super::query::PeopleQuery;
use super::views::{ListedAccount, NationalIdentityState, PersonRow, PersonState};
use crate::admin::csv;
use crate::admin::means::views::MeansKind;
use crate::call::{Asked, Call};
use crate::problem::Problem;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::Zone;
use workflows::views::people_list::PeopleStart;

/// So many lines are read at once.
const STEP: u64 = 500;

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
    let (columns, sort) = (Columns::parse(query.columns.as_deref())?, query.sort()?);
    call.workflows.begin_people_export(call.actor(), &filter).await?;
    let titles = columns.titles();
    let (workflows, actor) = (call.workflows.clone(), call.actor().clone());
    let next = move |start: PeopleStart| {
        let (workflows, actor) = (workflows.clone(), actor.clone());
        let (filter, columns) = (filter.clone(), columns.clone());
        async move {
            let page = workflows.list_people(&actor, &filter, sort, &start, STEP).await?;
            let next = page.next.map(|place| PeopleStart::After(place, page.counts));
            let zone = &workflows.parts().zone;
            let shown = columns.rows(&workflows, &actor, &page.lines, filter.today).await?;
            let cells = |row| columns.names().map(|name| cell(row, name, zone)).collect();
            Ok(csv::Lines { rows: shown.iter().map(cells).collect(), next })
        }
    };
    let name = "attachment; filename=\"personnes.csv\"";
    Ok(csv::file(name, &titles, PeopleStart::First, next))
}

fn cell(row: &PersonRow, column: &str, zone: &Zone) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    match column {
        "name" => row.family.clone(),
        "birth_name" => text(&row.birth_family),
        "given" => row.given.clone(),
        "birth_date" => row.birth_date.map(day).unwrap_or_default(),
        "function" => text(&row.function),
        "entity" => text(&row.entity),
        "unit" => text(&row.unit),
        "unit_name" => text(&row.unit_name),
        "site" => text(&row.site_name),
        "matricules" => row.matricules.join(" "),
        "identity" => identity(row.national_identity).to_owned(),
        "means" => means(row),
        "contract_end" => row.contract_end.map(day).unwrap_or_default(),
        "last_login" => row.last_login_at.map(|at| moment(at, zone)).unwrap_or_default(),
        "state" => state(row.state).to_owned(),
        "sources" => row.sources.iter().flatten().cloned().collect::<Vec<_>>().join(", "),
        "accounts" => accounts(row),
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

fn accounts(row: &PersonRow) -> String {
    let one = |ListedAccount { login, enabled }: &ListedAccount| match enabled {
        true => login.clone(),
        false => format!("{login} (désactivé)"),
    };
    row.accounts.iter().flatten().map(one).collect::<Vec<_>>().join(", ")
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
