//! The login pages over HTTP, on a real database, with a software key.
use super::{Gate, admin_routes, first_use_gate, public_routes};
use crate::guard::{Guard, Listener};
use async_trait::async_trait;
use audit::AuditEvent;
use authentication::{
    DirectoryAccount, DirectoryRefusal, DirectoryVerdict, MeansKind, Password, PasswordCheck,
    PasswordCheckError,
};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use axum::{Router, middleware};
use demo::authenticator::Authenticator;
use directory::{Account, Person, PersonState, Post};
use http::HeaderMap;
use identity::register::{Guards, RegisterFault, RegisterOpener, RegisterReading};
use identity::{
    AccountFields, BirthPlace, ExternalKey, Names, PostFields, Source, SourceError, SourceOpener,
};
use kernel::{Actor, ActorId, Clock, FixedClock, OsRandomness, Secret};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use store::{Place, Store};
use tower::ServiceExt;
use workflows::login::FirstAdministrator;
use workflows::{Parts, Workflows};

const ORIGIN: &str = "https://hygie.hopital.test";
const ADMIN: &str = "https://admin.hopital.test";
const RIGHT: &str = "Cardio-3A-printemps";

struct Nowhere;
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
        password: &Password,
    ) -> Result<DirectoryVerdict, PasswordCheckError> {
        if password.as_typed().matches(RIGHT.as_bytes()) {
            Ok(DirectoryVerdict::right())
        } else {
            Ok(DirectoryVerdict::Refused(DirectoryRefusal::WrongPassword))
        }
    }
}

struct House {
    workflows: Workflows,
    public: Router,
    admin: Router,
    person: Person,
    _folder: tempfile::TempDir,
}

/// Runs the test in a hospital of one person of this given name, on each database.
async fn on_each(given: &str, test: impl AsyncFn(House)) {
    databases::on_each(async |place, folder| test(House::open(place, folder, given).await).await)
        .await;
}

impl House {
    async fn open(place: Place, folder: tempfile::TempDir, given: &str) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(FixedClock::at("2026-11-22T08:00:00Z"));
        let store = Store::open(&place, clock.clone(), "test").await.expect("store");
        store.migrate::<migrations::Migrator>().await.expect("schema");
        let person = staff(&store, &*clock, given).await;
        let workflows = Workflows::new(Parts {
            store,
            clock,
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
        let strict = |origin| Guard::headers_of(Listener::new(origin, &[]));
        let gate = Gate::new(workflows.clone());
        let admin = admin_routes(workflows.clone())
            .layer(middleware::from_fn_with_state(gate, first_use_gate))
            .layer(strict(ADMIN));
        let public = public_routes(workflows.clone()).layer(strict(ORIGIN));
        Self { workflows, public, admin, person, _folder: folder }
    }

    async fn code(&self, kind: MeansKind) -> String {
        let desk = Actor::command_line(0);
        let given = self.workflows.give_enrolment_code(&desk, self.person.id, kind).await;
        given.expect("given").text.expose()
    }
}

struct Seen {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Seen {
    /// The value of a hidden field, or of any attribute, unescaped.
    fn after(&self, mark: &str) -> String {
        let from = self.body.find(mark).unwrap_or_else(|| panic!("{mark} in {}", self.body));
        let rest = &self.body[from + mark.len()..];
        let value = &rest[..rest.find('"').expect("a closing quote")];
        value
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
    }
    fn handle(&self) -> String {
        self.after("name=\"t\" value=\"")
    }
    fn options(&self) -> serde_json::Value {
        serde_json::from_str(&self.after("data-options=\"")).expect("JSON")
    }
}

/// A browser: keeps its cookies, tells where its forms come from.
struct Browser<'a> {
    router: &'a Router,
    origin: &'static str,
    cookies: BTreeMap<String, String>,
}

impl<'a> Browser<'a> {
    fn at(router: &'a Router, origin: &'static str) -> Self {
        Self { router, origin, cookies: BTreeMap::new() }
    }

