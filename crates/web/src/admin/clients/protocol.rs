//! How an application may speak with us, as the API says and takes it. A change is a merge patch (RFC 7396): what is absent
//! stays, what is null is taken off.
use crate::problem::{FieldFault, Problem};
use kernel::SigningAlgorithm;
use oidc::{AccessTokenFormat, Acr, CLAIMS, ProtocolChange, SenderConstraint, SubjectType};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum SigningName {
    #[serde(rename = "RS256")]
    Rs256,
    #[serde(rename = "PS256")]
    Ps256,
    #[serde(rename = "ES256")]
    Es256,
    #[serde(rename = "EdDSA")]
    EdDsa,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SenderBinding {
    Dpop,
    Mtls,
}

/// eidas3: no means of today reaches it, and nobody is asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientLevel {
    Eidas1,
    Eidas2,
    Eidas3,
}

/// A claim that we know. by_scope: the scopes of the application bring it already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClaimOffer {
    pub claim: String,
    pub by_scope: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClientProtocol {
    /// How long a chain of refresh tokens lives, its session willing; null: it gets none.
    pub refresh_seconds: Option<u32>,
    /// How long a refresh token that was used is taken once more.
    pub refresh_reuse_grace_seconds: u32,
    pub access_token_seconds: u32,
    /// The resource server that reads signed access tokens (RFC 9068); null: they are opaque.
    pub access_token_audience: Option<String>,
    /// Its tokens open nothing without this; null: whoever holds them.
    pub sender_constraint: Option<SenderBinding>,
    pub state_required: bool,
    pub nonce_required: bool,
    pub pkce_required: bool,
    /// Requests come by PAR alone.
    pub par_required: bool,
    /// Requests come signed alone.
    pub signed_request_required: bool,
    /// No code for a login below it; two factors (eidas2) where the application opens care data.
    pub minimum_acr: ClientLevel,
    /// A login older than this is asked again; null: only where the application asks.
    pub longest_auth_age_seconds: Option<u32>,
    /// Its people bear a name (sub) that no other sector knows.
    pub pairwise: bool,
    /// The host that the names are of.
    pub sector: Option<String>,
    pub id_token_algorithm: SigningName,
    /// userinfo is a token signed by this; null: it is JSON.
    pub userinfo_algorithm: Option<SigningName>,
    /// Claims that it may ask one by one, beyond those of its scopes.
    pub claims: Vec<String>,
    /// Claims that go into each ID token unasked.
    pub id_token_claims: Vec<String>,
    /// All that there are.
    pub known_claims: Vec<ClaimOffer>,
    /// Called when a session that it was opened in ends; `sid` is always told.
    pub backchannel_logout_uri: Option<String>,
    /// Loaded by the browser when the person logs out in it; `iss` and `sid` are always told.
    pub frontchannel_logout_uri: Option<String>,
}

/// What is absent stays; null takes off what can be none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientProtocolPatch {
    /// 300 to 50400.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>)]
    pub refresh_seconds: Option<Option<u32>>,
    /// At most 60, and none for tokens that are bound.
    pub refresh_reuse_grace_seconds: Option<u32>,
    /// 60 to 300.
    pub access_token_seconds: Option<u32>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub access_token_audience: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<SenderBinding>)]
    pub sender_constraint: Option<Option<SenderBinding>>,
    pub state_required: Option<bool>,
    pub nonce_required: Option<bool>,
    pub pkce_required: Option<bool>,
    pub par_required: Option<bool>,
    pub signed_request_required: Option<bool>,
    pub minimum_acr: Option<ClientLevel>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>)]
    pub longest_auth_age_seconds: Option<Option<u32>>,
    pub pairwise: Option<bool>,
    pub id_token_algorithm: Option<SigningName>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<SigningName>)]
    pub userinfo_algorithm: Option<Option<SigningName>>,
    pub claims: Option<Vec<String>>,
    pub id_token_claims: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub backchannel_logout_uri: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub frontchannel_logout_uri: Option<Option<String>>,
}

/// Written: a null is something else than nothing.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

impl From<SigningAlgorithm> for SigningName {
    fn from(algorithm: SigningAlgorithm) -> Self {
        match algorithm {
            SigningAlgorithm::Rs256 => Self::Rs256,
            SigningAlgorithm::Ps256 => Self::Ps256,
            SigningAlgorithm::Es256 => Self::Es256,
            SigningAlgorithm::EdDsa => Self::EdDsa,
        }
    }
}

impl From<SigningName> for SigningAlgorithm {
    fn from(name: SigningName) -> Self {
        match name {
            SigningName::Rs256 => Self::Rs256,
            SigningName::Ps256 => Self::Ps256,
            SigningName::Es256 => Self::Es256,
            SigningName::EdDsa => Self::EdDsa,
        }
    }
}

