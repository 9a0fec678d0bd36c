use super::views::{Client, ClientPatch, ClientState};
use super::{keys, relaxed, shown};
use crate::admin::accords::views::AccordRef;
use crate::call::{Answer, At, Body, Call, Tagged};
use crate::problem::{FieldFault, Problem};
use directory::PersonState;
use kernel::PersonId;
use oidc::{ClientDraft, ClientSecurity, ProtocolChange};
use std::collections::BTreeSet;
use uuid::Uuid;
use workflows::oidc::ClientError;

const MOST_OWNERS: usize = 20;

/// Change an application; absent fields stay. A relaxation waits for a second person, named in `accord`.
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
    if let Err(stale) = call.must_match(client.version, "stale") {
        return Err(stale.with_current(&shown(&call, &client).await?));
    }
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
    if let Some(jwks) = &patch.jwks {
        draft.security.keys = Some(keys(jwks)?);
    }
    elsewhere(&patch, &mut draft.security);
    if let Some(protocol) = &patch.protocol {
        draft
            .speak(&ProtocolChange::try_from(protocol)?)
            .map_err(|fault| ClientError::Faults(vec![fault]))?;
    }
    if let Some(owners) = &patch.owners {
        draft.owners = known(&call, owners, &draft.owners).await?;
    }
    if let Some(relaxation) = &patch.relaxation {
        draft.relaxation = Some(relaxed(relaxation));
    }
    let enabled = match patch.state {
        Some(ClientState::Active) => true,
        Some(ClientState::Suspended) => false,
        None => client.enabled,
    };
    let (workflows, actor) = (&call.workflows, call.actor());
    let (id, version) = (client.id, client.version);
    // What takes two people waits whole, beside the application as it is.
    if let Some(act) = workflows.relaxing(actor, id, version, draft.clone(), enabled).await? {
        let accord = Some(AccordRef::from(&workflows.ask_accord(&call.caller, &act).await?));
        return Ok(Tagged(version, Client { accord, ..shown(&call, &client).await? }));
    }
    match workflows.change_client(actor, id, version, draft, enabled).await {
        Ok(changed) => Ok(Tagged(changed.version, shown(&call, &changed).await?)),
        Err(ClientError::Changed) => {
            let now = workflows.client_to_change(actor, &client_id).await?;
            Err(Problem::from(ClientError::Changed).with_current(&shown(&call, &now).await?))
        }
        Err(error) => Err(error.into()),
    }
}

/// People of this hospital who are here, or answered for it already, and not more than can answer for one application.
async fn known(
    call: &Call,
    owners: &[Uuid],
    before: &BTreeSet<PersonId>,
) -> Result<BTreeSet<PersonId>, Problem> {
    let ids: BTreeSet<PersonId> = owners.iter().copied().map(PersonId::from).collect();
    let asked: Vec<PersonId> = ids.iter().copied().take(MOST_OWNERS + 1).collect();
    let known = call.workflows.name_people(call.actor(), &asked).await?;
    if ids.len() > MOST_OWNERS || !ids.iter().all(|id| known.contains_key(id)) {
        return Err(Problem::fields(vec![FieldFault::new("owners", "unknown")]));
    }
    // A record that another took in is closed too.
    let now = call.workflows.now();
    let gone = |id: &&PersonId| known[*id].state_at(now) == PersonState::Closed;
    if ids.difference(before).any(|id| gone(&id)) {
        return Err(Problem::fields(vec![FieldFault::new("owners", "closed")]));
    }
    Ok(ids)
}

fn elsewhere(patch: &ClientPatch, security: &mut ClientSecurity) {
    security.device_login = patch.device_login.unwrap_or(security.device_login);
    security.backchannel_login = patch.backchannel_login.unwrap_or(security.backchannel_login);
    security.asks_consent = patch.asks_consent.unwrap_or(security.asks_consent);
    security.needs_national_identity =
        patch.needs_national_identity.unwrap_or(security.needs_national_identity);
    if let Some(address) = &patch.backchannel_notification_uri {
        security.backchannel_notification_uri = Some(address.clone()).filter(|uri| !uri.is_empty());
    }
}
