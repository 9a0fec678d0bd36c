//! The proof of a key that comes with a call (RFC 9449): for this call, this token, now, once (threats OP-17).
use crate::assertion::OnceOnly;
use crate::claims_reader::InvalidClaim;
use crate::client_jwt::ForeignJwt;
use crate::client_keys::public_jwk;
use crate::keys::thumbprint;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use kernel::SigningAlgorithm;
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

/// What a proof may be signed by (FAPI 2 Security Profile §5.4.1 leaves RS256 out).
pub const DPOP_ALGORITHMS: [SigningAlgorithm; 3] =
    [SigningAlgorithm::Ps256, SigningAlgorithm::Es256, SigningAlgorithm::EdDsa];
/// Every so often the number that proofs must bear is another.
const NONCE_SECONDS: i64 = 60;
/// A proof by an RSA key of 8192 bits has 3 kB.
const LONGEST: usize = 8192;
const LONGEST_JTI: usize = 256;

/// Why a proof proves nothing. The client is told `invalid_dpop_proof`, but for `Nonce`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DpopFault {
    #[error("it is no token, or signed by no allowed algorithm, or not by the key that it holds")]
    Signature,
    #[error("its `typ` is not dpop+jwt")]
    Kind,
    #[error("it holds no public key")]
    Key,
    #[error(transparent)]
    Claim(#[from] InvalidClaim),
    #[error("it is for another method")]
    Method,
    #[error("it is for another address")]
    Address,
    #[error("it is for another token")]
    Token,
    #[error("no `jti`, or too long a one")]
    Id,
    #[error("no `iat`")]
    Time,
    #[error("it bears no number of ours, or an old one")]
    Nonce,
}

impl DpopFault {
    pub fn name(self) -> &'static str {
        match self {
            Self::Signature => "dpop_signature",
            Self::Kind => "dpop_kind",
            Self::Key => "dpop_key",
            Self::Claim(_) => "dpop_claim",
            Self::Method => "dpop_method",
            Self::Address => "dpop_address",
            Self::Token => "dpop_token",
            Self::Id => "dpop_id",
            Self::Time => "dpop_time",
            Self::Nonce => "dpop_nonce",
        }
    }
}

/// A proof that holds. Its id must then be kept: seen twice, it is a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DpopProof {
    /// Of the key (RFC 7638).
    pub thumbprint: String,
    pub once: OnceOnly,
}

impl DpopProof {
    /// Two keys may draw the same id.
    pub fn fingerprint(&self) -> [u8; 32] {
        self.once.fingerprint("dpop", &self.thumbprint)
    }
}

/// What the call is.
#[derive(Debug, Clone, Copy)]
pub struct DpopCall<'a> {
    pub method: &'a str,
    /// The addresses that this endpoint is called by.
    pub addresses: &'a [String],
    /// The access token beside the proof.
    pub token: Option<&'a str>,
    /// The numbers that are good now.
    pub nonces: &'a [String],
    pub now: DateTime<Utc>,
}

/// The windows whose numbers are good at this time: this one, the one before, and the one after, since another node's
/// clock may be a little ahead.
pub fn dpop_windows(now: DateTime<Utc>) -> [i64; 3] {
    let window = now.timestamp().div_euclid(NONCE_SECONDS);
    [window, window - 1, window + 1]
}

