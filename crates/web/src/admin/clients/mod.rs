//! Applications and their registrations.
mod change;
mod check;
mod create;
mod list;
mod logouts;
mod preview;
mod protocol;
mod refusals;
mod secret;
mod show;
pub mod views;

use super::AdminState;
use super::shared::person_ref;
use super::shared::views::PersonRef;
use crate::call::{Call, etag};
use crate::problem::{FieldFault, Problem};
use directory::Person;
use oidc::{AuthMethod, ClientKeys, Profile};
use protocol::ClientProtocol;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use views::{Client, ClientAuth, ClientProfile, ClientState, Relaxation};

pub fn routes() -> OpenApiRouter<AdminState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(show::show, change::change))
        .routes(routes!(secret::renew))
        .routes(routes!(preview::preview))
        .routes(routes!(logouts::list))
        .routes(routes!(logouts::resend))
        .routes(routes!(refusals::list))
        .routes(routes!(check::show, check::hand_in))
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

fn view(client: &oidc::Client, owners: &[Person]) -> Client {
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
            AuthMethod::TlsClientAuth | AuthMethod::SelfSignedTlsClientAuth => {
                ClientAuth::TlsClientAuth
            }
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
        jwks: settings.security.keys.as_ref().map(ClientKeys::to_document),
        device_login: settings.security.device_login,
        backchannel_login: settings.security.backchannel_login,
        backchannel_notification_uri: settings.security.backchannel_notification_uri.clone(),
        asks_consent: settings.security.asks_consent,
        needs_national_identity: settings.security.needs_national_identity,
        relaxation: settings.relaxation.as_ref().map(|relaxation| Relaxation {
            owner: relaxation.owner.clone(),
            reason: relaxation.reason.clone(),
            until: relaxation.until,
        }),
        backchannel_logout_uri: settings.security.backchannel_logout_uri.clone(),
        protocol: ClientProtocol::from(client),
        owners: owners.iter().map(named).collect(),
        accord: None,
    }
}

/// Their colleagues who answer for it too may know no more of people.
fn named(owner: &Person) -> PersonRef {
    PersonRef { birth_family: None, sex: None, ..person_ref(owner, false) }
}

/// With the names of those who answer for it.
async fn shown(call: &Call, client: &oidc::Client) -> Result<Client, Problem> {
    Ok(view(client, &call.workflows.owners_of(call.actor(), client).await?))
}

/// A JWKS as it was pasted: an object, or its text.
fn keys(jwks: &serde_json::Value) -> Result<ClientKeys, Problem> {
    let text = match jwks {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    ClientKeys::read(&text).map_err(|why| {
        let params = Some([("reason".to_owned(), why.to_string())].into());
        Problem::fields(vec![FieldFault { params, ..FieldFault::new("jwks", "malformed") }])
    })
}

fn relaxed(relaxation: &Relaxation) -> oidc::Relaxation {
    oidc::Relaxation {
        owner: relaxation.owner.clone(),
        reason: relaxation.reason.clone(),
        until: relaxation.until,
    }
}
