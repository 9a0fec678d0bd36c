//! Signed tokens, written and read by hand: a header of ours, the claims, the signature of the key store.
//! Reading, the header only chooses among our own keys by `kid`; the algorithm is the key's (threats OP-14).
use crate::{KeyState, SigningKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey};
use kernel::{KeyError, KeyStore, SigningAlgorithm};
use serde_json::{Map, Value, json};

/// `typ` of an ID token.
pub const JWS_TYPE_ID: &str = "JWT";
/// A token of ours has 1 to 3 kB.
const LONGEST: usize = 16_384;

/// Signs these claims with this key.
pub fn sign_jws(
    keys: &dyn KeyStore,
    key: &SigningKey,
    kind: &str,
    claims: &Map<String, Value>,
) -> Result<String, KeyError> {
    let header = json!({ "alg": key.algorithm.name(), "kid": key.kid, "typ": kind });
    let claims = serde_json::to_vec(claims).expect("claims have text keys and no floats");
    let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(claims, &mut token);
    let signature = keys.sign(key.algorithm, &key.sealed, token.as_bytes())?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(token)
}

/// The text is no token of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a token that we signed")]
pub struct InvalidJws;

/// The claims of a token that one of these keys signed as this kind of token. Says nothing of their truth now.
pub fn verify_jws(
    token: &str,
    kind: &str,
    keys: &[SigningKey],
) -> Result<Map<String, Value>, InvalidJws> {
    if token.len() > LONGEST {
        return Err(InvalidJws);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(InvalidJws)?;
    let (header, payload) = message.split_once('.').ok_or(InvalidJws)?;
    let header = object(header)?;
    let kid = header.get("kid").and_then(Value::as_str).ok_or(InvalidJws)?;
    let key = keys.iter().find(|key| key.kid == kid).ok_or(InvalidJws)?;
    if key.state == KeyState::Revoked {
        return Err(InvalidJws);
    }
    // What a header asks us to understand (RFC 7515 §4.1.11, RFC 7797) we do not.
    let asks_more = header.contains_key("crit") || header.contains_key("b64");
    let as_ours = header.get("alg").and_then(Value::as_str) == Some(key.algorithm.name())
        && header.get("typ").and_then(Value::as_str) == Some(kind);
    let signed = || signed_by(&key.public_jwk, key.algorithm, message.as_bytes(), signature);
    if asks_more || !as_ours || !signed() {
        return Err(InvalidJws);
    }
    object(payload)
}

pub(crate) fn object(part: &str) -> Result<Map<String, Value>, InvalidJws> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| InvalidJws)?;
    serde_json::from_slice(&bytes).map_err(|_| InvalidJws)
}

/// Whether this public key signed these bytes by this algorithm, which never comes from the token.
pub(crate) fn signed_by(
    public_jwk: &str,
    algorithm: SigningAlgorithm,
    message: &[u8],
    signature: &str,
) -> bool {
    let Ok(jwk) = serde_json::from_str::<Jwk>(public_jwk) else { return false };
    let Ok(public) = DecodingKey::from_jwk(&jwk) else { return false };
    let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
    let algorithm = match algorithm {
        SigningAlgorithm::Rs256 => Algorithm::RS256,
        SigningAlgorithm::Ps256 => Algorithm::PS256,
        SigningAlgorithm::Es256 => Algorithm::ES256,
        SigningAlgorithm::EdDsa => Algorithm::EdDSA,
    };
    // Named, not the process default: another crate may bring the other provider along.
    let provider = &jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
    (provider.verifier_factory)(&algorithm, &public)
        .is_ok_and(|verifier| verifier.verify(message, &signature).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::tests::{key, keystore};

    fn claims() -> Map<String, Value> {
        Map::from_iter([("sub".to_owned(), "p".into())])
    }

    #[test]
    fn what_we_sign_we_read_with_each_algorithm() {
        let store = keystore();
        for algorithm in crate::keys::ALGORITHMS {
            let key = key(&store, algorithm);
            let token = sign_jws(&store, &key, JWS_TYPE_ID, &claims()).expect("signed");
            assert_eq!(verify_jws(&token, JWS_TYPE_ID, &[key]), Ok(claims()), "{algorithm:?}");
        }
    }

    #[test]
    fn op_14_a_header_chooses_nothing_but_one_of_our_keys() {
        let store = keystore();
        let (key, other) =
            (key(&store, SigningAlgorithm::Es256), key(&store, SigningAlgorithm::Es256));
        let token = sign_jws(&store, &key, JWS_TYPE_ID, &claims()).expect("signed");
        let (_, rest) = token.split_once('.').expect("parts");
        let (payload, signature) = rest.split_once('.').expect("parts");
        let kid = key.kid.as_str();
        for header in [
            json!({ "alg": "none", "kid": kid, "typ": "JWT" }),
            json!({ "alg": "None", "kid": kid, "typ": "JWT" }),
            json!({ "alg": "HS256", "kid": kid, "typ": "JWT" }),
            json!({ "alg": "RS256", "kid": kid, "typ": "JWT" }),
            json!({ "alg": "ES256", "kid": other.kid, "typ": "JWT" }),
            json!({ "alg": "ES256", "kid": "../../x", "typ": "JWT" }),
            json!({ "alg": "ES256", "kid": "' OR 1=1 --", "typ": "JWT" }),
            json!({ "alg": "ES256", "kid": ["x"], "typ": "JWT" }),
            json!({ "alg": "ES256", "typ": "JWT" }),
            json!({ "alg": "ES256", "kid": kid, "typ": "logout+jwt" }),
            json!({ "alg": "ES256", "kid": kid, "typ": "JWT", "crit": ["b64"], "b64": false }),
            json!({ "alg": "ES256", "kid": kid, "typ": "JWT", "jwk": {}, "jku": "https://evil" }),
            json!({ "alg": ["ES256"], "kid": kid, "typ": "JWT" }),
            json!([]),
        ] {
            let header = URL_SAFE_NO_PAD.encode(header.to_string());
            for signature in [signature, "", "AAAA"] {
                let forged = format!("{header}.{payload}.{signature}");
                assert_eq!(
                    verify_jws(&forged, JWS_TYPE_ID, &[key.clone(), other.clone()]),
                    Err(InvalidJws),
                    "{forged}"
                );
            }
        }
        // A key of one generation never reads for another, and a changed byte is seen.
        assert!(verify_jws(&token, JWS_TYPE_ID, &[other]).is_err());
        assert!(verify_jws(&token, "logout+jwt", std::slice::from_ref(&key)).is_err());
        let (empty, long) = (String::new(), "a".repeat(20_000));
        let none = format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#));
        let other = if token.ends_with('A') { 'Q' } else { 'A' };
        let altered = format!("{}{other}", &token[..token.len() - 1]);
        let more = format!("{token}.x");
        for bad in [&empty, &long, &none, &more, &altered] {
            let read = verify_jws(bad, JWS_TYPE_ID, std::slice::from_ref(&key));
            assert!(read.is_err(), "{bad}");
        }
    }
}
