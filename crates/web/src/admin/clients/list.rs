use super::views::{CheckStanding, ClientList, ClientRow};
use super::{profile, state};
use crate::call::{Answer, Call};
use crate::problem::Problem;
use axum::Json;

/// Applications.
///
/// Permission: `ReadClients`.
#[utoipa::path(get, path = "/api/v1/clients", operation_id = "list_clients", tag = "clients",
    responses((status = 200, body = ClientList), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn list(call: Call) -> Answer<Json<ClientList>> {
    let clients = call.workflows.list_clients(call.actor()).await?;
    let opened = call.workflows.last_openings(call.actor()).await?;
    let waiting = call.workflows.logouts_waiting(call.actor()).await?;
    let checked = call.workflows.connector_standings(call.actor()).await?;
    let row = |client: &oidc::Client| ClientRow {
        client_id: client.client_id.clone(),
        name: client.name.clone(),
        vendor: client.settings.vendor.clone(),
        profile: profile(client.profile),
        sensitive: client.settings.sensitive,
        state: state(client),
        last_login_at: opened.get(&client.id).copied(),
        relaxed_until: client.settings.relaxation.as_ref().map(|relaxation| relaxation.until),
        check: checked.get(&client.id).map(|(right, total)| CheckStanding {
            right: number(*right as u64),
            total: number(*total as u64),
        }),
        logouts_waiting: waiting.get(&client.id).map_or(0, |count| number(*count)),
    };
    Ok(Json(ClientList { items: clients.iter().map(row).collect() }))
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