/// Judges a proof. How fresh it is, its number says: the clock of a client is not asked (RFC 9449 §11.1).
pub fn judge_dpop(proof: &str, call: &DpopCall<'_>) -> Result<DpopProof, DpopFault> {
    let jwt = ForeignJwt::read(proof, LONGEST).map_err(|_| DpopFault::Signature)?;
    if jwt.kind().map_err(|_| DpopFault::Kind)?.as_deref() != Some("dpop+jwt") {
        return Err(DpopFault::Kind);
    }
    let algorithm = jwt.algorithm(&DPOP_ALGORITHMS).map_err(|_| DpopFault::Signature)?;
    let members = jwt.header.get("jwk").and_then(Value::as_object).ok_or(DpopFault::Key)?;
    let (kind, key) = public_jwk(members).map_err(|_| DpopFault::Key)?;
    if !kind.serves(algorithm) {
        return Err(DpopFault::Key);
    }
    let claims = jwt.verified(&key, algorithm).map_err(|_| DpopFault::Signature)?;
    if claims.text("htm")? != Some(call.method) {
        return Err(DpopFault::Method);
    }
    let named = claims.text("htu")?.and_then(bare).ok_or(DpopFault::Address)?;
    if !call.addresses.iter().filter_map(|address| bare(address)).any(|address| address == named) {
        return Err(DpopFault::Address);
    }
    let due = call.token.map(|token| URL_SAFE_NO_PAD.encode(Sha256::digest(token)));
    if due.is_some() && claims.text("ath")? != due.as_deref() {
        return Err(DpopFault::Token);
    }
    claims.time("iat")?.ok_or(DpopFault::Time)?;
    let id = claims.text("jti")?.filter(|id| id.len() <= LONGEST_JTI).ok_or(DpopFault::Id)?;
    let nonce = claims.text("nonce")?;
    if !nonce.is_some_and(|nonce| call.nonces.iter().any(|good| good == nonce)) {
        return Err(DpopFault::Nonce);
    }
    // As long as its number can be good on any node.
    let until = call.now + Duration::seconds(3 * NONCE_SECONDS);
    let once = OnceOnly { id: id.to_owned(), until };
    Ok(DpopProof { thumbprint: thumbprint(&key), once })
}

