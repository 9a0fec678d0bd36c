//! Tokens that a client signed with a key that it registered.
use crate::claims_reader::Claims;
use crate::client_keys::ClientKeys;
use crate::jws::{InvalidJws, object, signed_by};
use kernel::SigningAlgorithm;
use serde_json::{Map, Value};

/// A request object with its claims parameter has a few kilobytes.
const LONGEST: usize = 65_536;

/// A token whose signature is the client's. Nothing is said of its claims.
#[derive(Debug)]
pub(crate) struct ClientJwt {
    /// `typ`, in small letters and without its `application/`.
    pub kind: Option<String>,
    pub claims: Claims,
}

/// The parts of a token that somebody else wrote, before anything of it is believed.
pub(crate) struct ForeignJwt<'a> {
    pub header: Map<String, Value>,
    message: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> ForeignJwt<'a> {
    /// What a header asks to understand (RFC 7515 §4.1.11, RFC 7797) is not understood here.
    pub(crate) fn read(token: &'a str, longest: usize) -> Result<Self, InvalidJws> {
        if token.len() > longest {
            return Err(InvalidJws);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(InvalidJws)?;
        let (header, payload) = message.split_once('.').ok_or(InvalidJws)?;
        let header = object(header)?;
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err(InvalidJws);
        }
        Ok(Self { header, message, payload, signature })
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, InvalidJws> {
        match self.header.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(InvalidJws),
        }
    }

    /// `typ`, in small letters and without its `application/`.
    pub(crate) fn kind(&self) -> Result<Option<String>, InvalidJws> {
        Ok(self.text("typ")?.map(|kind| {
            let kind = kind.to_ascii_lowercase();
            kind.strip_prefix("application/").map(str::to_owned).unwrap_or(kind)
        }))
    }

    /// The algorithm, when it is one of these.
    pub(crate) fn algorithm(
        &self,
        allowed: &[SigningAlgorithm],
    ) -> Result<SigningAlgorithm, InvalidJws> {
        let algorithm = self.text("alg")?.and_then(SigningAlgorithm::from_name);
        algorithm.filter(|algorithm| allowed.contains(algorithm)).ok_or(InvalidJws)
    }

    /// The claims, once this public key signed them by this algorithm.
    pub(crate) fn verified(
        &self,
        public_jwk: &str,
        algorithm: SigningAlgorithm,
    ) -> Result<Claims, InvalidJws> {
        if !signed_by(public_jwk, algorithm, self.message.as_bytes(), self.signature) {
            return Err(InvalidJws);
        }
        Ok(Claims::of(object(self.payload)?))
    }
}

