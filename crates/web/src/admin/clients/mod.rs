//! Applications and their registrations.
mod change;
mod create;
mod list;
mod preview;
mod secret;
mod show;
pub mod views;

use super::AdminState;
use crate::call::etag;
use oidc::{AuthMethod, Profile};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use views::{Client, ClientAuth, ClientProfile, ClientState};

pub fn routes() -> OpenApiRouter<AdminState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(show::show, change::change))
        .routes(routes!(secret::renew))
        .routes(routes!(preview::preview))
}

fn profile(profile: Profile) -> ClientProfile {
    match profile {
        Profile::Strict => ClientProfile::Strict,
        Profile::Standard => ClientProfile::Standard,
        Profile::PscLike => ClientProfile::PscLike,
        Profile::Legacy => ClientProfile::Legacy,
    }
}

fn state(client: &oidc::Client) -> ClientState {
    if client.enabled { ClientState::Active } else { ClientState::Suspended }
}

fn view(client: &oidc::Client) -> Client {
    let settings = &client.settings;
    let issuer = client.issuer.to_string();
    Client {
        client_id: client.client_id.clone(),
        etag: etag(client.version),
        name: client.name.clone(),
        vendor: settings.vendor.clone(),
        profile: profile(client.profile),
        auth: match settings.auth {
            AuthMethod::ClientSecretBasic => ClientAuth::ClientSecretBasic,
            AuthMethod::ClientSecretPost => ClientAuth::ClientSecretPost,
            AuthMethod::PrivateKeyJwt => ClientAuth::PrivateKeyJwt,
            AuthMethod::None => ClientAuth::None,
        },
        sensitive: settings.sensitive,
        state: state(client),
        redirect_uris: settings.redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect(),
        post_logout_redirect_uris: settings
            .post_logout_redirect_uris
            .iter()
            .map(|uri| uri.as_str().to_owned())
            .collect(),
        scopes: settings.scopes.iter().cloned().collect(),
        signing: settings.id_token_algorithm.name().to_owned(),
        discovery_url: format!("{issuer}/.well-known/openid-configuration"),
        issuer,
        created_at: client.created_at,
        created_by: None,
        secret_changed_at: None,
        last_login_at: None,
    }
}
