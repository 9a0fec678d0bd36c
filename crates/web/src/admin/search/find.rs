use super::views::{HitKind, SearchHit, SearchResults};
use crate::admin::shared::person_ref;
use crate::call::{Answer, Asked, Call};
use crate::problem::Problem;
use ::audit::Reference;
use axum::Json;
use kernel::Capability;
use serde::Deserialize;
use utoipa::IntoParams;
use workflows::views::people_list::PeopleFilter;

/// Hits of one kind at most.
const MOST: u64 = 5;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SearchQuery {
    q: Option<String>,
}

/// The pages of the console, by the words that people look for.
const PAGES: [(&str, &str); 8] = [
    ("Personnes", "/people"),
    ("À arbitrer", "/cases"),
    ("Sources", "/sources"),
    ("Annuaire Santé", "/sources"),
    ("Applications", "/applications"),
    ("Journal", "/audit"),
    ("Système", "/system"),
    ("Accueil", "/"),
];

/// People, applications, references, pages.
///
/// Permission: each kind of hit for whoever may read it.
#[utoipa::path(get, path = "/api/v1/search", operation_id = "search", tag = "search", params(SearchQuery),
    responses((status = 200, body = SearchResults), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn find(call: Call, Asked(query): Asked<SearchQuery>) -> Answer<Json<SearchResults>> {
    let asked = query.q.unwrap_or_default();
    let text: String = asked.trim().chars().take(200).collect();
    if text.is_empty() {
        return Ok(Json(SearchResults { hits: Vec::new(), total: 0 }));
    }
    if let Some(hit) = reference(&call, &text).await? {
        return Ok(Json(SearchResults { hits: vec![hit], total: 1 }));
    }
    let (mut hits, mut total) = people(&call, &text).await?;
    let applications = applications(&call, &text).await?;
    let wanted = identity::names::fold(&text);
    let pages = PAGES.iter().filter(|(label, _)| identity::names::fold(label).contains(&wanted));
    let pages: Vec<SearchHit> = pages.map(|(label, path)| page(label, path)).collect();
    total += applications.len() + pages.len();
    hits.extend(applications.into_iter().chain(pages).take(2 * MOST as usize));
    Ok(Json(SearchResults { hits, total: i64::try_from(total).unwrap_or(i64::MAX) }))
}

async fn reference(call: &Call, text: &str) -> Result<Option<SearchHit>, Problem> {
    let Ok(reference) = text.parse::<Reference>() else { return Ok(None) };
    if !call.actor().can(Capability::ReadAudit) {
        return Ok(None);
    }
    let Some(entry) = call.workflows.find_reference(call.actor(), &reference).await? else {
        return Ok(None);
    };
    let target = entry.index.map_or_else(String::new, |index| index.to_string());
    Ok(Some(SearchHit {
        kind: HitKind::Reference,
        exact: true,
        label: reference.to_string(),
        detail: Some(entry.event),
        person: None,
        target,
    }))
}

async fn people(call: &Call, text: &str) -> Result<(Vec<SearchHit>, usize), Problem> {
    if !call.actor().can(Capability::ReadPeople) {
        return Ok((Vec::new(), 0));
    }
    let everybody = PeopleFilter::everybody(call.workflows.today());
    let filter = PeopleFilter { text: Some(text.to_owned()), ..everybody };
    let (lines, found) = call.workflows.search_people(call.actor(), &filter, MOST).await?;
    let number = text.chars().any(|letter| letter.is_ascii_digit());
    let hit = |line: &workflows::views::people_list::PersonLine| {
        let post = line.main_post(filter.today).map(|post| &post.fields);
        let unit = post.and_then(|post| post.unit_label.clone());
        let function = post.and_then(|post| post.function_label.clone());
        let detail: Vec<String> = function.into_iter().chain(unit).collect();
        SearchHit {
            kind: HitKind::Person,
            exact: number && found == 1,
            label: line.person.display_name(),
            detail: Some(detail.join(" · ")).filter(|detail| !detail.is_empty()),
            person: Some(person_ref(&line.person, line.homonym)),
            target: line.person.id.to_string(),
        }
    };
    let total = usize::try_from(found).unwrap_or(usize::MAX);
    Ok((lines.iter().map(hit).collect(), total))
}

async fn applications(call: &Call, text: &str) -> Result<Vec<SearchHit>, Problem> {
    if !call.actor().can(Capability::ReadClients) {
        return Ok(Vec::new());
    }
    let wanted = identity::names::fold(text);
    let clients = call.workflows.list_clients(call.actor()).await?;
    let found = clients.into_iter().filter(|client| {
        identity::names::fold(&client.name).contains(&wanted) || client.client_id == text
    });
    let hit = |client: oidc::Client| SearchHit {
        kind: HitKind::Application,
        exact: client.client_id == text,
        label: client.name,
        detail: client.settings.vendor,
        person: None,
        target: client.client_id,
    };
    Ok(found.take(MOST as usize).map(hit).collect())
}

fn page(label: &str, path: &str) -> SearchHit {
    SearchHit {
        kind: HitKind::Page,
        exact: false,
        label: label.to_owned(),
        detail: None,
        person: None,
        target: path.to_owned(),
    }
}
