use crate::{Client, LoginFacts};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use kernel::SigningAlgorithm;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256, Sha512};

/// What an ID token says (OpenID Connect Core §2), before it is signed.
#[derive(Debug)]
pub struct IdToken<'a> {
    pub client: &'a Client,
    pub subject: &'a str,
    /// `acr` is the level that the request let through, never above what was reached.
    pub login: &'a LoginFacts,
    pub nonce: Option<&'a str>,
    pub access_token: &'a str,
    /// Claims released to the ID token (`released`).
    pub more: Map<String, Value>,
    pub now: DateTime<Utc>,
}

impl IdToken<'_> {
    pub fn claims(self) -> Map<String, Value> {
        let Self { client, subject, login, nonce, access_token, more, now } = self;
        let life = i64::from(client.settings.id_token_seconds);
        let hash = access_token_hash(client.settings.id_token_algorithm, access_token);
        let mut claims = more;
        // Written last: nothing released can stand in the place of a claim of the protocol.
        let own = [
            ("iss", json!(client.issuer.as_str())),
            ("sub", json!(subject)),
            ("aud", json!(client.client_id)),
            ("azp", json!(client.client_id)),
            ("iat", json!(now.timestamp())),
            ("exp", json!(now.timestamp() + life)),
            // Rounded down to the second it happened in: never in the future.
            ("auth_time", json!(login.auth_time.timestamp())),
            ("acr", json!(login.acr.name())),
            ("amr", json!(login.amr)),
            ("sid", json!(login.sid.to_string())),
            ("at_hash", json!(hash)),
        ];
        claims.extend(own.into_iter().map(|(name, value)| (name.to_owned(), value)));
        match nonce {
            Some(nonce) => claims.insert("nonce".to_owned(), nonce.into()),
            None => claims.remove("nonce"),
        };
        claims
    }
}

/// `at_hash`: the left half of the hash that the signature uses (OpenID Connect Core §3.1.3.6; SHA-512 for
/// Ed25519, RFC 8032).
pub fn access_token_hash(algorithm: SigningAlgorithm, access_token: &str) -> String {
    match algorithm {
        SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 | SigningAlgorithm::Es256 => {
            URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token)[..16])
        }
        SigningAlgorithm::EdDsa => URL_SAFE_NO_PAD.encode(&Sha512::digest(access_token)[..32]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::client;
    use crate::{Acr, AuthMethod, Profile};
    use kernel::{FixedClock, OpeningId, PersonId, SeededRandomness, SessionId};

    #[test]
    fn at_hash_follows_core() {
        // OpenID Connect Core 1.0, appendix A.3.
        let hash = access_token_hash(
            SigningAlgorithm::Rs256,
            "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y",
        );
        assert_eq!(hash, "77QmUPtjPfzWtF2AnpK9RQ");
    }

    #[test]
    fn a_released_claim_never_replaces_one_of_the_protocol() {
        let (client, _) = client(Profile::Standard, AuthMethod::ClientSecretBasic);
        let at = "2026-11-22T08:00:00.900Z";
        let (clock, chance) = (FixedClock::at(at), SeededRandomness::new(5));
        let login = LoginFacts {
            person: PersonId::new(&clock, &chance),
            session: SessionId::new(&clock, &chance),
            sid: OpeningId::new(&clock, &chance),
            auth_time: at.parse().expect("time"),
            acr: Acr::Eidas2,
            amr: vec!["hwk".to_owned()],
        };
        let hostile = ["iss", "sub", "aud", "exp", "acr", "amr", "auth_time", "nonce", "sid"];
        let more = hostile.iter().map(|name| ((*name).to_owned(), "forged".into())).collect();
        let token = IdToken {
            client: &client,
            subject: "p",
            login: &login,
            nonce: None,
            access_token: "t",
            more,
            now: at.parse().expect("time"),
        };
        let claims = token.claims();
        assert!(claims.values().all(|value| value != "forged"), "{claims:?}");
        assert!(!claims.contains_key("nonce"), "none was sent");
        assert_eq!(claims["auth_time"], claims["iat"]);
        assert_eq!(claims["sid"], login.sid.to_string());
    }
}
