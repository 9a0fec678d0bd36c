use super::view;
use super::views::{ClientAuth, ClientCreate, ClientCreated, ClientProfile};
use crate::call::{Answer, Body, Call, Created};
use crate::problem::{FieldFault, Problem};
use oidc::{AuthMethod, ClientDraft, Profile};
use workflows::oidc::CreateClient;

/// Register an application; its secret is shown this once.
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
        ClientAuth::PrivateKeyJwt | ClientAuth::TlsClientAuth => {
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
    let wish = CreateClient { client_id: None, draft };
    let created = call.workflows.create_client(call.actor(), wish).await?;
    Ok(Created(ClientCreated {
        client: view(&created.client),
        secret: created.secret.as_ref().map(|secret| secret.expose().to_owned()),
    }))
}
