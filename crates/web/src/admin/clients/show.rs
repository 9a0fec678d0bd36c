use super::shown;
use super::views::Client;
use crate::call::{Answer, At, Call, Tagged};
use crate::problem::Problem;

/// One application.
///
/// Permission: `ReadClients`.
#[utoipa::path(get, path = "/api/v1/clients/{client_id}", operation_id = "find_client", tag = "clients",
    params(("client_id" = String, Path)),
    responses((status = 200, body = Client), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn show(call: Call, At(client_id): At<String>) -> Answer<Tagged<Client>> {
    let client = call.workflows.show_client_named(call.actor(), &client_id).await?;
    let opened = call.workflows.last_openings(call.actor()).await?;
    let last_login_at = opened.get(&client.id).copied();
    Ok(Tagged(client.version, Client { last_login_at, ..shown(&call, &client).await? }))
}
