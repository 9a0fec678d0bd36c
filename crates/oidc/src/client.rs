use crate::{
    Acr, ClientSecretHash, ClientSecurity, Issuer, PostLogoutUri, RedirectUri, SelfDescribed,
    redirect,
};
use chrono::{DateTime, Utc};
use kernel::{ClientId, PersonId, SigningAlgorithm};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What kind of client this is (design, section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// FAPI 2 security profile.
    Strict,
    Standard,
    /// A client written for Pro Santé Connect: same scopes, same userinfo layout.
    PscLike,
    /// Dated relaxations, each with somebody who answers for it.
    Legacy,
}

impl Profile {
    pub const ALL: [Self; 4] = [Self::Strict, Self::Standard, Self::PscLike, Self::Legacy];
    pub fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Standard => "standard",
            Self::PscLike => "psc_like",
            Self::Legacy => "legacy",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name() == name)
    }
}

/// How a client proves who it is at the token endpoint. One method a client (threats OP-10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    ClientSecretBasic,
    ClientSecretPost,
    /// A token that it signs with a key that it registered (RFC 7523).
    PrivateKeyJwt,
    /// The certificate of its connection, which an authority of the settings vouches for (RFC 8705 §2.1).
    TlsClientAuth,
    /// A certificate that it registered (RFC 8705 §2.2).
    SelfSignedTlsClientAuth,
    /// A public client: PKCE stands in for a secret.
    None,
}

impl AuthMethod {
    pub const ALL: [Self; 6] = [
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::PrivateKeyJwt,
        Self::TlsClientAuth,
        Self::SelfSignedTlsClientAuth,
        Self::None,
    ];
    pub fn name(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
            Self::None => "none",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
    /// Proved by the certificate of the connection.
    pub fn by_certificate(self) -> bool {
        matches!(self, Self::TlsClientAuth | Self::SelfSignedTlsClientAuth)
    }
    /// Proved by a secret that we draw.
    pub fn has_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }
}

/// What stands in `sub` (OpenID Connect Core §8).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SubjectType {
    Public,
    /// Another value in each sector, so that two editors cannot join their files.
    Pairwise {
        sector: String,
    },
}

/// Why a `legacy` client may do less than asked, who answers for it, and until when (threats OP-29).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relaxation {
    pub owner: String,
    pub reason: String,
    pub until: DateTime<Utc>,
}

/// Everything of a client that people set; kept as one text by the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSettings {
    pub auth: AuthMethod,
    pub redirect_uris: Vec<RedirectUri>,
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<PostLogoutUri>,
    /// Scopes that it was granted; another one asked is left out.
    pub scopes: BTreeSet<String>,
    /// Claims granted one by one, beyond those of the scopes.
    #[serde(default)]
    pub claims: BTreeSet<String>,
    /// Granted claims that go into the ID token without being asked.
    #[serde(default)]
    pub id_token_claims: BTreeSet<String>,
    pub subject: SubjectType,
    #[serde(with = "algorithm_name")]
    pub id_token_algorithm: SigningAlgorithm,
    pub state_required: bool,
    pub nonce_required: bool,
    pub pkce_required: bool,
    pub code_seconds: u32,
    pub access_token_seconds: u32,
    pub id_token_seconds: u32,
    /// Below this, no code; read through `least_level`, which knows what else it takes.
    pub(crate) minimum_acr: Acr,
    /// Below this, national identity, profession and structure stay out (threats OP-27).
    pub national_identity_acr: Acr,
    /// A full login older than this is asked again.
    #[serde(default)]
    pub longest_auth_age_seconds: Option<u32>,
    #[serde(default)]
    pub relaxation: Option<Relaxation>,
    #[serde(default)]
    pub vendor: Option<String>,
    /// Opens care data: two factors, whatever else is set.
    #[serde(default)]
    pub sensitive: bool,
    /// Who answers for it in the hospital: sees it at the console, where her role shows her own applications alone.
    #[serde(default)]
    pub owners: BTreeSet<PersonId>,
    #[serde(default)]
    pub security: ClientSecurity,
    /// What it said of itself, where it registered by itself.
    #[serde(default, skip_serializing_if = "SelfDescribed::is_empty")]
    pub described: SelfDescribed,
}

impl ClientSettings {
    /// The least login that this client is given anything for, at every door.
    pub fn least_level(&self) -> Acr {
        match self.sensitive {
            true => self.minimum_acr.max(Acr::Eidas2),
            false => self.minimum_acr,
        }
    }
    /// The text that the store keeps.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("settings have text keys and no floats")
    }
    pub fn from_text(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

/// A registered client of one issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    pub id: ClientId,
    /// What the client calls itself in requests.
    pub client_id: String,
    pub issuer: Issuer,
    pub name: String,
    pub enabled: bool,
    pub profile: Profile,
    pub settings: ClientSettings,
    pub secret: Option<ClientSecretHash>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
}

