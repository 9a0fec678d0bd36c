use super::views::{Client, ClientAuth, ClientCreate, ClientCreated, ClientProfile};
use super::{keys, relaxed, shown};
use crate::admin::accords::views::AccordRef;
use crate::call::{Answer, Body, Call, Created};
use crate::problem::{FieldFault, Problem};
use oidc::{AuthMethod, ClientDraft, Profile, ProtocolChange};
use workflows::oidc::{ClientError, CreateClient};

/// Register an application; its secret is shown this once. A `legacy` one opens nothing before a second person agrees.
///
/// Permission: `ManageClients`.
#[utoipa::path(post, path = "/api/v1/clients", operation_id = "create_client", tag = "clients",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = ClientCreate,
    responses((status = 201, body = ClientCreated), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all)]
pub async fn create(call: Call, Body(body): Body<ClientCreate>) -> Answer<Created<ClientCreated>> {
    let auth = match body.auth {
        ClientAuth::ClientSecretBasic => AuthMethod::ClientSecretBasic,
        ClientAuth::ClientSecretPost => AuthMethod::ClientSecretPost,
        ClientAuth::None => AuthMethod::None,
        ClientAuth::PrivateKeyJwt => AuthMethod::PrivateKeyJwt,
        ClientAuth::TlsClientAuth => {
            return Err(Problem::fields(vec![FieldFault::new("auth", "not_offered")]));
        }
    };
    let profile = match body.profile {
        ClientProfile::Strict => Profile::Strict,
        ClientProfile::Standard => Profile::Standard,
        ClientProfile::PscLike => Profile::PscLike,
        ClientProfile::Legacy => Profile::Legacy,
    };
    let mut draft = ClientDraft::new(&body.name, profile, auth);
    draft.redirect_uris.clone_from(&body.redirect_uris);
    draft.post_logout_redirect_uris = body.post_logout_redirect_uris.clone().unwrap_or_default();
    draft.scopes = body.scopes.clone().map(|scopes| scopes.into_iter().collect());
    draft.vendor.clone_from(&body.vendor);
    draft.sensitive = body.sensitive;
    draft.security.keys = body.jwks.as_ref().map(keys).transpose()?;
    draft.security.device_login = body.device_login.unwrap_or_default();
    draft.security.backchannel_login = body.backchannel_login.unwrap_or_default();
    draft.security.asks_consent = body.asks_consent.unwrap_or_default();
    draft.security.needs_national_identity = body.needs_national_identity.unwrap_or_default();
    draft.security.backchannel_notification_uri = body.backchannel_notification_uri.clone();
    draft.relaxation = body.relaxation.as_ref().map(relaxed);
    if let Some(protocol) = &body.protocol {
        draft
            .speak(&ProtocolChange::try_from(protocol)?)
            .map_err(|fault| ClientError::Faults(vec![fault]))?;
    }
    let waits = draft.relaxation.is_some();
    let (workflows, actor) = (&call.workflows, call.actor());
    let wish = CreateClient { client_id: None, draft };
    let created = match waits {
        true => workflows.prepare_client(actor, wish).await?,
        false => workflows.create_client(actor, wish).await?,
    };
    let accord = match waits {
        true => {
            let opened = ClientDraft::from(&created.client);
            let (id, version) = (created.client.id, created.client.version);
            let act = workflows.relaxing(actor, id, version, opened, true).await?;
            match act {
                Some(act) => {
                    Some(AccordRef::from(&workflows.ask_accord(&call.caller, &act).await?))
                }
                None => None,
            }
        }
        false => None,
    };
    Ok(Created(ClientCreated {
        client: Client { accord, ..shown(&call, &created.client).await? },
        secret: created.secret.as_ref().map(|secret| secret.expose().to_owned()),
    }))
}