/// An address without query and fragment, its host and scheme in small letters and its port only where it is none of
/// the scheme's (RFC 9449 §4.3).
fn bare(address: &str) -> Option<Url> {
    let mut url =
        Url::parse(address).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

/// Whether this text can be the thumbprint of a key.
pub(crate) fn is_thumbprint(text: &str) -> bool {
    let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.len() == 43 && text.bytes().all(alphabet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client_jwt::tests::signed;
    use crate::keys::tests::{key, keystore};
    use serde_json::json;

    const NOW: i64 = 1_795_334_400; // 2026-11-22T08:00:00Z
    const USERINFO: &str = "https://hygie.hopital.test/oauth2/userinfo";
    const TOKEN: &str = "ht_abc";

    fn good() -> Value {
        json!({
            "htm": "GET", "htu": USERINFO, "jti": "j-1", "iat": NOW, "nonce": "n-2",
            "ath": URL_SAFE_NO_PAD.encode(Sha256::digest(TOKEN)),
        })
    }

    /// With this member replaced, or left out.
    fn with(base: &Value, name: &str, value: Value) -> Value {
        let mut claims = base.clone();
        if value == json!("absent") {
            claims.as_object_mut().expect("object").remove(name);
        } else {
            claims[name] = value;
        }
        claims
    }

    fn judge(proof: &str, token: Option<&str>) -> Result<DpopProof, DpopFault> {
        let nonces = ["n-1".to_owned(), "n-2".to_owned()];
        let now = DateTime::from_timestamp(NOW, 0).expect("time");
        let addresses = [USERINFO.to_owned()];
        let call = DpopCall { method: "GET", addresses: &addresses, token, nonces: &nonces, now };
        judge_dpop(proof, &call)
    }

    #[test]
    fn op_17_a_proof_is_for_this_call_this_token_and_now() {
        let store = keystore();
        let key = key(&store, SigningAlgorithm::Es256);
        let jwk: Value = serde_json::from_str(&key.public_jwk).expect("JWK");
        let header = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": jwk });
        let judged = |claims: &Value| {
            judge(&signed(&store, &key, &header, claims), Some(TOKEN)).map(|proof| proof.thumbprint)
        };
        let held = Ok(key.kid.clone());
        assert_eq!(judged(&good()), held);
        let claim = |name| Err(DpopFault::Claim(InvalidClaim(name)));
        for (name, value, expected) in [
            ("htm", json!("POST"), Err(DpopFault::Method)),
            ("htm", json!("get"), Err(DpopFault::Method)),
            ("htm", json!("absent"), Err(DpopFault::Method)),
            ("htu", json!("absent"), Err(DpopFault::Address)),
            ("htu", json!("https://evil.test/oauth2/userinfo"), Err(DpopFault::Address)),
            ("htu", json!("https://hygie.hopital.test/oauth2/token"), Err(DpopFault::Address)),
            ("htu", json!("http://hygie.hopital.test/oauth2/userinfo"), Err(DpopFault::Address)),
            ("htu", json!("/oauth2/userinfo"), Err(DpopFault::Address)),
            ("htu", json!(format!("{USERINFO}?a=b#c")), held.clone()),
            ("htu", json!("HTTPS://HYGIE.hopital.test:443/oauth2/userinfo"), held.clone()),
            ("ath", json!("absent"), Err(DpopFault::Token)),
            ("ath", json!(URL_SAFE_NO_PAD.encode(Sha256::digest("ht_x"))), Err(DpopFault::Token)),
            ("jti", json!("absent"), Err(DpopFault::Id)),
            ("jti", json!("x".repeat(300)), Err(DpopFault::Id)),
            ("jti", json!(7), claim("jti")),
            ("iat", json!("absent"), Err(DpopFault::Time)),
            ("iat", json!("now"), claim("iat")),
            ("iat", json!(NOW - 3600), held.clone()),
            ("iat", json!(NOW + 8), held.clone()),
            ("nonce", json!("absent"), Err(DpopFault::Nonce)),
            ("nonce", json!("n-3"), Err(DpopFault::Nonce)),
            ("nonce", json!(""), claim("nonce")),
            ("nbf", json!(NOW), held.clone()),
            ("exp", json!(NOW + 60), held.clone()),
            ("unknown", json!([1]), held.clone()),
        ] {
            let claims = with(&good(), name, value);
            assert_eq!(judged(&claims), expected, "{claims}");
        }
        // Without a token beside it, none is named.
        let bare = signed(&store, &key, &header, &with(&good(), "ath", json!("absent")));
        assert!(judge(&bare, None).is_ok());
    }

    #[test]
    fn op_14_a_proof_is_signed_by_the_public_key_that_it_holds() {
        let store = keystore();
        let (ours, other) =
            (key(&store, SigningAlgorithm::Es256), key(&store, SigningAlgorithm::Es256));
        let rsa = key(&store, SigningAlgorithm::Ps256);
        let jwk = |key: &crate::SigningKey| -> Value {
            serde_json::from_str(&key.public_jwk).expect("JWK")
        };
        let header = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": jwk(&ours) });
        let judged = |header: &Value, key: &crate::SigningKey| {
            judge(&signed(&store, key, header, &good()), Some(TOKEN)).map(|_| ())
        };
        assert_eq!(judged(&header, &ours), Ok(()));
        assert_eq!(judged(&with(&header, "unknown", json!(1)), &ours), Ok(()));
        let ps = json!({ "alg": "PS256", "typ": "dpop+jwt", "jwk": jwk(&rsa) });
        assert_eq!(judged(&ps, &rsa), Ok(()));
        let mut private = jwk(&ours);
        private["d"] = "AAAA".into();
        for (name, value, fault) in [
            ("typ", json!("absent"), DpopFault::Kind),
            ("typ", json!("JWT"), DpopFault::Kind),
            ("typ", json!("at+jwt"), DpopFault::Kind),
            ("typ", json!(1), DpopFault::Kind),
            ("alg", json!("absent"), DpopFault::Signature),
            ("alg", json!("none"), DpopFault::Signature),
            ("alg", json!("HS256"), DpopFault::Signature),
            ("alg", json!("RS256"), DpopFault::Signature),
            ("alg", json!("PS256"), DpopFault::Key),
            ("jwk", json!("absent"), DpopFault::Key),
            ("jwk", json!({}), DpopFault::Key),
            ("jwk", json!({"kty":"oct","k":"AAAA"}), DpopFault::Key),
            ("jwk", private, DpopFault::Key),
            ("jwk", jwk(&rsa), DpopFault::Key),
            ("jwk", jwk(&other), DpopFault::Signature),
            ("crit", json!(["x"]), DpopFault::Signature),
            ("b64", json!(false), DpopFault::Signature),
        ] {
            let header = with(&header, name, value);
            assert_eq!(judged(&header, &ours), Err(fault), "{header}");
        }
        let proof = signed(&store, &ours, &header, &good());
        for bad in ["", ".", "..", "a.b.c", &proof[1..], &format!("{proof}.x"), &"a".repeat(9000)] {
            assert!(judge(bad, Some(TOKEN)).is_err(), "{bad}");
        }
    }

    #[test]
    fn two_keys_with_one_id_are_two_proofs() {
        let once = OnceOnly { id: "j".to_owned(), until: DateTime::UNIX_EPOCH };
        let proof = |key: &str| DpopProof { thumbprint: key.to_owned(), once: once.clone() };
        assert_ne!(proof("a").fingerprint(), proof("b").fingerprint());
        assert_eq!(proof("a").fingerprint(), proof("a").fingerprint());
    }
}