    async fn send(&mut self, request: Request<Body>) -> Seen {
        let response = self.router.clone().oneshot(request).await.expect("answered");
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let text = cookie.to_str().expect("text");
            for needed in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite="] {
                assert!(text.contains(needed), "{needed} in {text}");
            }
            assert!(text.starts_with("__Host-") && !text.contains("Domain"), "{text}");
            let (name, value) = text.split_once('=').expect("a value");
            let value = value.split(';').next().expect("a value").to_owned();
            if text.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value);
            }
        }
        let bytes = axum::body::to_bytes(body, 1 << 20).await.expect("body");
        let body = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        let seen = Seen { status: parts.status, headers: parts.headers, body };
        self.obeys(&seen);
        seen
    }

    /// What every answer owes (WB-08, WB-13, WB-14).
    fn obeys(&self, seen: &Seen) {
        assert!(seen.body.len() <= 30 * 1024, "{} bytes", seen.body.len());
        assert!(!seen.body.contains("style=") && !seen.body.contains("onclick"), "inline");
        let policy = seen.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
        for part in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'"] {
            assert!(policy.contains(part), "{part}");
        }
        assert!(!policy.contains("unsafe"));
        let kept = seen.headers[header::CACHE_CONTROL].to_str().expect("text");
        assert!(kept == "no-store" || kept.contains("immutable"), "{kept}");
        // The language is no secret.
        let told = |name: &str| name == crate::cookies::LANGUAGE;
        for (_, secret) in self.cookies.iter().filter(|(name, _)| !told(name)) {
            assert!(!seen.body.contains(secret), "a cookie's value in a page");
            let to = seen.headers.get(header::LOCATION).map(|to| to.to_str().expect("text"));
            assert!(to.is_none_or(|to| !to.contains(secret)), "a cookie's value in an address");
        }
    }

    fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let cookies: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder().method(method).uri(path);
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        request
    }

    async fn get(&mut self, path: &str) -> Seen {
        let request = self.request(Method::GET, path).body(Body::empty()).expect("request");
        let seen = self.send(request).await;
        match seen.headers.get(header::LOCATION) {
            Some(to) if seen.status.is_redirection() => {
                let to = to.to_str().expect("text").to_owned();
                assert!(to.starts_with('/'), "{to}");
                Box::pin(self.get(&to)).await
            }
            _ => seen,
        }
    }

    async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Seen {
        let origin = self.origin;
        self.post_from(path, form, &[("origin", origin), ("sec-fetch-site", "same-origin")]).await
    }

    async fn post_from(
        &mut self,
        path: &str,
        form: &[(&str, &str)],
        from: &[(&str, &str)],
    ) -> Seen {
        let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in from {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(text)).expect("request")).await
    }

    async fn log_in_with(&mut self, key: &mut Authenticator) -> Seen {
        let page = self.get("/login").await;
        let page = self.post("/login/key", &[("t", &page.handle())]).await;
        assert!(page.body.contains("Touchez votre clé."), "{}", page.body);
        let answer = key.sign_in(self.origin, &page.options()).expect("signed").to_string();
        self.post("/login/key/answer", &[("t", &page.handle()), ("answer", &answer)]).await
    }

    async fn password(&mut self, name: &str, password: &str) -> Seen {
        let page = self.get("/login").await;
        let handle = page.handle();
        let page = self.post("/login/name", &[("t", &handle), ("name", name)]).await;
        assert!(page.body.contains("Votre mot de passe"));
        self.post("/login/password", &[("t", &handle), ("password", password)]).await
    }
}

async fn enrolled(house: &House) -> Authenticator {
    let mut browser = Browser::at(&house.public, ORIGIN);
    let code = house.code(MeansKind::Fido2).await;
    assert!(browser.get("/enrol").await.body.contains("Code du guichet"));
    let page = browser.post("/enrol", &[("code", &code)]).await;
    let mut key = Authenticator::new();
    let answer = key.register(ORIGIN, &page.options()).expect("registered").to_string();
    let page = browser.post("/enrol/key", &[("t", &page.handle()), ("answer", &answer)]).await;
    assert!(page.body.contains("Votre clé est enregistrée."), "{}", page.body);
    key
}

#[tokio::test]
async fn from_the_desk_code_to_the_portal_and_out() {
    on_each("Marie", async |house| {
        let mut key = enrolled(&house).await;
        let mut browser = Browser::at(&house.public, ORIGIN);
        let done = browser.log_in_with(&mut key).await;
        assert_eq!(done.status, StatusCode::OK);
        assert!(done.body.contains("0;url=/portal"), "{}", done.body);
        let portal = browser.get("/portal").await;
        assert!(portal.body.contains("MARTIN Marie") && portal.body.contains("substantiel"));
        assert!(portal.body.contains("Ce navigateur"));
        let out = browser.post("/logout", &[]).await;
        assert!(out.body.contains("Session fermée sur ce poste."));
        assert!(browser.cookies.is_empty(), "both cookies went");
        assert!(browser.get("/portal").await.body.contains("Votre identifiant"), "login again");
    })
    .await;
}

