use super::view;
use super::views::SavedViewList;
use crate::call::{Answer, Asked, Call};
use crate::problem::Problem;
use axum::Json;
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ViewsQuery {
    /// Those of one page.
    page: Option<String>,
}

/// My views and those shared with me.
///
/// Permission: anybody at the console.
#[utoipa::path(get, path = "/api/v1/views", operation_id = "list_views", tag = "views", params(ViewsQuery),
    responses((status = 200, body = SavedViewList), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn list(call: Call, Asked(query): Asked<ViewsQuery>) -> Answer<Json<SavedViewList>> {
    let seen = call.workflows.list_saved_views(&call.caller, query.page.as_deref()).await?;
    let items = seen.into_iter().map(|seen| view(&seen.view, seen.mine, seen.owner));
    Ok(Json(SavedViewList { items: items.collect() }))
}
