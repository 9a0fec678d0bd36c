use super::view;
use super::views::{Client, ClientPatch, ClientState};
use crate::call::{Answer, At, Body, Call, Tagged};
use crate::problem::Problem;
use oidc::ClientDraft;

/// Change an application; absent fields stay.
///
/// Permission: `ManageClients`.
#[utoipa::path(patch, path = "/api/v1/clients/{client_id}", operation_id = "change_client", tag = "clients",
    params(("client_id" = String, Path), ("If-Match" = Option<String>, Header)), request_body = ClientPatch,
    responses((status = 200, body = Client), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn change(
    call: Call,
    At(client_id): At<String>,
    Body(patch): Body<ClientPatch>,
) -> Answer<Tagged<Client>> {
    let client = call.workflows.client_to_change(call.actor(), &client_id).await?;
    call.must_match(client.version, "stale").map_err(|stale| stale.with_current(&view(&client)))?;
    let mut draft = ClientDraft::from(&client);
    if let Some(name) = &patch.name {
        draft.name.clone_from(name);
    }
    if let Some(uris) = &patch.redirect_uris {
        draft.redirect_uris.clone_from(uris);
    }
    if let Some(uris) = &patch.post_logout_redirect_uris {
        draft.post_logout_redirect_uris.clone_from(uris);
    }
    if let Some(scopes) = &patch.scopes {
        draft.scopes = Some(scopes.iter().cloned().collect());
    }
    if patch.vendor.is_some() {
        draft.vendor.clone_from(&patch.vendor);
    }
    draft.sensitive = patch.sensitive.unwrap_or(draft.sensitive);
    let enabled = match patch.state {
        Some(ClientState::Active) => true,
        Some(ClientState::Suspended) => false,
        None => client.enabled,
    };
    let workflows = &call.workflows;
    let changed =
        workflows.change_client(call.actor(), client.id, client.version, draft, enabled).await?;
    Ok(Tagged(changed.version, view(&changed)))
}
