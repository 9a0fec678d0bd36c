//! Any text as an assertion, a request object, a key set, an access token or a name of a kept request, any bytes as a
//! certificate: refused, never a panic. Nobody holds that client's private key, so that whatever is taken for signed by
//! it is a find. Then any claims, and good ones with any member changed, rightly signed by a client whose key is here:
//! what is taken is of this client, for this issuer, and serves once by its own id.
#![no_main]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use kernel::{KeyStore, Secret, SigningAlgorithm, SigningKeyMaterial};
use libfuzzer_sys::fuzz_target;
use oidc::{
    AccessTokenText, Client, ClientKeys, ObjectFrom, OnceOnly, PeerCertificate, TlsSubject,
    judge_assertion, read_hint_token, read_request_object, read_request_uri, read_signed_ask,
    verify_jws,
};
use serde_json::{Value, json};
use std::sync::OnceLock;

#[path = "shared/client.rs"]
mod client;

const ISSUER: &str = "https://hygie.hopital.test";
const ENDPOINT: &str = "https://hygie.hopital.test/oauth2/token";
const KINDS: [&str; 4] = ["JWT", "client-authentication+jwt", "oauth-authz-req+jwt", "dpop+jwt"];

/// The client whose key nobody holds, and one that signs.
struct Lab {
    stranger: Client,
    client: Client,
    store: keystore::MasterKey,
    key: SigningKeyMaterial,
    now: DateTime<Utc>,
    /// Claims that an assertion, a request object, a request to be asked elsewhere and a hint may all have.
    good: Value,
}

fn lab() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(|| {
        let store = keystore::MasterKey::new(Secret::new([7; 32]));
        let key = store.new_signing_key(SigningAlgorithm::Es256, 0).expect("key");
        let stranger = client::client();
        let mut client = stranger.clone();
        let keys = format!(r#"{{"keys":[{}]}}"#, key.public_jwk);
        client.settings.security.keys = Some(ClientKeys::read(&keys).expect("keys"));
        let (now, seconds) = (stranger.created_at, stranger.created_at.timestamp());
        let good = json!({
            "iss": "dpi", "sub": "dpi", "client_id": "dpi", "aud": ISSUER, "jti": "1",
            "iat": seconds, "nbf": seconds, "exp": seconds + 60,
            "response_type": "code", "redirect_uri": "https://dpi.test/cb", "scope": "openid",
            "sub_id": { "format": "iss_sub", "iss": ISSUER, "sub": "s" },
        });
        Lab { stranger, client, store, key, now, good }
    })
}

/// A token of these claims, signed as its header says.
fn signed(lab: &Lab, kind: &str, claims: &[u8]) -> String {
    let header = json!({ "alg": "ES256", "typ": kind }).to_string();
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let message = format!("{}.{}", part(header.as_bytes()), part(claims));
    let (algorithm, sealed) = (lab.key.algorithm, &lab.key.sealed_private);
    let signature = lab.store.sign(algorithm, sealed, message.as_bytes()).expect("signed");
    format!("{message}.{}", part(&signature))
}

/// What is refused unsigned, and read by nobody's key.
fn of_a_stranger(lab: &Lab, bytes: &[u8]) {
    if let Ok(certificate) = PeerCertificate::read(bytes, true) {
        assert_eq!(certificate.thumbprint.len(), 43);
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (client, now) = (&lab.stranger, lab.now);
    assert!(judge_assertion(text, client, &[ENDPOINT.to_owned()], now).is_err());
    for from in [ObjectFrom::Request, ObjectFrom::Kept] {
        assert!(read_request_object(text, client, from, now).is_err());
    }
    assert!(read_signed_ask(text, client, now).is_err());
    assert!(read_hint_token(text, client, now).is_err());
    assert!(verify_jws(text, "JWT", &[]).is_err());
    if let Ok(keys) = ClientKeys::read(text) {
        assert!(!keys.to_document().to_string().contains("\"d\""), "a private member was kept");
    }
    if let Some(TlsSubject::SubjectDn(name)) = TlsSubject::SubjectDn(text.to_owned()).normalised() {
        assert!(!name.is_empty());
    }
    let _answered = (read_request_uri(text), AccessTokenText::parse(text).is_some());
}

/// `aud` is the issuer, or has it among its members.
fn is_for_the_issuer(claims: &Value) -> bool {
    let ours = |value: &Value| value.as_str() == Some(ISSUER);
    ours(&claims["aud"]) || claims["aud"].as_array().is_some_and(|list| list.iter().any(ours))
}

fn is_spent_by_its_id(lab: &Lab, once: &OnceOnly, claims: &Value) {
    assert_eq!(claims["jti"].as_str(), Some(once.id.as_str()));
    assert!(once.until >= lab.now, "an id that may be forgotten while it is good");
}

/// These claims behind a right signature: what is taken says what each reader promises.
fn of_the_client(lab: &Lab, kind: &str, bytes: &[u8]) {
    let (client, now) = (&lab.client, lab.now);
    let token = signed(lab, kind, bytes);
    let claims = || -> Value { serde_json::from_slice(bytes).expect("what was taken is JSON") };
    if let Ok(once) = judge_assertion(&token, client, &[ENDPOINT.to_owned()], now) {
        let claims = claims();
        assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some("dpi"), Some("dpi")));
        assert!(matches!(kind, "JWT" | "client-authentication+jwt"));
        is_spent_by_its_id(lab, &once, &claims);
    }
    for from in [ObjectFrom::Request, ObjectFrom::Kept] {
        if let Ok(parameters) = read_request_object(&token, client, from, now) {
            let claims = claims();
            assert!(claims["iss"] == "dpi" && is_for_the_issuer(&claims));
            assert!(from == ObjectFrom::Kept || claims["exp"].is_number());
            assert!(claims.get("request").or(claims.get("request_uri")).is_none());
            assert!(parameters.to_text().contains("client_id=dpi"));
        }
    }
    if let Ok((pairs, once)) = read_signed_ask(&token, client, now) {
        let claims = claims();
        assert!(claims["iss"] == "dpi" && is_for_the_issuer(&claims));
        assert!(pairs.iter().all(|(name, _)| name != "request"));
        is_spent_by_its_id(lab, &once, &claims);
    }
    if let Ok(subject) = read_hint_token(&token, client, now) {
        assert_eq!(claims()["sub_id"]["sub"].as_str(), Some(subject.as_str()));
    }
}

fuzz_target!(|input: (u8, &[u8])| {
    let (choice, bytes) = input;
    let lab = lab();
    if choice & 0b1000 == 0 {
        return of_a_stranger(lab, bytes);
    }
    let kind = KINDS[usize::from(choice & 0b11)];
    of_the_client(lab, kind, bytes);
    if let Ok(Value::Object(changes)) = serde_json::from_slice(bytes) {
        let mut claims = lab.good.clone();
        for (name, value) in changes {
            claims[name] = value;
        }
        of_the_client(lab, kind, claims.to_string().as_bytes());
    }
});
