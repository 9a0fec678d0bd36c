use super::CommandContext;
use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use kernel::SigningAlgorithm;
use oidc::{
    AccessTokenFormat, AuthMethod, Client, ClientDraft, ClientKeys, Profile, SenderConstraint,
    TlsSubject,
};
use std::path::{Path, PathBuf};
use workflows::oidc::CreateClient;

#[derive(Subcommand)]
pub enum ClientVerb {
    /// Registers an application; its secret is shown this once.
    Create(Box<NewClient>),
    /// Applications.
    List,
    /// One application.
    Show { client_id: String },
    /// What it was last refused, and what to mend.
    Errors {
        client_id: String,
        #[arg(long, default_value_t = 20)]
        last: usize,
    },
    /// Draws a new secret; the old one is refused at once.
    Secret { client_id: String },
}

#[derive(Args)]
pub struct NewClient {
    /// What it will call itself; drawn when absent.
    #[arg(long)]
    client_id: Option<String>,
    /// What people call it.
    #[arg(long)]
    name: String,
    #[arg(long, value_enum, default_value = "standard")]
    profile: OfferedProfile,
    #[arg(long = "redirect-uri")]
    redirect_uris: Vec<String>,
    #[arg(long = "post-logout-redirect-uri")]
    post_logout_redirect_uris: Vec<String>,
    /// Scopes it may ask, beside `openid`.
    #[arg(long = "scope")]
    scopes: Vec<String>,
    /// No secret: an application in a browser or on a phone, with PKCE.
    #[arg(long, conflicts_with = "jwks")]
    public: bool,
    /// No secret: the application signs, and its public keys are in this file (a JWKS).
    #[arg(long)]
    jwks: Option<PathBuf>,
    /// How its ID tokens are signed: RS256 unless told (PS256, ES256, EdDSA).
    #[arg(long)]
    signing: Option<String>,
    /// It gets refresh tokens, for this long (300 to 50400 seconds) and no longer than its session.
    #[arg(long)]
    refresh_seconds: Option<u32>,
    /// Its authorization requests come by PAR alone.
    #[arg(long)]
    par_required: bool,
    /// Where it publishes its keys (https), in the place of `--jwks`.
    #[arg(long, conflicts_with_all = ["jwks", "public"])]
    jwks_uri: Option<String>,
    /// It proves itself by a certificate that an authority of the settings vouches for, and that bears this name (DNS).
    #[arg(long, conflicts_with_all = ["jwks", "jwks_uri", "public"])]
    tls_dns: Option<String>,
    /// The same, by the subject of the certificate (RFC 4514: `CN=dpi,O=…,C=FR`).
    #[arg(long, conflicts_with_all = ["jwks", "jwks_uri", "public", "tls_dns"])]
    tls_subject: Option<String>,
    /// It proves itself by a certificate that is in its key set (`x5c`), whoever signed it.
    #[arg(long)]
    self_signed_certificate: bool,
    /// Its tokens open nothing without the key (`dpop`) or the certificate (`mtls`) of whoever was given them.
    #[arg(long, value_parser = ["dpop", "mtls"])]
    bound_by: Option<String>,
    /// Its access tokens are signed, for the resource server of this name (RFC 9068); opaque unless told.
    #[arg(long)]
    access_token_audience: Option<String>,
    /// It may ask that a person be asked elsewhere (CIBA): it asks again for the answer (poll), or is called (ping).
    #[arg(long)]
    backchannel_login: bool,
    /// Called when the person whom it had asked has answered (https; CIBA, ping).
    #[arg(long, requires = "backchannel_login")]
    backchannel_notification_uri: Option<String>,
    /// A claim that it may ask for one by one, beside those of its scopes (`rpps`, `codeProfession`, `saml_authn_context`…).
    #[arg(long = "claim")]
    claims: Vec<String>,
    /// Somebody else's application: each person is asked what it may hear of her.
    #[arg(long)]
    asks_consent: bool,
    /// It opens to people with a verified national identity (RPPS) alone; whoever has none is told why, and whom to see.
    #[arg(long)]
    needs_national_identity: bool,
    /// It may show a code that a person types at `/device`.
    #[arg(long)]
    device_login: bool,
    /// Called when a session that it was opened in ends (https).
    #[arg(long)]
    backchannel_logout_uri: Option<String>,
    /// Loaded by the browser when the person logs out in it (https, at the origin of a redirect address).
    #[arg(long)]
    frontchannel_logout_uri: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum OfferedProfile {
    /// FAPI 2: keys or certificates, PAR, PKCE, bound tokens.
    Strict,
    Standard,
    PscLike,
}

pub async fn run(context: &CommandContext, verb: ClientVerb) -> anyhow::Result<u8> {
    let workflows = &context.workflows;
    match verb {
        ClientVerb::Create(wish) => create(context, *wish).await?,
        ClientVerb::List => {
            let clients = workflows.list_clients(&context.actor).await?;
            let words: Vec<String> = clients.iter().map(line).collect();
            let documents: Vec<serde_json::Value> = clients.iter().map(document).collect();
            context.out.show(&documents.into(), &words.join("\n"));
        }
        ClientVerb::Show { client_id } => {
            let client = find(context, &client_id).await?;
            let uris: Vec<String> =
                client.settings.redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect();
            context
                .out
                .show(&document(&client), &format!("{}\n  {}", line(&client), uris.join("\n  ")));
        }
        ClientVerb::Errors { client_id, last } => {
            super::client_errors::show(context, &client_id, last).await?;
        }
        ClientVerb::Secret { client_id } => {
            let client = find(context, &client_id).await?;
            let secret = workflows.rotate_client_secret(&context.actor, client.id).await?;
            context.out.show(
                &serde_json::json!({ "client_id": client.client_id, "client_secret": secret.expose() }),
                &format!("client_secret  {}", secret.expose()),
            );
        }
    }
    Ok(0)
}

async fn create(context: &CommandContext, wish: NewClient) -> anyhow::Result<()> {
    let workflows = &context.workflows;
    let profile = match wish.profile {
        OfferedProfile::Strict => Profile::Strict,
        OfferedProfile::Standard => Profile::Standard,
        OfferedProfile::PscLike => Profile::PscLike,
    };
    let subject = match (&wish.tls_dns, &wish.tls_subject) {
        (Some(name), _) => Some(TlsSubject::SanDns(name.clone())),
        (None, Some(name)) => Some(TlsSubject::SubjectDn(name.clone())),
        (None, None) => None,
    };
    let signs = wish.jwks.is_some() || wish.jwks_uri.is_some();
    let auth = match (wish.public, &subject, wish.self_signed_certificate) {
        (true, _, _) => AuthMethod::None,
        (false, Some(_), _) => AuthMethod::TlsClientAuth,
        (false, None, true) => AuthMethod::SelfSignedTlsClientAuth,
        (false, None, false) if signs => AuthMethod::PrivateKeyJwt,
        (false, None, false) => AuthMethod::ClientSecretBasic,
    };
    let mut draft = ClientDraft::new(&wish.name, profile, auth);
    draft.security.keys = wish.jwks.as_deref().map(keys).transpose()?;
    draft.security.jwks_uri = wish.jwks_uri;
    draft.security.tls_subject = subject;
    if let Some(bound_by) = &wish.bound_by {
        draft.security.sender_constraint = SenderConstraint::from_name(bound_by);
    }
    if let Some(audience) = wish.access_token_audience {
        draft.security.access_token = AccessTokenFormat::Jwt { audience };
    }
    draft.id_token_algorithm = wish.signing.as_deref().map(algorithm).transpose()?;
    draft.security.refresh_seconds = wish.refresh_seconds;
    draft.security.par_required |= wish.par_required;
    draft.security.backchannel_login = wish.backchannel_login;
    draft.security.backchannel_notification_uri = wish.backchannel_notification_uri;
    draft.claims = wish.claims.into_iter().collect();
    draft.security.asks_consent = wish.asks_consent;
    draft.security.needs_national_identity = wish.needs_national_identity;
    draft.security.device_login = wish.device_login;
    draft.security.backchannel_logout_uri = wish.backchannel_logout_uri;
    draft.security.frontchannel_logout_uri = wish.frontchannel_logout_uri;
    (draft.redirect_uris, draft.post_logout_redirect_uris) =
        (wish.redirect_uris, wish.post_logout_redirect_uris);
    if !wish.scopes.is_empty() {
        draft.scopes = Some(wish.scopes.into_iter().chain(["openid".to_owned()]).collect());
    }
    let made = workflows
        .create_client(&context.actor, CreateClient { client_id: wish.client_id, draft })
        .await
        .map_err(faults)?;
    let secret = made.secret.as_ref().map(oidc::ClientSecret::expose);
    context.out.show(
        &serde_json::json!({ "client_id": made.client.client_id, "client_secret": secret, "issuer": workflows.parts().public_origin }),
        &format!(
            "issuer         {}\nclient_id      {}\nclient_secret  {}",
            workflows.parts().public_origin,
            made.client.client_id,
            secret.unwrap_or("none: PKCE, or its own keys, stand in for it")
        ),
    );
    Ok(())
}

fn keys(file: &Path) -> anyhow::Result<ClientKeys> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    ClientKeys::read(&text).with_context(|| format!("the keys in {}", file.display()))
}

