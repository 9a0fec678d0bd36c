//! The demo DPI against a provider that can be told to misbehave.
use super::*;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use axum::extract::{Form, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use kernel::Clock;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Mutex;

/// What the provider does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    OtherNonce,
    OtherAudience,
    OtherIssuer,
    Expired,
    ForgedSignature,
    OtherPersonInUserinfo,
}

struct Provider {
    issuer: String,
    key: EcdsaKeyPair,
    fault: Fault,
    /// Nonce and PKCE challenge of the login under way.
    asked: Mutex<(String, String)>,
}

type Shared = State<Arc<Provider>>;

async fn provider(fault: Fault) -> Arc<Provider> {
    let (listener, address) = listen(0).await.expect("a port");
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    let issuer = format!("http://localhost:{}", address.port());
    let provider = Arc::new(Provider { issuer, key, fault, asked: Mutex::default() });
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/jwks", get(jwks))
        .route("/token", post(token))
        .route("/userinfo", get(userinfo))
        .with_state(provider.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    provider
}

async fn discovery(State(provider): Shared) -> Json<Value> {
    let issuer = &provider.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "end_session_endpoint": format!("{issuer}/logout"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
    }))
}

async fn jwks(State(provider): Shared) -> Json<Value> {
    let (x, y) = provider.key.public_key().as_ref()[1..].split_at(32);
    Json(json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "kid": "1", "alg": "ES256",
        "x": BASE64URL.encode(x), "y": BASE64URL.encode(y),
    }] }))
}

async fn token(
    State(provider): Shared,
    Form(form): Form<HashMap<String, String>>,
) -> Result<Json<Value>, axum::http::StatusCode> {
    let (nonce, challenge) = provider.asked.lock().expect("lock").clone();
    let verifier = form.get("code_verifier").map(String::as_bytes).unwrap_or_default();
    if BASE64URL.encode(digest(&SHA256, verifier)) != challenge || form["code"] != "the-code" {
        return Err(axum::http::StatusCode::BAD_REQUEST);
    }
    let fault = provider.fault;
    let other = |wrong: Fault, right: &str| if fault == wrong { "x" } else { right }.to_owned();
    let now = kernel::SystemClock.now().timestamp();
    let life = if fault == Fault::Expired { -3_600 } else { 300 };
    let claims = json!({
        "iss": other(Fault::OtherIssuer, &provider.issuer),
        "aud": other(Fault::OtherAudience, "dpi"),
        "nonce": other(Fault::OtherNonce, &nonce),
        "sub": "person-1", "iat": now, "exp": now + life, "auth_time": now,
        "acr": "eidas2", "amr": ["hwk", "user", "mfa"], "sid": "opening-1",
    });
    let [header, body] = [json!({ "alg": "ES256", "kid": "1" }), claims]
        .map(|part| BASE64URL.encode(part.to_string()));
    let signed = format!("{header}.{body}");
    let signature = provider.key.sign(&SystemRandom::new(), signed.as_bytes()).expect("signs");
    let mut signature = signature.as_ref().to_vec();
    signature[0] ^= u8::from(fault == Fault::ForgedSignature);
    Ok(Json(json!({
        "access_token": "access-1", "token_type": "Bearer", "expires_in": 300,
        "id_token": format!("{signed}.{}", BASE64URL.encode(signature)),
    })))
}

async fn userinfo(State(provider): Shared) -> Json<Value> {
    let sub = match provider.fault {
        Fault::OtherPersonInUserinfo => "person-2",
        _ => "person-1",
    };
    Json(json!({
        "sub": sub, "given_name": "Solène", "family_name": "LE GOFF",
        "SubjectNameID": "899900001233", "SubjectRole": ["10^1.2.250.1.213.1.1.5.5"],
    }))
}

/// A browser with its cookies, on the DPI.
struct Browser {
    http: reqwest::Client,
    base: String,
    cookies: HashMap<String, String>,
}

impl Browser {
    async fn send(&mut self, request: reqwest::RequestBuilder) -> (u16, String, String) {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = request.header("cookie", cookies.join("; ")).send().await.expect("answers");
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().expect("text").split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let location = answer.headers().get("location").and_then(|value| value.to_str().ok());
        let location = location.unwrap_or_default().to_owned();
        (answer.status().as_u16(), location, answer.text().await.expect("a body"))
    }

    async fn get(&mut self, path: &str) -> (u16, String, String) {
        let request = self.http.get(format!("{}{path}", self.base));
        self.send(request).await
    }
}

