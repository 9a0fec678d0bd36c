//! Keys of an issuer: published before they sign, published still after, and nothing private in the document.
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use kernel::{SigningAlgorithm, SigningKeyId};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Where a key stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyState {
    /// In the JWKS, so that clients know it before it signs.
    Published,
    /// Signs, from `active_from` on.
    Active,
    /// Signs no more; published until `retire_after`.
    Retired,
    /// Out of everything at once: it leaked.
    Revoked,
}

impl KeyState {
    pub const ALL: [Self; 4] = [Self::Published, Self::Active, Self::Retired, Self::Revoked];
    pub fn name(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Revoked => "revoked",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A signing key of one issuer, its private half sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    pub id: SigningKeyId,
    pub kid: String,
    pub issuer: String,
    pub algorithm: SigningAlgorithm,
    pub sealed: Vec<u8>,
    /// JWK without `kid`, `use` and `alg`.
    pub public_jwk: String,
    pub state: KeyState,
    pub created_at: DateTime<Utc>,
    pub active_from: DateTime<Utc>,
    pub retire_after: Option<DateTime<Utc>>,
}

impl SigningKey {
    /// A new key that signs from `active_from` on; its `kid` is its own thumbprint, so that no two keys of any
    /// node share one.
    pub fn new(
        id: SigningKeyId,
        issuer: &str,
        material: kernel::SigningKeyMaterial,
        created_at: DateTime<Utc>,
        active_from: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            kid: thumbprint(&material.public_jwk),
            issuer: issuer.to_owned(),
            algorithm: material.algorithm,
            sealed: material.sealed_private,
            public_jwk: material.public_jwk,
            state: KeyState::Active,
            created_at,
            active_from,
            retire_after: None,
        }
    }

    fn is_published(&self, now: DateTime<Utc>) -> bool {
        match self.state {
            KeyState::Published | KeyState::Active => true,
            KeyState::Retired => self.retire_after.is_none_or(|until| now < until),
            KeyState::Revoked => false,
        }
    }
}

#[cfg(test)]
pub(crate) const ALGORITHMS: [SigningAlgorithm; 4] = [
    SigningAlgorithm::Rs256,
    SigningAlgorithm::Ps256,
    SigningAlgorithm::Es256,
    SigningAlgorithm::EdDsa,
];

/// JWK thumbprint (RFC 7638): the required members in alphabetical order, hashed.
pub(crate) fn thumbprint(public_jwk: &str) -> String {
    let jwk: Value = serde_json::from_str(public_jwk).unwrap_or(Value::Null);
    let required = ["crv", "e", "kty", "n", "x", "y"];
    let members: Vec<String> = required
        .iter()
        .filter_map(|name| jwk.get(name).and_then(Value::as_str).map(|text| (name, text)))
        .map(|(name, text)| format!("{}:{}", json!(name), json!(text)))
        .collect();
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{{{}}}", members.join(","))))
}

/// The key that signs now with this algorithm: the youngest that may.
pub fn signing_key_for(
    keys: &[SigningKey],
    algorithm: SigningAlgorithm,
    now: DateTime<Utc>,
) -> Option<&SigningKey> {
    keys.iter()
        .filter(|key| key.algorithm == algorithm && key.state == KeyState::Active)
        .filter(|key| key.active_from <= now)
        .max_by_key(|key| (key.active_from, key.id))
}

/// The JWKS document: every published key with its own `kid`, use and algorithm.
pub fn jwks_document(keys: &[SigningKey], now: DateTime<Utc>) -> String {
    let published = keys.iter().filter(|key| key.is_published(now)).filter_map(|key| {
        let mut jwk: Map<String, Value> = serde_json::from_str(&key.public_jwk).ok()?;
        // Whatever the row holds, only public members leave.
        jwk.retain(|name, _| ["kty", "crv", "x", "y", "n", "e"].contains(&name.as_str()));
        jwk.insert("kid".to_owned(), key.kid.as_str().into());
        jwk.insert("use".to_owned(), "sig".into());
        jwk.insert("alg".to_owned(), key.algorithm.name().into());
        Some(Value::Object(jwk))
    });
    json!({ "keys": published.collect::<Vec<Value>>() }).to_string()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use chrono::Duration;
    use kernel::{FixedClock, KeyStore, SeededRandomness};
    use keystore::MasterKey;

    const NOW: &str = "2026-11-22T08:00:00Z";

    pub(crate) fn keystore() -> MasterKey {
        MasterKey::new(kernel::Secret::new([3; 32]))
    }

    pub(crate) fn key(store: &dyn KeyStore, algorithm: SigningAlgorithm) -> SigningKey {
        let (clock, chance) = (FixedClock::at(NOW), SeededRandomness::new(2));
        let material = store.new_signing_key(algorithm, 2048).expect("made");
        let now = NOW.parse().expect("time");
        let id = SigningKeyId::new(&clock, &chance);
        SigningKey::new(id, "https://hygie.hopital.test", material, now, now)
    }

    #[test]
    fn a_thumbprint_follows_rfc_7638() {
        // The example of its §3.1.
        let jwk = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
        assert_eq!(thumbprint(jwk), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn the_youngest_active_key_signs_and_those_that_may_be_met_are_published() {
        let store = keystore();
        let now: DateTime<Utc> = NOW.parse().expect("time");
        let made = |state, active_from, retire_after| SigningKey {
            state,
            active_from: now + Duration::hours(active_from),
            retire_after,
            ..key(&store, SigningAlgorithm::Es256)
        };
        let keys = [
            made(KeyState::Active, -48, None),
            made(KeyState::Active, -1, None),
            made(KeyState::Active, 1, None),
            made(KeyState::Published, -1, None),
            made(KeyState::Retired, -90, Some(now + Duration::hours(1))),
            made(KeyState::Retired, -90, Some(now)),
            made(KeyState::Revoked, -1, None),
        ];
        let signs = signing_key_for(&keys, SigningAlgorithm::Es256, now).expect("one signs");
        assert_eq!(signs.kid, keys[1].kid);
        assert!(signing_key_for(&keys, SigningAlgorithm::Rs256, now).is_none());
        let document = jwks_document(&keys, now);
        for (place, key) in keys.iter().enumerate() {
            assert_eq!(document.contains(&key.kid), place < 5, "key {place}");
        }
    }

    #[test]
    fn the_jwks_has_public_members_alone_and_a_kid_a_key() {
        let store = keystore();
        let mut keys: Vec<SigningKey> =
            ALGORITHMS.into_iter().map(|algorithm| key(&store, algorithm)).collect();
        keys[2].public_jwk = keys[2].public_jwk.replace('{', r#"{"d":"private","k":"secret","#);
        let document: Value =
            serde_json::from_str(&jwks_document(&keys, keys[0].created_at)).expect("JSON");
        let published = document["keys"].as_array().expect("keys");
        assert_eq!(published.len(), 4);
        for jwk in published {
            for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                assert!(jwk.get(private).is_none(), "{jwk}");
            }
            let same = published.iter().filter(|other| other["kid"] == jwk["kid"]).count();
            assert!(same == 1 && jwk["use"] == "sig" && jwk["alg"].is_string(), "{jwk}");
        }
    }
}