impl From<SenderConstraint> for SenderBinding {
    fn from(binding: SenderConstraint) -> Self {
        match binding {
            SenderConstraint::Dpop => Self::Dpop,
            SenderConstraint::Mtls => Self::Mtls,
        }
    }
}

impl From<SenderBinding> for SenderConstraint {
    fn from(binding: SenderBinding) -> Self {
        match binding {
            SenderBinding::Dpop => Self::Dpop,
            SenderBinding::Mtls => Self::Mtls,
        }
    }
}

impl From<&oidc::Client> for ClientProtocol {
    fn from(client: &oidc::Client) -> Self {
        let (settings, security) = (&client.settings, &client.settings.security);
        let brought: Vec<&str> =
            settings.scopes.iter().flat_map(|scope| oidc::claims_of_scope(scope)).collect();
        let known = CLAIMS.iter().map(|claim| ClaimOffer {
            claim: claim.name.to_owned(),
            by_scope: brought.contains(&claim.name),
        });
        Self {
            refresh_seconds: security.refresh_seconds,
            refresh_reuse_grace_seconds: security.refresh_reuse_grace_seconds,
            access_token_seconds: settings.access_token_seconds,
            access_token_audience: match &security.access_token {
                AccessTokenFormat::Opaque => None,
                AccessTokenFormat::Jwt { audience } => Some(audience.clone()),
            },
            sender_constraint: security.sender_constraint.map(SenderBinding::from),
            state_required: settings.state_required,
            nonce_required: settings.nonce_required,
            pkce_required: settings.pkce_required,
            par_required: security.par_required,
            signed_request_required: security.signed_request_required,
            minimum_acr: match settings.least_level() {
                Acr::Eidas1 => ClientLevel::Eidas1,
                Acr::Eidas2 => ClientLevel::Eidas2,
                Acr::Eidas3 => ClientLevel::Eidas3,
            },
            longest_auth_age_seconds: settings.longest_auth_age_seconds,
            pairwise: matches!(settings.subject, SubjectType::Pairwise { .. }),
            sector: match &settings.subject {
                SubjectType::Public => None,
                SubjectType::Pairwise { sector } => Some(sector.clone()),
            },
            id_token_algorithm: settings.id_token_algorithm.into(),
            userinfo_algorithm: security.userinfo_algorithm.map(SigningName::from),
            claims: settings.claims.iter().cloned().collect(),
            id_token_claims: settings.id_token_claims.iter().cloned().collect(),
            known_claims: known.collect(),
            backchannel_logout_uri: security.backchannel_logout_uri.clone(),
            frontchannel_logout_uri: security.frontchannel_logout_uri.clone(),
        }
    }
}

impl TryFrom<&ClientProtocolPatch> for ProtocolChange {
    type Error = Problem;
    fn try_from(patch: &ClientProtocolPatch) -> Result<Self, Problem> {
        let minimum_acr = match patch.minimum_acr {
            None => None,
            Some(ClientLevel::Eidas1) => Some(Acr::Eidas1),
            Some(ClientLevel::Eidas2) => Some(Acr::Eidas2),
            Some(ClientLevel::Eidas3) => {
                let fault = FieldFault::new("minimum_acr", "level_unreached");
                return Err(Problem::fields(vec![fault]));
            }
        };
        let listed =
            |names: &Option<Vec<String>>| names.clone().map(|names| names.into_iter().collect());
        Ok(Self {
            refresh_seconds: patch.refresh_seconds,
            refresh_reuse_grace_seconds: patch.refresh_reuse_grace_seconds,
            access_token_seconds: patch.access_token_seconds,
            access_token_audience: patch.access_token_audience.clone(),
            state_required: patch.state_required,
            nonce_required: patch.nonce_required,
            pkce_required: patch.pkce_required,
            par_required: patch.par_required,
            signed_request_required: patch.signed_request_required,
            minimum_acr,
            longest_auth_age_seconds: patch.longest_auth_age_seconds,
            pairwise: patch.pairwise,
            id_token_algorithm: patch.id_token_algorithm.map(SigningAlgorithm::from),
            userinfo_algorithm: patch
                .userinfo_algorithm
                .map(|signed| signed.map(SigningAlgorithm::from)),
            sender_constraint: patch
                .sender_constraint
                .map(|binding| binding.map(SenderConstraint::from)),
            claims: listed(&patch.claims),
            id_token_claims: listed(&patch.id_token_claims),
            backchannel_logout_uri: patch.backchannel_logout_uri.clone(),
            frontchannel_logout_uri: patch.frontchannel_logout_uri.clone(),
        })
    }
}
