//! A software FIDO2 authenticator and the browser around it (WebAuthn level 3, CTAP 2.1): for tests
//! and for the demo that plays a login by itself. ES256, attestation `none`, discoverable credentials.
//!
//! It speaks the JSON of the standard on both sides: creation or request options in, the credential
//! that a page would post back out. It refuses what a real one refuses (foreign `rp.id`, excluded
//! credential, no algorithm in common) and cheats only where a test asks it to.
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Value, json};
use std::sync::Arc;

const ES256: i64 = -7;
const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

#[derive(Debug, thiserror::Error)]
pub enum AuthenticatorError {
    #[error("the options lack {0}, or it is malformed")]
    Options(&'static str),
    #[error("{rp_id} is not a registrable suffix of the origin {origin}")]
    ForeignRelyingParty { rp_id: String, origin: String },
    #[error("an excluded credential is on this authenticator")]
    Excluded,
    #[error("ES256 is not among the algorithms asked for")]
    NoCommonAlgorithm,
    #[error("no credential for {0} here")]
    NoCredential(String),
    #[error("the cryptographic library failed")]
    Cryptography,
}

/// One key fob. Cloning it gives the thief's copy: same keys, the counters of that moment.
#[derive(Clone)]
pub struct Authenticator {
    credentials: Vec<Credential>,
    aaguid: [u8; 16],
    verifies_user: bool,
}

#[derive(Clone)]
struct Credential {
    id: Vec<u8>,
    rp_id: String,
    user_handle: Vec<u8>,
    key: Arc<EcdsaKeyPair>,
    counter: u32,
}

impl Default for Authenticator {
    fn default() -> Self {
        Self::new()
    }
}

impl Authenticator {
    /// A blank one that verifies its user, of no known make (AAGUID of zeros).
    pub fn new() -> Self {
        Self { credentials: Vec::new(), aaguid: [0; 16], verifies_user: true }
    }

    pub fn with_aaguid(aaguid: [u8; 16]) -> Self {
        Self { aaguid, ..Self::new() }
    }

    /// From now on: touched only, no PIN and no finger.
    pub fn without_user_verification(mut self) -> Self {
        self.verifies_user = false;
        self
    }

    /// Ids of its credentials, in base64url, oldest first.
    pub fn credential_ids(&self) -> Vec<String> {
        self.credentials.iter().map(|credential| BASE64URL.encode(&credential.id)).collect()
    }

    /// Sets the counter of every credential, as a clone or a reset would have it.
    pub fn set_counter(&mut self, counter: u32) {
        for credential in &mut self.credentials {
            credential.counter = counter;
        }
    }

