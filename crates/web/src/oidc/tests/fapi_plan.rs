//! The modules of the public suite's FAPI 2.0 plan (`fapi2-security-profile-final`) for `private_key_jwt` with DPoP, over
//! HTTP: two strict clients with keys of their own.
use super::dpop::{Key, with_proofs};
use super::*;
use ::oidc::{ASSERTION_TYPE, ClientKeys};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::cell::Cell;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const PAR: &str = "/oauth2/par";
const TOKEN: &str = "/oauth2/token";
const USERINFO: &str = "/oauth2/userinfo";
const FIRST: &str = "https://fapi.test/cb";
const SECOND: &str = "https://fapi.test/cb?dummy1=lorem&dummy2=ipsum";

type Pair<'a> = (&'a str, &'a str);

/// A client of the profile `strict`.
struct Strict {
    id: &'static str,
    address: &'static str,
    signer: Key,
    key: Key,
    drawn: Cell<u32>,
}

/// The first two, somebody who is logged in, and her browser.
struct Scene {
    house: House,
    one: Strict,
    two: Strict,
    cookies: BTreeMap<String, String>,
}

impl Scene {
    async fn open() -> Self {
        let mut house = House::open().await;
        let cookies = opened(&mut house).await;
        let one = Strict::new(&house, "one", FIRST).await;
        let two = Strict::new(&house, "two", SECOND).await;
        Self { house, one, two, cookies }
    }
}

/// These claims with others in their place; null takes one out.
fn with(mut claims: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().expect("an object") {
        match value {
            Value::Null => drop(claims.as_object_mut().and_then(|claims| claims.remove(name))),
            value => claims[name.as_str()] = value.clone(),
        }
    }
    claims
}

/// RFC 7638, of an EC key.
fn thumbprint(jwk: &Value) -> String {
    let text = |name: &str| jwk[name].as_str().expect("text").to_owned();
    let members = [text("crv"), text("kty"), text("x"), text("y")];
    let [crv, kty, x, y] = members;
    let canonical = format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}","y":"{y}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
}

fn read(seen: &Seen) -> Value {
    assert_eq!(seen.headers[header::CONTENT_TYPE], "application/json", "{}", seen.body);
    serde_json::from_str(&seen.body).expect("JSON")
}

fn error(seen: &Seen) -> (u16, String) {
    let told = read(seen)["error"].as_str().unwrap_or_default().to_owned();
    (seen.status.as_u16(), told)
}

/// What a browser brings to the client, and nothing beyond what FAPI 2 allows in an answer.
fn members(seen: &Seen, address: &str) -> BTreeMap<String, String> {
    let to = seen.location();
    assert!(to.starts_with(address), "{to}");
    let url = url::Url::parse(&to).expect("absolute");
    let registered = url::Url::parse(address).expect("absolute");
    let own: Vec<String> = registered.query_pairs().map(|(name, _)| name.into()).collect();
    let pairs = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned()));
    let members: BTreeMap<_, _> = pairs.filter(|(name, _)| !own.contains(name)).collect();
    for name in members.keys() {
        let known = ["code", "state", "iss", "error", "error_description"];
        assert!(known.contains(&name.as_str()), "{name}");
    }
    assert_eq!(members["iss"], ORIGIN);
    members
}

impl Strict {
    async fn new(house: &House, id: &'static str, address: &'static str) -> Self {
        let (signer, key) = (Key::new(), Key::new());
        let mut draft = ClientDraft::new(id, Profile::Strict, AuthMethod::PrivateKeyJwt);
        draft.redirect_uris = vec![address.to_owned()];
        let keys = json!({ "keys": [signer.jwk()] });
        draft.security.keys = Some(ClientKeys::read(&keys.to_string()).expect("keys"));
        draft.security.refresh_seconds = Some(3600);
        let wish = CreateClient { client_id: Some(id.to_owned()), draft };
        house.workflows.create_client(&Actor::command_line(0), wish).await.expect("client");
        Self { id, address, signer, key, drawn: Cell::new(0) }
    }

    fn number(&self) -> String {
        self.drawn.set(self.drawn.get() + 1);
        format!("{}-{}", self.id, self.drawn.get())
    }

