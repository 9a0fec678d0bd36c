//! DPoP as it travels: its header, its number, its challenge (RFC 9449 §7, §8).
use super::*;
use kernel::KeyStore;
use serde_json::json;
use sha2::{Digest, Sha256};

/// A key of a client.
pub(super) struct Key(keystore::MasterKey, kernel::SigningKeyMaterial);

impl Key {
    pub(super) fn new() -> Self {
        let store = keystore::MasterKey::new(Secret::new([9; 32]));
        let material = store.new_signing_key(SigningAlgorithm::Es256, 0).expect("key");
        Self(store, material)
    }

    pub(super) fn jwk(&self) -> Value {
        serde_json::from_str(&self.1.public_jwk).expect("JWK")
    }

    fn proof(&self, claims: &Value) -> String {
        self.sign(&json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": self.jwk() }), claims)
    }

    pub(super) fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature =
            self.0.sign(SigningAlgorithm::Es256, &self.1.sealed_private, message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.expect("signed")))
    }
}

pub(super) fn with_proofs(mut request: Request<Body>, proofs: &[&str]) -> Request<Body> {
    for proof in proofs {
        request.headers_mut().append("dpop", proof.parse().expect("header"));
    }
    request
}

#[tokio::test]
async fn op_17_the_number_and_the_challenge_come_in_headers() {
    let mut house = House::open().await;
    let mut browser = house.browser();
    let sent = browser.authorize(&[]).await;
    let cookies = browser.cookies;
    let (back, _) = house.log_in(cookies, &sent).await;
    let code = back.answer()["code"].clone();
    let key = Key::new();
    let now = house.clock.now().timestamp();
    let claims = |method: &str, path: &str, id: &str, nonce: &str| json!({ "htm": method, "htu": format!("{ORIGIN}{path}"), "jti": id, "iat": now, "nonce": nonce });
    let form =
        [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    let token = || form_request(ORIGIN, "/oauth2/token", &form, Some(&house.basic));
    let mut machine = house.browser();
    // Without the number: told which, and nothing is used up.
    let first = key.proof(&claims("POST", "/oauth2/token", "a", "old"));
    let seen = machine.send(with_proofs(token(), &[&first])).await;
    assert_eq!(seen.status, StatusCode::BAD_REQUEST);
    assert!(seen.body.contains("use_dpop_nonce"), "{}", seen.body);
    let nonce = seen.headers["dpop-nonce"].to_str().expect("text").to_owned();
    let good = key.proof(&claims("POST", "/oauth2/token", "b", &nonce));
    let twice = machine.send(with_proofs(token(), &[&good, &good])).await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST);
    assert!(twice.body.contains("invalid_dpop_proof"), "{}", twice.body);
    let seen = machine.send(with_proofs(token(), &[&good])).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
    let answer: Value = serde_json::from_str(&seen.body).expect("JSON");
    assert_eq!(answer["token_type"], "DPoP");
    let text = answer["access_token"].as_str().expect("token");
    let ask = |scheme: &str, proofs: &[&str]| {
        let request = Request::builder()
            .uri("/oauth2/userinfo")
            .header(header::AUTHORIZATION, format!("{scheme} {text}"));
        with_proofs(request.body(Body::empty()).expect("request"), proofs)
    };
    let mut about = claims("GET", "/oauth2/userinfo", "c", "old");
    about["ath"] = URL_SAFE_NO_PAD.encode(Sha256::digest(text)).into();
    let late = key.proof(&about);
    about["nonce"] = nonce.as_str().into();
    let (c, d) = (key.proof(&about), {
        about["jti"] = "d".into();
        key.proof(&about)
    });
    for (scheme, proofs, status, challenge) in [
        ("DPoP", vec![], 401, "DPoP realm=\"hygie\", error=\"invalid_dpop_proof\""),
        ("Bearer", vec![], 401, "Bearer realm=\"hygie\", error=\"invalid_token\""),
        ("Bearer", vec![c.as_str()], 401, "Bearer realm=\"hygie\", error=\"invalid_token\""),
        ("DPoP", vec![late.as_str()], 401, "DPoP realm=\"hygie\", error=\"use_dpop_nonce\""),
        (
            "DPoP",
            vec![c.as_str(), d.as_str()],
            401,
            "DPoP realm=\"hygie\", error=\"invalid_dpop_proof\"",
        ),
        ("dPOP", vec![c.as_str()], 200, ""),
        ("DPoP", vec![c.as_str()], 401, "DPoP realm=\"hygie\", error=\"invalid_dpop_proof\""),
        ("DPoP", vec![d.as_str()], 200, ""),
    ] {
        let seen = machine.send(ask(scheme, &proofs)).await;
        assert_eq!(seen.status.as_u16(), status, "{scheme} {proofs:?} {}", seen.body);
        if status == 401 {
            let told = seen.headers[header::WWW_AUTHENTICATE].to_str().expect("text");
            assert!(told.starts_with(challenge), "{told}");
            assert_eq!(told.contains("algs=\"PS256 ES256 EdDSA\""), scheme == "DPoP", "{told}");
        }
        assert_eq!(seen.headers.contains_key("dpop-nonce"), !proofs.is_empty());
    }
}