#[tokio::test]
async fn a_session_elsewhere_is_ended_by_its_person_alone() {
    on_each("Marie", async |house| {
        let mut key = enrolled(&house).await;
        let (mut here, mut there) =
            (Browser::at(&house.public, ORIGIN), Browser::at(&house.public, ORIGIN));
        here.log_in_with(&mut key).await;
        there.log_in_with(&mut key).await;
        let portal = here.get("/portal").await;
        let (token, session) =
            (portal.after("name=\"f\" value=\""), portal.after("name=\"session\" value=\""));
        let forged = here.post("/portal/sessions/end", &[("session", &session), ("f", "0")]).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
        assert!(there.get("/portal").await.body.contains("MARTIN"));
        here.post("/portal/sessions/end", &[("session", &session), ("f", &token)]).await;
        assert!(there.get("/portal").await.body.contains("Votre identifiant"));
        assert!(here.get("/portal").await.body.contains("MARTIN"));
    })
    .await;
}

#[tokio::test]
async fn au_01_refusals_are_the_same_bytes_but_the_reference() {
    on_each("Marie", async |house| {
        let mut pages = Vec::new();
        for name in ["mmartin", "inconnu"] {
            let mut browser = Browser::at(&house.public, ORIGIN);
            let started = std::time::Instant::now();
            let seen = browser.password(name, "faux").await;
            assert!(started.elapsed().as_millis() >= 600, "{name}");
            assert_eq!(seen.status, StatusCode::FORBIDDEN);
            assert!(seen.body.contains("Connexion refusée, rien n’a été ouvert."));
            let (reference, handle) =
                (seen.after("class=\"ref\">").split('<').next().map(str::to_owned), seen.handle());
            let reference = reference.expect("a reference");
            assert_eq!(reference.len(), 7, "{reference}");
            let plain = seen.body.replace(&reference, "…").replace(&handle, "…").replace(name, "…");
            pages.push(plain);
        }
        assert_eq!(pages[0], pages[1]);
    })
    .await;
}

