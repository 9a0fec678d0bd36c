//! Authorities of the made-up PKI, each signed by the one above it.
use super::certificate::{CardProfile, TestCard};
use super::der::{bit_string, boolean, context, extension, integer, name, number, sequence, time};
use super::keys::{KeyKind, TestKey, pem};
use super::list::ListProfile;
use chrono::{DateTime, Duration, Utc};

const CERT_SIGN: u8 = 0x04;
const CRL_SIGN: u8 = 0x02;

pub struct TestAuthority {
    /// DER of its name.
    pub name: Vec<u8>,
    pub key: TestKey,
    pub der: Vec<u8>,
}

/// What an authority's certificate says.
#[derive(Debug, Clone)]
pub struct AuthorityProfile {
    pub common_name: String,
    pub key_usage: u8,
    pub is_authority: bool,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub key: KeyKind,
}

impl AuthorityProfile {
    /// For twenty years, of which one is over.
    pub fn new(common_name: &str, now: DateTime<Utc>) -> Self {
        Self {
            common_name: common_name.to_owned(),
            key_usage: CERT_SIGN | CRL_SIGN,
            is_authority: true,
            from: now - Duration::days(365),
            until: now + Duration::days(19 * 365),
            key: KeyKind::P256,
        }
    }

    /// As one whose lists another signs.
    pub fn without_lists(mut self) -> Self {
        self.key_usage = CERT_SIGN;
        self
    }
}

impl TestAuthority {
    /// Signed by itself when nobody stands above it.
    pub fn new(profile: &AuthorityProfile, above: Option<&Self>) -> Self {
        Self::of_key(profile, above, TestKey::new(profile.key))
    }

    /// Another certificate for the same key.
    pub fn renewed(self, profile: &AuthorityProfile, above: &Self) -> Self {
        Self::of_key(profile, Some(above), self.key)
    }

    fn of_key(profile: &AuthorityProfile, above: Option<&Self>, key: TestKey) -> Self {
        let name = name(&[
            ("2.5.4.6", "FR"),
            ("2.5.4.10", "ORGANISME FICTIF"),
            ("2.5.4.11", "0002 000000000"),
            ("2.5.4.11", "IGC FICTIVE TEST"),
            ("2.5.4.3", &profile.common_name),
        ]);
        let mut constraints = Vec::new();
        if profile.is_authority {
            constraints.push(boolean(true));
            constraints.extend(above.map(|_| number(0)));
        }
        let signer = above.map_or(&key, |above| &above.key);
        let serial: Vec<u8> = profile.common_name.bytes().rev().take(16).collect();
        let body = sequence(&[
            context(0, &[number(2)]),
            integer(&serial),
            signer.algorithm(),
            above.map_or_else(|| name.clone(), |above| above.name.clone()),
            sequence(&[time(profile.from), time(profile.until)]),
            name.clone(),
            key.public(),
            context(
                3,
                &[sequence(&[
                    extension("2.5.29.19", true, &sequence(&constraints)),
                    extension("2.5.29.15", true, &bit_string(&[profile.key_usage])),
                ])],
            ),
        ]);
        let der = signer.sign(&body);
        Self { name, key, der }
    }

    pub fn pem(&self) -> String {
        pem("CERTIFICATE", &self.der)
    }

    pub fn issue(&self, profile: &CardProfile) -> TestCard {
        TestCard::issue(self, profile)
    }

    /// DER of a list of revoked cards.
    pub fn list(&self, profile: &ListProfile) -> Vec<u8> {
        profile.write(&self.name, &self.key)
    }

    /// The same, as PEM.
    pub fn list_pem(&self, profile: &ListProfile) -> String {
        pem("X509 CRL", &self.list(profile))
    }
}
