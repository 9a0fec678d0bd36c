use super::views::{Facet, PeopleFacets};
use crate::call::{Answer, Call};
use crate::problem::Problem;
use axum::Json;
use workflows::views::people_list;

/// Values for the filters.
///
/// Permission: `ReadPeople`.
#[utoipa::path(get, path = "/api/v1/people/facets", operation_id = "people_facets", tag = "people",
    responses((status = 200, body = PeopleFacets), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn facets(call: Call) -> Answer<Json<PeopleFacets>> {
    let found = call.workflows.people_facets(call.actor()).await?;
    let shown = |facets: Vec<people_list::Facet>| facets.into_iter().map(Facet::from).collect();
    let numbered = found.sites.iter().chain(&found.entities);
    let numbers = numbered.map(|facet| facet.value.clone()).collect();
    let names = call.workflows.site_names(numbers).await;
    let named = |facet: people_list::Facet| people_list::Facet {
        label: names.get(&facet.value).cloned().unwrap_or(facet.label),
        ..facet
    };
    let sites = found.sites.into_iter().map(named).collect();
    let entities = found.entities.into_iter().map(named).collect();
    Ok(Json(PeopleFacets {
        unit: shown(found.units),
        site: shown(sites),
        entity: shown(entities),
        contract: shown(found.contracts),
        function: shown(found.functions),
        state: shown(found.states),
        identity: shown(found.identities),
        means: shown(found.means),
        source: shown(found.sources),
    }))
}

impl From<people_list::Facet> for Facet {
    fn from(facet: people_list::Facet) -> Self {
        let count = i64::try_from(facet.count).unwrap_or(i64::MAX);
        Self { value: facet.value, label: facet.label, count }
    }
}