#[tokio::test]
async fn wb_05_forms_come_from_our_own_pages() {
    on_each("Marie", async |house| {
        let mut browser = Browser::at(&house.public, ORIGIN);
        let handle = browser.get("/login").await.handle();
        let form = [("t", handle.as_str()), ("name", "mmartin")];
        for from in [
            &[("origin", "https://evil.test")][..],
            &[("origin", "null")],
            &[("origin", "https://wiki.hopital.test"), ("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "none")],
        ] {
            let seen = browser.post_from("/login/name", &form, from).await;
            assert_eq!(seen.status, StatusCode::FORBIDDEN, "{from:?}");
        }
        // An engine too old to tell is held by its cookie and the page's handle.
        let seen = browser.post_from("/login/name", &form, &[]).await;
        assert_eq!(seen.status, StatusCode::OK);
        let mut other = Browser::at(&house.public, ORIGIN);
        let seen = other.post_from("/login/name", &form, &[]).await;
        assert_eq!(seen.status, StatusCode::GONE);
        assert!(seen.body.contains("restée ouverte trop longtemps"));
        // Who asked for English reads it there too.
        other.get("/language?to=en&back=/login").await;
        let seen = other.post_from("/login/name", &form, &[]).await;
        assert_eq!(seen.status, StatusCode::GONE);
        assert!(seen.body.contains("This page stayed open too long"), "{}", seen.body);
        assert!(seen.body.contains("lang=\"en\""));
    })
    .await;
}

#[tokio::test]
async fn wb_03_a_cookie_that_comes_twice_is_worth_nothing() {
    on_each("Marie", async |house| {
        let mut key = enrolled(&house).await;
        let mut browser = Browser::at(&house.public, ORIGIN);
        browser.log_in_with(&mut key).await;
        let cookies: Vec<_> =
            browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let twice = format!("{}; {}", cookies.join("; "), cookies.join("; "));
        let request = Request::get("/portal").header(header::COOKIE, twice);
        let seen = browser.send(request.body(Body::empty()).expect("request")).await;
        assert!(seen.status.is_redirection());
    })
    .await;
}

#[tokio::test]
async fn wb_15_a_hostile_name_is_text() {
    on_each("<img src=x onerror=alert(1)>{{7*7}}", async |house| {
        let mut key = enrolled(&house).await;
        let mut browser = Browser::at(&house.public, ORIGIN);
        browser.log_in_with(&mut key).await;
        let portal = browser.get("/portal").await;
        assert!(!portal.body.contains("<img"), "{}", portal.body);
        assert!(portal.body.contains("&lt;img"));
        let seen = browser.password("\"><script>alert(1)</script>", "x").await;
        assert!(!seen.body.contains("<script>alert"));
    })
    .await;
}

#[tokio::test]
async fn am_10_the_console_serves_its_first_enrolment_and_nothing_else() {
    on_each("Marie", async |house| {
        let mut browser = Browser::at(&house.admin, ADMIN);
        for path in ["/", "/login", "/accessibility", "/api/v1/me", "/enrol"] {
            let request = Request::get(path).body(Body::empty()).expect("request");
            assert_eq!(browser.send(request).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        let who = FirstAdministrator { family: "LEROY".into(), given: "Paul".into(), mail: None };
        let init = Actor::command_line(0);
        let link = house.workflows.first_administrator(&init, who).await.expect("made");
        let path = link.url.strip_prefix(ADMIN).expect("at the admin host").to_owned();
        let page = browser.get(&path).await;
        assert!(page.body.contains("Première clé de la console"));
        let page =
            browser.post("/first", &[("secret", &page.after("name=\"secret\" value=\""))]).await;
        let mut key = Authenticator::new();
        let answer = key.register(ADMIN, &page.options()).expect("registered").to_string();
        let page = browser.post("/enrol/key", &[("t", &page.handle()), ("answer", &answer)]).await;
        assert!(page.body.contains("Votre clé est enregistrée."), "{}", page.body);
        let done = browser.log_in_with(&mut key).await;
        assert!(done.body.contains("0;url=/\""), "{}", done.body);
        let names: Vec<_> = browser.cookies.keys().map(String::as_str).collect();
        assert_eq!(names, ["__Host-hygie-console", "__Host-hygie-console-browser"]);
        let again = browser.get(&path).await;
        let again =
            browser.post("/first", &[("secret", &again.after("name=\"secret\" value=\""))]).await;
        assert_eq!(again.status, StatusCode::FORBIDDEN, "the link is spent");
    })
    .await;
}

#[tokio::test]
async fn the_style_and_the_script_are_served_under_names_of_their_content() {
    on_each("Marie", async |house| {
        let mut browser = Browser::at(&house.public, ORIGIN);
        let page = browser.get("/login").await;
        for (mark, kind) in
            [("rel=\"stylesheet\" href=\"", "text/css"), ("script src=\"", "text/javascript")]
        {
            let seen = browser.get(&page.after(mark)).await;
            assert_eq!(seen.status, StatusCode::OK);
            assert!(seen.headers[header::CONTENT_TYPE].to_str().expect("text").starts_with(kind));
        }
        for path in ["/portal/x.css", "/login/a.js", "/static/login.css"] {
            assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "WB-12: {path}");
        }
    })
    .await;
}

async fn staff(store: &Store, clock: &dyn Clock, given: &str) -> Person {
    let chance = &OsRandomness;
    let source = kernel::SourceId::new(clock, chance);
    let person = Person {
        id: kernel::PersonId::new(clock, chance),
        state: PersonState::Active,
        names: Names {
            birth_family: Some("MARTIN".to_owned()),
            usage_family: None,
            given: Some(given.to_owned()),
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
    let account = Account {
        id: kernel::AccountId::new(clock, chance),
        source,
        external_key: ExternalKey("guid".to_owned()),
        person: Some(person.id),
        fields: AccountFields {
            login: "mmartin".to_owned(),
            upn: None,
            distinguished_name: "CN=mmartin".to_owned(),
            enabled: true,
            deleted: false,
            expires_at: None,
            must_change_password: false,
        },
        mail: None,
        first_seen: clock.now(),
    };
    let tx = store.begin().await.expect("begun");
    tx.people().insert(&person).await.expect("person");
    tx.posts().insert_all(&[post]).await.expect("post");
    tx.accounts().insert_all(&[account]).await.expect("account");
    let event = AuditEvent::PersonCreated { by: ActorId::Nobody, person: person.id, run: None };
    tx.commit(event).await.expect("committed");
    person
}