    fn assertion(&self, house: &House, changes: Value) -> String {
        let now = house.clock.now().timestamp();
        let claims = json!({
            "iss": self.id, "sub": self.id, "aud": ORIGIN, "iat": now, "exp": now + 60, "jti": self.number(),
        });
        self.signer.sign(&json!({ "alg": "ES256", "typ": "JWT" }), &with(claims, changes))
    }

    fn proof(&self, house: &House, call: Pair<'_>, token: Option<&str>, changes: Value) -> String {
        let mut claims = json!({
            "htm": call.0, "htu": format!("{ORIGIN}{}", call.1), "jti": self.number(),
            "iat": house.clock.now().timestamp(), "nonce": house.workflows.dpop_nonce(),
        });
        if let Some(token) = token {
            claims["ath"] = URL_SAFE_NO_PAD.encode(Sha256::digest(token)).into();
        }
        let header = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": self.key.jwk() });
        self.key.sign(&header, &with(claims, changes))
    }

    /// A call of the client's own server.
    async fn send(
        &self,
        house: &House,
        path: &str,
        form: &[Pair<'_>],
        (assertion, proof): (Option<&str>, Option<&str>),
    ) -> Seen {
        let shown = assertion.map(|assertion| {
            [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)]
        });
        let shown = shown.iter().flatten().copied();
        let pairs: Vec<Pair<'_>> =
            form.iter().copied().chain(shown).filter(|(_, value)| !value.is_empty()).collect();
        let request = form_request(ORIGIN, path, &pairs, None);
        house.browser().send(with_proofs(request, proof.as_slice())).await
    }