async fn visit(provider: &Provider) -> Browser {
    let (listener, address) = listen(0).await.expect("a port");
    let base = format!("http://localhost:{}", address.port());
    let config = DpiConfig {
        base_url: base.clone(),
        issuer: provider.issuer.clone(),
        client_id: "dpi".to_owned(),
        client_secret: Some("secret".to_owned()),
        scopes: vec!["scope_all".to_owned()],
        acr_values: vec!["eidas2".to_owned()],
        ca_pem: None,
    };
    tokio::spawn(serve(config, listener, std::future::pending()));
    let http = reqwest::Client::builder().no_proxy();
    let http = http.redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    Browser { http, base, cookies: HashMap::new() }
}

/// Asks for a login; what the authorization request held.
async fn begin(provider: &Provider, browser: &mut Browser) -> HashMap<String, String> {
    let (status, location, _) = browser.get("/connexion").await;
    assert_eq!(status, 303);
    let address = openidconnect::url::Url::parse(&location).expect("an address");
    let asked: HashMap<String, String> = address.query_pairs().into_owned().collect();
    let remembered = (asked["nonce"].clone(), asked["code_challenge"].clone());
    *provider.asked.lock().expect("lock") = remembered;
    asked
}

#[tokio::test]
async fn somebody_logs_in_and_sees_their_claims_then_logs_out_of_both() {
    let provider = provider(Fault::None).await;
    let mut browser = visit(&provider).await;
    let asked = begin(&provider, &mut browser).await;
    for (parameter, value) in [
        ("response_type", "code"),
        ("code_challenge_method", "S256"),
        ("scope", "openid scope_all"),
        ("acr_values", "eidas2"),
        ("client_id", "dpi"),
    ] {
        assert_eq!(asked[parameter], value);
    }
    let back = format!("/retour?code=the-code&state={}", asked["state"]);
    let (status, location, body) = browser.get(&back).await;
    assert_eq!((status, location.as_str()), (303, "/"), "{body}");
    let (_, _, page) = browser.get("/").await;
    for text in ["Solène LE GOFF", "899900001233", "eidas2", "hwk, user, mfa", "opening-1"] {
        assert!(page.contains(text), "{text} is not on the page");
    }
    let (_, _, session) = browser.get("/session.json").await;
    let session: Value = serde_json::from_str(&session).expect("JSON");
    assert_eq!(session["userinfo"]["SubjectNameID"], "899900001233");
    assert_eq!(session["id_token"]["amr"][0], "hwk");
    let request = browser.http.post(format!("{}/deconnexion", browser.base));
    let (status, location, _) = browser.send(request).await;
    assert_eq!(status, 303);
    assert!(location.starts_with(&format!("{}/logout?", provider.issuer)), "{location}");
    assert!(location.contains("id_token_hint=") && location.contains("post_logout_redirect_uri="));
    assert_eq!(browser.get("/session.json").await.0, 401);
}

#[tokio::test]
async fn a_faulty_answer_of_the_provider_opens_nothing() {
    for fault in [
        Fault::OtherNonce,
        Fault::OtherAudience,
        Fault::OtherIssuer,
        Fault::Expired,
        Fault::ForgedSignature,
        Fault::OtherPersonInUserinfo,
    ] {
        let provider = provider(fault).await;
        let mut browser = visit(&provider).await;
        let asked = begin(&provider, &mut browser).await;
        let back = format!("/retour?code=the-code&state={}", asked["state"]);
        assert_eq!(browser.get(&back).await.0, 502, "{fault:?}");
        assert_eq!(browser.get("/session.json").await.0, 401, "{fault:?}");
    }
}

#[tokio::test]
async fn a_forged_or_replayed_return_opens_nothing() {
    let provider = provider(Fault::None).await;
    let mut browser = visit(&provider).await;
    let asked = begin(&provider, &mut browser).await;
    let mut stranger = visit(&provider).await;
    stranger.base.clone_from(&browser.base);
    let good = format!("/retour?code=the-code&state={}", asked["state"]);
    assert_eq!(stranger.get(&good).await.0, 502, "another browser");
    assert_eq!(browser.get(&good).await.0, 303);
    assert_eq!(browser.get(&good).await.0, 502, "a second time");
    begin(&provider, &mut browser).await;
    assert_eq!(browser.get("/retour?code=the-code&state=forged").await.0, 502, "forged state");
    let asked = begin(&provider, &mut browser).await;
    let refused = format!("/retour?error=access_denied&state={}", asked["state"]);
    let (status, _, page) = browser.get(&refused).await;
    assert_eq!(status, 502);
    assert!(page.contains("access_denied") && page.contains("La connexion n’a pas abouti"));
}