impl Client {
    /// The registered address that this text is, if it is one.
    pub fn redirect_uri(&self, asked: &str) -> Option<&RedirectUri> {
        self.settings.redirect_uris.iter().find(|registered| registered.matches(asked))
    }
    pub fn post_logout_uri(&self, asked: &str) -> Option<&PostLogoutUri> {
        self.settings.post_logout_redirect_uris.iter().find(|registered| registered.matches(asked))
    }
    /// Origins that a page of ours may post a form to for this client, for its `form-action`.
    pub fn redirect_origin(&self, asked: &str) -> Option<String> {
        self.redirect_uri(asked).and_then(|_| redirect::policy_origin(asked))
    }
    /// Open for use now. The relaxations of `legacy` end at their date, and the client with them.
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        let dated = match (self.profile, &self.settings.relaxation) {
            (Profile::Legacy, Some(relaxation)) => now < relaxation.until,
            (Profile::Legacy, None) => false,
            (Profile::Strict | Profile::Standard | Profile::PscLike, _) => true,
        };
        self.enabled && dated
    }
    /// Whether this secret, presented in this way, is this client's (threats OP-10).
    pub fn admits(&self, method: AuthMethod, secret: Option<&str>) -> bool {
        match (method == self.settings.auth, method, secret, &self.secret) {
            (true, AuthMethod::None, None, None) => true,
            (
                true,
                AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost,
                Some(presented),
                Some(kept),
            ) => kept.admits(self.id, presented),
            _ => false,
        }
    }
}

mod algorithm_name {
    use kernel::SigningAlgorithm;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(value: &SigningAlgorithm, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(value.name())
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SigningAlgorithm, D::Error> {
        let name = String::deserialize(from)?;
        SigningAlgorithm::from_name(&name).ok_or_else(|| D::Error::custom("unknown algorithm"))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{ClientDraft, ClientSecret};
    use kernel::{FixedClock, SeededRandomness};

    pub(crate) const NOW: &str = "2026-11-22T08:00:00Z";

    /// Well formed, and no point of the curve: nothing is ever signed by it.
    const NOBODYS_KEY: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"n",
        "x5c":["AAAA"],"x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}"#;

    pub(crate) fn issuer() -> Issuer {
        "https://hygie.hopital.test".parse().expect("issuer")
    }

    /// A client with this profile and method, and its secret.
    pub(crate) fn client(profile: Profile, auth: AuthMethod) -> (Client, Option<ClientSecret>) {
        let (clock, chance) = (FixedClock::at(NOW), SeededRandomness::new(11));
        let mut draft = ClientDraft::new("DPI de test", profile, auth);
        draft.redirect_uris = vec!["https://dpi.test/cb".to_owned()];
        draft.post_logout_redirect_uris = vec!["https://dpi.test/bye".to_owned()];
        draft.security.tls_subject = (auth == AuthMethod::TlsClientAuth)
            .then(|| crate::TlsSubject::SanDns("dpi.hopital.test".to_owned()));
        if matches!(auth, AuthMethod::PrivateKeyJwt | AuthMethod::SelfSignedTlsClientAuth) {
            draft.security.keys = Some(crate::ClientKeys::read(NOBODYS_KEY).expect("a key set"));
        }
        if profile == Profile::Legacy {
            draft.relaxation = Some(Relaxation {
                owner: "DSI".to_owned(),
                reason: "version 7 of the DPI sends no nonce".to_owned(),
                until: NOW.parse::<DateTime<Utc>>().expect("time") + chrono::Duration::days(90),
            });
        }
        let now = NOW.parse().expect("time");
        let settings = draft.check(&issuer(), now).expect("a good draft");
        let id = ClientId::new(&clock, &chance);
        let secret = (auth != AuthMethod::None).then(|| ClientSecret::draw(&chance));
        let client = Client {
            id,
            client_id: "dpi".to_owned(),
            issuer: issuer(),
            name: "DPI de test".to_owned(),
            enabled: true,
            profile,
            settings,
            secret: secret.as_ref().map(|secret| secret.hash(id)),
            version: 1,
            created_at: now,
        };
        (client, secret)
    }

    #[test]
    fn op_10_one_method_one_secret_and_never_an_empty_one() {
        use AuthMethod::{ClientSecretBasic as Basic, ClientSecretPost as Post, None as Public};
        for registered in AuthMethod::ALL {
            let (client, secret) = client(Profile::Standard, registered);
            let right = secret.as_ref().map(ClientSecret::expose);
            for (method, presented) in [
                (Basic, right),
                (Basic, Some("")),
                (Basic, Some("wrong")),
                (Basic, None),
                (Post, right),
                (Post, Some("")),
                (Public, None),
                (Public, right),
                (Public, Some("")),
            ] {
                let due = method == registered && presented == right;
                assert_eq!(client.admits(method, presented), due, "{registered:?} {method:?}");
            }
        }
    }

    #[test]
    fn op_29_a_legacy_client_stops_at_its_date() {
        let (client, _) = client(Profile::Legacy, AuthMethod::ClientSecretBasic);
        let now: DateTime<Utc> = NOW.parse().expect("time");
        for (days, open) in [(0, true), (89, true), (90, false), (400, false)] {
            assert_eq!(client.is_open(now + chrono::Duration::days(days)), open, "{days} days");
        }
        let disabled = Client { enabled: false, ..client };
        assert!(!disabled.is_open(now));
    }

    #[test]
    fn settings_are_read_back_as_they_were_written() {
        for profile in [Profile::Standard, Profile::PscLike, Profile::Legacy] {
            let (client, _) = client(profile, AuthMethod::ClientSecretPost);
            let read = ClientSettings::from_text(&client.settings.to_text()).expect("settings");
            assert_eq!(read, client.settings);
        }
        assert!(ClientSettings::from_text("{}").is_err());
    }
}
