use crate::guard::{Guard, Listener};
use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use kernel::{Actor, FixedClock, OsRandomness, PersonId, Secret};
use oidc::{ClientDraft, Notifier, NotifyError};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use store::{Place, Store};
use tower::ServiceExt;
use workflows::sandbox::Sandbox;
use workflows::{Parts, Workflows};

const ORIGIN: &str = "https://essai.hopital.test";
const TOKEN: &str = "an initial access token of forty characters";

struct Nobody;
#[async_trait]
impl Notifier for Nobody {
    async fn log_out(&self, _: &str, _: &str) -> Result<(), NotifyError> {
        Err(NotifyError::NotAllowed)
    }
    async fn ping(
        &self,
        _: &str,
        _: &Secret<String>,
        _: &Secret<String>,
    ) -> Result<(), NotifyError> {
        Err(NotifyError::NotAllowed)
    }
}

/// The public listener of an appliance, a sandbox or not.
async fn listener(folder: &std::path::Path, sandbox: bool) -> Router {
    let place = Place::Sqlite(folder.join("hygie.db"));
    routed(appliance(&place, folder, sandbox).await)
}

fn routed(workflows: Workflows) -> Router {
    crate::oidc::routes(workflows.clone())
        .merge(super::routes(workflows))
        .layer(Guard::headers_of(Listener::new(ORIGIN, &[])))
}

async fn appliance(place: &Place, folder: &std::path::Path, sandbox: bool) -> Workflows {
    let clock = Arc::new(FixedClock::at("2026-11-22T08:00:00Z"));
    let store = Store::open(place, clock.clone(), "test").await.expect("store");
    store.migrate::<migrations::Migrator>().await.expect("schema");
    let parts = Parts {
        store,
        clock,
        randomness: Arc::new(OsRandomness),
        keys: Arc::new(keystore::MasterKey::new(Secret::new([5; 32]))),
        sources: Arc::new(crate::oidc::tests::Nowhere),
        register: Arc::new(crate::oidc::tests::Nowhere),
        remote: Arc::new(identity::register::NoRemote),
        passwords: Arc::new(crate::oidc::tests::Nowhere),
        register_folder: folder.join("register"),
        public_host: "essai.hopital.test".to_owned(),
        public_origin: ORIGIN.to_owned(),
        admin_origin: "https://admin.hopital.test".to_owned(),
        rp_id: "hopital.test".to_owned(),
        zone: kernel::Zone::default(),
    };
    match sandbox {
        true => Workflows::of_sandbox(
            parts,
            Sandbox::new(Secret::new(TOKEN.to_owned()), Vec::new(), Arc::new(Nobody)),
        ),
        false => Workflows::new(parts),
    }
}

