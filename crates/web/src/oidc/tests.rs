//! The provider over HTTP as a stock client and a browser use it, on a real database, with a software key. The
//! rows of the public conformance plans (Basic, Form Post, Config, RP-Initiated Logout) that apply so far.
use crate::guard::{Guard, Listener};
use crate::login::public_routes;
use crate::oidc::routes;
use async_trait::async_trait;
use audit::AuditEvent;
use authentication::{
    DirectoryAccount, DirectoryVerdict, MeansKind, Password, PasswordCheck, PasswordCheckError,
};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::Duration;
use demo::authenticator::Authenticator;
use directory::{Person, PersonState, Post};
use identity::register::{Guards, RegisterFault, RegisterOpener, RegisterReading};
use identity::{BirthPlace, Names, PostFields, Source, SourceError, SourceOpener};
use kernel::{Actor, ActorId, Clock, FixedClock, OsRandomness, Secret, SigningAlgorithm};
use oidc::{AuthMethod, ClientDraft, Profile};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use store::{Place, Store};
use tower::ServiceExt;
use workflows::oidc::CreateClient;
use workflows::{Parts, Workflows};

mod basic_plan;
mod consent;
mod dpop;
mod elsewhere;
mod exercise;
mod fapi_plan;
mod grid;
mod later;
mod rfc_9700;

const ORIGIN: &str = "https://hygie.hopital.test";
const ADMIN: &str = "https://admin.hopital.test";
const CALLBACK: &str = "https://dpi.test/cb?entity=1";

pub(crate) struct Nowhere;
impl SourceOpener for Nowhere {
    fn open(&self, _definition: &str) -> Result<Box<dyn Source>, SourceError> {
        Err(SourceError::Settings { name: "none".into(), cause: "no source here".into() })
    }
}
impl RegisterOpener for Nowhere {
    fn open(&self, path: &Path, _: &Guards) -> Result<Box<dyn RegisterReading>, RegisterFault> {
        Err(RegisterFault::Empty { path: path.to_owned() })
    }
}
#[async_trait]
impl PasswordCheck for Nowhere {
    async fn check(
        &self,
        _: &DirectoryAccount,
        _: &Password,
    ) -> Result<DirectoryVerdict, PasswordCheckError> {
        Err(PasswordCheckError::TimedOut)
    }
}

/// A hospital with one nurse who has a key, and one application.
struct House {
    clock: Arc<FixedClock>,
    workflows: Workflows,
    public: Router,
    admin: Router,
    key: Authenticator,
    person: kernel::PersonId,
    secret: String,
    basic: String,
    _folder: tempfile::TempDir,
}