    /// `navigator.credentials.create()`: takes `PublicKeyCredentialCreationOptions` in JSON (bare, or
    /// under `publicKey`), returns the credential as the page would post it.
    pub fn register(&mut self, origin: &str, options: &Value) -> Result<Value, AuthenticatorError> {
        let options = options.get("publicKey").unwrap_or(options);
        let rp_id = relying_party(origin, options["rp"].get("id"))?;
        let user_handle = bytes(&options["user"]["id"], "user.id")?;
        let algorithms = options["pubKeyCredParams"]
            .as_array()
            .ok_or(AuthenticatorError::Options("pubKeyCredParams"))?;
        if !algorithms.iter().any(|algorithm| algorithm["alg"] == ES256) {
            return Err(AuthenticatorError::NoCommonAlgorithm);
        }
        let excluded = listed(&options["excludeCredentials"], "excludeCredentials")?;
        if self.of(&rp_id).any(|credential| excluded.contains(&credential.id)) {
            return Err(AuthenticatorError::Excluded);
        }
        let client_data = client_data("webauthn.create", origin, options)?;
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)
            .map_err(|_| AuthenticatorError::Cryptography)?;
        let id = digest(&SHA256, key.public_key().as_ref()).as_ref().to_vec();
        let mut data = self.data(&rp_id, ATTESTED, 1);
        data.extend(self.aaguid);
        data.extend(u16::try_from(id.len()).expect("32 bytes").to_be_bytes());
        data.extend(&id);
        data.extend(cose_key(key.public_key().as_ref()));
        // A discoverable credential takes the place of the former one of the same user.
        self.credentials.retain(|kept| kept.rp_id != rp_id || kept.user_handle != user_handle);
        let credential = Credential { id, rp_id, user_handle, key: Arc::new(key), counter: 1 };
        let id = BASE64URL.encode(&credential.id);
        self.credentials.push(credential);
        Ok(json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "authenticatorAttachment": "cross-platform",
            "response": {
                "attestationObject": BASE64URL.encode(attestation_object(&data)),
                "clientDataJSON": BASE64URL.encode(client_data),
                "transports": ["usb", "nfc"],
            },
            "clientExtensionResults": { "credProps": { "rk": true } },
        }))
    }

    /// `navigator.credentials.get()`: takes `PublicKeyCredentialRequestOptions` in JSON (bare, or under
    /// `publicKey`). With no credential allowed by name, the latest discoverable one answers.
    pub fn sign_in(&mut self, origin: &str, options: &Value) -> Result<Value, AuthenticatorError> {
        let options = options.get("publicKey").unwrap_or(options);
        let rp_id = relying_party(origin, options.get("rpId"))?;
        let allowed = listed(&options["allowCredentials"], "allowCredentials")?;
        let client_data = client_data("webauthn.get", origin, options)?;
        let fits = |credential: &&mut Credential| {
            credential.rp_id == rp_id && (allowed.is_empty() || allowed.contains(&credential.id))
        };
        let credential = self
            .credentials
            .iter_mut()
            .rfind(fits)
            .ok_or_else(|| AuthenticatorError::NoCredential(rp_id.clone()))?;
        credential.counter = credential.counter.saturating_add(1);
        let credential = credential.clone();
        let data = self.data(&rp_id, 0, credential.counter);
        let mut signed = data.clone();
        signed.extend(digest(&SHA256, &client_data).as_ref());
        let signature = credential
            .key
            .sign(&SystemRandom::new(), &signed)
            .map_err(|_| AuthenticatorError::Cryptography)?;
        let id = BASE64URL.encode(&credential.id);
        Ok(json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "authenticatorAttachment": "cross-platform",
            "response": {
                "authenticatorData": BASE64URL.encode(&data),
                "clientDataJSON": BASE64URL.encode(client_data),
                "signature": BASE64URL.encode(signature.as_ref()),
                "userHandle": BASE64URL.encode(&credential.user_handle),
            },
            "clientExtensionResults": {},
        }))
    }

    fn of(&self, rp_id: &str) -> impl Iterator<Item = &Credential> {
        self.credentials.iter().filter(move |credential| credential.rp_id == rp_id)
    }

    /// Authenticator data up to the counter (WebAuthn §6.1).
    fn data(&self, rp_id: &str, more: u8, counter: u32) -> Vec<u8> {
        let verified = if self.verifies_user { USER_VERIFIED } else { 0 };
        let mut data = digest(&SHA256, rp_id.as_bytes()).as_ref().to_vec();
        data.push(USER_PRESENT | verified | more);
        data.extend(counter.to_be_bytes());
        data
    }
}

/// The relying party's id: the origin's host or a suffix of it at a dot (WebAuthn §5.1.3). Public
/// suffixes are not known here.
fn relying_party(origin: &str, asked: Option<&Value>) -> Result<String, AuthenticatorError> {
    let host = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    let rp_id = match asked {
        None | Some(Value::Null) => host,
        Some(text) => text.as_str().ok_or(AuthenticatorError::Options("rp.id"))?,
    };
    let within = host == rp_id || host.strip_suffix(rp_id).is_some_and(|rest| rest.ends_with('.'));
    match within && !rp_id.is_empty() {
        true => Ok(rp_id.to_owned()),
        false => Err(AuthenticatorError::ForeignRelyingParty {
            rp_id: rp_id.to_owned(),
            origin: origin.to_owned(),
        }),
    }
}

fn bytes(value: &Value, what: &'static str) -> Result<Vec<u8>, AuthenticatorError> {
    let text = value.as_str().ok_or(AuthenticatorError::Options(what))?;
    BASE64URL.decode(text.trim_end_matches('=')).map_err(|_| AuthenticatorError::Options(what))
}

/// Ids of a list of credential descriptors; an absent list is an empty one.
fn listed(value: &Value, what: &'static str) -> Result<Vec<Vec<u8>>, AuthenticatorError> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => items.iter().map(|item| bytes(&item["id"], what)).collect(),
        _ => Err(AuthenticatorError::Options(what)),
    }
}

fn client_data(kind: &str, origin: &str, options: &Value) -> Result<Vec<u8>, AuthenticatorError> {
    let challenge = bytes(&options["challenge"], "challenge")?;
    let data = json!({
        "type": kind,
        "challenge": BASE64URL.encode(challenge),
        "origin": origin,
        "crossOrigin": false,
    });
    Ok(data.to_string().into_bytes())
}