/// Reads a token that one of these keys signed by one of these algorithms. What the header says of keys elsewhere
/// (`jwk`, `jku`, `x5u`, `x5c`) is never followed (threats OP-14).
pub(crate) fn read_client_jwt(
    token: &str,
    keys: &ClientKeys,
    allowed: &[SigningAlgorithm],
) -> Result<ClientJwt, InvalidJws> {
    let jwt = ForeignJwt::read(token, LONGEST)?;
    let algorithm = jwt.algorithm(allowed)?;
    let key = keys.pick(jwt.text("kid")?, algorithm).ok_or(InvalidJws)?;
    let claims = jwt.verified(&key.jwk, algorithm)?;
    Ok(ClientJwt { kind: jwt.kind()?, claims })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::client_keys::tests::jwks;
    use crate::keys::tests::{key, keystore};
    use crate::{SigningKey, sign_jws};
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use kernel::KeyStore;
    use serde_json::json;

    /// A token of these members, signed by this key whatever its header says.
    pub(crate) fn signed(
        store: &dyn KeyStore,
        key: &SigningKey,
        header: &Value,
        claims: &Value,
    ) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = store.sign(key.algorithm, &key.sealed, message.as_bytes()).expect("signed");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    #[test]
    fn op_14_a_clients_header_chooses_nothing_but_one_of_its_keys() {
        let store = keystore();
        let ours = key(&store, SigningAlgorithm::Es256);
        let rsa = key(&store, SigningAlgorithm::Rs256);
        let foreign = key(&store, SigningAlgorithm::Es256);
        let keys = ClientKeys::read(&jwks(&[&ours, &rsa])).expect("keys");
        let foreign_jwk: Value = serde_json::from_str(&foreign.public_jwk).expect("JWK");
        let (kid, claims) = (ours.kid.as_str(), json!({ "sub": "dpi" }));
        let allowed = [SigningAlgorithm::Es256, SigningAlgorithm::Ps256];
        let read = |token: &str| read_client_jwt(token, &keys, &allowed).is_ok();
        assert!(read(&signed(&store, &ours, &json!({"alg":"ES256","kid":kid}), &claims)));
        assert!(read(&signed(&store, &ours, &json!({"alg":"ES256"}), &claims)), "one key fits");
        for header in [
            json!({"alg":"none","kid":kid}),
            json!({"alg":"None","kid":kid}),
            json!({"alg":"","kid":kid}),
            json!({"kid":kid}),
            json!({"alg":["ES256"],"kid":kid}),
            json!({"alg":"HS256","kid":kid}),
            json!({"alg":"HS512","kid":kid}),
            json!({"alg":"RS256","kid":kid}),
            json!({"alg":"PS256","kid":kid}),
            json!({"alg":"ES384","kid":kid}),
            json!({"alg":"ES256K","kid":kid}),
            json!({"alg":"es256","kid":kid}),
            json!({"alg":"ES256","kid":rsa.kid}),
            json!({"alg":"ES256","kid":foreign.kid}),
            json!({"alg":"ES256","kid":"../../x"}),
            json!({"alg":"ES256","kid":"' OR 1=1 --"}),
            json!({"alg":"ES256","kid":""}),
            json!({"alg":"ES256","kid":1}),
            json!({"alg":"ES256","kid":[kid]}),
            json!({"alg":"ES256","kid":null}),
            json!({"alg":"ES256","kid":kid,"crit":["exp"]}),
            json!({"alg":"ES256","kid":kid,"crit":[]}),
            json!({"alg":"ES256","kid":kid,"b64":false}),
            json!({"alg":"ES256","kid":kid,"typ":7}),
            json!([]),
            json!("ES256"),
        ] {
            assert!(!read(&signed(&store, &ours, &header, &claims)), "{header}");
        }
        // Signed by a stranger, who points at its own key in each way that there is.
        for (name, value) in [
            ("jwk", foreign_jwk.clone()),
            ("jku", json!("https://evil.test/jwks")),
            ("x5u", json!("https://evil.test/chain.pem")),
            ("x5c", json!(["MIIB"])),
            ("x5t#S256", json!("AAAA")),
        ] {
            for kid in [Some(kid), Some(foreign.kid.as_str()), None] {
                let mut header = json!({ "alg": "ES256" });
                header[name] = value.clone();
                if let Some(kid) = kid {
                    header["kid"] = kid.into();
                }
                assert!(!read(&signed(&store, &foreign, &header, &claims)), "{header}");
            }
        }
        // By an algorithm that this client did not register, though the key would do.
        let by_rsa = signed(&store, &rsa, &json!({"alg":"RS256","kid":rsa.kid}), &claims);
        assert!(!read(&by_rsa), "RS256 is not allowed here");
        // The public key as a secret (RS256 read as HS256) finds no reader.
        let good = sign_jws(&store, &ours, "JWT", &Map::new()).expect("signed");
        for bad in [
            "",
            ".",
            "..",
            "a.b.c",
            &good[..good.len() - 2],
            &format!("{good}.x"),
            &"a.".repeat(40_000),
        ] {
            assert!(!read(bad), "{}", &bad[..bad.len().min(40)]);
        }
    }
}