impl House {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let clock = Arc::new(FixedClock::at("2026-11-22T08:00:00Z"));
        let place = Place::Sqlite(folder.path().join("hygie.db"));
        let store = Store::open(&place, clock.clone(), "test").await.expect("store");
        store.migrate::<migrations::Migrator>().await.expect("schema");
        let person = nurse(&store, &*clock).await;
        let workflows = Workflows::new(Parts {
            store,
            clock: clock.clone(),
            randomness: Arc::new(OsRandomness),
            keys: Arc::new(keystore::MasterKey::new(Secret::new([5; 32]))),
            sources: Arc::new(Nowhere),
            register: Arc::new(Nowhere),
            remote: Arc::new(identity::register::NoRemote),
            passwords: Arc::new(Nowhere),
            register_folder: folder.path().join("register"),
            public_host: "hygie.hopital.test".to_owned(),
            public_origin: ORIGIN.to_owned(),
            admin_origin: ADMIN.to_owned(),
            rp_id: "hopital.test".to_owned(),
            zone: kernel::Zone::default(),
        });
        let mut draft = ClientDraft::new("DPI", Profile::Standard, AuthMethod::ClientSecretBasic);
        draft.redirect_uris = vec![CALLBACK.to_owned()];
        draft.post_logout_redirect_uris = vec!["https://dpi.test/bye".to_owned()];
        draft.id_token_algorithm = Some(SigningAlgorithm::Es256);
        let wish = CreateClient { client_id: Some("dpi".to_owned()), draft };
        let desk = Actor::command_line(0);
        let created = workflows.create_client(&desk, wish).await.expect("client");
        let secret = created.secret.expect("confidential");
        let public = public_routes(workflows.clone())
            .merge(routes(workflows.clone()))
            .layer(Guard::headers_of(Listener::new(ORIGIN, &[])));
        let given = workflows.give_enrolment_code(&desk, person.id, MeansKind::Fido2).await;
        let key = enrol(&public, &given.expect("given").text.expose()).await;
        let secret = secret.expose().to_owned();
        let basic = format!("Basic {}", STANDARD.encode(format!("dpi:{secret}")));
        let admin = crate::login::admin_routes(workflows.clone());
        let person = person.id;
        Self { clock, workflows, public, admin, key, person, secret, basic, _folder: folder }
    }

    /// Another application; its secret.
    async fn register(&self, client_id: &str, addresses: &[&str]) -> String {
        let mut draft = ClientDraft::new("Autre", Profile::Standard, AuthMethod::ClientSecretBasic);
        draft.redirect_uris = addresses.iter().map(|address| (*address).to_owned()).collect();
        draft.id_token_algorithm = Some(SigningAlgorithm::Es256);
        let wish = CreateClient { client_id: Some(client_id.to_owned()), draft };
        let created = self.workflows.create_client(&Actor::command_line(0), wish).await;
        created.expect("client").secret.expect("confidential").expose().to_owned()
    }

    /// The mark that the good request would bring back from a login asked for now.
    fn mark(&self, browser: &str) -> String {
        let text = query(&[("prompt", "login")]);
        let parameters = oidc::AuthorizeParameters::from_text(&text).expect("readable");
        let browser = kernel::Handle::parse(kernel::HandleKind::Browser, browser).expect("browser");
        self.workflows.resume_mark(&parameters, &browser, self.clock.now())
    }

    fn browser(&self) -> Browser<'_> {
        Browser { router: &self.public, cookies: BTreeMap::new() }
    }

    /// Logs in at the page where a request led, and comes back with it.
    async fn log_in(
        &mut self,
        cookies: BTreeMap<String, String>,
        page: &Seen,
    ) -> (Seen, Browser<'_>) {
        let mut browser = Browser { router: &self.public, cookies };
        let at = page.location();
        assert!(at.starts_with("/login?"), "{at}");
        let page = browser.get(&at).await;
        assert!(page.body.contains("DPI"), "the page says what will be opened");
        let page = browser.post("/login/key", &[("t", &page.after("name=\"t\" value=\""))]).await;
        let options = serde_json::from_str(&page.after("data-options=\"")).expect("JSON");
        let answer = self.key.sign_in(ORIGIN, &options).expect("signed").to_string();
        let handle = page.after("name=\"t\" value=\"");
        let done = browser.post("/login/key/answer", &[("t", &handle), ("answer", &answer)]).await;
        let next = done.after("content=\"0;url=");
        assert!(next.starts_with("/oauth2/authorize?"), "{}", done.body);
        (browser.get(&next).await, browser)
    }

    async fn redeem(&self, code: &str) -> (StatusCode, Value) {
        self.redeem_by(code, CALLBACK, &[], Some(&self.basic)).await
    }

    async fn redeem_by(
        &self,
        code: &str,
        address: &str,
        more: &[(&str, &str)],
        authorization: Option<&str>,
    ) -> (StatusCode, Value) {
        let form =
            [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", address)];
        let form = [&form[..], more].concat();
        let mut machine = self.browser();
        let seen = machine.post_with("/oauth2/token", &form, authorization).await;
        assert_eq!(seen.headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(seen.headers[header::CONTENT_TYPE], "application/json");
        (seen.status, serde_json::from_str(&seen.body).expect("JSON"))
    }
}

async fn enrol(public: &Router, code: &str) -> Authenticator {
    let mut browser = Browser { router: public, cookies: BTreeMap::new() };
    browser.get("/enrol").await;
    let page = browser.post("/enrol", &[("code", code)]).await;
    let mut key = Authenticator::new();
    let options = serde_json::from_str(&page.after("data-options=\"")).expect("JSON");
    let answer = key.register(ORIGIN, &options).expect("registered").to_string();
    let handle = page.after("name=\"t\" value=\"");
    let page = browser.post("/enrol/key", &[("t", &handle), ("answer", &answer)]).await;
    assert!(page.body.contains("Votre clé est enregistrée."), "{}", page.body);
    key
}

async fn nurse(store: &Store, clock: &dyn Clock) -> Person {
    let (chance, source) = (&OsRandomness, kernel::SourceId::new(clock, &OsRandomness));
    let person = Person {
        id: kernel::PersonId::new(clock, chance),
        state: PersonState::Active,
        names: Names {
            birth_family: Some("MARTIN".to_owned()),
            usage_family: None,
            given: Some("Marie".to_owned()),
            usual_given: None,
        },
        sex: None,
        birth_date: None,
        birth_place: BirthPlace::default(),
        mail: None,
        declared_rpps: None,
        closing: None,
        created_at: clock.now(),
        version: 1,
    };
    let fields = PostFields {
        matricule: "000042".parse().expect("matricule"),
        finess_ej: None,
        finess_et: None,
        unit_code: None,
        unit_label: None,
        function_label: None,
        profession: None,
        contract_kind: None,
        starts_on: None,
        ends_on: None,
    };
    let post = Post { id: kernel::PostId::new(clock, chance), person: person.id, source, fields };
    let tx = store.begin().await.expect("begun");
    tx.people().insert(&person).await.expect("person");
    tx.posts().insert_all(&[post]).await.expect("post");
    let event = AuditEvent::PersonCreated { by: ActorId::Nobody, person: person.id, run: None };
    tx.commit(event).await.expect("committed");
    person
}

struct Seen {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Seen {
    fn location(&self) -> String {
        let to = self.headers.get(header::LOCATION);
        let to = to.unwrap_or_else(|| panic!("{} {}", self.status, self.body));
        assert_eq!(self.headers[header::CACHE_CONTROL], "no-store");
        to.to_str().expect("text").to_owned()
    }
    /// Members of the answer at the client's address.
    fn answer(&self) -> BTreeMap<String, String> {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        let to = self.location();
        let url = url::Url::parse(&to).expect("absolute");
        assert!(to.starts_with(CALLBACK), "the query of the address is kept: {to}");
        assert_eq!(self.headers[header::REFERRER_POLICY], "no-referrer");
        url.query_pairs().map(|(name, value)| (name.into(), value.into())).collect()
    }
    /// The value after a mark, up to the quote, unescaped.
    fn after(&self, mark: &str) -> String {
        let from = self.body.find(mark).unwrap_or_else(|| panic!("{mark} in {}", self.body));
        let rest = &self.body[from + mark.len()..];
        let value = &rest[..rest.find('"').expect("a closing quote")];
        value
            .replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
    }
}

struct Browser<'a> {
    router: &'a Router,
    cookies: BTreeMap<String, String>,
}

impl Browser<'_> {
    async fn send(&mut self, mut request: Request<Body>) -> Seen {
        let cookies: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            let text = cookies.join("; ").parse().expect("cookies");
            request.headers_mut().insert(header::COOKIE, text);
        }
        let response = self.router.clone().oneshot(request).await.expect("answered");
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let text = cookie.to_str().expect("text");
            let (name, value) = text.split_once('=').expect("a value");
            if text.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                let value = value.split(';').next().expect("a value").to_owned();
                self.cookies.insert(name.to_owned(), value);
            }
        }
        let bytes = axum::body::to_bytes(body, 1 << 20).await.expect("body");
        let body = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Seen { status: parts.status, headers: parts.headers, body }
    }

    async fn get(&mut self, path: &str) -> Seen {
        self.get_with(path, &[]).await
    }

    async fn get_with(&mut self, path: &str, headers: &[(&str, &str)]) -> Seen {
        let mut request = Request::builder().method(Method::GET).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).expect("request")).await
    }

    async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Seen {
        self.post_with(path, form, None).await
    }

    async fn post_with(
        &mut self,
        path: &str,
        form: &[(&str, &str)],
        authorization: Option<&str>,
    ) -> Seen {
        self.send(form_request(ORIGIN, path, form, authorization)).await
    }

    /// A form of a page of another listener.
    async fn post_from(&mut self, origin: &str, path: &str, form: &[(&str, &str)]) -> Seen {
        self.send(form_request(origin, path, form, None)).await
    }

    async fn authorize(&mut self, changes: &[(&str, &str)]) -> Seen {
        self.get(&format!("/oauth2/authorize?{}", query(changes))).await
    }
}

