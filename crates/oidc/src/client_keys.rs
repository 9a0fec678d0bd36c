//! Keys that a client signs with, as it registered them. Algorithms and keys come from here alone: the header of a
//! token may point at one of them by its `kid`, and at nothing else (threats OP-14).
use crate::certificate::certificate_thumbprint;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use kernel::SigningAlgorithm;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// More keys than any client turns over at once.
const MOST_KEYS: usize = 16;
/// A JWKS of sixteen RSA keys has 12 kB.
const LONGEST: usize = 32_768;
/// RSA keys of fewer bits are refused (ANSSI, guide des mécanismes cryptographiques).
const LEAST_RSA_BYTES: usize = 256;

/// Why this is no key set of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeys {
    #[error("not a JWKS: an object with a list `keys` of 1 to {MOST_KEYS} keys")]
    NotAKeySet,
    #[error("a private or symmetric key: register public keys alone")]
    Private,
    #[error("a key that is none of RSA of at least 2048 bits, EC P-256, OKP Ed25519")]
    Kind,
    #[error("`alg` is no name of an algorithm")]
    Algorithm,
    #[error("`x5c` is no list of certificates in base64")]
    Certificate,
    #[error("two keys with the same `kid`, or several keys and one without `kid`")]
    Kid,
}

/// One public key, its members in the words of RFC 7517.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientKey {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// The JWK, public members alone.
    pub jwk: String,
    pub kind: KeyKind,
    /// What it is for, where it says so: nothing else is believed of it (RFC 7517 §4.4, RFC 8725 §3.1).
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::client_security::algorithm"
    )]
    pub algorithm: Option<SigningAlgorithm>,
    /// The thumbprint of the certificate beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    Rsa,
    P256,
    Ed25519,
}

impl KeyKind {
    pub fn serves(self, algorithm: SigningAlgorithm) -> bool {
        match algorithm {
            SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => self == Self::Rsa,
            SigningAlgorithm::Es256 => self == Self::P256,
            SigningAlgorithm::EdDsa => self == Self::Ed25519,
        }
    }
}

/// The public keys of one client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientKeys(Vec<ClientKey>);

impl ClientKeys {
    /// Reads a JWKS as an editor hands it over.
    pub fn read(text: &str) -> Result<Self, InvalidKeys> {
        let document: Value = serde_json::from_str(text).map_err(|_| InvalidKeys::NotAKeySet)?;
        let keys = document.get("keys").and_then(Value::as_array).ok_or(InvalidKeys::NotAKeySet)?;
        if text.len() > LONGEST || keys.is_empty() || keys.len() > MOST_KEYS {
            return Err(InvalidKeys::NotAKeySet);
        }
        let signing = |key: &&Value| key.get("use").is_none_or(|usage| usage == "sig");
        let read: Vec<Option<ClientKey>> =
            keys.iter().filter(signing).map(read_key).collect::<Result<_, _>>()?;
        let strange = keys.iter().filter_map(Value::as_object).any(is_of_another_kind);
        let keys: Vec<ClientKey> = read.into_iter().flatten().collect();
        let named = keys.iter().all(|key| key.kid.is_some());
        let twice = |key: &ClientKey| keys.iter().filter(|other| other.kid == key.kid).count() > 1;
        if keys.is_empty() {
            return Err(if strange { InvalidKeys::Kind } else { InvalidKeys::NotAKeySet });
        }
        if keys.len() > 1 && (!named || keys.iter().any(twice)) {
            return Err(InvalidKeys::Kid);
        }
        Ok(Self(keys))
    }

