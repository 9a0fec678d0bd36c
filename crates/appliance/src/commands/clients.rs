use super::CommandContext;
use super::client_settings::{ClientChange, Protocol, Relaxed, SecretSaid};
use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use kernel::SigningAlgorithm;
use oidc::{
    AccessTokenFormat, AuthMethod, Client, ClientDraft, ClientKeys, Profile, ProtocolChange,
    SenderConstraint, SubjectType, TlsSubject,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use workflows::oidc::{ClientError, CreateClient};

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
    /// Changes what it may be; what is not named stays. `client show` tells what it is.
    Change(Box<ClientChange>),
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
    /// It may ask that a person be asked elsewhere (CIBA): it asks again for the answer (poll), or is called (ping).
    #[arg(long)]
    backchannel_login: bool,
    /// Called when the person whom it had asked has answered (https; CIBA, ping).
    #[arg(long, requires = "backchannel_login")]
    backchannel_notification_uri: Option<String>,
    /// Somebody else's application: each person is asked what it may hear of her.
    #[arg(long)]
    asks_consent: bool,
    /// It opens to people with a verified national identity (RPPS) alone; whoever has none is told why, and whom to see.
    #[arg(long)]
    needs_national_identity: bool,
    /// It may show a code that a person types at `/device`.
    #[arg(long)]
    device_login: bool,
    /// How it says its secret: `basic` unless told.
    #[arg(long, conflicts_with_all = ["jwks", "jwks_uri", "public", "tls_dns", "tls_subject", "self_signed_certificate"])]
    auth: Option<SecretSaid>,
    /// Opens care data: two factors are asked of everybody.
    #[arg(long)]
    sensitive: bool,
    #[command(flatten)]
    relaxed: Relaxed,
    #[command(flatten)]
    protocol: Protocol,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum OfferedProfile {
    /// FAPI 2: keys or certificates, PAR, PKCE, bound tokens.
    Strict,
    Standard,
    PscLike,
    /// Dated relaxations: --relaxation-owner, --relaxation-reason and --relaxation-until say whose, why, how long.
    Legacy,
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
            let document = protocol_document(&client);
            let members = document.as_object().into_iter().flatten();
            let members = members.filter(|(name, _)| !LINE.contains(&name.as_str()));
            let words: Vec<String> =
                members.map(|(name, value)| format!("  {name}: {value}")).collect();
            context.out.show(&document, &format!("{}\n{}", line(&client), words.join("\n")));
        }
        ClientVerb::Change(wish) => super::client_settings::change(context, *wish).await?,
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
        OfferedProfile::Legacy => Profile::Legacy,
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
        (false, None, false) => wish.auth.map_or(AuthMethod::ClientSecretBasic, AuthMethod::from),
    };
    let mut draft = ClientDraft::new(&wish.name, profile, auth);
    draft.security.keys = wish.jwks.as_deref().map(keys).transpose()?;
    draft.security.jwks_uri = wish.jwks_uri;
    draft.security.tls_subject = subject;
    draft.security.backchannel_login = wish.backchannel_login;
    draft.security.backchannel_notification_uri = wish.backchannel_notification_uri;
    draft.security.asks_consent = wish.asks_consent;
    draft.security.needs_national_identity = wish.needs_national_identity;
    draft.security.device_login = wish.device_login;
    draft.sensitive = wish.sensitive;
    draft.relaxation = wish.relaxed.over(None)?;
    (draft.redirect_uris, draft.post_logout_redirect_uris) =
        (wish.redirect_uris, wish.post_logout_redirect_uris);
    if !wish.scopes.is_empty() {
        draft.scopes = Some(with_id(wish.scopes));
    }
    // Once its addresses are known: a sector is read from them.
    draft
        .speak(&ProtocolChange::from(wish.protocol))
        .map_err(|fault| judged("was not registered", ClientError::Faults(vec![fault])))?;
    let made = workflows
        .create_client(&context.actor, CreateClient { client_id: wish.client_id, draft })
        .await
        .map_err(|error| judged("was not registered", error))?;
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

pub fn with_id(scopes: Vec<String>) -> BTreeSet<String> {
    scopes.into_iter().chain(["openid".to_owned()]).collect()
}

/// Every reason at once, each with what to do about it.
pub fn judged(what: &str, error: ClientError) -> anyhow::Error {
    match error {
        ClientError::Faults(faults) => {
            let list: Vec<String> = faults.iter().map(|fault| format!("  - {fault}")).collect();
            anyhow::anyhow!("the application {what}:\n{}", list.join("\n"))
        }
        ClientError::Changed => {
            anyhow::anyhow!(
                "the application {what}: somebody changed it meanwhile; look and try again"
            )
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

/// What stands in the line of an application already.
const LINE: [&str; 4] = ["client_id", "name", "profile", "enabled"];

/// All that it may be, by the names that the API has for it.
pub fn protocol_document(client: &Client) -> serde_json::Value {
    let (settings, security) = (&client.settings, &client.settings.security);
    let mut told = document(client);
    let after: Vec<&str> =
        settings.post_logout_redirect_uris.iter().map(|uri| uri.as_str()).collect();
    let audience = match &security.access_token {
        AccessTokenFormat::Opaque => None,
        AccessTokenFormat::Jwt { audience } => Some(audience),
    };
    let relaxation = settings.relaxation.as_ref().map(|relaxation| {
        serde_json::json!({ "owner": relaxation.owner, "reason": relaxation.reason, "until": relaxation.until })
    });
    for (name, value) in [
        ("auth", settings.auth.name().into()),
        ("post_logout_redirect_uris", after.into()),
        ("scopes", settings.scopes.iter().cloned().collect::<Vec<_>>().into()),
        ("sensitive", settings.sensitive.into()),
        ("relaxation", relaxation.into()),
        ("refresh_seconds", security.refresh_seconds.into()),
        ("refresh_reuse_grace_seconds", security.refresh_reuse_grace_seconds.into()),
        ("access_token_seconds", settings.access_token_seconds.into()),
        ("access_token_audience", audience.cloned().into()),
        ("sender_constraint", security.sender_constraint.map(SenderConstraint::name).into()),
        ("state_required", settings.state_required.into()),
        ("nonce_required", settings.nonce_required.into()),
        ("pkce_required", settings.pkce_required.into()),
        ("par_required", security.par_required.into()),
        ("signed_request_required", security.signed_request_required.into()),
        ("minimum_acr", settings.least_level().name().into()),
        ("longest_auth_age_seconds", settings.longest_auth_age_seconds.into()),
        ("pairwise", matches!(settings.subject, SubjectType::Pairwise { .. }).into()),
        ("id_token_algorithm", settings.id_token_algorithm.name().into()),
        ("userinfo_algorithm", security.userinfo_algorithm.map(SigningAlgorithm::name).into()),
        ("claims", settings.claims.iter().cloned().collect::<Vec<_>>().into()),
        ("id_token_claims", settings.id_token_claims.iter().cloned().collect::<Vec<_>>().into()),
        ("backchannel_logout_uri", security.backchannel_logout_uri.clone().into()),
        ("frontchannel_logout_uri", security.frontchannel_logout_uri.clone().into()),
    ] {
        told[name] = value;
    }
    told
}