    async fn push(&self, house: &House, changes: &[Pair<'_>]) -> Seen {
        let assertion = self.assertion(house, json!({}));
        self.push_with(house, changes, (Some(&assertion), None)).await
    }

    async fn push_with(
        &self,
        house: &House,
        changes: &[Pair<'_>],
        shown: (Option<&str>, Option<&str>),
    ) -> Seen {
        let bound = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let good = [
            ("response_type", "code"),
            ("redirect_uri", self.address),
            ("scope", "openid profile"),
            ("state", "state-of-the-request"),
            ("nonce", "nonce-of-the-request"),
            ("code_challenge", bound.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let kept = good.iter().filter(|(name, _)| changes.iter().all(|(other, _)| other != name));
        let pairs: Vec<Pair<'_>> = kept.chain(changes).copied().collect();
        self.send(house, PAR, &pairs, shown).await
    }

    /// The name of a request that was pushed.
    async fn name(&self, house: &House, changes: &[Pair<'_>]) -> String {
        let seen = self.push(house, changes).await;
        assert_eq!(seen.status, StatusCode::CREATED, "{}", seen.body);
        let told = read(&seen);
        let name = told["request_uri"].as_str().expect("a name").to_owned();
        assert!(name.len() > 40 && told["expires_in"].as_u64().is_some_and(|life| life >= 5));
        name
    }

    /// The browser comes with the name alone, or with more beside it.
    async fn visit(&self, scene: &Scene, name: &str, more: &[Pair<'_>]) -> Seen {
        let pairs = [&[("client_id", self.id), ("request_uri", name)], more].concat();
        let query =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let router = &scene.house.public;
        let mut browser = Browser { router, cookies: scene.cookies.clone() };
        browser.get(&format!("/oauth2/authorize?{query}")).await
    }

    async fn code(&self, scene: &Scene, changes: &[Pair<'_>]) -> String {
        let name = self.name(&scene.house, changes).await;
        members(&self.visit(scene, &name, &[]).await, self.address)["code"].clone()
    }

    /// At the token endpoint with its own key, and these members in place of the right ones.
    async fn redeem(&self, house: &House, code: &str, changes: &[Pair<'_>]) -> Seen {
        let proof = self.proof(house, ("POST", TOKEN), None, json!({}));
        self.redeem_with(house, code, changes, Some(&proof)).await
    }

    async fn redeem_with(
        &self,
        house: &House,
        code: &str,
        changes: &[Pair<'_>],
        proof: Option<&str>,
    ) -> Seen {
        let good = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.address),
            ("code_verifier", VERIFIER),
        ];
        let kept = good.iter().filter(|(name, _)| changes.iter().all(|(other, _)| other != name));
        let pairs: Vec<Pair<'_>> = kept.chain(changes).copied().collect();
        let assertion = self.assertion(house, json!({}));
        self.send(house, TOKEN, &pairs, (Some(&assertion), proof)).await
    }

    async fn tokens(&self, scene: &Scene) -> Value {
        let code = self.code(scene, &[]).await;
        let seen = self.redeem(&scene.house, &code, &[]).await;
        assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
        read(&seen)
    }

    async fn refresh(&self, house: &House, token: &str, proof: Option<&str>) -> Seen {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        let assertion = self.assertion(house, json!({}));
        self.send(house, TOKEN, &form, (Some(&assertion), proof)).await
    }

    /// At userinfo by whatever scheme and proofs.
    async fn shown(&self, house: &House, scheme: &str, token: &str, proofs: &[&str]) -> Seen {
        let request = Request::builder()
            .uri(USERINFO)
            .header(header::AUTHORIZATION, format!("{scheme} {token}"))
            .header("x-fapi-customer-ip-address", "2001:db8::1893:25c8:1946")
            .header(header::ACCEPT, "application/json;charset=utf-8");
        let request = request.body(Body::empty()).expect("request");
        house.browser().send(with_proofs(request, proofs)).await
    }

    async fn told(&self, house: &House, token: &str) -> u16 {
        let proof = self.proof(house, ("GET", USERINFO), Some(token), json!({}));
        self.shown(house, "DPoP", token, &[&proof]).await.status.as_u16()
    }
}

fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap_or_else(|| panic!("{name} in {tokens}"))
}

#[tokio::test]
async fn fapi2_happy_flow_two_clients_and_nobody_uses_the_others_token() {
    let scene = Scene::open().await;
    let Scene { house, one, two, .. } = &scene;
    let tokens = one.tokens(&scene).await;
    let jkt = thumbprint(&two.key.jwk());
    let (state, nonce) = ("s".repeat(128), "n".repeat(43));
    let more = [("dpop_jkt", jkt.as_str()), ("state", &state), ("nonce", &nonce)];
    let name = two.name(house, &more).await;
    let answer = members(&two.visit(&scene, &name, &[]).await, SECOND);
    assert_eq!(answer["state"], state);
    assert!(answer["code"].len() >= 43, "more than 128 bits");
    let theirs = two.redeem(house, &answer["code"], &[]).await;
    let theirs = read(&theirs);
    assert_eq!(claims_of(&theirs)["nonce"], nonce.as_str());
    for told in [&tokens, &theirs] {
        assert_eq!(told["token_type"], "DPoP");
        assert!(told["expires_in"].as_u64().is_some_and(|life| life > 0));
        let header = text(told, "id_token").split('.').next().expect("a header").to_owned();
        let header = URL_SAFE_NO_PAD.decode(header).expect("base64url");
        let header: Value = serde_json::from_slice(&header).expect("JSON");
        assert!(header["alg"] == "ES256" && header["kid"].is_string(), "{header}");
    }
    assert_eq!(one.told(house, text(&tokens, "access_token")).await, 200);
    assert_eq!(two.told(house, text(&theirs, "access_token")).await, 200);
    assert_eq!(one.told(house, text(&theirs, "access_token")).await, 401, "by the other's key");
    let query = format!("{USERINFO}?access_token={}", text(&tokens, "access_token"));
    assert_eq!(house.browser().get(&query).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn fapi2_user_rejects_authentication_and_the_application_is_told() {
    let scene = Scene::open().await;
    for client in [&scene.one, &scene.two] {
        let name = client.name(&scene.house, &[]).await;
        let query = [("client_id", client.id), ("request_uri", &name)];
        let query =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let mut stranger = scene.house.browser();
        let sent = stranger.get(&format!("/oauth2/authorize?{query}")).await;
        let page = stranger.get(&sent.location()).await;
        let back = page.after("id=\"hy-cancel\" href=\"");
        let answer = members(&stranger.get(&back).await, client.address);
        assert_eq!(answer["error"], "access_denied");
        assert_eq!(answer["state"], "state-of-the-request");
        assert!(answer["error_description"].is_ascii() && !answer.contains_key("code"));
        let audit = scene.house.workflows.store().read();
        let last = audit.audit().unsealed(1_000).await.expect("read").pop();
        assert_eq!(last.expect("an entry").event, "authorize_refused");
        // Somebody else's link with a word of ours in it cancels nothing.
        let mut other = scene.house.browser();
        let forged = format!("/oauth2/authorize?{query}&hygie_put_off=1");
        assert!(other.get(&forged).await.location().starts_with("/login?"));
    }
}

#[tokio::test]
async fn fapi2_what_was_pushed_counts_and_comes_back_whole() {
    let scene = Scene::open().await;
    let Scene { house, one, .. } = &scene;
    let longest: String = ('!'..='~').cycle().take(1000).collect();
    let nonce: String = ('a'..='z').cycle().take(384).collect();
    for (module, pushed, beside, state, expected_nonce) in [
        ("without-state", &[("state", "")][..], &[][..], None, Some("nonce-of-the-request")),
        ("without-nonce", &[("nonce", "")], &[], Some("state-of-the-request"), None),
        ("long-state", &[("state", &*longest)], &[], Some(&*longest), Some("nonce-of-the-request")),
        ("long-nonce", &[("nonce", &*nonce)], &[], Some("state-of-the-request"), Some(&*nonce)),
        (
            "64-char-nonce",
            &[("nonce", &nonce[..64])],
            &[],
            Some("state-of-the-request"),
            Some(&nonce[..64]),
        ),
        (
            "other-scope-order",
            &[("scope", "profile openid")],
            &[],
            Some("state-of-the-request"),
            Some("nonce-of-the-request"),
        ),
        (
            "different-state",
            &[],
            &[("state", "other")],
            Some("state-of-the-request"),
            Some("nonce-of-the-request"),
        ),
        (
            "different-nonce",
            &[],
            &[("nonce", "other")],
            Some("state-of-the-request"),
            Some("nonce-of-the-request"),
        ),
        (
            "state-only-outside",
            &[("state", "")],
            &[("state", "other")],
            None,
            Some("nonce-of-the-request"),
        ),
        (
            "duplicates-are-tolerated",
            &[],
            &[("response_type", "code"), ("scope", "openid profile"), ("redirect_uri", FIRST)],
            Some("state-of-the-request"),
            Some("nonce-of-the-request"),
        ),
    ] {
        let name = one.name(house, pushed).await;
        let answer = members(&one.visit(&scene, &name, beside).await, FIRST);
        assert_eq!(answer.get("state").map(String::as_str), state, "{module}");
        let tokens = read(&one.redeem(house, &answer["code"], &[]).await);
        assert_eq!(claims_of(&tokens)["nonce"].as_str(), expected_nonce, "{module}");
    }
}

#[tokio::test]
async fn fapi2_par_refuses_what_the_profile_leaves_out() {
    let scene = Scene::open().await;
    let Scene { house, one, .. } = &scene;
    let request: &[&str] = &["invalid_request", "invalid_request_object"];
    let kind: &[&str] = &["unsupported_response_type", "invalid_request", "unauthorized_client"];
    for (module, changes, allowed) in [
        ("without-redirect-uri", &[("redirect_uri", "")][..], request),
        ("unregistered-redirect-uri", &[("redirect_uri", "https://fapi.test/other")], request),
        (
            "request_uri-form-param",
            &[("request_uri", "urn:ietf:params:oauth:request_uri:x")],
            request,
        ),
        (
            "pkce-required",
            &[("code_challenge", ""), ("code_challenge_method", "")],
            &["invalid_request"],
        ),
        (
            "plain-pkce",
            &[("code_challenge", VERIFIER), ("code_challenge_method", "plain")],
            &["invalid_request"],
        ),
        ("response-type-code-idtoken", &[("response_type", "code id_token")], kind),
        ("response-type-token", &[("response_type", "token")], kind),
    ] {
        let (status, told) = error(&one.push(house, changes).await);
        assert!(status == 400 && allowed.contains(&told.as_str()), "{module}: {status} {told}");
    }
    let put = Request::builder().method(Method::PUT).uri(PAR).body(Body::empty()).expect("request");
    assert_eq!(house.browser().send(put).await.status, StatusCode::METHOD_NOT_ALLOWED);
    // A plain query of such a client: back to it with an error, whatever it asks.
    let mut browser = Browser { router: &house.public, cookies: scene.cookies.clone() };
    let plain = [("client_id", "one"), ("redirect_uri", FIRST)];
    let answer = members(&browser.authorize(&plain).await, FIRST);
    assert_eq!(answer["error"], "invalid_request");
}

#[tokio::test]
async fn fapi2_client_assertions_are_for_the_issuer_alone_and_now() {
    let scene = Scene::open().await;
    let Scene { house, one, two, .. } = &scene;
    let now = house.clock.now().timestamp();
    let at = |path: &str| format!("{ORIGIN}{path}");
    let refused = [
        ("array-as-audience", json!({ "aud": [ORIGIN] })),
        ("par-endpoint-as-audience", json!({ "aud": at(PAR) })),
        ("token-endpoint-as-audience", json!({ "aud": at(TOKEN) })),
        ("wrong-aud", json!({ "aud": "https://other.test" })),
        ("no-sub", json!({ "sub": null })),
        ("no-iss", json!({ "iss": null })),
        ("exp-5-minutes-in-past", json!({ "iat": now - 360, "exp": now - 300 })),
        (
            "nbf-over-60-seconds-ahead",
            json!({ "iat": now + 70, "nbf": now + 70, "exp": now + 130 }),
        ),
    ];
    let expected = |seen: &Seen, module: &str| {
        let (status, told) = error(seen);
        let allowed = ["invalid_client", "invalid_request"].contains(&told.as_str());
        assert!(allowed && [400, 401].contains(&status), "{module}: {status} {told}");
    };
    let code = one.code(&scene, &[]).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", FIRST),
        ("code_verifier", VERIFIER),
    ];
    for (module, changes) in refused {
        let assertion = one.assertion(house, changes.clone());
        expected(&one.push_with(house, &[], (Some(&assertion), None)).await, module);
        let assertion = one.assertion(house, changes);
        let proof = one.proof(house, ("POST", TOKEN), None, json!({}));
        expected(&one.send(house, TOKEN, &form, (Some(&assertion), Some(&proof))).await, module);
    }
    // The name alone; the keys of another client; another algorithm in the header.
    let named = [&form[..], &[("client_id", "one")]].concat();
    let proof = one.proof(house, ("POST", TOKEN), None, json!({}));
    expected(&one.send(house, TOKEN, &named, (None, Some(&proof))).await, "without-assertion");
    let foreign = two.assertion(house, json!({ "iss": "one", "sub": "one" }));
    expected(&one.push_with(house, &[], (Some(&foreign), None)).await, "signed-by-the-other");
    let claims = json!({ "iss": "one", "sub": "one", "aud": ORIGIN, "iat": now, "exp": now + 60, "jti": "rs" });
    for algorithm in ["RS256", "HS256", "none"] {
        let assertion = one.signer.sign(&json!({ "alg": algorithm, "typ": "JWT" }), &claims);
        expected(&one.push_with(house, &[], (Some(&assertion), None)).await, algorithm);
    }
    // Clocks differ a little.
    let ahead = one.assertion(house, json!({ "iat": now + 8, "nbf": now + 8, "exp": now + 68 }));
    let seen = one.push_with(house, &[], (Some(&ahead), None)).await;
    assert_eq!(seen.status, StatusCode::CREATED, "nbf-8-seconds-ahead: {}", seen.body);
    // Nothing of it has used the code.
    assert_eq!(one.redeem(house, &code, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn fapi2_a_request_uri_serves_its_client_until_a_login_ends_with_it() {
    let scene = Scene::open().await;
    let Scene { house, one, two, .. } = &scene;
    let refused = |seen: &Seen, module: &str| {
        assert_eq!(seen.status, StatusCode::BAD_REQUEST, "{module}: {}", seen.body);
        assert!(seen.body.contains("invalid_request_uri"), "{module}");
    };
    let name = one.name(house, &[]).await;
    refused(&two.visit(&scene, &name, &[]).await, "for-different-client");
    // A browser comes, leaves, and another one comes.
    for _ in 0..2 {
        let query = [("client_id", "one"), ("request_uri", name.as_str())];
        let query =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let sent = house.browser().get(&format!("/oauth2/authorize?{query}")).await;
        assert!(sent.location().starts_with("/login?"), "reused-prior-to-auth-completion");
    }
    assert!(members(&one.visit(&scene, &name, &[]).await, FIRST).contains_key("code"));
    refused(&one.visit(&scene, &name, &[]).await, "attempt-reuse");
    let seen = one.push(house, &[]).await;
    let told = read(&seen);
    let life = told["expires_in"].as_i64().expect("a number");
    assert!((5..=90).contains(&life));
    house.clock.advance(Duration::seconds(life + 1));
    refused(&one.visit(&scene, text(&told, "request_uri"), &[]).await, "expired");
}

#[tokio::test]
async fn fapi2_a_code_is_its_clients_keys_and_minutes() {
    let scene = Scene::open().await;
    let Scene { house, one, two, .. } = &scene;
    let grant = |seen: &Seen, module: &str| {
        assert_eq!(error(seen), (400, "invalid_grant".to_owned()), "{module}");
    };
    let code = one.code(&scene, &[]).await;
    grant(&one.redeem(house, &code, &[("code_verifier", "")]).await, "verifier-required");
    let code = one.code(&scene, &[]).await;
    let wrong = "another-verifier-than-the-one-of-the-request-0000";
    grant(&one.redeem(house, &code, &[("code_verifier", wrong)]).await, "incorrect-verifier");
    let code = one.code(&scene, &[]).await;
    grant(&two.redeem(house, &code, &[("redirect_uri", FIRST)]).await, "bound-to-client");
    let code = one.code(&scene, &[]).await;
    house.clock.advance(Duration::seconds(62));
    grant(&one.redeem(house, &code, &[]).await, "expired-auth-code");
    // Replayed a second later: what it gave dies with it.
    let code = one.code(&scene, &[]).await;
    let tokens = read(&one.redeem(house, &code, &[]).await);
    house.clock.advance(Duration::seconds(1));
    grant(&one.redeem(house, &code, &[]).await, "reuse-after-one-second");
    assert_eq!(one.told(house, text(&tokens, "access_token")).await, 401);
    // Another's name beside its own proof of who it is.
    let code = one.code(&scene, &[]).await;
    let (status, told) = error(&one.redeem(house, &code, &[("client_id", "two")]).await);
    let allowed = ["invalid_client", "invalid_grant", "invalid_request"];
    assert!([400, 401].contains(&status) && allowed.contains(&told.as_str()), "{status} {told}");
}

#[tokio::test]
async fn fapi2_dpop_keys_bind_from_the_request_to_the_resource() {
    let scene = Scene::open().await;
    let Scene { house, one, two, .. } = &scene;
    let proof_fault = |seen: &Seen, module: &str| {
        let (status, told) = error(seen);
        let allowed = ["invalid_request", "invalid_grant", "invalid_dpop_proof"];
        assert!(status == 400 && allowed.contains(&told.as_str()), "{module}: {status} {told}");
    };
    let (own, others) = (thumbprint(&one.key.jwk()), thumbprint(&two.key.jwk()));
    let pushed = async |changes: &[Pair<'_>]| {
        let assertion = one.assertion(house, json!({}));
        let proof = one.proof(house, ("POST", PAR), None, json!({}));
        one.push_with(house, changes, (Some(&assertion), Some(&proof))).await
    };
    proof_fault(&pushed(&[("dpop_jkt", &others)]).await, "mismatched-dpop-jkt");
    let matching = pushed(&[("dpop_jkt", &own)]).await;
    assert_eq!(matching.status, StatusCode::CREATED, "dpop-auth-code-binding");
    // Bound by the proof at PAR, or by the thumbprint: another key gets nothing for the code.
    for (module, name) in [
        ("mismatched-dpop-proof-jkt", text(&read(&pushed(&[]).await), "request_uri").to_owned()),
        ("mismatched-dpop-jkt", one.name(house, &[("dpop_jkt", &own)]).await),
    ] {
        let code = members(&one.visit(&scene, &name, &[]).await, FIRST)["code"].clone();
        let by_other = two.proof(house, ("POST", TOKEN), None, json!({}));
        let seen = one.redeem_with(house, &code, &[], Some(&by_other)).await;
        proof_fault(&seen, module);
    }
    let code = one.code(&scene, &[]).await;
    proof_fault(&one.redeem_with(house, &code, &[], None).await, "holder-of-key-required");
    // Clocks differ, and a proof may say more than it must.
    let now = house.clock.now().timestamp();
    for changes in [
        json!({ "iat": now - 10 }),
        json!({ "iat": now + 8 }),
        json!({ "nbf": now - 5, "exp": now + 60 }),
    ] {
        let proof = one.proof(house, ("POST", PAR), None, changes.clone());
        let assertion = one.assertion(house, json!({}));
        let seen = one.push_with(house, &[], (Some(&assertion), Some(&proof))).await;
        let name = text(&read(&seen), "request_uri").to_owned();
        let code = members(&one.visit(&scene, &name, &[]).await, FIRST)["code"].clone();
        let proof = one.proof(house, ("POST", TOKEN), None, changes.clone());
        let seen = one.redeem_with(house, &code, &[], Some(&proof)).await;
        assert_eq!(seen.status, StatusCode::OK, "{changes} {}", seen.body);
        let tokens = read(&seen);
        let token = text(&tokens, "access_token");
        let proof = one.proof(house, ("GET", USERINFO), Some(token), changes);
        assert_eq!(one.shown(house, "dPOP", token, &[&proof]).await.status, StatusCode::OK);
    }
}

/// The suite, and clients like it, make one assertion a request and only the proof anew when the nonce is asked for.
#[tokio::test]
async fn fapi2_a_call_sent_back_for_its_nonce_is_sent_again_with_the_same_assertion() {
    let scene = Scene::open().await;
    let Scene { house, one, .. } = &scene;
    let told = |seen: &Seen, expected: &str| {
        assert_eq!(error(seen), (400, expected.to_owned()));
        assert_eq!(seen.headers["dpop-nonce"], house.workflows.dpop_nonce().as_str());
    };
    let proof = |path: &str, changes: Value| one.proof(house, ("POST", path), None, changes);
    let unnumbered = || json!({ "nonce": "of another day" });
    let assertion = one.assertion(house, json!({}));
    let push = async |changes: Value| {
        one.push_with(house, &[], (Some(&assertion), Some(&proof(PAR, changes)))).await
    };
    told(&push(unnumbered()).await, "use_dpop_nonce");
    let pushed = push(json!({})).await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.body);
    assert_eq!(error(&push(json!({})).await), (401, "invalid_client".to_owned()), "once");
    let name = text(&read(&pushed), "request_uri").to_owned();
    let code = members(&one.visit(&scene, &name, &[]).await, FIRST)["code"].clone();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", one.address),
        ("code_verifier", VERIFIER),
    ];
    let assertion = one.assertion(house, json!({}));
    let redeem = async |changes: Value| {
        one.send(house, TOKEN, &form, (Some(&assertion), Some(&proof(TOKEN, changes)))).await
    };
    told(&redeem(unnumbered()).await, "use_dpop_nonce");
    let tokens = redeem(json!({})).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    assert_eq!(error(&redeem(json!({})).await), (401, "invalid_client".to_owned()), "once");
}

#[tokio::test]
async fn fapi2_dpop_negative_tests_at_the_resource() {
    let scene = Scene::open().await;
    let Scene { house, one, two, .. } = &scene;
    let tokens = one.tokens(&scene).await;
    let token = text(&tokens, "access_token");
    let call = ("GET", USERINFO);
    let good = |changes: Value| one.proof(house, call, Some(token), changes);
    let under = |changes: Value| {
        let claims = json!({
            "htm": "GET", "htu": format!("{ORIGIN}{USERINFO}"), "jti": one.number(),
            "iat": house.clock.now().timestamp(), "nonce": house.workflows.dpop_nonce(),
            "ath": URL_SAFE_NO_PAD.encode(Sha256::digest(token)),
        });
        let header = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": one.key.jwk() });
        one.key.sign(&with(header, changes), &claims)
    };
    let private = with(one.key.jwk(), json!({ "d": "AAAA" }));
    let mut broken = good(json!({}));
    broken.truncate(broken.len() - 4);
    broken.push_str("AAAA");
    for (case, proofs) in [
        ("none", vec![]),
        ("two headers", vec![good(json!({})), good(json!({}))]),
        ("malformed", vec!["a.b.c".to_owned()]),
        ("no typ", vec![under(json!({ "typ": null }))]),
        ("other typ", vec![under(json!({ "typ": "JWT" }))]),
        ("no alg", vec![under(json!({ "alg": null }))]),
        ("none as alg", vec![under(json!({ "alg": "none" }))]),
        ("RS256", vec![under(json!({ "alg": "RS256" }))]),
        ("no jwk", vec![under(json!({ "jwk": null }))]),
        ("a private jwk", vec![under(json!({ "jwk": private }))]),
        ("another jwk", vec![under(json!({ "jwk": two.key.jwk() }))]),
        ("bad signature", vec![broken]),
        ("no jti", vec![good(json!({ "jti": null }))]),
        ("no htm", vec![good(json!({ "htm": null }))]),
        ("other htm", vec![good(json!({ "htm": "POST" }))]),
        ("no htu", vec![good(json!({ "htu": null }))]),
        ("other htu", vec![good(json!({ "htu": format!("{ORIGIN}{TOKEN}") }))]),
        ("no iat", vec![good(json!({ "iat": null }))]),
        ("no ath", vec![good(json!({ "ath": null }))]),
        ("other ath", vec![good(json!({ "ath": "x" }))]),
        ("another key", vec![two.proof(house, call, Some(token), json!({}))]),
    ] {
        let proofs: Vec<&str> = proofs.iter().map(String::as_str).collect();
        let seen = one.shown(house, "DPoP", token, &proofs).await;
        assert!([400, 401].contains(&seen.status.as_u16()), "{case}: {}", seen.status);
    }
    assert_eq!(one.shown(house, "Bearer", token, &[]).await.status, StatusCode::UNAUTHORIZED);
    let once = good(json!({}));
    assert_eq!(one.shown(house, "DPoP", token, &[&once]).await.status, StatusCode::OK);
    let again = one.shown(house, "DPoP", token, &[&once]).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED, "one jti twice");
    for (case, changes) in [
        ("a query", json!({ "htu": format!("{ORIGIN}{USERINFO}?a=b") })),
        ("a fragment", json!({ "htu": format!("{ORIGIN}{USERINFO}#a") })),
        ("capitals", json!({ "htu": format!("HTTPS://HYGIE.hopital.test{USERINFO}") })),
        ("its port", json!({ "htu": format!("https://hygie.hopital.test:443{USERINFO}") })),
        ("more claims", json!({ "extra": true })),
    ] {
        let proof = good(changes);
        let seen = one.shown(house, "DPoP", token, &[&proof]).await;
        assert_eq!(seen.status, StatusCode::OK, "{case}: {}", seen.body);
    }
    let more = under(json!({ "extra": "x" }));
    assert_eq!(one.shown(house, "DPoP", token, &[&more]).await.status, StatusCode::OK);
    assert_eq!(one.told(house, token).await, 200, "a right one at the end");
}

#[tokio::test]
async fn fapi2_refresh_token_stays_with_its_client_and_key() {
    let scene = Scene::open().await;
    let Scene { house, one, two, .. } = &scene;
    let (tokens, theirs) = (one.tokens(&scene).await, two.tokens(&scene).await);
    let held = text(&tokens, "refresh_token");
    let again = |client: &Strict| client.proof(house, ("POST", TOKEN), None, json!({}));
    house.clock.advance(Duration::seconds(1));
    let seen = one.refresh(house, held, Some(&again(one))).await;
    assert_eq!(seen.headers[header::CACHE_CONTROL], "no-store");
    let next = read(&seen);
    assert_eq!((seen.status, &next["token_type"]), (StatusCode::OK, &json!("DPoP")));
    assert_ne!(text(&next, "access_token"), text(&tokens, "access_token"));
    let (before, after) = (claims_of(&tokens), claims_of(&next));
    for same in ["iss", "sub", "aud", "auth_time"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert!(after["iat"].as_i64() > before["iat"].as_i64(), "iat is new");
    // A lost answer: the token that was held works half a minute later.
    house.clock.advance(Duration::seconds(30));
    let seen = one.refresh(house, held, Some(&again(one))).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
    let form = [("grant_type", "refresh_token"), ("refresh_token", held), ("client_id", "one")];
    let (status, told) = error(&one.send(house, TOKEN, &form, (None, Some(&again(one)))).await);
    assert!(status == 401 && told == "invalid_client", "without authentication: {status} {told}");
    let unproved = error(&one.refresh(house, held, None).await);
    assert_eq!(unproved, (400, "invalid_request".to_owned()), "without a proof");
    // It is its client's, who proves that otherwise: the keys of proofs may turn over (RFC 9449 §5).
    let seen = one.refresh(house, held, Some(&again(two))).await;
    assert_eq!(seen.status, StatusCode::OK, "another key: {}", seen.body);
    let others = one.refresh(house, text(&theirs, "refresh_token"), Some(&again(one))).await;
    assert_eq!(error(&others), (400, "invalid_grant".to_owned()), "another client's");
}
