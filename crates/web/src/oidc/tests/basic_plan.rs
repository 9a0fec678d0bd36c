//! The modules of the public suite's Basic and Form Post plans (`oidcc-basic`, `oidcc-formpost-basic`) that ask something of
//! their own, over HTTP.
use super::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// The claims that an ID token may hold unasked.
const USUAL: [&str; 14] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "jti",
    "sid",
    "c_hash",
];

fn is_usual(claims: &Value) -> bool {
    let members = claims.as_object().expect("an object");
    members.keys().all(|name| USUAL.contains(&name.as_str()))
}

async fn info(house: &House, tokens: &Value) -> (StatusCode, Value) {
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().expect("a token"));
    let seen = house.browser().get_with("/oauth2/userinfo", &[("authorization", &bearer)]).await;
    (seen.status, serde_json::from_str(&seen.body).unwrap_or(Value::Null))
}

/// More than 96 bits, counted as the suite does: by the letters of the value itself.
fn is_random(text: &str) -> bool {
    let counts = text.chars().fold(BTreeMap::<char, f64>::new(), |mut counts, letter| {
        *counts.entry(letter).or_default() += 1.0;
        counts
    });
    let length = f64::from(u32::try_from(text.len()).expect("short"));
    let a_letter: f64 = counts.values().map(|n| -(n / length) * (n / length).log2()).sum();
    text.len() * 6 >= 128 && a_letter * length > 96.0
}

#[tokio::test]
async fn oidcc_server_gives_random_codes_and_tokens_that_say_no_more_than_asked() {
    let mut house = House::open().await;
    let mut browser = house.browser();
    let sent = browser.authorize(&[]).await;
    let cookies = browser.cookies;
    let (back, _) = house.log_in(cookies, &sent).await;
    let answer = back.answer();
    assert!(is_random(&answer["code"]));
    assert_eq!(answer.keys().collect::<Vec<_>>(), ["code", "entity", "iss", "state"]);
    let (_, tokens) = house.redeem(&answer["code"]).await;
    let token = tokens["access_token"].as_str().expect("a token");
    assert!(is_random(token));
    assert!(tokens["expires_in"].as_u64().is_some_and(|life| (1..31_536_000).contains(&life)));
    let claims = claims_of(&tokens);
    assert!(is_usual(&claims), "{claims}");
    assert_eq!(claims["iss"], ORIGIN);
    assert_eq!(claims["aud"], "dpi");
    let now = house.clock.now().timestamp();
    assert_eq!(claims["iat"], now);
    assert!(claims["exp"].as_i64().is_some_and(|end| end > now));
    let half = URL_SAFE_NO_PAD.encode(&Sha256::digest(token)[..16]);
    assert!(claims.get("at_hash").is_none_or(|hash| *hash == half), "{claims}");
    let (_, told) = info(&house, &tokens).await;
    assert_eq!(told["sub"], claims["sub"]);
    for (name, value) in told.as_object().expect("an object") {
        assert!(!value.is_null() && *value != "", "{name}");
    }
}

