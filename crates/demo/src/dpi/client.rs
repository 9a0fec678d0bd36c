//! The relying party: every call into the stock client library is here.
use super::{DpiConfig, DpiError};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthenticationContextClass, AuthorizationCode, Client,
    ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IdToken, IdTokenFields, IssuerUrl, LogoutRequest,
    Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl,
    ProviderMetadataWithLogout, RedirectUrl, Scope, StandardErrorResponse, StandardTokenResponse,
    TokenResponse, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// Claims that the library does not know by name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct MoreClaims {
    #[serde(flatten)]
    claims: BTreeMap<String, Value>,
}

impl AdditionalClaims for MoreClaims {}

type DpiIdToken = IdToken<
    MoreClaims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type DpiTokens = StandardTokenResponse<
    IdTokenFields<
        MoreClaims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;
type DpiClient = Client<
    MoreClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    DpiTokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What a login under way must remember until the browser is back.
pub struct Pending {
    pub state: String,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

/// Somebody logged in: claims as they were received.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    pub id_token_claims: BTreeMap<String, Value>,
    pub userinfo: BTreeMap<String, Value>,
    id_token: DpiIdToken,
}

pub struct RelyingParty {
    config: DpiConfig,
    http: reqwest::Client,
}

/// The provider as discovered a moment ago: rotated keys never surprise.
struct Discovered {
    metadata: ProviderMetadataWithLogout,
    client: DpiClient,
}

impl RelyingParty {
    pub fn new(config: DpiConfig) -> Result<Self, DpiError> {
        let unusable = |what, cause: &dyn std::fmt::Display| DpiError::Settings {
            what,
            cause: cause.to_string(),
        };
        let mut http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(10));
        if let Some(pem) = &config.ca_pem {
            let authority = reqwest::Certificate::from_pem_bundle(pem)
                .map_err(|cause| unusable("ca_pem", &cause))?;
            http = http.tls_certs_only(authority);
        }
        let http = http.build().map_err(|cause| unusable("ca_pem", &cause))?;
        IssuerUrl::new(config.issuer.clone()).map_err(|cause| unusable("issuer", &cause))?;
        RedirectUrl::new(config.redirect_uri()).map_err(|cause| unusable("base_url", &cause))?;
        Ok(Self { config, http })
    }

    /// Address to send the browser to, and what to keep meanwhile.
    pub async fn start(&self) -> Result<(String, Pending), DpiError> {
        let discovered = self.discover().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = discovered
            .client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .set_pkce_challenge(challenge);
        for scope in &self.config.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        for acr in &self.config.acr_values {
            request = request.add_auth_context_value(AuthenticationContextClass::new(acr.clone()));
        }
        let (address, state, nonce) = request.url();
        Ok((address.into(), Pending { state: state.into_secret(), nonce, verifier }))
    }

    /// The code becomes tokens; signature, issuer, audience, times, nonce and token hash are checked.
    pub async fn finish(&self, pending: Pending, code: String) -> Result<LoggedIn, DpiError> {
        let Discovered { client, .. } = self.discover().await?;
        let refused = |cause: &dyn std::error::Error| DpiError::Refused(whole(cause));
        let http = |request| send(self.http.clone(), request);
        let tokens = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|cause| refused(&cause))?
            .set_pkce_verifier(pending.verifier)
            .request_async(&http)
            .await
            .map_err(|cause| provider("exchange the code", &cause))?;
        let id_token =
            tokens.id_token().ok_or_else(|| DpiError::Refused("no ID token".to_owned()))?;
        let verifier = client.id_token_verifier();
        let claims = id_token.claims(&verifier, &pending.nonce).map_err(|cause| refused(&cause))?;
        if let Some(expected) = claims.access_token_hash() {
            let key = id_token.signing_key(&verifier).map_err(|cause| refused(&cause))?;
            let algorithm = id_token.signing_alg().map_err(|cause| refused(&cause))?;
            let found = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)
                .map_err(|cause| refused(&cause))?;
            if found != *expected {
                return Err(DpiError::Refused("at_hash does not fit the access token".to_owned()));
            }
        }
        let userinfo: UserInfoClaims<MoreClaims, CoreGenderClaim> = client
            .user_info(tokens.access_token().clone(), Some(claims.subject().clone()))
            .map_err(|cause| refused(&cause))?
            .request_async(&http)
            .await
            .map_err(|cause| provider("give userinfo", &cause))?;
        Ok(LoggedIn {
            id_token_claims: table(claims)?,
            userinfo: table(&userinfo)?,
            id_token: id_token.clone(),
        })
    }

    /// Where the browser ends the session of the provider too; None where the provider has no such place.
    pub async fn logout(&self, logged_in: &LoggedIn) -> Result<Option<String>, DpiError> {
        let Discovered { metadata, .. } = self.discover().await?;
        let Some(end) = metadata.additional_metadata().end_session_endpoint.clone() else {
            return Ok(None);
        };
        let back = PostLogoutRedirectUrl::new(self.config.post_logout_redirect_uri())
            .map_err(|cause| DpiError::Settings { what: "base_url", cause: cause.to_string() })?;
        let request = LogoutRequest::from(end)
            .set_id_token_hint(&logged_in.id_token)
            .set_client_id(ClientId::new(self.config.client_id.clone()))
            .set_post_logout_redirect_uri(back)
            .set_state(CsrfToken::new_random());
        Ok(Some(request.http_get_url().into()))
    }

    async fn discover(&self) -> Result<Discovered, DpiError> {
        let unusable = |what| {
            move |cause: openidconnect::url::ParseError| DpiError::Settings {
                what,
                cause: cause.to_string(),
            }
        };
        let issuer = IssuerUrl::new(self.config.issuer.clone()).map_err(unusable("issuer"))?;
        let redirect =
            RedirectUrl::new(self.config.redirect_uri()).map_err(unusable("base_url"))?;
        let http = |request| send(self.http.clone(), request);
        let metadata = ProviderMetadataWithLogout::discover_async(issuer, &http)
            .await
            .map_err(|cause| provider("be discovered", &cause))?;
        let client = DpiClient::from_provider_metadata(
            metadata.clone(),
            ClientId::new(self.config.client_id.clone()),
            self.config.client_secret.clone().map(ClientSecret::new),
        )
        .set_redirect_uri(redirect);
        Ok(Discovered { metadata, client })
    }
}

async fn send(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let answer = http.execute(request.try_into()?).await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = HttpResponse::new(answer.bytes().await?.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

fn provider(attempted: &'static str, cause: &dyn std::error::Error) -> DpiError {
    DpiError::Provider { attempted, cause: whole(cause) }
}

/// An error with its causes, in one line.
fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

fn table(claims: &impl Serialize) -> Result<BTreeMap<String, Value>, DpiError> {
    let value = serde_json::to_value(claims).and_then(serde_json::from_value);
    value.map_err(|cause| DpiError::Refused(cause.to_string()))
}
