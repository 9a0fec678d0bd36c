use super::views::{ClientRefusal, ClientRefusalPage};
use crate::call::{Answer, Asked, At, Call, Paging};
use crate::problem::Problem;
use axum::Json;
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RefusalQuery {
    cursor: Option<String>,
    limit: Option<u64>,
}

/// What an application was refused this last month, newest first; nobody is named.
///
/// Permission: `ReadClients`.
#[utoipa::path(get, path = "/api/v1/clients/{client_id}/errors", operation_id = "list_client_errors", tag = "clients",
    params(("client_id" = String, Path), RefusalQuery),
    responses((status = 200, body = ClientRefusalPage), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn list(
    call: Call,
    At(client_id): At<String>,
    Asked(query): Asked<RefusalQuery>,
) -> Answer<Json<ClientRefusalPage>> {
    let limit = Paging { cursor: None, limit: query.limit }.limit();
    let before: Option<i64> = call.open_cursor(query.cursor.as_deref())?;
    let found = call.workflows.client_refusals(call.actor(), &client_id, before, limit).await?;
    let last = found.refusals.last().filter(|_| found.more).map(|last| last.seq);
    let line = |refusal: workflows::oidc::ClientRefusal| ClientRefusal {
        seq: refusal.seq,
        at: refusal.at,
        event: refusal.event,
        reason: refusal.reason,
        grant: refusal.grant,
        reference: refusal.reference,
    };
    Ok(Json(ClientRefusalPage {
        items: found.refusals.into_iter().map(line).collect(),
        next_cursor: last.map(|seq| call.seal_cursor(&seq)),
        since: found.since,
    }))
}