#[tokio::test]
async fn oidcc_parameters_that_ask_nothing_of_us_change_nothing() {
    let mut house = House::open().await;
    let locales = "ui_locales-and-claims_locales";
    let long = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~".repeat(2);
    for (module, changes) in [
        ("display-page", &[("display", "page")][..]),
        ("display-popup", &[("display", "popup")]),
        ("ui-locales", &[("ui_locales", "se")]),
        ("claims-locales", &[("claims_locales", "se")]),
        (locales, &[("ui_locales", "fr-FR en"), ("claims_locales", "fr")]),
        ("login-hint", &[("login_hint", "buffy@hygie.hopital.test")]),
        ("unknown-parameter", &[("extra", "foobar")]),
        ("alternate-happy-flow", &[("scope", "email openid")]),
        ("acr-values", &[("acr_values", "eidas3 eidas2 eidas1")]),
        ("acr-values of nobody", &[("acr_values", "1 2")]),
        ("prompt-select-account", &[("prompt", "select_account")]),
        ("long state", &[("state", &long)]),
    ] {
        let mut browser = house.browser();
        let sent = browser.authorize(changes).await;
        let cookies = browser.cookies;
        let (back, _) = house.log_in(cookies, &sent).await;
        let answer = back.answer();
        let state = changes.iter().find(|(name, _)| *name == "state").map_or("s-1", |(_, s)| s);
        assert_eq!(answer["state"], state, "{module}");
        let (status, tokens) = house.redeem(&answer["code"]).await;
        assert_eq!(status, StatusCode::OK, "{module}: {tokens}");
        let claims = claims_of(&tokens);
        assert!(is_usual(&claims), "{module}: {claims}");
        let acr = claims["acr"].as_str().expect("a level");
        assert!(["eidas1", "eidas2", "eidas3"].contains(&acr), "{module}: {acr}");
        assert_eq!(info(&house, &tokens).await.0, StatusCode::OK, "{module}");
    }
}

