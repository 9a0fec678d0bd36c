//! The attacks of RFC 9700, each tried from outside under its own name.
use super::*;
use sha2::{Digest, Sha256};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

fn error(answer: &(StatusCode, Value)) -> (u16, &str) {
    (answer.0.as_u16(), answer.1["error"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn rfc_9700_open_redirect_no_address_but_a_registered_one_is_ever_sent_to() {
    let mut house = House::open().await;
    let cookies = opened(&mut house).await;
    for address in [
        "https://evil.test/",
        "https://dpi.test.evil.test/cb?entity=1",
        "https://dpi.test/cb?entity=1&next=https://evil.test",
        "https://dpi.test/cb?entity=2",
        "https://dpi.test/cb",
        "https://dpi.test@evil.test/cb?entity=1",
        "https://dpi.test\\@evil.test/cb?entity=1",
        "https://dpi.test/cb/../../evil?entity=1",
        "//evil.test",
        "javascript:alert(1)",
        "data:text/html,x",
        "",
    ] {
        let mut browser = Browser { router: &house.public, cookies: cookies.clone() };
        for more in [("prompt", "none"), ("response_type", "token"), ("scope", "nothing")] {
            let seen = browser.authorize(&[("redirect_uri", address), more]).await;
            assert_eq!(seen.status, StatusCode::BAD_REQUEST, "{address} {more:?}");
            assert!(seen.headers.get(header::LOCATION).is_none(), "{address}");
        }
    }
    let after = format!("/oauth2/logout?post_logout_redirect_uri={}", "https%3A%2F%2Fevil.test%2F");
    let mut browser = Browser { router: &house.public, cookies };
    assert!(browser.get(&after).await.headers.get(header::LOCATION).is_none());
}

#[tokio::test]
async fn rfc_9700_mix_up_every_answer_names_its_issuer() {
    let mut house = House::open().await;
    let cookies = opened(&mut house).await;
    let mut browser = Browser { router: &house.public, cookies };
    for (more, member) in [
        (&[][..], "code"),
        (&[("prompt", "none")], "code"),
        (&[("prompt", "none"), ("max_age", "0")], "error"),
        (&[("response_type", "id_token")], "error"),
        (&[("scope", "profile")], "error"),
    ] {
        house.clock.advance(Duration::seconds(2));
        let answer = browser.authorize(more).await.answer();
        assert!(answer.contains_key(member), "{more:?}: {answer:?}");
        assert_eq!(answer["iss"], ORIGIN, "{more:?}");
    }
    let posted = browser.authorize(&[("response_mode", "form_post")]).await;
    assert!(posted.body.contains(&format!("name=\"iss\" value=\"{ORIGIN}\"")), "{}", posted.body);
}

#[tokio::test]
async fn rfc_9700_code_injection_a_stolen_code_serves_no_other_session_client_or_address() {
    let mut house = House::open().await;
    let cookies = opened(&mut house).await;
    let other = house.register("autre", &["https://autre.test/cb"]).await;
    let others = format!("Basic {}", STANDARD.encode(format!("autre:{other}")));
    let (bound, own) = (challenge(), house.basic.clone());
    let pkce: &[(&str, &str)] = &[("code_challenge", &bound), ("code_challenge_method", "S256")];
    let wrong = "another-verifier-than-the-one-of-the-request-0000";
    for (address, verifier, client) in [
        (CALLBACK, wrong, &own),
        (CALLBACK, VERIFIER, &others),
        ("https://autre.test/cb", VERIFIER, &others),
        ("https://dpi.test/cb", VERIFIER, &own),
    ] {
        let stolen = code(&house, &cookies, pkce).await;
        let verifier = [("code_verifier", verifier)];
        let answer = house.redeem_by(&stolen, address, &verifier, Some(client)).await;
        assert_eq!(error(&answer), (400, "invalid_grant"), "{address}");
    }
    // The nonce of its own request is in the token, so that the client sees another's code.
    let mine = code(&house, &cookies, &[("nonce", "the-victims")]).await;
    let (_, tokens) = house.redeem(&mine).await;
    assert_eq!(claims_of(&tokens)["nonce"], "the-victims");
}

#[tokio::test]
async fn rfc_9700_pkce_downgrade_neither_half_is_taken_without_the_other() {
    let mut house = House::open().await;
    let cookies = opened(&mut house).await;
    let bound = challenge();
    let with =
        code(&house, &cookies, &[("code_challenge", &bound), ("code_challenge_method", "S256")])
            .await;
    assert_eq!(error(&house.redeem(&with).await), (400, "invalid_grant"));
    // The attacker took the challenge out of the request: the verifier of the client shows it (§4.8.2).
    let without = code(&house, &cookies, &[]).await;
    let basic = house.basic.clone();
    let answer =
        house.redeem_by(&without, CALLBACK, &[("code_verifier", VERIFIER)], Some(&basic)).await;
    assert_eq!(error(&answer), (400, "invalid_grant"));
    let mut browser = Browser { router: &house.public, cookies };
    for more in [
        &[("code_challenge", VERIFIER), ("code_challenge_method", "plain")][..],
        &[("code_challenge", VERIFIER)],
    ] {
        assert_eq!(browser.authorize(more).await.answer()["error"], "invalid_request", "{more:?}");
    }
}

#[tokio::test]
async fn rfc_9700_csrf_no_other_site_begins_ends_or_answers_anything_for_a_person() {
    let mut house = House::open().await;
    let cookies = opened(&mut house).await;
    let mut browser = Browser { router: &house.public, cookies };
    // Another site's form: the session stays.
    for (path, form) in [
        ("/logout", &[][..]),
        ("/oauth2/logout", &[("confirm", "guessed")]),
        (
            "/portal/sessions/end",
            &[("session", "01890000-0000-7000-8000-000000000000"), ("f", "x")],
        ),
    ] {
        browser.post_from("https://evil.test", path, form).await;
        let still = browser.authorize(&[("prompt", "none")]).await.answer();
        assert!(still.contains_key("code"), "{path}: {still:?}");
    }
    // An answer without `state` would let another's code in: the client is not let off sending it.
    assert_eq!(browser.authorize(&[("state", "")]).await.answer()["error"], "invalid_request");
}

#[tokio::test]
async fn rfc_9700_clickjacking_and_leaks_no_frame_no_referrer_no_cache_and_never_a_307() {
    let mut house = House::open().await;
    let cookies = opened(&mut house).await;
    let mut browser = Browser { router: &house.public, cookies };
    let login = browser.authorize(&[("prompt", "login")]).await.location();
    for path in [login.as_str(), "/oauth2/logout", "/oauth2/authorize?client_id=nobody", "/portal"]
    {
        let seen = browser.get(path).await;
        let policy = seen.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(seen.headers[header::X_FRAME_OPTIONS], "DENY", "{path}");
        assert_eq!(seen.headers[header::CACHE_CONTROL], "no-store", "{path}");
    }
    let answered = browser.authorize(&[]).await;
    // 307 would send the form of a login on to the client (§4.12).
    assert_eq!(answered.status, StatusCode::SEE_OTHER);
    assert_eq!(answered.headers[header::REFERRER_POLICY], "no-referrer");
}

#[tokio::test]
async fn rfc_9700_ssrf_no_address_of_a_request_is_ever_called() {
    let mut house = House::open().await;
    let cookies = opened(&mut house).await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a flag");
    let here = format!("http://{}/request", listener.local_addr().expect("an address"));
    let mut browser = Browser { router: &house.public, cookies };
    for address in [here.as_str(), "https://169.254.169.254/latest/meta-data", "file:///etc/passwd"]
    {
        let seen = browser.authorize(&[("request_uri", address)]).await;
        let refused = seen.status == StatusCode::BAD_REQUEST || seen.answer().contains_key("error");
        assert!(refused, "{address}");
    }
    assert!(listener.accept().is_err(), "nobody came");
}

#[tokio::test]
async fn rfc_9700_algorithm_confusion_and_kid_injection_no_header_chooses_how_it_is_verified() {
    let mut house = House::open().await;
    let cookies = opened(&mut house).await;
    let given = code(&house, &cookies, &[]).await;
    let (_, tokens) = house.redeem(&given).await;
    let token = tokens["id_token"].as_str().expect("a token").to_owned();
    let parts: Vec<&str> = token.split('.').collect();
    let header = |alg: &str, kid: &str| {
        let header = serde_json::json!({ "alg": alg, "typ": "JWT", "kid": kid });
        URL_SAFE_NO_PAD.encode(header.to_string())
    };
    let bytes = URL_SAFE_NO_PAD.decode(parts[0]).expect("base64url");
    let own: Value = serde_json::from_slice(&bytes).expect("JSON");
    let kid = own["kid"].as_str().expect("a kid");
    let mut browser = Browser { router: &house.public, cookies };
    let mut asked = async |hint: &str| {
        let path = format!(
            "/oauth2/logout?id_token_hint={hint}&post_logout_redirect_uri=https%3A%2F%2Fdpi.test%2Fbye"
        );
        browser.get(&path).await.status
    };
    for (alg, kid) in [
        ("none", kid),
        ("HS256", kid),
        ("RS256", kid),
        ("ES256", "../../../../dev/null"),
        ("ES256", "' or '1'='1"),
        ("ES256", "https://evil.test/jwks"),
        ("ES256", ""),
    ] {
        for signature in [parts[2], ""] {
            let forged = format!("{}.{}.{signature}", header(alg, kid), parts[1]);
            assert_eq!(asked(&forged).await, StatusCode::BAD_REQUEST, "{alg} {kid}");
        }
    }
    assert_eq!(asked(&token).await, StatusCode::SEE_OTHER, "the true one ends the session");
}

/// A JWE that would inflate without end, or stretch a password a million times, is at every door that takes a JWT a text of
/// no kind that is read.
#[tokio::test]
async fn op_15_no_door_reads_a_jwe() {
    let mut house = House::open().await;
    let cookies = opened(&mut house).await;
    let mut browser = Browser { router: &house.public, cookies };
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    for header in [
        serde_json::json!({ "alg": "dir", "enc": "A256GCM", "zip": "DEF" }),
        serde_json::json!({ "alg": "RSA1_5", "enc": "A128CBC-HS256" }),
        serde_json::json!({ "alg": "RSA-OAEP-256", "enc": "A256GCM", "zip": "DEF", "cty": "JWT" }),
        serde_json::json!({
            "alg": "PBES2-HS512+A256KW", "enc": "A256GCM", "p2c": 1_000_000, "p2s": "c2FsdA",
        }),
    ] {
        let head = URL_SAFE_NO_PAD.encode(header.to_string());
        let jwe = format!("{head}.QUFB.QUFB.{}.QUFB", "QUFB".repeat(1_500));
        let given = browser.authorize(&[]).await.answer()["code"].clone();
        for asked in [
            browser.authorize(&[("request", &jwe)]).await,
            browser.authorize(&[("id_token_hint", &jwe), ("prompt", "none")]).await,
        ] {
            let to = asked.headers.get(header::LOCATION).map(|to| to.to_str().expect("text"));
            assert!(!to.is_some_and(|to| to.contains("code=")), "{header}: {to:?}");
            assert!(!asked.status.is_server_error(), "{header}");
        }
        let hint = format!("/oauth2/logout?id_token_hint={jwe}");
        let mut refused = vec![browser.get(&hint).await.status];
        let form = [
            ("grant_type", "authorization_code"),
            ("code", given.as_str()),
            ("redirect_uri", CALLBACK),
        ];
        let mut machine = house.browser();
        let asserted = [&form[..], &[("client_assertion_type", kind), ("client_assertion", &jwe)]];
        refused.push(machine.post("/oauth2/token", &asserted.concat()).await.status);
        let hinted = [("scope", "openid"), ("login_hint_token", &*jwe), ("binding_message", "1")];
        let basic = Some(house.basic.as_str());
        refused.push(machine.post_with("/oauth2/bc-authorize", &hinted, basic).await.status);
        for scheme in ["Bearer", "DPoP"] {
            let shown = format!("{scheme} {jwe}");
            let sent = [("authorization", shown.as_str()), ("dpop", jwe.as_str())];
            refused.push(machine.get_with("/oauth2/userinfo", &sent).await.status);
        }
        for status in refused {
            assert!(status.is_client_error(), "{header}: {status}");
        }
        let (status, told) = house.redeem(&given).await;
        assert_eq!(status, StatusCode::OK, "what was tried took nothing of hers: {told}");
    }
}
