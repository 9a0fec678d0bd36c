//! OP-04: every door meets a live value of every kind; each opens to its own alone. And the token endpoint meets every
//! pair of credentials and addresses.
use super::*;
use crate::cookies::{BROWSER, SESSION};
use kernel::{Handle, HandleKind};
use oidc::ProviderEndpoints;

/// On the page that asks for a key.
const OPTIONS: &str = "data-options";
/// Before the handle of a pushed request.
const PUSHED: &str = "urn:ietf:params:oauth:request_uri:";

/// Everything that somebody who is logged in, and her application, may hold at one moment.
struct Held {
    values: BTreeMap<&'static str, String>,
    cookies: BTreeMap<String, String>,
}

impl Held {
    async fn by_one_nurse(house: &mut House) -> Self {
        let desk = Actor::command_line(0);
        let client = house.workflows.show_client_named(&desk, "dpi").await.expect("client");
        let mut draft = ClientDraft::from(&client);
        draft.security.refresh_seconds = Some(3600);
        draft.security.device_login = true;
        draft.security.backchannel_login = true;
        let changed = house.workflows.change_client(&desk, client.id, client.version, draft, true);
        changed.await.expect("changed");
        let mut browser = house.browser();
        let sent = browser.authorize(&[]).await;
        let cookies = browser.cookies;
        let (back, browser) = house.log_in(cookies, &sent).await;
        let cookies = browser.cookies;
        let house: &House = house;
        let mut browser = Browser { router: &house.public, cookies };
        let first = back.answer()["code"].clone();
        let code = browser.authorize(&[]).await.answer()["code"].clone();
        let page = browser.get("/oauth2/logout").await;
        let mark = house.mark(&browser.cookies[BROWSER]);
        let (_, tokens) = house.redeem(&first).await;
        let text = |name: &str| tokens[name].as_str().expect("text").to_owned();
        // What she says yes to in the instant of her login needs no other one.
        let device = house.asks(ProviderEndpoints::DEVICE, &[("scope", "openid")]).await;
        let typed = device["user_code"].as_str().expect("a code");
        says_yes(&mut browser, "/device", typed).await;
        let hint = text("id_token");
        let her = [("scope", "openid"), ("id_token_hint", &*hint), ("binding_message", "Poste 12")];
        let asked = house.asks(ProviderEndpoints::BACKCHANNEL, &her).await;
        says_yes(&mut browser, "/portal/requests", "").await;
        let request = query(&[("state", "pushed")]);
        let request: Vec<_> = url::form_urlencoded::parse(request.as_bytes()).collect();
        let request: Vec<_> = request.iter().map(|(name, text)| (&**name, &**text)).collect();
        let pushed = house.asks(ProviderEndpoints::PAR, &request).await;
        let pushed = pushed["request_uri"].as_str().and_then(|name| name.strip_prefix(PUSHED));
        let handle = |told: &Value, name: &str| told[name].as_str().expect("handle").to_owned();
        // From here on, the login was made for nothing that is asked now.
        house.clock.advance(Duration::seconds(2));
        let waiting = browser.authorize(&[("prompt", "login")]).await;
        let cookies = browser.cookies;
        let kind = MeansKind::Fido2;
        let given = house.workflows.give_enrolment_code(&desk, house.person, kind).await;
        let who = workflows::login::FirstAdministrator {
            family: "Roy".to_owned(),
            given: "Maxime".to_owned(),
            mail: None,
        };
        let link = house.workflows.first_administrator(&desk, who).await.expect("link");
        let values = BTreeMap::from([
            ("session", cookies[SESSION].clone()),
            ("browser", cookies[BROWSER].clone()),
            ("login", waiting.location().strip_prefix("/login?t=").expect("a login").to_owned()),
            ("code", code),
            ("access token", text("access_token")),
            ("refresh token", text("refresh_token")),
            ("device code", handle(&device, "device_code")),
            ("request elsewhere", handle(&asked, "auth_req_id")),
            ("pushed request", pushed.expect("a name").to_owned()),
            ("ID token", text("id_token")),
            ("mark of return", mark),
            ("client secret", house.secret.clone()),
            ("logout form", page.after("name=\"confirm\" value=\"")),
            ("first link", link.secret.expose().to_owned()),
            ("desk code", given.expect("code").text.expose()),
        ]);
        Self { values, cookies }
    }