#[tokio::test]
async fn oidcc_claims_essential_is_told_by_userinfo_and_not_in_the_id_token() {
    let mut house = House::open().await;
    let mut browser = house.browser();
    let asked = [
        ("scope", "openid"),
        ("claims", r#"{"userinfo":{"name":{"essential":true},"unknown":null}}"#),
    ];
    let sent = browser.authorize(&asked).await;
    let cookies = browser.cookies;
    let (back, _) = house.log_in(cookies, &sent).await;
    let (_, tokens) = house.redeem(&back.answer()["code"]).await;
    assert!(is_usual(&claims_of(&tokens)));
    let (_, told) = info(&house, &tokens).await;
    assert_eq!(told["name"], "Marie MARTIN");
    let names: BTreeSet<&str> =
        told.as_object().expect("an object").keys().map(|name| &**name).collect();
    assert_eq!(names, ["name", "sub"].into(), "nothing but what was asked");
}

#[tokio::test]
async fn oidcc_codereuse_thirty_seconds_later_ends_what_the_code_gave() {
    let mut house = House::open().await;
    let cookies = opened(&mut house).await;
    let mut browser = Browser { router: &house.public, cookies };
    let code = browser.authorize(&[]).await.answer()["code"].clone();
    let (_, tokens) = house.redeem(&code).await;
    assert_eq!(info(&house, &tokens).await.0, StatusCode::OK);
    house.clock.advance(Duration::seconds(30));
    let (status, told) = house.redeem(&code).await;
    assert_eq!((status.as_u16(), &told["error"]), (400, &Value::from("invalid_grant")));
    assert_eq!(info(&house, &tokens).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn oidcc_formpost_answers_by_post_whatever_is_answered() {
    let mut house = House::open().await;
    let form_post = ("response_mode", "form_post");
    let mut browser = house.browser();
    let sent = browser.authorize(&[form_post]).await;
    let cookies = browser.cookies;
    let (page, mut browser) = house.log_in(cookies, &sent).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.headers.contains_key(header::LOCATION), "nothing in an address");
    assert_eq!(page.after("action=\""), CALLBACK);
    assert_eq!(page.after("name=\"state\" value=\""), "s-1");
    assert_eq!(page.after("name=\"iss\" value=\""), ORIGIN);
    let silent = browser.authorize(&[form_post, ("prompt", "none")]).await;
    assert!(!silent.after("name=\"code\" value=\"").is_empty());
    // Without a response type, the mode still counts.
    let missing = browser.authorize(&[form_post, ("response_type", "")]).await;
    assert_eq!(missing.after("name=\"error\" value=\""), "invalid_request");
    let code = page.after("name=\"code\" value=\"");
    let (status, tokens) = house.redeem(&code).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
}

#[tokio::test]
async fn oidcc_errors_have_the_members_and_the_letters_that_they_may_have() {
    let house = House::open().await;
    let mut browser = house.browser();
    // RFC 6749 §4.1.2.1.
    let allowed =
        |text: &str| text.chars().all(|letter| matches!(letter, ' '..='!' | '#'..='[' | ']'..='~'));
    for changes in [
        &[("prompt", "none")][..],
        &[("response_type", "token")],
        &[("scope", "profile")],
        &[("prompt", "none login")],
        &[("claims", "{")],
        &[("request_uri", "https://evil.test/é")],
    ] {
        let seen = browser.authorize(changes).await;
        if seen.status == StatusCode::BAD_REQUEST {
            continue; // a page
        }
        let answer = seen.answer();
        let members: Vec<&str> = answer.keys().map(|name| &**name).collect();
        assert_eq!(members, ["entity", "error", "error_description", "iss", "state"]);
        assert!(allowed(&answer["error"]) && allowed(&answer["error_description"]), "{answer:?}");
    }
    for form in [
        &[("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", CALLBACK)][..],
        &[("grant_type", "password"), ("username", "é")],
        &[("grant_type", "refresh_token")],
        &[],
    ] {
        let seen = browser.post_with("/oauth2/token", form, Some(&house.basic)).await;
        let told: Value = serde_json::from_str(&seen.body).expect("JSON");
        assert_eq!(seen.status, StatusCode::BAD_REQUEST, "exactly 400 {told}");
        for name in ["error", "error_description"] {
            assert!(told[name].as_str().is_some_and(allowed), "{told}");
        }
    }
}

#[tokio::test]
async fn oidcc_refresh_token_is_its_clients_and_gives_a_later_token_of_the_same_login() {
    let mut house = House::open().await;
    let other = house.register("other", &["https://other.test/cb"]).await;
    let desk = Actor::command_line(0);
    for name in ["dpi", "other"] {
        let client = house.workflows.show_client_named(&desk, name).await.expect("client");
        let mut draft = ClientDraft::from(&client);
        draft.security.refresh_seconds = Some(3600);
        let changed = house.workflows.change_client(&desk, client.id, client.version, draft, true);
        changed.await.expect("changed");
    }
    let others = format!("Basic {}", STANDARD.encode(format!("other:{other}")));
    let cookies = opened(&mut house).await;
    let mut browser = Browser { router: &house.public, cookies };
    let code = browser.authorize(&[]).await.answer()["code"].clone();
    let (_, tokens) = house.redeem(&code).await;
    let held = tokens["refresh_token"].as_str().expect("a refresh token").to_owned();
    assert!(is_random(&held));
    let refresh = async |token: &str, by: &str| {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("scope", "openid profile"),
        ];
        let seen = house.browser().post_with("/oauth2/token", &form, Some(by)).await;
        assert_eq!(seen.headers[header::CACHE_CONTROL], "no-store");
        let told: Value = serde_json::from_str(&seen.body).expect("JSON");
        (seen.status.as_u16(), told)
    };
    house.clock.advance(Duration::seconds(1));
    let (status, next) = refresh(&held, &house.basic).await;
    assert_eq!((status, &next["token_type"]), (200, &Value::from("Bearer")), "{next}");
    assert!(next["expires_in"].as_u64().is_some_and(|life| life > 0));
    assert!(is_random(next["access_token"].as_str().expect("a token")));
    assert!(is_random(next["refresh_token"].as_str().expect("a token")));
    let (before, after) = (claims_of(&tokens), claims_of(&next));
    for same in ["iss", "sub", "aud", "auth_time", "azp", "sid"] {
        assert_eq!(before.get(same), after.get(same), "{same}");
    }
    assert!(after["iat"].as_i64() > before["iat"].as_i64(), "iat is new");
    assert_eq!(info(&house, &next).await.0, StatusCode::OK);
    let (status, told) = refresh(next["refresh_token"].as_str().expect("a token"), &others).await;
    assert_eq!((status, &told["error"]), (400, &Value::from("invalid_grant")), "another client's");
}