fn form_request(
    origin: &str,
    path: &str,
    form: &[(&str, &str)],
    authorization: Option<&str>,
) -> Request<Body> {
    let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::ORIGIN, origin)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(authorization) = authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    request.body(Body::from(text)).expect("request")
}

/// The good request, with these members replaced or added (an empty value leaves one out).
fn query(changes: &[(&str, &str)]) -> String {
    let good = [
        ("response_type", "code"),
        ("client_id", "dpi"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile"),
        ("state", "s-1"),
        ("nonce", "n-1"),
    ];
    let kept = good.iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
    let pairs = kept.chain(changes).filter(|(_, value)| !value.is_empty());
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A session of the nurse, in a browser that may ask for codes from now on.
async fn opened(house: &mut House) -> BTreeMap<String, String> {
    let mut browser = house.browser();
    let sent = browser.authorize(&[]).await;
    let cookies = browser.cookies;
    let (_, browser) = house.log_in(cookies, &sent).await;
    browser.cookies
}

async fn code(house: &House, cookies: &BTreeMap<String, String>, more: &[(&str, &str)]) -> String {
    let mut browser = Browser { router: &house.public, cookies: cookies.clone() };
    browser.authorize(more).await.answer()["code"].clone()
}

fn claims_of(token: &Value) -> Value {
    let payload = token["id_token"].as_str().and_then(|token| token.split('.').nth(1));
    let bytes = URL_SAFE_NO_PAD.decode(payload.expect("payload")).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

#[tokio::test]
async fn from_the_application_to_the_key_and_back_with_a_name() {
    let mut house = House::open().await;
    let mut browser = house.browser();
    let sent = browser.authorize(&[]).await;
    let cookies = browser.cookies;
    let (back, mut browser) = house.log_in(cookies, &sent).await;
    let answer = back.answer();
    assert_eq!(answer["state"], "s-1");
    assert_eq!(answer["iss"], ORIGIN);
    // A session now: no page between the application and its code, by POST and in disorder too.
    assert!(browser.authorize(&[("prompt", "none")]).await.answer().contains_key("code"));
    let extra = [("extra", "foobar"), ("display", "popup"), ("ui_locales", "se")];
    assert!(browser.authorize(&extra).await.answer().contains_key("code"));
    let cookies = browser.cookies;
    let (status, tokens) = house.redeem(&answer["code"]).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    assert_eq!(tokens["token_type"], "Bearer");
    let claims = claims_of(&tokens);
    assert_eq!((claims["nonce"].as_str(), claims["acr"].as_str()), (Some("n-1"), Some("eidas2")));
    for absent in ["name", "family_name", "email", "rpps"] {
        assert!(claims.get(absent).is_none(), "{absent} in the ID token");
    }
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().expect("token"));
    let mut machine = house.browser();
    let told = machine.get_with("/oauth2/userinfo", &[("authorization", &bearer)]).await;
    let info: Value = serde_json::from_str(&told.body).expect("JSON");
    assert_eq!((info["name"].as_str(), &info["sub"]), (Some("Marie MARTIN"), &claims["sub"]));
    // FAPI 1 Baseline §6.2.1: the caller's own number comes back, or a new one.
    let own = "c770aef3-6784-41f7-8e0e-ff5f97bddb3a";
    let mut drawn = told.headers["x-fapi-interaction-id"].clone();
    for (sent, comes_back) in [(own, true), ("no uuid", false), ("", false)] {
        let headers = [("authorization", bearer.as_str()), ("x-fapi-interaction-id", sent)];
        let told = machine.get_with("/oauth2/userinfo", &headers).await;
        let number = &told.headers["x-fapi-interaction-id"];
        assert_eq!(number == own, comes_back, "{sent}");
        assert_eq!(number.to_str().map(str::len).ok(), Some(36));
        assert_ne!(*number, drawn, "each answer has its own");
        drawn = number.clone();
    }
    let token = tokens["access_token"].as_str().expect("token");
    for told in [
        machine.post_with("/oauth2/userinfo", &[], Some(&bearer)).await,
        machine.post("/oauth2/userinfo", &[("access_token", token)]).await,
    ] {
        assert_eq!(serde_json::from_str::<Value>(&told.body).expect("JSON"), info);
    }
    let in_query = machine.get(&format!("/oauth2/userinfo?access_token={token}")).await;
    assert_eq!(in_query.status, StatusCode::UNAUTHORIZED);
    // The code again, at once: refused, and the token dies with it.
    let (status, refused) = house.redeem(&answer["code"]).await;
    assert_eq!(
        (status, refused["error"].as_str()),
        (StatusCode::BAD_REQUEST, Some("invalid_grant"))
    );
    let told = machine.get_with("/oauth2/userinfo", &[("authorization", &bearer)]).await;
    assert_eq!(told.status, StatusCode::UNAUTHORIZED);
    let challenge = told.headers[header::WWW_AUTHENTICATE].to_str().expect("text");
    assert!(challenge.contains(r#"error="invalid_token""#), "{challenge}");
    // Logout with the hint of this very session: at once, and back to the application.
    let mut browser = Browser { router: &house.public, cookies };
    let hint = tokens["id_token"].as_str().expect("token");
    let logout = |uri: &str| {
        let pairs = [("id_token_hint", hint), ("post_logout_redirect_uri", uri), ("state", "z&1")];
        let query =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        format!("/oauth2/logout?{query}")
    };
    let refused = browser.get(&logout("https://dpi.test/bye?foo=bar")).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(!refused.headers.contains_key(header::LOCATION));
    let out = browser.get(&logout("https://dpi.test/bye")).await;
    assert_eq!(out.location(), "https://dpi.test/bye?state=z%261");
    let asked = browser.authorize(&[("prompt", "none")]).await.answer();
    assert_eq!(asked["error"], "login_required");
}

#[tokio::test]
async fn op_20_a_fresh_login_is_a_fresh_login() {
    let mut house = House::open().await;
    let mut browser = house.browser();
    let sent = browser.authorize(&[]).await;
    let cookies = browser.cookies;
    let (back, browser) = house.log_in(cookies, &sent).await;
    let (first, mut cookies) = (back.answer()["code"].clone(), browser.cookies);
    let (_, tokens) = house.redeem(&first).await;
    let mut last = claims_of(&tokens)["auth_time"].as_i64().expect("number");
    for changes in [[("prompt", "login")], [("max_age", "1")], [("max_age", "0")]] {
        house.clock.advance(Duration::seconds(2));
        let mut browser = Browser { router: &house.public, cookies };
        let sent = browser.authorize(&changes).await;
        let kept = browser.cookies;
        let (back, browser) = house.log_in(kept, &sent).await;
        let code = back.answer()["code"].clone();
        cookies = browser.cookies;
        let (status, tokens) = house.redeem(&code).await;
        assert_eq!(status, StatusCode::OK, "{changes:?} {tokens}");
        let auth_time = claims_of(&tokens)["auth_time"].as_i64().expect("number");
        assert!(auth_time > last, "{changes:?}");
        last = auth_time;
    }
    house.clock.advance(Duration::seconds(5));
    let mut browser = Browser { router: &house.public, cookies };
    let code = browser.authorize(&[("max_age", "10000")]).await.answer()["code"].clone();
    let (_, tokens) = house.redeem(&code).await;
    assert_eq!(claims_of(&tokens)["auth_time"], last, "no second login");
    // A mark of return that was not given for this request is no fresh login.
    let forged = [("prompt", "login"), ("hygie_resume", "1795334400000.00")];
    assert!(browser.authorize(&forged).await.location().starts_with("/login?"));
    // A hint: of this person, silently; of nobody we know, never somebody else.
    let hint = tokens["id_token"].as_str().expect("token");
    let hinted = browser.authorize(&[("prompt", "none"), ("id_token_hint", hint)]).await;
    assert!(hinted.answer().contains_key("code"));
    let hinted = browser.authorize(&[("prompt", "none"), ("id_token_hint", "a.b.c")]).await;
    assert_eq!(hinted.answer()["error"], "login_required");
}

#[tokio::test]
async fn op_01_a_wrong_address_or_client_gets_a_page() {
    let house = House::open().await;
    let mut browser = house.browser();
    for (changes, word) in [
        (&[("redirect_uri", "https://dpi.test/cb?entity=1/random")][..], "redirect_uri"),
        (&[("redirect_uri", "https://dpi.test/cb")], "redirect_uri"),
        (&[("redirect_uri", "https://evil.test/cb")], "redirect_uri"),
        (&[("redirect_uri", "javascript:alert(1)")], "redirect_uri"),
        (&[("redirect_uri", "")], "redirect_uri"),
        (&[("client_id", "nobody")], "client_id"),
        (&[("state", "a\nb")], "invalid_request"),
    ] {
        let seen = browser.authorize(changes).await;
        assert_eq!(seen.status, StatusCode::BAD_REQUEST, "{changes:?}");
        assert!(!seen.headers.contains_key(header::LOCATION), "{changes:?}");
        let kind = seen.headers[header::CONTENT_TYPE].to_str().expect("text");
        assert!(kind.starts_with("text/html"), "{kind}");
        let told = &seen.body[seen.body.find("hy-error").expect("id")..];
        assert!(told.contains(word), "{changes:?} {told}");
        assert!(!seen.body.contains("evil.test"), "nothing sent is shown");
    }
    let twice = format!("{}&state=s-2", query(&[]));
    let seen = browser.get(&format!("/oauth2/authorize?{twice}")).await;
    assert_eq!(seen.status, StatusCode::BAD_REQUEST, "OP-02");
}

#[tokio::test]
async fn errors_go_back_to_the_application_by_its_mode() {
    let house = House::open().await;
    let mut browser = house.browser();
    for (changes, error) in [
        (&[("prompt", "none")][..], "login_required"),
        (&[("response_type", "")], "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("scope", "profile")], "invalid_scope"),
        (&[("nonce", "")], "invalid_request"),
        (&[("request", "a.b.c")], "request_not_supported"),
        (&[("max_age", "-1")], "invalid_request"),
    ] {
        let answer = browser.authorize(changes).await.answer();
        assert_eq!(answer["error"], error, "{changes:?}");
        assert_eq!((answer["state"].as_str(), answer["iss"].as_str()), ("s-1", ORIGIN));
        assert!(!answer.contains_key("code"));
        let mut changes = changes.to_vec();
        changes.push(("response_mode", "form_post"));
        let seen = browser.authorize(&changes).await;
        assert_eq!(seen.status, StatusCode::OK, "{changes:?}");
        assert_eq!(seen.after("action=\""), CALLBACK);
        assert_eq!(seen.after("name=\"error\" value=\""), error);
        assert_eq!(seen.after("name=\"state\" value=\""), "s-1");
        let policy = seen.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(policy.contains("form-action https://dpi.test;"), "{policy}");
    }
    let state: String = ('!'..='~').collect();
    let answer = browser.authorize(&[("prompt", "none"), ("state", &state)]).await.answer();
    assert_eq!(answer["state"], state, "byte for byte");
}

#[tokio::test]
async fn a_request_by_form_is_asked_again_by_get() {
    let house = House::open().await;
    let mut browser = house.browser();
    let form: Vec<(String, String)> = url::form_urlencoded::parse(query(&[]).as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let pairs: Vec<(&str, &str)> =
        form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let seen = browser.post("/oauth2/authorize", &pairs).await;
    let again = seen.location();
    assert!(again.starts_with("/oauth2/authorize?"), "{again}");
    assert!(browser.get(&again).await.location().starts_with("/login?"));
    let both = browser.post("/oauth2/authorize?state=x", &pairs).await;
    assert_eq!(both.status, StatusCode::BAD_REQUEST, "OP-02: query and body");
}

#[tokio::test]
async fn the_documents_are_public_cached_and_the_same_under_any_header() {
    let house = House::open().await;
    let mut machine = house.browser();
    for path in ["/.well-known/openid-configuration", "/oauth2/jwks"] {
        let first = machine.get(path).await;
        assert_eq!(first.status, StatusCode::OK);
        assert_eq!(first.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        assert_eq!(first.headers[header::CONTENT_TYPE], "application/json");
        let tag = first.headers[header::ETAG].to_str().expect("text").to_owned();
        let again = machine.get_with(path, &[("if-none-match", &tag)]).await;
        assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
        let poisoned = [("host", "evil.test"), ("x-forwarded-host", "evil.test")];
        let same = machine.get_with(path, &poisoned).await;
        assert_eq!(same.body, first.body, "WB-08");
    }
    let discovery = machine.get("/.well-known/openid-configuration").await;
    let document: Value = serde_json::from_str(&discovery.body).expect("JSON");
    assert_eq!(document["issuer"], ORIGIN);
    let jwks = machine.get("/oauth2/jwks").await;
    let jwks: Value = serde_json::from_str(&jwks.body).expect("JSON");
    assert_eq!(jwks["keys"].as_array().map(Vec::len), Some(1));
    let twin = machine.get("/.well-known/oauth-authorization-server").await;
    assert_eq!(twin.body, discovery.body);
}

#[tokio::test]
async fn op_10_the_token_endpoint_tells_nothing_to_who_proves_nothing() {
    let house = House::open().await;
    let mut machine = house.browser();
    let form = [("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", CALLBACK)];
    let wrong = format!("Basic {}", STANDARD.encode("dpi:wrong"));
    for (authorization, status, error) in [
        (None, 401, "invalid_client"),
        (Some(wrong.as_str()), 401, "invalid_client"),
        (Some("Bearer x"), 401, "invalid_client"),
        (Some(house.basic.as_str()), 400, "invalid_grant"),
    ] {
        let seen = machine.post_with("/oauth2/token", &form, authorization).await;
        let told: Value = serde_json::from_str(&seen.body).expect("JSON");
        assert_eq!((seen.status.as_u16(), told["error"].as_str()), (status, Some(error)));
        assert_eq!(seen.headers.contains_key(header::WWW_AUTHENTICATE), status == 401);
    }
    let seen = machine.get("/oauth2/token").await;
    assert_eq!(seen.status, StatusCode::METHOD_NOT_ALLOWED);
    let seen = machine.get("/oauth2/userinfo").await;
    assert_eq!(seen.status, StatusCode::UNAUTHORIZED);
    assert_eq!(seen.headers[header::WWW_AUTHENTICATE], r#"Bearer realm="hygie""#);
    for path in ["/oauth2/userinfo/a.js", "/oauth2/token/x", "/oauth2/AUTHORIZE"] {
        assert_eq!(machine.get(path).await.status, StatusCode::NOT_FOUND, "WB-12 {path}");
    }
}

#[tokio::test]
async fn op_22_a_link_alone_logs_nobody_out() {
    let mut house = House::open().await;
    let mut browser = house.browser();
    let sent = browser.authorize(&[]).await;
    let cookies = browser.cookies;
    let (_, mut browser) = house.log_in(cookies, &sent).await;
    let page = browser.get("/oauth2/logout").await;
    assert!(page.body.contains("hy-logout-confirm"), "{}", page.body);
    assert!(browser.authorize(&[("prompt", "none")]).await.answer().contains_key("code"));
    let token = page.after("name=\"confirm\" value=\"");
    for wrong in ["", "0", &token[1..]] {
        let page = browser.post("/oauth2/logout", &[("confirm", wrong)]).await;
        assert!(page.body.contains("hy-logout-confirm"), "{wrong}");
    }
    let done = browser.post("/oauth2/logout", &[("confirm", &token)]).await;
    assert!(done.body.contains("hy-logged-out"));
    let asked = browser.authorize(&[("prompt", "none")]).await.answer();
    assert_eq!(asked["error"], "login_required");
}

#[tokio::test]
async fn op_22_a_logout_that_brings_no_cookie_takes_none_from_the_browser() {
    let mut house = House::open().await;
    let mut browser = house.browser();
    let sent = browser.authorize(&[]).await;
    let cookies = browser.cookies;
    let (back, browser) = house.log_in(cookies, &sent).await;
    let cookies = browser.cookies;
    let (_, tokens) = house.redeem(&back.answer()["code"]).await;
    let hint = tokens["id_token"].as_str().expect("text").to_owned();
    let untouched = |seen: &Seen| {
        assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
        assert!(!seen.headers.contains_key(header::SET_COOKIE));
        assert!(!seen.headers.contains_key("clear-site-data"));
    };
    // What another site's form makes a browser send (SameSite).
    let mut elsewhere = Browser { router: &house.public, cookies: BTreeMap::new() };
    untouched(&elsewhere.post_from("https://evil.test", "/oauth2/logout", &[]).await);
    let mut browser = Browser { router: &house.public, cookies };
    let still = browser.authorize(&[("prompt", "none")]).await.answer();
    assert!(still.contains_key("code"), "{still:?}");
    let named = [("id_token_hint", hint.as_str())];
    untouched(&elsewhere.post_from("https://dpi.test", "/oauth2/logout", &named).await);
    let asked = browser.authorize(&[("prompt", "none")]).await.answer();
    assert_eq!(asked["error"], "login_required", "the opening that the hint names is over");
}
