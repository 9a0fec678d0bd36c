//! Any text as a proof of a key, and any claims rightly signed: never a panic, and what is taken names this call, this
//! token and the number of the day.
#![no_main]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use kernel::{KeyStore, Secret, SigningAlgorithm, SigningKeyMaterial};
use libfuzzer_sys::fuzz_target;
use oidc::{DpopCall, judge_dpop};
use serde_json::{Value, json};
use std::sync::OnceLock;

const ADDRESS: &str = "https://hygie.hopital.test/oauth2/userinfo";

/// A key that signs, its store, and the header of its proofs.
fn signer() -> &'static (keystore::MasterKey, SigningKeyMaterial, String) {
    static SIGNER: OnceLock<(keystore::MasterKey, SigningKeyMaterial, String)> = OnceLock::new();
    SIGNER.get_or_init(|| {
        let store = keystore::MasterKey::new(Secret::new([7; 32]));
        let key = store.new_signing_key(SigningAlgorithm::Es256, 0).expect("key");
        let jwk: Value = serde_json::from_str(&key.public_jwk).expect("JWK");
        let header = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": jwk });
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        (store, key, header)
    })
}

fuzz_target!(|input: (&str, &[u8])| {
    let (text, claims) = input;
    let (addresses, nonces) = ([ADDRESS.to_owned()], ["n".to_owned()]);
    let now = DateTime::from_timestamp(1_795_334_400, 0).expect("time");
    let call = DpopCall {
        method: "GET",
        addresses: &addresses,
        token: Some("ht_abc"),
        nonces: &nonces,
        now,
    };
    let _answered = judge_dpop(text, &call);
    let (store, key, header) = signer();
    let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
    let signature = store.sign(key.algorithm, &key.sealed_private, message.as_bytes());
    let proof = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.expect("signed")));
    if let Ok(proof) = judge_dpop(&proof, &call) {
        let claims: Value = serde_json::from_slice(claims).expect("what was taken is JSON");
        assert_eq!((claims["htm"].as_str(), claims["nonce"].as_str()), (Some("GET"), Some("n")));
        assert_eq!(claims["jti"].as_str(), Some(proof.once.id.as_str()));
        assert_eq!(proof.thumbprint.len(), 43);
    }
});