    fn browser_of<'a>(&self, router: &'a Router) -> Browser<'a> {
        Browser { router, cookies: self.cookies.clone() }
    }
}

impl House {
    /// What the application is told when it asks there.
    async fn asks(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let seen = self.browser().post_with(path, form, Some(&self.basic)).await;
        assert!(seen.status.is_success(), "{path}: {}", seen.body);
        serde_json::from_str(&seen.body).expect("JSON")
    }

    /// Whether the token endpoint gives tokens for this.
    async fn gives(&self, grant: &str, name: &str, value: &str) -> bool {
        let form = [("grant_type", grant), (name, value)];
        let seen = self.browser().post_with("/oauth2/token", &form, Some(&self.basic)).await;
        seen.status == StatusCode::OK
    }
}

/// Her yes to what waits on this page, under this code if it shows one.
async fn says_yes(browser: &mut Browser<'_>, path: &str, code: &str) {
    let mut page = browser.get(path).await;
    let form = page.after("name=\"f\" value=\"");
    if !code.is_empty() {
        page = browser.post(path, &[("code", code), ("f", &form)]).await;
    }
    let request = page.after("name=\"request\" value=\"");
    let word = [("f", &*form), ("code", code), ("request", &*request), ("say", "yes")];
    let done = browser.post(path, &word).await;
    assert!(done.body.contains("hy-decided") && done.body.contains("Accepté"), "{}", done.body);
}

/// The doors, those that leave things as they were first.
const DOORS: [&str; 15] = [
    "session",
    "browser",
    "login",
    "access token",
    "mark of return",
    "first link",
    "client secret",
    "refresh token",
    "device code",
    "request elsewhere",
    "pushed request",
    "code",
    "desk code",
    "logout form",
    "ID token",
];

/// Whether this door opens to this value.
async fn opens(house: &House, held: &Held, door: &str, value: &str) -> bool {
    let mut browser = held.browser_of(&house.public);
    let mut machine = house.browser();
    match door {
        "session" | "browser" => {
            let name = if door == "session" { SESSION } else { BROWSER };
            browser.cookies.insert(name.to_owned(), value.to_owned());
            let asked = browser.authorize(&[("prompt", "none")]).await;
            asked.answer().contains_key("code")
        }
        "login" => browser.get(&format!("/login?t={value}")).await.body.contains("DPI"),
        "access token" => {
            let bearer = format!("Bearer {value}");
            let shown = machine.get_with("/oauth2/userinfo", &[("authorization", &bearer)]).await;
            let posted = machine.post("/oauth2/userinfo", &[("access_token", value)]).await;
            assert_eq!(shown.status, posted.status, "{value}");
            shown.status == StatusCode::OK
        }
        "ID token" => {
            let bye = "https%3A%2F%2Fdpi.test%2Fbye";
            let asked =
                format!("/oauth2/logout?id_token_hint={value}&post_logout_redirect_uri={bye}");
            browser.get(&asked).await.headers.contains_key(header::LOCATION)
        }
        "mark of return" => {
            let asked = [("prompt", "login"), ("hygie_resume", value)];
            browser.authorize(&asked).await.location().starts_with(CALLBACK)
        }
        "first link" => {
            let mut console = Browser { router: &house.admin, cookies: BTreeMap::new() };
            console.get("/first/x").await;
            console.post_from(ADMIN, "/first", &[("secret", value)]).await.body.contains(OPTIONS)
        }
        "client secret" => {
            let fresh = browser.authorize(&[]).await.answer()["code"].clone();
            let basic = format!("Basic {}", STANDARD.encode(format!("dpi:{value}")));
            house.redeem_by(&fresh, CALLBACK, &[], Some(&basic)).await.0 == StatusCode::OK
        }
        "refresh token" => house.gives("refresh_token", "refresh_token", value).await,
        "device code" => {
            let grant = "urn:ietf:params:oauth:grant-type:device_code";
            house.gives(grant, "device_code", value).await
        }
        "request elsewhere" => {
            house.gives("urn:openid:params:grant-type:ciba", "auth_req_id", value).await
        }
        "pushed request" => {
            let asked = format!("/oauth2/authorize?client_id=dpi&request_uri={PUSHED}{value}");
            let seen = browser.get(&asked).await;
            let sent = seen.headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
            sent.is_some_and(|to| to.starts_with(CALLBACK) && to.contains("code="))
        }
        "code" => house.redeem(value).await.0 == StatusCode::OK,
        "desk code" => {
            machine.get("/enrol").await;
            machine.post("/enrol", &[("code", value)]).await.body.contains(OPTIONS)
        }
        "logout form" => {
            let seen = browser.post("/oauth2/logout", &[("confirm", value)]).await;
            seen.body.contains("hy-logged-out")
        }
        unknown => panic!("no door is called {unknown}"),
    }
}

