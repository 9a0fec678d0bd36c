//! How the exchanges with a client are secured: its keys, the life of its refresh tokens, what it must send signed.
use crate::{
    AccessTokenFormat, AssertionAudience, AuthMethod, ClientFault, ClientKeys, Profile,
    SenderConstraint, TlsSubject,
};
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
    /// Where it publishes them, in the place of `keys`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// The name in the certificate that it proves itself by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_subject: Option<TlsSubject>,
    pub access_token: AccessTokenFormat,
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
    /// It may ask that a person be asked elsewhere (CIBA).
    pub backchannel_login: bool,
    /// Called when the person whom it had asked has answered (CIBA, ping); without it the client asks again (poll).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_notification_uri: Option<String>,
    /// Somebody else's application: each person is asked what it may hear of her.
    pub asks_consent: bool,
    /// It opens to people with a verified national identity alone.
    pub needs_national_identity: bool,
    /// It may show a code that a person types elsewhere (RFC 8628).
    pub device_login: bool,
    /// Told of the end of each session that the client was opened in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// The browser itself loads this, hidden, when the person logs out in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<String>,
    /// `userinfo` is a signed token.
    #[serde(skip_serializing_if = "Option::is_none", with = "algorithm")]
    pub userinfo_algorithm: Option<SigningAlgorithm>,
}

impl ClientSecurity {
    /// What a new client of this profile has unless somebody says otherwise.
    pub fn of(profile: Profile) -> Self {
        let strict = profile == Profile::Strict;
        Self {
            par_required: strict,
            sender_constraint: strict.then_some(SenderConstraint::Dpop),
            ..Self::default()
        }
    }

    /// It registered keys, here or at an address of its own.
    pub fn has_keys(&self) -> bool {
        self.keys.is_some() || self.jwks_uri.is_some()
    }

    /// Contradictions, each with its reason.
    pub(crate) fn check(&self, profile: Profile, auth: AuthMethod, faults: &mut Vec<ClientFault>) {
        self.check_keys(auth, faults);
        let callable = |address: &Option<String>| address.as_deref().is_none_or(is_callable);
        let jwt_for_nobody = matches!(&self.access_token,
            AccessTokenFormat::Jwt { audience } if audience.trim().is_empty() || audience.len() > 512);
        let outlives =
            self.refresh_seconds.is_some_and(|life| !(300..=LONGEST_REFRESH).contains(&life));
        let named = auth == AuthMethod::TlsClientAuth;
        let nameless = self.tls_subject.as_ref().is_none_or(|name| name.normalised().is_none());
        for (wrong, fault) in [
            (!callable(&self.backchannel_logout_uri), ClientFault::LogoutUri),
            (!callable(&self.frontchannel_logout_uri), ClientFault::FrontchannelUri),
            (!callable(&self.jwks_uri), ClientFault::JwksUri),
            (named && nameless, ClientFault::TlsSubject),
            (!named && self.tls_subject.is_some(), ClientFault::TlsSubjectUnused),
            (jwt_for_nobody, ClientFault::AccessTokenAudience),
            (outlives, ClientFault::RefreshLife),
            (self.refresh_reuse_grace_seconds > LONGEST_GRACE, ClientFault::RefreshGrace),
            (self.backchannel_login && auth == AuthMethod::None, ClientFault::BackchannelPublic),
            (!callable(&self.backchannel_notification_uri), ClientFault::NotificationUri),
            (
                self.backchannel_notification_uri.is_some() && !self.backchannel_login,
                ClientFault::NotificationUnused,
            ),
            (
                self.asks_consent && (self.backchannel_login || self.device_login),
                ClientFault::ConsentElsewhere,
            ),
            (
                self.refresh_reuse_grace_seconds > 0 && self.sender_constraint.is_some(),
                ClientFault::GraceWithoutRotation,
            ),
            (
                self.refresh_reuse_grace_seconds > 0
                    && self.sender_constraint.is_none()
                    && self.refresh_seconds.is_none(),
                ClientFault::GraceWithoutRefresh,
            ),
            (
                self.assertion_audience == AssertionAudience::Endpoint
                    && profile != Profile::Legacy,
                ClientFault::EndpointAudience,
            ),
        ] {
            if wrong {
                faults.push(fault);
            }
        }
        if profile == Profile::Strict {
            self.check_strict(auth, faults);
        }
    }

    fn check_keys(&self, auth: AuthMethod, faults: &mut Vec<ClientFault>) {
        let certified = auth == AuthMethod::SelfSignedTlsClientAuth;
        let proved = auth == AuthMethod::PrivateKeyJwt || certified;
        match (self.has_keys(), proved, self.signed_request_required) {
            (false, true, _) => faults.push(ClientFault::KeysMissing),
            (false, false, true) => faults.push(ClientFault::SignedWithoutKeys),
            (true, _, _) | (false, false, false) => {}
        }
        if self.keys.is_some() && self.jwks_uri.is_some() {
            faults.push(ClientFault::KeysTwice);
        }
        let with_certificate = |keys: &ClientKeys| keys.iter().any(|key| key.certificate.is_some());
        if certified && self.keys.as_ref().is_some_and(|keys| !with_certificate(keys)) {
            faults.push(ClientFault::CertificateMissing);
        }
    }

    /// FAPI 2 Security Profile §5.3.2.
    fn check_strict(&self, auth: AuthMethod, faults: &mut Vec<ClientFault>) {
        if auth != AuthMethod::PrivateKeyJwt && !auth.by_certificate() {
            faults.push(ClientFault::StrictAuth);
        }
        if self.sender_constraint.is_none() {
            faults.push(ClientFault::StrictUnbound);
        }
        if !self.par_required {
            faults.push(ClientFault::StrictWithoutPar);
        }
        if self.device_login {
            faults.push(ClientFault::StrictDevice);
        }
        // FAPI-CIBA §5.2.2: signed alone.
        if self.backchannel_login && !self.has_keys() {
            faults.push(ClientFault::StrictUnsigned);
        }
        if self.userinfo_algorithm == Some(SigningAlgorithm::Rs256) {
            faults.push(ClientFault::StrictUserinfoAlgorithm);
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

pub(crate) mod algorithm {
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
