use crate::admin::runs::summary;
use crate::admin::runs::views::RunsPage;
use crate::call::{Answer, Asked, At, Call, Paging};
use crate::problem::Problem;
use axum::Json;
use kernel::SourceId;
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RunsQuery {
    cursor: Option<String>,
    limit: Option<u64>,
}

/// The runs of a source, newest first.
///
/// Permission: `ReadSources`.
#[utoipa::path(get, path = "/api/v1/sources/{id}/runs", operation_id = "source_runs", tag = "sources",
    params(("id" = uuid::Uuid, Path), RunsQuery),
    responses((status = 200, body = RunsPage), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(source.id = %id))]
pub async fn runs(
    call: Call,
    At(id): At<SourceId>,
    Asked(query): Asked<RunsQuery>,
) -> Answer<Json<RunsPage>> {
    let limit = Paging { cursor: None, limit: query.limit }.limit();
    let offset: u64 = call.open_cursor(query.cursor.as_deref())?.unwrap_or(0);
    let found = call.workflows.source_runs(call.actor(), id, offset, limit).await?;
    let found = found.ok_or_else(|| Problem::not_found("source_unknown"))?;
    let end = offset + found.runs.len() as u64;
    Ok(Json(RunsPage {
        items: found.runs.iter().map(|run| summary(run, &found.name, &found.people)).collect(),
        next_cursor: (end < found.total).then(|| call.seal_cursor(&end)),
        total: i64::try_from(found.total).unwrap_or(i64::MAX),
    }))
}