    /// The key that a header points at, of the kind that its algorithm needs.
    pub(crate) fn pick(
        &self,
        kid: Option<&str>,
        algorithm: SigningAlgorithm,
    ) -> Option<&ClientKey> {
        let serves = |key: &&ClientKey| {
            key.kind.serves(algorithm) && key.algorithm.is_none_or(|own| own == algorithm)
        };
        let mut fitting = self.0.iter().filter(serves);
        match kid {
            Some(kid) => fitting.find(|key| key.kid.as_deref() == Some(kid)),
            None => fitting.next().filter(|_| fitting.next().is_none()),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &ClientKey> {
        self.0.iter()
    }

    /// The JWKS again, as a screen shows it.
    pub fn to_document(&self) -> Value {
        let key = |key: &ClientKey| {
            let mut jwk: Map<String, Value> = serde_json::from_str(&key.jwk).unwrap_or_default();
            if let Some(kid) = &key.kid {
                jwk.insert("kid".to_owned(), kid.as_str().into());
            }
            if let Some(algorithm) = key.algorithm {
                jwk.insert("alg".to_owned(), algorithm.name().into());
            }
            Value::Object(jwk)
        };
        serde_json::json!({ "keys": self.0.iter().map(key).collect::<Vec<_>>() })
    }
}

/// `None`: a key of a kind that is not known here (RFC 7517 §5), or for an algorithm that is not offered: it serves that
/// one alone (§4.4), so none of ours.
fn read_key(value: &Value) -> Result<Option<ClientKey>, InvalidKeys> {
    let members = value.as_object().ok_or(InvalidKeys::NotAKeySet)?;
    if is_private(members) {
        return Err(InvalidKeys::Private);
    }
    if is_of_another_kind(members) {
        return Ok(None);
    }
    let kid = match members.get("kid") {
        None => None,
        Some(kid) => {
            let text = kid.as_str().filter(|text| (1..=256).contains(&text.len()));
            Some(text.ok_or(InvalidKeys::Kid)?.to_owned())
        }
    };
    let (kind, jwk) = public_jwk(members)?;
    let certificate = certificate(members)?;
    let algorithm = match members.get("alg") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => match SigningAlgorithm::from_name(name) {
            None => return Ok(None),
            known => known,
        },
        Some(_) => return Err(InvalidKeys::Algorithm),
    };
    Ok(Some(ClientKey { kid, jwk, kind, algorithm, certificate }))
}

/// The first of `x5c` is the key's own (RFC 7517 §4.7): base64, and not its variant for addresses.
fn certificate(members: &Map<String, Value>) -> Result<Option<String>, InvalidKeys> {
    let Some(chain) = members.get("x5c") else { return Ok(None) };
    let first = chain.as_array().and_then(|chain| chain.first()).and_then(Value::as_str);
    let der = first.and_then(|text| STANDARD.decode(text).ok()).ok_or(InvalidKeys::Certificate)?;
    Ok(Some(certificate_thumbprint(&der)))
}

/// Of a kind, or on a curve, that has a name and is none of ours. One of ours that does not hold is a fault, and told.
fn is_of_another_kind(members: &Map<String, Value>) -> bool {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    match (text("kty"), text("crv")) {
        (Some("EC"), Some(curve)) => curve != "P-256",
        (Some("OKP"), Some(curve)) => curve != "Ed25519",
        (Some("RSA" | "EC" | "OKP" | "oct") | None, _) => false,
        (Some(_), _) => true,
    }
}

fn is_private(members: &Map<String, Value>) -> bool {
    let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    private.iter().any(|name| members.contains_key(*name))
}

/// A public key as RFC 7517 and RFC 8037 write it: its kind, and its required members alone.
pub(crate) fn public_jwk(members: &Map<String, Value>) -> Result<(KeyKind, String), InvalidKeys> {
    if is_private(members) {
        return Err(InvalidKeys::Private);
    }
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let bytes = |name: &str| text(name).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let long = |name: &str, length: usize| bytes(name).is_some_and(|bytes| bytes.len() == length);
    let (kind, required): (_, &[&str]) = match (text("kty"), text("crv")) {
        (Some("oct"), _) => return Err(InvalidKeys::Private),
        (Some("RSA"), _) => {
            let modulus = bytes("n").ok_or(InvalidKeys::Kind)?;
            let bounded = (LEAST_RSA_BYTES..=1024).contains(&modulus.len());
            let exponent = bytes("e").is_some_and(|e| e == [1, 0, 1]);
            if !bounded || modulus[0] == 0 || !exponent {
                return Err(InvalidKeys::Kind);
            }
            (KeyKind::Rsa, &["e", "kty", "n"])
        }
        (Some("EC"), Some("P-256")) if long("x", 32) && long("y", 32) => {
            (KeyKind::P256, &["crv", "kty", "x", "y"])
        }
        (Some("OKP"), Some("Ed25519")) if long("x", 32) => (KeyKind::Ed25519, &["crv", "kty", "x"]),
        _ => return Err(InvalidKeys::Kind),
    };
    let kept: Map<String, Value> = required
        .iter()
        .filter_map(|name| members.get(*name).map(|value| ((*name).to_owned(), value.clone())))
        .collect();
    Ok((kind, Value::Object(kept).to_string()))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::SigningKey;
    use serde_json::json;

    /// The JWKS that a client with these keys would register.
    pub(crate) fn jwks(keys: &[&SigningKey]) -> String {
        let jwk = |key: &&SigningKey| {
            let mut jwk: Map<String, Value> = serde_json::from_str(&key.public_jwk).expect("JWK");
            jwk.insert("kid".to_owned(), key.kid.as_str().into());
            Value::Object(jwk)
        };
        json!({ "keys": keys.iter().map(jwk).collect::<Vec<_>>() }).to_string()
    }

    /// Conformance: `fapi-ciba-id1-…-signature-algorithm-is-RS256-fails`, with a key of PS256.
    #[test]
    fn op_14_a_key_that_names_its_algorithm_serves_no_other() {
        let modulus = URL_SAFE_NO_PAD.encode([0xc3; 256]);
        for (named, ps256, rs256) in [
            (json!("PS256"), true, false),
            (json!("RS256"), false, true),
            (Value::Null, true, true),
        ] {
            let mut key = json!({ "kty": "RSA", "n": modulus, "e": "AQAB", "kid": "r" });
            if named.is_string() {
                key["alg"] = named.clone();
            }
            let read = ClientKeys::read(&json!({ "keys": [key] }).to_string()).expect("read");
            for kid in [Some("r"), None] {
                let picks = |algorithm| read.pick(kid, algorithm).is_some();
                assert_eq!(picks(SigningAlgorithm::Ps256), ps256, "{named}");
                assert_eq!(picks(SigningAlgorithm::Rs256), rs256, "{named}");
            }
            let shown = &read.to_document()["keys"][0];
            assert_eq!(shown.get("alg").unwrap_or(&Value::Null), &named);
            let kept = serde_json::to_string(&read).expect("kept");
            assert_eq!(serde_json::from_str::<ClientKeys>(&kept).expect("read back"), read);
        }
        // RFC 7517 §4.4: for that one alone, and it is none of ours.
        let key = |kid: &str| json!({ "kty": "RSA", "n": modulus, "e": "AQAB", "kid": kid });
        for named in ["RS512", "RSA-OAEP", "none", "rs256", ""] {
            let mut other = key("o");
            other["alg"] = named.into();
            let beside = json!({ "keys": [key("r"), other] }).to_string();
            let read = ClientKeys::read(&beside).expect("read");
            assert_eq!(read.iter().count(), 1, "{named}");
            for algorithm in [SigningAlgorithm::Ps256, SigningAlgorithm::Rs256] {
                assert!(read.pick(Some("o"), algorithm).is_none(), "{named}");
                assert!(read.pick(Some("r"), algorithm).is_some(), "{named}");
            }
            let alone = ClientKeys::read(&json!({ "keys": [other] }).to_string());
            assert_eq!(alone, Err(InvalidKeys::NotAKeySet), "{named}");
        }
        for named in [json!(256), json!(["RS256"])] {
            let mut other = key("o");
            other["alg"] = named.clone();
            let read = ClientKeys::read(&json!({ "keys": [other] }).to_string());
            assert_eq!(read, Err(InvalidKeys::Algorithm), "{named}");
        }
    }

    #[test]
    fn a_key_of_a_kind_that_is_not_known_is_passed_over_and_the_others_serve() {
        let coordinate = URL_SAFE_NO_PAD.encode([7; 32]);
        let ours = json!({"kty":"EC","crv":"P-256","x":coordinate,"y":coordinate,"kid":"a"});
        for strange in [
            json!({"kty":"AKP","alg":"ML-DSA-65","pub":"AAAA","kid":"b"}),
            json!({"kty":"EC","crv":"P-384","x":"AA","y":"AA","kid":"b"}),
            json!({"kty":"EC","crv":"secp256k1","x":coordinate,"y":coordinate}),
            json!({"kty":"OKP","crv":"Ed448","x":"AA","kid":"a"}),
            json!({"kty":"OKP","crv":"X25519","x":coordinate,"kid":7,"x5c":"!"}),
        ] {
            let beside = json!({ "keys": [strange, ours] }).to_string();
            let read =
                ClientKeys::read(&beside).unwrap_or_else(|fault| panic!("{strange}: {fault}"));
            assert_eq!(read.iter().count(), 1, "{strange}");
            for kid in [Some("a"), None] {
                assert!(read.pick(kid, SigningAlgorithm::Es256).is_some(), "{strange}");
            }
            let alone = ClientKeys::read(&json!({ "keys": [strange] }).to_string());
            assert_eq!(alone, Err(InvalidKeys::Kind), "{strange}");
            // A private key is never taken for one that is merely strange.
            let mut private = strange.clone();
            private["d"] = "AAAA".into();
            let leaked = ClientKeys::read(&json!({ "keys": [private, ours] }).to_string());
            assert_eq!(leaked, Err(InvalidKeys::Private), "{strange}");
        }
        // One of ours that does not hold is told, and so is one that says no kind or no curve.
        for bad in [
            json!({"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"b"}),
            json!({"kty":"RSA","n":"AAAA","e":"AQAB","kid":"b"}),
            json!({"kty":"EC","x":coordinate,"y":coordinate,"kid":"b"}),
            json!({"kid":"b"}),
            json!({"kty":7,"kid":"b"}),
        ] {
            let read = ClientKeys::read(&json!({ "keys": [bad, ours] }).to_string());
            assert_eq!(read, Err(InvalidKeys::Kind), "{bad}");
        }
    }

    #[test]
    fn public_keys_of_a_known_kind_with_a_kid_each_and_nothing_else() {
        let coordinate = URL_SAFE_NO_PAD.encode([7; 32]);
        let modulus = |bytes: usize| URL_SAFE_NO_PAD.encode(vec![0xc3; bytes]);
        let ec =
            |kid: &str| json!({"kty":"EC","crv":"P-256","x":coordinate,"y":coordinate,"kid":kid});
        let rsa = |bytes: usize| json!({"kty":"RSA","n":modulus(bytes),"e":"AQAB","kid":"r"});
        let okp = json!({"kty":"OKP","crv":"Ed25519","x":coordinate,"kid":"o"});
        let with = |mut key: Value, name: &str, value: Value| {
            key[name] = value;
            key
        };
        let without = |mut key: Value, name: &str| {
            key.as_object_mut().expect("object").remove(name);
            key
        };
        let encryption = with(ec("e"), "use", json!("enc"));
        for (keys, expected) in [
            (json!([ec("a")]), Ok(1)),
            (json!([ec("a"), rsa(256), okp]), Ok(3)),
            (json!([ec("a"), encryption]), Ok(1)),
            (json!([without(ec("a"), "kid")]), Ok(1)),
            (json!([encryption]), Err(InvalidKeys::NotAKeySet)),
            (json!([]), Err(InvalidKeys::NotAKeySet)),
            (json!(vec![ec("a"); 17]), Err(InvalidKeys::NotAKeySet)),
            (json!({"a": 1}), Err(InvalidKeys::NotAKeySet)),
            (json!([ec("a"), ec("a")]), Err(InvalidKeys::Kid)),
            (json!([ec("a"), without(ec("b"), "kid")]), Err(InvalidKeys::Kid)),
            (json!([with(ec("a"), "kid", json!(1))]), Err(InvalidKeys::Kid)),
            (json!([with(ec("a"), "d", json!("x"))]), Err(InvalidKeys::Private)),
            (json!([{"kty":"oct","k":"AAAA","kid":"k"}]), Err(InvalidKeys::Private)),
            (json!([{"kty":"oct","kid":"k"}]), Err(InvalidKeys::Private)),
            (json!([with(ec("a"), "x5c", json!(["AAAA"]))]), Ok(1)),
            (json!([with(ec("a"), "x5c", json!(["!"]))]), Err(InvalidKeys::Certificate)),
            (json!([with(ec("a"), "x5c", json!([]))]), Err(InvalidKeys::Certificate)),
            (json!([with(ec("a"), "x5c", json!("AAAA"))]), Err(InvalidKeys::Certificate)),
            (json!([rsa(128)]), Err(InvalidKeys::Kind)),
            (json!([with(rsa(256), "e", json!("Aw"))]), Err(InvalidKeys::Kind)),
            (json!([with(ec("a"), "crv", json!("P-384"))]), Err(InvalidKeys::Kind)),
            (json!([with(ec("a"), "x", json!("AAAA"))]), Err(InvalidKeys::Kind)),
            (json!([with(okp.clone(), "crv", json!("X25519"))]), Err(InvalidKeys::Kind)),
        ] {
            let read = ClientKeys::read(&json!({ "keys": keys }).to_string());
            assert_eq!(read.map(|keys| keys.0.len()), expected, "{keys}");
        }
        for bad in ["", "[]", "{}", r#"{"keys":1}"#] {
            assert_eq!(ClientKeys::read(bad), Err(InvalidKeys::NotAKeySet), "{bad}");
        }
    }
}