/// COSE_Key of an uncompressed P-256 point (RFC 9053 §7.1): {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
fn cose_key(point: &[u8]) -> Vec<u8> {
    let (x, y) = point[1..].split_at(32);
    let head = [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
    [&head[..], x, &[0x22, 0x58, 0x20], y].concat()
}

/// CBOR {"fmt": "none", "attStmt": {}, "authData": data}.
fn attestation_object(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("authenticator data is short").to_be_bytes();
    let mut object = vec![0xA3];
    object.extend(b"\x63fmt\x64none\x67attStmt\xA0\x68authData\x59");
    object.extend(length);
    object.extend(data);
    object
}

#[cfg(test)]
mod tests {
    use super::*;
    use webauthn_rs::prelude::{Passkey, Url, Uuid, Webauthn, WebauthnBuilder, WebauthnError};

    const ORIGIN: &str = "http://localhost:8000";

    fn relying_party() -> Webauthn {
        let origin = Url::parse(ORIGIN).expect("an address");
        WebauthnBuilder::new("localhost", &origin).expect("rp").build().expect("rp")
    }

    fn register(webauthn: &Webauthn, fob: &mut Authenticator) -> Passkey {
        let (options, state) = webauthn
            .start_passkey_registration(Uuid::from_u128(7), "slegoff", "Solène Le Goff", None)
            .expect("options");
        let options = serde_json::to_value(options).expect("JSON");
        let posted = fob.register(ORIGIN, &options).expect("registers");
        let posted = serde_json::from_value(posted).expect("the shape of the standard");
        webauthn.finish_passkey_registration(&posted, &state).expect("accepted")
    }

    fn sign_in(
        webauthn: &Webauthn,
        fob: &mut Authenticator,
        passkey: &mut Passkey,
    ) -> Result<bool, WebauthnError> {
        let (options, state) =
            webauthn.start_passkey_authentication(std::slice::from_ref(passkey)).expect("options");
        let options = serde_json::to_value(options).expect("JSON");
        let posted = fob.sign_in(ORIGIN, &options).expect("signs");
        let posted = serde_json::from_value(posted).expect("the shape of the standard");
        let result = webauthn.finish_passkey_authentication(&posted, &state)?;
        passkey.update_credential(&result);
        Ok(result.user_verified())
    }

    #[test]
    fn a_relying_party_accepts_it_and_finds_its_clone_out() {
        let webauthn = relying_party();
        let mut fob = Authenticator::new();
        let mut passkey = register(&webauthn, &mut fob);
        assert!(sign_in(&webauthn, &mut fob, &mut passkey).expect("signed in"));
        let mut stolen = fob.clone();
        assert!(sign_in(&webauthn, &mut fob, &mut passkey).expect("signed in"));
        let refused = sign_in(&webauthn, &mut stolen, &mut passkey);
        assert!(matches!(refused, Err(WebauthnError::CredentialPossibleCompromise)), "{refused:?}");
    }

    #[test]
    fn without_user_verification_a_relying_party_that_asks_for_it_refuses() {
        let webauthn = relying_party();
        let mut fob = Authenticator::new();
        let mut passkey = register(&webauthn, &mut fob);
        let mut touched = fob.without_user_verification();
        let refused = sign_in(&webauthn, &mut touched, &mut passkey);
        assert!(matches!(refused, Err(WebauthnError::UserNotVerified)), "{refused:?}");
    }

    #[test]
    fn it_refuses_what_a_real_one_refuses() {
        let options = |rp_id: &str, algorithm: i64, excluded: Vec<Value>| {
            json!({
                "challenge": "AAAA", "rp": { "id": rp_id, "name": "Valbrume" },
                "user": { "id": "AQ", "name": "n", "displayName": "n" },
                "pubKeyCredParams": [{ "type": "public-key", "alg": algorithm }],
                "excludeCredentials": excluded,
            })
        };
        let mut fob = Authenticator::new();
        let origin = "https://sso.valbrume.test";
        fob.register(origin, &options("valbrume.test", ES256, vec![])).expect("a suffix");
        let excluded = vec![json!({ "type": "public-key", "id": fob.credential_ids()[0] })];
        for (case, options) in [
            ("foreign", options("brume.test", ES256, vec![])),
            ("other", options("evil.test", ES256, vec![])),
            ("algorithm", options("valbrume.test", -257, vec![])),
            ("excluded", options("valbrume.test", ES256, excluded)),
            ("challenge", json!({ "rp": {}, "user": { "id": "AQ" } })),
        ] {
            assert!(fob.register(origin, &options).is_err(), "{case}");
        }
        let elsewhere = fob.sign_in("https://autre.test", &json!({ "challenge": "AAAA" }));
        assert!(matches!(elsewhere, Err(AuthenticatorError::NoCredential(_))));
    }
}