async fn call(router: &Router, request: Request<Body>) -> (StatusCode, Value) {
    let response = router.clone().oneshot(request).await.expect("answered");
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.expect("body");
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

fn asked(method: &str, path: &str, token: Option<&str>, body: &Value) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    request =
        request.header("content-type", "application/json").header("accept", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(Body::from(body.to_string())).expect("request")
}

fn form(path: &str, text: &str) -> Request<Body> {
    let request = Request::builder().method("POST").uri(path).header("accept", "application/json");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(Body::from(text.to_owned())).expect("request")
}

#[tokio::test]
async fn only_a_sandbox_registers_clients_and_plays_wrong_answers() {
    let folder = tempfile::tempdir().expect("folder");
    let router = listener(folder.path(), false).await;
    let wish = json!({ "redirect_uris": ["https://rp.test/cb"] });
    for (method, path) in [
        ("POST", "/oauth2/register"),
        ("GET", "/oauth2/register/dpi"),
        ("GET", "/sandbox"),
        ("POST", "/sandbox/checks"),
        ("GET", "/sandbox/op/x/.well-known/openid-configuration"),
        ("POST", "/sandbox/op/x/token"),
        ("POST", "/sandbox/ciba?token=x&type=allow"),
    ] {
        let (status, _) = call(&router, asked(method, path, Some(TOKEN), &wish)).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{method} {path}");
    }
    let discovery = asked("GET", "/.well-known/openid-configuration", None, &Value::Null);
    let (_, document) = call(&router, discovery).await;
    assert_eq!(document["issuer"], ORIGIN);
    assert_eq!(document.get("registration_endpoint"), None);
    assert_eq!(document["request_uri_parameter_supported"], false);
}

#[tokio::test]
async fn a_registered_client_is_shown_changed_and_ended_by_its_own_token_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let router = listener(folder.path(), true).await;
    let wish = json!({
        "redirect_uris": ["https://rp.test/cb"], "id_token_signed_response_alg": "ES256",
        "logo_uri": "https://rp.test/logo.png", "policy_uri": "https://rp.test/privacy",
        "tos_uri": "https://rp.test", "request_uris": ["https://rp.test/requests/1#hash"],
        "request_object_signing_alg": "RS256",
    });
    for token in [None, Some(""), Some("wrong"), Some(&TOKEN[1..])] {
        let (status, body) = call(&router, asked("POST", "/oauth2/register", token, &wish)).await;
        assert_eq!((status, &body["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_token")));
    }
    let register =
        async || call(&router, asked("POST", "/oauth2/register", Some(TOKEN), &wish)).await;
    let (status, one) = register().await;
    assert_eq!(status, StatusCode::CREATED, "{one}");
    let (_, other) = register().await;
    assert_eq!(one["client_secret_expires_at"], 0);
    for (name, value) in wish.as_object().expect("members") {
        assert_eq!(&one[name], value, "RFC 7591 §3.2.1: what was registered is told");
    }
    assert_ne!(one["client_secret"], other["client_secret"], "ANSSI-PA-080 R27: a secret each");
    let path = |client: &Value| {
        let address = client["registration_client_uri"].as_str().expect("text");
        address.strip_prefix(ORIGIN).expect("of this issuer").to_owned()
    };
    let token =
        |client: &Value| client["registration_access_token"].as_str().expect("text").to_owned();
    let (mine, theirs) = (token(&one), token(&other));
    let null = Value::Null;
    for wrong in [None, Some(theirs.as_str()), Some(TOKEN)] {
        for method in ["GET", "PUT", "DELETE"] {
            let (status, _) = call(&router, asked(method, &path(&one), wrong, &wish)).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {wrong:?}");
        }
    }
    let (status, shown) = call(&router, asked("GET", &path(&one), Some(&mine), &null)).await;
    assert_eq!((status, &shown["client_id"]), (StatusCode::OK, &one["client_id"]));
    assert_eq!(shown.get("client_secret"), None, "shown once");
    let named = json!({ "redirect_uris": ["https://rp.test/other"], "client_name": "Autre" });
    let (_, changed) = call(&router, asked("PUT", &path(&one), Some(&mine), &named)).await;
    assert_eq!(changed["redirect_uris"], json!(["https://rp.test/other"]));
    let (status, _) = call(&router, asked("DELETE", &path(&one), Some(&mine), &null)).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (status, _) = call(&router, asked("GET", &path(&one), Some(&mine), &null)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "its token ended with it");
}

/// Conformance: `oidcc-registration-logo-uri` wants it seen. No real login tells its host anything:
/// `what_an_application_says_of_itself_is_linked_to_and_never_loaded`.
#[tokio::test]
async fn a_sandbox_shows_the_logo_of_a_client_on_its_login_page() {
    let folder = tempfile::tempdir().expect("folder");
    let place = Place::Sqlite(folder.path().join("hygie.db"));
    let workflows = appliance(&place, folder.path(), true).await;
    let router = routed(workflows.clone()).merge(crate::login::public_routes(workflows));
    let wish = json!({
        "redirect_uris": ["https://rp.test/cb"], "logo_uri": "https://rp.test:8443/logo.png?a=1&b=2",
    });
    let (_, client) = call(&router, asked("POST", "/oauth2/register", Some(TOKEN), &wish)).await;
    let client_id = client["client_id"].as_str().expect("an id");
    let path = format!(
        "/oauth2/authorize?response_type=code&client_id={client_id}&scope=openid&redirect_uri=https%3A%2F%2Frp.test%2Fcb"
    );
    let sent = router.clone().oneshot(asked("GET", &path, None, &Value::Null)).await;
    let sent = sent.expect("answered");
    let text = |name: &str| sent.headers()[name].to_str().expect("text").to_owned();
    let cookie = text("set-cookie").split(';').next().expect("a pair").to_owned();
    let mut page = asked("GET", &text("location"), None, &Value::Null);
    page.headers_mut().insert("cookie", cookie.parse().expect("a header"));
    let page = router.oneshot(page).await.expect("answered");
    let policy = page.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.contains("img-src 'self' https://rp.test:8443;"), "{policy}");
    let bytes = to_bytes(page.into_body(), 1 << 20).await.expect("body");
    let body = String::from_utf8(bytes.to_vec()).expect("text");
    let image = "<img id=\"hy-logo\" src=\"https://rp.test:8443/logo.png?a=1&amp;b=2\"";
    assert!(body.contains(image), "{body}");
}

