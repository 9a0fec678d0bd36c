//! The code of a device, typed on the page, from the asking to the tokens.
use super::*;

#[tokio::test]
async fn op_26_a_device_is_let_in_from_the_page_by_whoever_has_just_logged_in() {
    let mut house = House::open().await;
    let desk = Actor::command_line(0);
    let client = house.workflows.show_client_named(&desk, "dpi").await.expect("client");
    let mut draft = ClientDraft::from(&client);
    draft.security.device_login = true;
    let changed =
        house.workflows.change_client(&desk, client.id, client.version, draft, true).await;
    changed.expect("changed");
    let mut browser = house.browser();
    let page = browser.authorize(&[]).await;
    let cookies = browser.cookies;
    let (_, browser) = house.log_in(cookies, &page).await;
    let cookies = browser.cookies;
    let house = &house;
    let mut machine = house.browser();
    let ask = async |machine: &mut Browser<'_>| -> Value {
        let form = [("scope", "openid profile")];
        let seen = machine.post_with("/oauth2/device", &form, Some(&house.basic)).await;
        assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
        serde_json::from_str(&seen.body).expect("JSON")
    };
    let told = ask(&mut machine).await;
    assert_eq!(told["verification_uri"], format!("{ORIGIN}/device"));
    assert!(told.get("verification_uri_complete").is_none(), "nothing to send to somebody");
    let code = told["user_code"].as_str().expect("code").to_owned();
    let mut browser = Browser { router: &house.public, cookies };
    // Nobody is there: a login first.
    let stranger = house.browser().get("/device").await;
    assert!(stranger.location().starts_with("/login"), "{}", stranger.body);
    let page = browser.get("/device").await;
    assert!(!page.body.contains("hy-approve"), "nothing was typed");
    let token = page.after("name=\"f\" value=\"");
    let forged = browser.post("/device", &[("code", &code), ("f", "x")]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let page = browser.post("/device", &[("code", "BCDF-GHJK"), ("f", &token)]).await;
    assert!(page.body.contains("hy-unknown-code"), "{}", page.body);
    // A link with a code in it, from somebody else, is the empty page.
    let sent = browser.get(&format!("/device?code={code}")).await;
    assert!(!sent.body.contains("hy-approve") && !sent.body.contains("DPI"), "{}", sent.body);
    let page = browser.post("/device", &[("code", &code), ("f", &token)]).await;
    assert!(page.body.contains("hy-approve") && page.body.contains("DPI"), "{}", page.body);
    let request = page.after("name=\"request\" value=\"");
    let word = |say: &'static str| {
        [
            ("f", token.clone()),
            ("code", code.clone()),
            ("request", request.clone()),
            ("say", say.to_owned()),
        ]
    };
    // Minutes after her login, she proves herself again.
    house.clock.advance(Duration::seconds(1));
    let late = ask(&mut machine).await;
    let late_code = late["user_code"].as_str().expect("code").to_owned();
    let page = browser.post("/device", &[("code", &late_code), ("f", &token)]).await;
    assert!(page.body.contains("hy-prove") && !page.body.contains("hy-approve"), "{}", page.body);
    let late_request = page.after("name=\"request\" value=\"");
    let late_word = [
        ("f", token.as_str()),
        ("code", late_code.as_str()),
        ("request", late_request.as_str()),
        ("say", "yes"),
    ];
    let sent = browser.post("/device", &late_word).await;
    assert!(sent.location().starts_with("/login?t="), "{}", sent.body);
    let said: Vec<(&str, String)> = word("yes").to_vec();
    let said: Vec<(&str, &str)> = said.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let done = browser.post("/device", &said).await;
    assert!(done.body.contains("hy-decided") && done.body.contains("Accepté"), "{}", done.body);
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", told["device_code"].as_str().expect("handle")),
    ];
    let seen = machine.post_with("/oauth2/token", &form, Some(&house.basic)).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
}
