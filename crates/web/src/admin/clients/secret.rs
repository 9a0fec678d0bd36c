use super::shown;
use super::views::ClientSecret;
use crate::call::{Answer, At, Call, Created};
use crate::problem::Problem;
use workflows::ConfirmedAct;

/// New secret; the old one opens nothing from now on.
///
/// Permission: `ManageClients`. The key is asked again.
#[utoipa::path(post, path = "/api/v1/clients/{client_id}/secret", operation_id = "renew_client_secret", tag = "clients",
    params(("client_id" = String, Path), ("Idempotency-Key" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    responses((status = 201, body = ClientSecret), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn renew(call: Call, At(client_id): At<String>) -> Answer<Created<ClientSecret>> {
    call.workflows.may_manage_clients(call.actor()).await?;
    call.must_confirm(ConfirmedAct::RotateSecret).await?;
    let client = call.workflows.client_to_change(call.actor(), &client_id).await?;
    if let Err(stale) = call.must_match(client.version, "stale") {
        return Err(stale.with_current(&shown(&call, &client).await?));
    }
    let secret = call.workflows.rotate_client_secret(call.actor(), client.id).await?;
    Ok(Created(ClientSecret { secret: secret.expose().to_owned() }))
}