#[tokio::test]
async fn op_04_every_door_opens_to_its_own_kind_alone() {
    let mut house = House::open().await;
    let held = Held::by_one_nurse(&mut house).await;
    assert_eq!(held.values.keys().collect::<Vec<_>>().len(), DOORS.len());
    for door in DOORS {
        for (kind, value) in &held.values {
            if *kind != door {
                assert!(!opens(&house, &held, door, value).await, "{kind} opens {door}");
            }
        }
        // Well formed, and nobody's.
        for kind in HandleKind::ALL {
            let drawn = Handle::new(kind, &OsRandomness);
            assert!(!opens(&house, &held, door, drawn.expose()).await, "new {kind:?} opens {door}");
        }
        assert!(!opens(&house, &held, door, "").await, "nothing opens {door}");
        // None of it broke the door.
        assert!(opens(&house, &held, door, &held.values[door]).await, "{door} stays shut");
    }
}

#[tokio::test]
async fn op_04_a_code_goes_to_its_client_at_its_address_and_to_nobody_else() {
    let mut house = House::open().await;
    let other = house.register("other", &["https://other.test/cb", CALLBACK]).await;
    let held = Held::by_one_nurse(&mut house).await;
    let basic = |id: &str, secret: &str| {
        Some(format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))))
    };
    let ours = house.secret.clone();
    let body = [("client_id", "dpi"), ("client_secret", ours.as_str())];
    type Proof<'a> = (&'a str, Option<String>, &'a [(&'a str, &'a str)]);
    let credentials: [Proof; 9] = [
        ("its own", basic("dpi", &ours), &[]),
        ("its own in the body, which is not its way", None, &body),
        ("both ways", basic("dpi", &ours), &body),
        ("none", None, &[("client_id", "dpi")]),
        ("an empty secret", basic("dpi", ""), &[]),
        ("another client's secret", basic("dpi", &other), &[]),
        ("another client", basic("other", &other), &[]),
        ("another client under its name", basic("other", &other), &[("client_id", "dpi")]),
        ("the access token", Some(format!("Bearer {}", held.values["access token"])), &[]),
    ];
    let addresses = [CALLBACK, "https://dpi.test/other", "https://dpi.test/cb", ""];
    for (who, authorization, more) in &credentials {
        for address in addresses {
            let mut browser = held.browser_of(&house.public);
            let code = browser.authorize(&[]).await.answer()["code"].clone();
            let (status, told) =
                house.redeem_by(&code, address, more, authorization.as_deref()).await;
            let right = *who == "its own" && address == CALLBACK;
            assert_eq!(status == StatusCode::OK, right, "{who} at {address}: {told}");
            assert_eq!(told.get("access_token").is_some(), right);
            // Whoever proved to be some client burnt it; whoever proved nothing did not.
            let burnt = matches!(*who, "its own" | "another client");
            let (again, _) = house.redeem(&code).await;
            assert_eq!(again == StatusCode::OK, !burnt, "{who} at {address}");
        }
    }
}