#[tokio::test]
async fn what_the_house_set_of_a_registered_client_stays_when_its_program_changes_it() {
    databases::on_each(async |place, folder| {
        let workflows = appliance(&place, folder.path(), true).await;
        let router = routed(workflows.clone());
        let wish = json!({ "redirect_uris": ["https://rp.test/cb"] });
        let (_, made) = call(&router, asked("POST", "/oauth2/register", Some(TOKEN), &wish)).await;
        let client_id = made["client_id"].as_str().expect("an id");
        let known = async || {
            let client = workflows.store().read().clients().named(client_id).await;
            client.expect("read").expect("registered")
        };
        let actor = Actor::command_line(0);
        let owner = PersonId::new(&*workflows.parts().clock, &OsRandomness);
        let mut draft = ClientDraft::from(&known().await);
        (draft.sensitive, draft.owners) = (true, [owner].into());
        let client = known().await;
        let changed = workflows.change_client(&actor, client.id, client.version, draft, true).await;
        changed.expect("set by the house");
        let path = format!("/oauth2/register/{client_id}");
        let token = made["registration_access_token"].as_str().expect("text");
        let named = json!({ "redirect_uris": ["https://rp.test/other"], "client_name": "Autre" });
        let (status, body) = call(&router, asked("PUT", &path, Some(token), &named)).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let now = known().await;
        assert_eq!((now.name.as_str(), now.settings.sensitive), ("Autre", true));
        assert!(now.settings.owners.contains(&owner));
    })
    .await;
}

#[tokio::test]
async fn a_check_answers_by_its_own_name_alone_and_plays_what_was_armed_once() {
    let folder = tempfile::tempdir().expect("folder");
    let router = listener(folder.path(), true).await;
    let begin = "name=DPI&redirect_uri=https%3A%2F%2Frp.test%2Fcb&post_logout_redirect_uri=&backchannel_logout_uri=";
    let begun = call(&router, form("/sandbox/checks", begin)).await;
    assert_eq!(begun.0, StatusCode::OK, "{begun:?}");
    let check = begun.1;
    let name = check["check"].as_str().expect("a name").to_owned();
    for path in ["report.json", "replay"] {
        let unknown =
            asked("GET", &format!("/sandbox/checks/{}/{path}", "0".repeat(32)), None, &Value::Null);
        assert_eq!(call(&router, unknown).await.0, StatusCode::NOT_FOUND);
    }
    call(&router, form(&format!("/sandbox/checks/{name}/next"), "play=other_state")).await;
    let authorize = async || {
        let client = check["client_id"].as_str().expect("text");
        let path = format!(
            "/sandbox/op/{name}/authorize?response_type=code&client_id={client}&state=mine&redirect_uri=https%3A%2F%2Fevil.test%2F"
        );
        let request = Request::builder().uri(path).body(Body::empty()).expect("request");
        let response = router.clone().oneshot(request).await.expect("answered");
        response.headers()["location"].to_str().expect("text").to_owned()
    };
    let armed = authorize().await;
    assert!(
        armed.starts_with("https://rp.test/cb?"),
        "the registered address, whatever is asked: {armed}"
    );
    assert!(!armed.contains("state=mine"));
    let next = authorize().await;
    assert!(next.contains("state=mine"), "wrong once, then right again: {next}");
    for bad in ["redirect_uri=javascript%3A1", "redirect_uri=http%3A%2F%2Frp.test%2Fcb"] {
        assert_eq!(call(&router, form("/sandbox/checks", bad)).await.0, StatusCode::BAD_REQUEST);
    }
}

/// What one network begins pushes out nobody else's, and no check grows without end.
#[tokio::test]
async fn a_network_that_begins_many_checks_waits_and_nobody_else_does() {
    let folder = tempfile::tempdir().expect("folder");
    let router = listener(folder.path(), true).await;
    let begin = async |from: &str| {
        let mut request = form("/sandbox/checks", "redirect_uri=https%3A%2F%2Frp.test%2Fcb");
        let peer: SocketAddr = from.parse().expect("an address");
        request.extensions_mut().insert(ConnectInfo(peer));
        call(&router, request).await
    };
    for _ in 0..61 {
        assert_eq!(begin("[2001:db8::1]:40000").await.0, StatusCode::OK);
    }
    let (status, told) = begin("[2001:db8::2:3]:40000").await;
    assert_eq!(
        (status, &told["error"]),
        (StatusCode::TOO_MANY_REQUESTS, &json!("too_many_checks")),
        "the same network"
    );
    let (status, check) = begin("[2001:db8:1::1]:40000").await;
    assert_eq!(status, StatusCode::OK, "another one");
    let (name, client) = (&check["check"], check["client_id"].as_str().expect("text"));
    let path = format!(
        "/sandbox/op/{}/authorize?response_type=code&client_id={client}&state={}",
        name.as_str().expect("a name"),
        "s".repeat(8_000)
    );
    let visit = async || {
        let request = Request::builder().uri(&path).body(Body::empty()).expect("request");
        router.clone().oneshot(request).await.expect("answered").status()
    };
    for _ in 0..9 {
        assert_eq!(visit().await, StatusCode::SEE_OTHER);
    }
    assert_eq!(visit().await, StatusCode::CONFLICT, "72 kB are kept");
}