fn algorithm(name: &str) -> anyhow::Result<SigningAlgorithm> {
    SigningAlgorithm::from_name(name)
        .with_context(|| format!("{name} is none of RS256, PS256, ES256, EdDSA"))
}

fn faults(error: workflows::oidc::ClientError) -> anyhow::Error {
    match error {
        workflows::oidc::ClientError::Faults(faults) => {
            let list: Vec<String> = faults.iter().map(|fault| format!("  - {fault}")).collect();
            anyhow::anyhow!("the application was not registered:\n{}", list.join("\n"))
        }
        other => other.into(),
    }
}

pub async fn find(context: &CommandContext, client_id: &str) -> anyhow::Result<Client> {
    let clients = context.workflows.list_clients(&context.actor).await?;
    let found = clients.into_iter().find(|client| client.client_id == client_id);
    found.with_context(|| format!("no application calls itself {client_id}"))
}

fn line(client: &Client) -> String {
    let state = if client.enabled { "" } else { " (disabled)" };
    format!("{:36} {:10} {}{state}", client.client_id, client.profile.name(), client.name)
}

fn document(client: &Client) -> serde_json::Value {
    serde_json::json!({
        "client_id": client.client_id, "name": client.name, "profile": client.profile.name(), "enabled": client.enabled,
        "redirect_uris": client.settings.redirect_uris.iter().map(|uri| uri.as_str()).collect::<Vec<_>>(),
    })
}
