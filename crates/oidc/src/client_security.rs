//! How the exchanges with a client are secured: its keys, the life of its refresh tokens, what it must send signed.
use crate::{AssertionAudience, AuthMethod, ClientFault, ClientKeys, Profile, SenderConstraint};
use kernel::SigningAlgorithm;
use serde::{Deserialize, Serialize};

/// The longest life of a chain of refresh tokens: a shift and what it overruns.
const LONGEST_REFRESH: u32 = 14 * 3600;
const LONGEST_GRACE: u32 = 60;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientSecurity {
    /// What the client signs with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<ClientKeys>,
    pub assertion_audience: AssertionAudience,
    /// How long a chain of refresh tokens lives, its session willing; `None`: it gets none.
    pub refresh_seconds: Option<u32>,
    /// How long a refresh token that was just used is taken once more (an answer that got lost).
    pub refresh_reuse_grace_seconds: u32,
    /// Authorization requests come by PAR alone.
    pub par_required: bool,
    /// Authorization requests come signed alone.
    pub signed_request_required: bool,
    /// Its tokens open nothing without a key or certificate of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender_constraint: Option<SenderConstraint>,
    /// Told of the end of each session that the client was opened in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// `userinfo` is a signed token.
    #[serde(skip_serializing_if = "Option::is_none", with = "algorithm")]
    pub userinfo_algorithm: Option<SigningAlgorithm>,
}

impl ClientSecurity {
    /// What a new client of this profile has unless somebody says otherwise.
    pub fn of(profile: Profile) -> Self {
        Self { par_required: profile == Profile::Strict, ..Self::default() }
    }

    /// Contradictions, each with its reason.
    pub(crate) fn check(&self, profile: Profile, auth: AuthMethod, faults: &mut Vec<ClientFault>) {
        let signs = auth == AuthMethod::PrivateKeyJwt || self.signed_request_required;
        if signs && self.keys.is_none() {
            faults.push(ClientFault::KeysMissing);
        }
        if self.backchannel_logout_uri.as_deref().is_some_and(|address| !is_callable(address)) {
            faults.push(ClientFault::LogoutUri);
        }
        if self.refresh_seconds.is_some_and(|life| !(300..=LONGEST_REFRESH).contains(&life)) {
            faults.push(ClientFault::RefreshLife);
        }
        if self.refresh_reuse_grace_seconds > LONGEST_GRACE {
            faults.push(ClientFault::RefreshGrace);
        }
        if self.assertion_audience == AssertionAudience::Endpoint && profile != Profile::Legacy {
            faults.push(ClientFault::EndpointAudience);
        }
    }
}

/// An https address, as RFC 3986 writes it and without anything that hides where it leads. Whether its host may be
/// called is the settings' to say, at each call.
pub fn is_callable(address: &str) -> bool {
    url::Url::parse(address).is_ok_and(|url| {
        url.as_str() == address
            && url.scheme() == "https"
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
            && url.host_str().is_some_and(|host| !host.is_empty() && !host.ends_with('.'))
    })
}

mod algorithm {
    use kernel::SigningAlgorithm;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub fn serialize<S: Serializer>(
        value: &Option<SigningAlgorithm>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.map(SigningAlgorithm::name).serialize(to)
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<SigningAlgorithm>, D::Error> {
        let Some(name) = Option::<String>::deserialize(from)? else { return Ok(None) };
        let algorithm = SigningAlgorithm::from_name(&name);
        algorithm.map(Some).ok_or_else(|| D::Error::custom("unknown algorithm"))
    }
}
