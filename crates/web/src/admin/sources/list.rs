use super::summary;
use super::views::SourceList;
use crate::call::{Answer, Call};
use crate::problem::Problem;
use axum::Json;

/// Sources.
///
/// Permission: `ReadSources`.
#[utoipa::path(get, path = "/api/v1/sources", operation_id = "list_sources", tag = "sources",
    responses((status = 200, body = SourceList), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn list(call: Call) -> Answer<Json<SourceList>> {
    let sheets = call.workflows.list_sources(call.actor()).await?;
    Ok(Json(SourceList { items: sheets.iter().map(summary).collect() }))
}
