//! Tokens that no provider should send: for the check alone.
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

fn message(header: &Value, claims: &Map<String, Value>) -> String {
    let claims = Value::Object(claims.clone()).to_string();
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims))
}

/// `alg: none` (RFC 8725 §2.1).
pub fn unsigned_token(kind: &str, claims: &Map<String, Value>) -> String {
    format!("{}.", message(&json!({ "alg": "none", "typ": kind }), claims))
}

/// Signed with the client's secret; `None` when no such signature can be made.
pub fn symmetric_token(
    kind: &str,
    kid: &str,
    claims: &Map<String, Value>,
    secret: &str,
) -> Option<String> {
    let message = message(&json!({ "alg": "HS256", "typ": kind, "kid": kid }), claims);
    let provider = &jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
    let key = EncodingKey::from_secret(secret.as_bytes());
    let signer = (provider.signer_factory)(&Algorithm::HS256, &key).ok()?;
    let signature = signer.try_sign(message.as_bytes()).ok()?;
    Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// Whether this verifier is that of the S256 challenge (RFC 7636 §4.6).
pub fn is_verifier_of(challenge: &str, verifier: &str) -> bool {
    let due = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    due.as_bytes().ct_eq(challenge.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::DecodingKey;

    #[test]
    fn the_symmetric_token_is_really_signed_by_the_secret() {
        let claims = Map::from_iter([("sub".to_owned(), Value::from("x"))]);
        let token = symmetric_token("JWT", "k", &claims, "the secret").expect("signed");
        let (message, signature) = token.rsplit_once('.').expect("three parts");
        let provider = &jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
        let by = |secret: &[u8]| {
            let key = DecodingKey::from_secret(secret);
            let verifier = (provider.verifier_factory)(&Algorithm::HS256, &key).expect("verifier");
            let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
            verifier.verify(message.as_bytes(), &signature).is_ok()
        };
        assert!(by(b"the secret") && !by(b"another"));
        assert!(unsigned_token("JWT", &claims).ends_with('.'));
    }

    #[test]
    fn a_verifier_is_that_of_its_challenge_alone() {
        // RFC 7636, appendix B.
        let (verifier, challenge) = (
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        );
        assert!(is_verifier_of(challenge, verifier));
        assert!(!is_verifier_of(challenge, "another") && !is_verifier_of("", verifier));
    }
}
