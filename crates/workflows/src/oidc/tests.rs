//! The provider's use cases on a real database: SQLite, and PostgreSQL where `HYGIE_TEST_PG` names a server.
use super::{
    AuthorizeAnswer, AuthorizeVisit, CreateClient, LogoutAnswer, LogoutVisit, OidcError,
    ProviderLinks,
};
use crate::issue::Ask;
use crate::sandbox::Sandbox;
use crate::{Parts, Workflows};
use ::oidc::{
    AccessTokenText, AuthMethod, Client, ClientDraft, ClientKeySource, ClientSecret, LogoutRequest,
    Notifier, NotifyError, Profile, ShownToken, TokenResponse, TokenScheme, parse_authorize,
    parse_token_request,
};
use async_trait::async_trait;
use audit::{AuditEvent, Code};
use authentication::{
    DirectoryAccount, DirectoryVerdict, Factor, Holder, Means, MeansKind, MeansStatus, Password,
    PasswordCheck, PasswordCheckError, Place, Proof, ProofOf,
};
use chrono::Duration;
use directory::{Account, Channel, NationalIdentity, Person, PersonState, Post};
use identity::register::{Guards, RegisterFault, RegisterOpener, RegisterReading};
use identity::{
    AccountFields, BirthPlace, ExternalKey, Names, PostFields, Source, SourceError, SourceOpener,
};
use kernel::{
    Actor, ActorId, Clock, FixedClock, Handle, HandleKind, Secret, SeededRandomness,
    SigningAlgorithm,
};
use serde_json::Value;
use sessions::{CloseReason, Grant, OpenedBy, Opening, Session, SessionLimits};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use store::{Counter, Place as StorePlace, PostgresUrl, Store, Transaction};

/// What makes the house one for editors; nobody registers or is called in these tests.
fn essay() -> Sandbox {
    let token = Secret::new("an initial access token of forty characters".to_owned());
    Sandbox::new(token, Vec::new(), Arc::new(Nowhere))
}

struct Nowhere;
#[async_trait]
impl Notifier for Nowhere {
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

/// Where clients publish their keys, and what was asked for.
#[derive(Default)]
struct Published {
    keys: Mutex<Option<String>>,
    asked: AtomicU32,
    last: Mutex<String>,
}
#[async_trait]
impl ClientKeySource for Published {
    async fn fetch(&self, address: &str) -> Result<String, NotifyError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        address.clone_into(&mut self.last.lock().expect("last"));
        self.keys.lock().expect("keys").clone().ok_or(NotifyError::TimedOut)
    }
}

/// A hospital of one doctor, who is logged in with a key, and one DPI.
struct House {
    workflows: Workflows,
    clock: Arc<FixedClock>,
    client: Client,
    secret: ClientSecret,
    person: Person,
    post: Post,
    account: Account,
    means: Means,
    session: Session,
    published: Arc<Published>,
    place: StorePlace,
    _folder: tempfile::TempDir,
}

#[expect(clippy::disallowed_methods, reason = "tests are told where their server is")]
fn postgres_server() -> Option<String> {
    let server = std::env::var("HYGIE_TEST_PG").ok();
    assert!(server.is_some() || std::env::var("CI").is_err(), "HYGIE_TEST_PG names no server");
    server
}

async fn on_each(test: impl AsyncFn(House)) {
    on_each_of(false, test).await;
}

/// The same in an appliance for editors.
async fn on_each_sandbox(test: impl AsyncFn(House)) {
    on_each_of(true, test).await;
}

async fn on_each_of(sandbox: bool, test: impl AsyncFn(House)) {
    let folder = tempfile::tempdir().expect("folder");
    let file = StorePlace::Sqlite(folder.path().join("hygie.db"));
    test(House::open(file, folder, sandbox).await).await;
    let Some(server) = postgres_server() else {
        eprintln!("not run on PostgreSQL: HYGIE_TEST_PG names no server");
        return;
    };
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let name = format!("o{}_{number}", std::process::id());
    store_database(&server, &name).await;
    let folder = tempfile::tempdir().expect("folder");
    let place = StorePlace::Postgres(PostgresUrl(format!("{server}{name}")));
    test(House::open(place, folder, sandbox).await).await;
}

/// Made by a plain connection, since the store only opens what is there.
async fn store_database(server: &str, name: &str) {
    use sqlx::Connection;
    let mut admin =
        sqlx::PgConnection::connect(&format!("{server}postgres")).await.expect("server");
    let statement = format!("CREATE DATABASE {name}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut admin).await.expect("database");
}

fn parts(store: Store, clock: Arc<FixedClock>, seed: u64, folder: &Path) -> Parts {
    Parts {
        store,
        clock,
        randomness: Arc::new(SeededRandomness::new(seed)),
        keys: Arc::new(keystore::MasterKey::new(Secret::new([5; 32]))),
        sources: Arc::new(Nowhere),
        register: Arc::new(Nowhere),
        remote: Arc::new(identity::register::NoRemote),
        passwords: Arc::new(Nowhere),
        register_folder: folder.join("register"),
        public_host: "hygie.hopital.test".to_owned(),
        public_origin: "https://hygie.hopital.test".to_owned(),
        admin_origin: "https://admin.hopital.test".to_owned(),
        rp_id: "hopital.test".to_owned(),
        zone: kernel::Zone::default(),
    }
}

impl House {
    async fn open(place: StorePlace, folder: tempfile::TempDir, sandbox: bool) -> Self {
        let clock = Arc::new(FixedClock::at("2026-11-22T08:00:00Z"));
        let store = Store::open(&place, clock.clone(), "test").await.expect("store");
        store.migrate::<migrations::Migrator>().await.expect("schema");
        let parts = parts(store, clock.clone(), 77, folder.path());
        let workflows = match sandbox {
            false => Workflows::new(parts),
            true => Workflows::of_sandbox(parts, essay()),
        };
        let published = Arc::new(Published::default());
        workflows.connect_provider(ProviderLinks {
            mtls_origin: Some("https://mtls.hopital.test".to_owned()),
            client_keys: published.clone(),
            pace: std::num::NonZeroU32::new(100).map(::oidc::Pace),
        });
        let actor = Actor::command_line(0);
        let mut draft = ClientDraft::new("DPI", Profile::Standard, AuthMethod::ClientSecretPost);
        draft.redirect_uris = vec!["https://dpi.test/cb".to_owned()];
        draft.post_logout_redirect_uris = vec!["https://dpi.test/bye".to_owned()];
        draft.claims = ["rpps".to_owned()].into();
        // A key of another kind than the default, so that tests do not wait for RSA.
        draft.id_token_algorithm = Some(SigningAlgorithm::Es256);
        let wish = CreateClient { client_id: Some("dpi".to_owned()), draft };
        let created = workflows.create_client(&actor, wish).await.expect("client");
        let person = doctor(&workflows);
        let (post, account) = (post_of(&workflows, &person), account_of(&workflows, &person));
        let means = key_of(&workflows, &person);
        let national = NationalIdentity {
            id: workflows.id(),
            person: person.id,
            id_nat: "899900001233".parse().expect("IdNat"),
            channel: Channel::HumanDecided,
            evidence: "{}".to_owned(),
            decided_by: ActorId::CommandLine { uid: 0 },
            verified_at: workflows.now(),
            next_check: workflows.today() + Duration::days(730),
        };
        let tx = workflows.store().begin().await.expect("begun");
        tx.people().insert(&person).await.expect("person");
        tx.posts().insert_all(std::slice::from_ref(&post)).await.expect("post");
        tx.accounts().insert_all(std::slice::from_ref(&account)).await.expect("account");
        tx.means().insert(&means).await.expect("means");
        tx.national_identities().insert(&national).await.expect("link");
        tx.commit(noted(&person)).await.expect("committed");
        let session = open_session(&workflows, &person, &means).await;
        let secret = created.secret.expect("a confidential client");
        let client = created.client;
        Self {
            workflows,
            clock,
            client,
            secret,
            person,
            post,
            account,
            means,
            session,
            published,
            place,
            _folder: folder,
        }
    }

    /// Three nodes on one PostgreSQL, each with connections of its own; SQLite has one.
    async fn nodes(&self) -> Vec<Workflows> {
        let mut nodes = vec![self.workflows.clone()];
        let more = match self.place {
            StorePlace::Postgres(_) => 2,
            StorePlace::Sqlite(_) => 0,
        };
        for number in 0..more {
            let name = format!("node-{number}");
            let store = Store::open(&self.place, self.clock.clone(), &name).await;
            let store = store.expect("the same database");
            let folder = self._folder.path();
            nodes.push(Workflows::new(parts(store, self.clock.clone(), 100 + number, folder)));
        }
        nodes
    }

    /// An authorization request, the good one but for these members (an empty one is left out).
    async fn authorize(&self, changes: &[(&str, &str)]) -> AuthorizeAnswer {
        let good = [
            ("response_type", "code"),
            ("client_id", "dpi"),
            ("redirect_uri", "https://dpi.test/cb"),
            ("scope", "openid profile"),
            ("state", "s"),
            ("nonce", "n-1"),
        ];
        let kept = good.iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
        let pairs: Vec<_> =
            kept.chain(changes).map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let parameters = parse_authorize(&pairs).expect("readable");
        let session = self.workflows.store().read().sessions().find(self.session.id).await;
        let session = session.expect("read");
        let visit = AuthorizeVisit {
            parameters: &parameters,
            session: session.as_ref(),
            asked_at: self.workflows.now(),
            put_off: false,
            consents: None,
        };
        self.workflows.authorize(&visit).await.expect("answered")
    }

    async fn code(&self, changes: &[(&str, &str)]) -> String {
        match told(self.authorize(changes).await) {
            Told::Code(code) => code,
            Told::Other(other) => panic!("no code: {other}"),
        }
    }

    async fn redeem_with(
        &self,
        client_id: &str,
        secret: &str,
        form: &[(&str, &str)],
    ) -> Result<TokenResponse, &'static str> {
        let form: Vec<_> = [("client_id", client_id), ("client_secret", secret)]
            .iter()
            .chain(form)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        asked_of(&self.workflows, &form).await
    }

    async fn redeem(&self, code: &str) -> Result<TokenResponse, &'static str> {
        self.redeem_at(&self.workflows, code).await
    }

    async fn redeem_at(&self, node: &Workflows, code: &str) -> Result<TokenResponse, &'static str> {
        let form = [
            ("client_id", "dpi"),
            ("client_secret", self.secret.expose()),
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", "https://dpi.test/cb"),
        ];
        asked_of(node, &form.map(|(name, value)| (name.to_owned(), value.to_owned()))).await
    }

    async fn userinfo(&self, token: &Secret<String>) -> Result<Value, &'static str> {
        let shown = ShownToken {
            token: AccessTokenText::parse(token.expose()).expect("a token"),
            scheme: TokenScheme::Bearer,
            channel: ::oidc::Channel::default(),
        };
        self.shown(&shown).await
    }

    async fn shown(&self, shown: &ShownToken) -> Result<Value, &'static str> {
        match self.workflows.userinfo(shown).await {
            Ok(super::Told::Plain(claims)) => Ok(Value::Object(claims)),
            Ok(super::Told::Signed(token)) => Ok(Value::String(token)),
            Err(OidcError::Refused { error, .. }) => Err(error.code.name()),
            Err(other) => panic!("failed: {other}"),
        }
    }

    async fn write(&self, act: impl AsyncFnOnce(&Transaction)) {
        let tx = self.workflows.store().begin().await.expect("begun");
        act(&tx).await;
        tx.commit(noted(&self.person)).await.expect("committed");
    }

    /// Names of the events so far, oldest first.
    async fn events(&self) -> Vec<String> {
        let entries = self.workflows.store().read().audit().unsealed(1_000).await.expect("read");
        entries.into_iter().map(|entry| entry.event).collect()
    }
}

async fn asked_of(
    node: &Workflows,
    form: &[(String, String)],
) -> Result<TokenResponse, &'static str> {
    let request = parse_token_request(form, &[], None).expect("readable");
    node.give_tokens(&request).await.map_err(|error| match error {
        OidcError::Refused { error, .. } => error.code.name(),
        other => panic!("failed: {other}"),
    })
}

enum Told {
    Code(String),
    Other(String),
}

fn told(answer: AuthorizeAnswer) -> Told {
    match answer {
        AuthorizeAnswer::Return { members, .. } => {
            assert_eq!(members.last().map(|(name, _)| *name), Some("iss"), "RFC 9207");
            let (name, value) = members.into_iter().next().expect("members");
            if name == "code" { Told::Code(value) } else { Told::Other(value) }
        }
        AuthorizeAnswer::Login { reason, .. } => Told::Other(format!("login {reason:?}")),
        AuthorizeAnswer::NotEnough { has_key, .. } => Told::Other(format!("not enough {has_key}")),
        AuthorizeAnswer::NoIdentity { .. } => Told::Other("no identity".to_owned()),
        AuthorizeAnswer::Consent { application, .. } => Told::Other(format!("asks {application}")),
        AuthorizeAnswer::Exercise { choices, .. } => {
            let words: Vec<&str> = choices.iter().map(|one| one.profession.as_str()).collect();
            Told::Other(format!("which of {}", words.join(", ")))
        }
        AuthorizeAnswer::Page { error, .. } => Told::Other(format!("page {}", error.code.name())),
    }
}

fn noted(person: &Person) -> AuditEvent {
    let fields = vec![Code::of("test")];
    AuditEvent::PersonChanged { by: ActorId::Nobody, person: person.id, run: None, fields }
}

fn doctor(workflows: &Workflows) -> Person {
    let names = Names {
        birth_family: Some("MARTIN".to_owned()),
        usage_family: Some("LE GOFF".to_owned()),
        given: Some("Anne-Sophie".to_owned()),
        usual_given: None,
    };
    Person {
        id: workflows.id(),
        state: PersonState::Active,
        names,
        sex: None,
        birth_date: None,
        birth_place: BirthPlace::default(),
        mail: Some("as.legoff@hopital.test".to_owned()),
        declared_rpps: None,
        closing: None,
        created_at: workflows.now(),
        version: 1,
    }
}

fn post_of(workflows: &Workflows, person: &Person) -> Post {
    let fields = PostFields {
        matricule: "000042".parse().expect("matricule"),
        finess_ej: Some("990000010".parse().expect("FINESS")),
        finess_et: None,
        unit_code: Some("3A".to_owned()),
        unit_label: Some("Cardiologie 3A".to_owned()),
        function_label: None,
        profession: None,
        contract_kind: None,
        starts_on: None,
        ends_on: None,
    };
    Post { id: workflows.id(), person: person.id, source: workflows.id(), fields }
}

fn account_of(workflows: &Workflows, person: &Person) -> Account {
    Account {
        id: workflows.id(),
        source: workflows.id(),
        external_key: ExternalKey("0f".to_owned()),
        person: Some(person.id),
        fields: AccountFields {
            login: "aslegoff".to_owned(),
            upn: None,
            distinguished_name: "CN=x".to_owned(),
            enabled: true,
            deleted: false,
            expires_at: None,
            must_change_password: false,
        },
        mail: None,
        first_seen: workflows.now(),
    }
}

fn key_of(workflows: &Workflows, person: &Person) -> Means {
    Means {
        id: workflows.id(),
        kind: MeansKind::Fido2,
        status: MeansStatus::Active,
        holder: Some(Holder::Person(person.id)),
        label: "clé".to_owned(),
        serial: None,
        enrolment: None,
        verifier: None,
        issued_at: workflows.now(),
        activated_at: Some(workflows.now()),
        expires_at: None,
        last_used_at: None,
        version: 1,
    }
}

async fn open_session(workflows: &Workflows, person: &Person, means: &Means) -> Session {
    let place = Place { network: "10.0.0.1".into(), zone: "outside".into() };
    let factors = [Factor::Possession, Factor::UserVerification].into();
    let of = ProofOf::Means(means.id);
    let proof = Proof::recalled(of, MeansKind::Fido2, factors, false, workflows.now(), place);
    open_session_by(workflows, person, proof).await
}

async fn open_session_by(workflows: &Workflows, person: &Person, proof: Proof) -> Session {
    let proofs = vec![proof];
    let tx = workflows.store().begin().await.expect("begun");
    let ask = Ask {
        grant: Grant::Session,
        person: person.id,
        proofs: &proofs,
        session: None,
        client: None,
        operator: None,
    };
    let leave = workflows.may_issue(&tx, &ask).await.expect("read").verdict.expect("in order");
    let hash = |kind| Handle::new(kind, workflows.randomness()).hash();
    let opening = Opening {
        session: workflows.id(),
        sid: workflows.id(),
        handle: hash(HandleKind::Session),
        browser: hash(HandleKind::Browser),
        epoch: 0,
    };
    let by = OpenedBy { person: person.id, operator: None, proofs };
    let session = Session::open(&leave, opening, by, SessionLimits::PUBLIC, workflows.now());
    let session = session.expect("a session");
    tx.sessions().insert(&session).await.expect("session");
    tx.commit(noted(person)).await.expect("committed");
    session
}

fn claims_of(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("payload");
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, payload);
    serde_json::from_slice(&bytes.expect("base64url")).expect("JSON")
}

mod ciba_plan;
mod consents;
mod contested;
mod elsewhere;
mod exercises;
mod grants;
mod identities;
mod logout_calls;
mod not_enough;
mod pings;
mod quota;
mod request_addresses;
mod rotation;

#[tokio::test]
async fn a_doctor_opens_the_dpi_and_the_dpi_learns_who_she_is() {
    on_each(async |house| {
        let claims = r#"{"userinfo":{"rpps":null},"id_token":{"rpps":null}}"#;
        let code = house.code(&[("claims", claims)]).await;
        let tokens = house.redeem(&code).await.expect("tokens");
        let id_token = claims_of(&tokens.id_token);
        for (name, expected) in [
            ("iss", "https://hygie.hopital.test"),
            ("aud", "dpi"),
            ("nonce", "n-1"),
            ("acr", "eidas2"),
            ("rpps", "99900001233"),
            ("sub", &house.person.id.to_string()),
            ("sid", &house.session.sid.to_string()),
        ] {
            assert_eq!(id_token[name], expected, "{name}");
        }
        assert_eq!(id_token["amr"], serde_json::json!(["swk", "user", "mfa"]));
        assert_eq!(id_token["auth_time"], house.workflows.now().timestamp());
        let info = house.userinfo(&tokens.access_token).await.expect("claims");
        assert_eq!(info["sub"], id_token["sub"]);
        assert_eq!(info["name"], "Anne-Sophie LE GOFF");
        assert_eq!(info["preferred_username"], "aslegoff");
        assert_eq!(info["rpps"], "99900001233");
        assert!(info.get("email").is_none(), "not granted");
        let events = house.events().await;
        assert!(events.ends_with(&["code_issued".to_owned(), "token_issued".to_owned()]));
    })
    .await;
}

#[tokio::test]
async fn op_03_any_attempt_burns_the_code() {
    on_each(async |house| {
        let actor = Actor::command_line(0);
        let mut draft = ClientDraft::new("Labo", Profile::Standard, AuthMethod::ClientSecretPost);
        draft.redirect_uris = vec!["https://dpi.test/cb".to_owned()];
        draft.id_token_algorithm = Some(SigningAlgorithm::Es256);
        let wish = CreateClient { client_id: Some("labo".to_owned()), draft };
        let labo = house.workflows.create_client(&actor, wish).await.expect("client");
        let labo_secret = labo.secret.expect("secret");
        let dpi = house.secret.expose();
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let wrong = "eBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let good = ("redirect_uri", "https://dpi.test/cb");
        for (client, secret, shown, reason) in [
            ("labo", labo_secret.expose(), vec![good, ("code_verifier", verifier)], "other_client"),
            (
                "dpi",
                dpi,
                vec![("redirect_uri", "https://dpi.test/cb2"), ("code_verifier", verifier)],
                "other_redirect_uri",
            ),
            ("dpi", dpi, vec![good, ("code_verifier", wrong)], "verifier_wrong"),
            ("dpi", dpi, vec![good], "verifier_missing"),
        ] {
            let pkce = [("code_challenge", challenge), ("code_challenge_method", "S256")];
            let code = house.code(&pkce).await;
            let grant = [("grant_type", "authorization_code"), ("code", code.as_str())];
            let first = [&grant[..], &shown].concat();
            let refused = house.redeem_with(client, secret, &first).await;
            assert_eq!(refused.err(), Some("invalid_grant"), "{reason}");
            let right = [&grant[..], &[good, ("code_verifier", verifier)]].concat();
            let late = house.redeem_with("dpi", dpi, &right).await;
            assert_eq!(late.err(), Some("invalid_grant"), "{reason}, then rightly");
            let events = house.events().await;
            let misused = events.iter().rev().take_while(|name| *name != "code_issued");
            assert!(misused.clone().all(|name| name == "code_misused"), "{reason}");
            assert_eq!(misused.count(), 2, "{reason}");
        }
    })
    .await;
}

#[tokio::test]
async fn op_06_a_replayed_code_takes_back_what_it_gave() {
    on_each(async |house| {
        let code = house.code(&[]).await;
        let tokens = house.redeem(&code).await.expect("tokens");
        assert!(house.userinfo(&tokens.access_token).await.is_ok());
        assert_eq!(house.redeem(&code).await.err(), Some("invalid_grant"));
        assert_eq!(house.userinfo(&tokens.access_token).await.err(), Some("invalid_token"));
        // At a barrier: of many at once a single one is served, and then nothing of it lives.
        let code = house.code(&[]).await;
        let attempts = (0..20).map(|_| house.redeem(&code));
        let mut served = Vec::new();
        for outcome in futures(attempts).await {
            served.extend(outcome.ok());
        }
        assert_eq!(served.len(), 1);
        let dead = house.userinfo(&served[0].access_token).await;
        assert_eq!(dead.err(), Some("invalid_token"));
    })
    .await;
}

/// Fifty at once, at every node in turn: one is served, and then nothing of it lives at any of them.
#[tokio::test]
async fn op_06_fifty_redemptions_at_three_nodes_are_served_once() {
    on_each(async |house| {
        let nodes = house.nodes().await;
        for _ in 0..3 {
            let code = house.code(&[]).await;
            let attempts = nodes.iter().cycle().take(50).map(|node| house.redeem_at(node, &code));
            let outcomes = futures(attempts).await;
            let served: Vec<_> = outcomes.iter().filter_map(|told| told.as_ref().ok()).collect();
            assert_eq!((outcomes.len(), served.len()), (50, 1));
            assert!(
                outcomes
                    .iter()
                    .flat_map(|told| told.as_ref().err())
                    .all(|code| *code == "invalid_grant")
            );
            for node in &nodes {
                let shown = ShownToken {
                    token: AccessTokenText::parse(served[0].access_token.expose())
                        .expect("a token"),
                    scheme: TokenScheme::Bearer,
                    channel: ::oidc::Channel::default(),
                };
                let told = node.userinfo(&shown).await;
                assert!(matches!(told, Err(OidcError::Refused { .. })), "it lives on");
            }
        }
        let events = house.events().await;
        let issued = events.iter().filter(|name| *name == "token_issued").count();
        assert_eq!(issued, 3, "{events:?}");
    })
    .await;
}

/// All of them, polled together.
async fn futures<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = all.map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = running.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, done) in running.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(output) = future.as_mut().poll(context)
            {
                *done = Some(output);
            }
        }
        if done.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

/// What may happen to somebody between a login and the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mishap {
    None,
    PersonSuspended,
    PersonClosed,
    PostOver,
    AccountDisabled,
    AccountDeleted,
    MeansSuspended,
    MeansRevoked,
    SessionClosed,
    ClientDisabled,
    Restored,
}

impl House {
    async fn meet(&self, mishap: Mishap) {
        let person = |state| Person { state, ..self.person.clone() };
        let account = |change: &dyn Fn(&mut AccountFields)| {
            let mut account = self.account.clone();
            change(&mut account.fields);
            account
        };
        let means = |status| Means { status, ..self.means.clone() };
        self.write(async |tx| match mishap {
            Mishap::None => {}
            Mishap::PersonSuspended => {
                tx.people().save(&person(PersonState::Suspended)).await.expect("saved");
            }
            Mishap::PersonClosed => {
                tx.people().save(&person(PersonState::Closed)).await.expect("saved");
            }
            Mishap::PostOver => {
                let mut post = self.post.clone();
                post.fields.ends_on = Some(self.workflows.today() - Duration::days(1));
                let posts = [post];
                let replaced = tx.posts().replace(self.person.id, self.post.source, &posts).await;
                replaced.expect("saved");
            }
            Mishap::AccountDisabled => {
                let account = account(&|fields| fields.enabled = false);
                tx.accounts().save(&account).await.expect("saved");
            }
            Mishap::AccountDeleted => {
                let account = account(&|fields| fields.deleted = true);
                tx.accounts().save(&account).await.expect("saved");
            }
            Mishap::MeansSuspended => {
                tx.means().save(&means(MeansStatus::Suspended)).await.expect("saved");
            }
            Mishap::MeansRevoked => {
                tx.means().save(&means(MeansStatus::Revoked)).await.expect("saved");
            }
            Mishap::SessionClosed => {
                let closed =
                    self.session.clone().close(CloseReason::EndedByOperator, self.clock.now());
                tx.sessions().save(&closed.expect("open")).await.expect("saved");
            }
            Mishap::ClientDisabled => {
                let client = tx.clients().find(self.client.id).await.expect("read");
                let client = Client { enabled: false, ..client.expect("a client") };
                tx.clients().save(&client).await.expect("saved");
            }
            Mishap::Restored => {
                tx.counters().raise(Counter::RestoreEpoch).await.expect("raised");
            }
        })
        .await;
    }
}

#[tokio::test]
async fn op_08_nothing_is_issued_to_who_is_no_longer_in_order() {
    use Mishap::*;
    for (mishap, authorize, token, userinfo) in [
        (None, "code", "ok", "ok"),
        (PersonSuspended, "access_denied", "invalid_grant", "invalid_token"),
        (PersonClosed, "access_denied", "invalid_grant", "invalid_token"),
        (PostOver, "access_denied", "invalid_grant", "invalid_token"),
        (AccountDisabled, "access_denied", "invalid_grant", "invalid_token"),
        (AccountDeleted, "access_denied", "invalid_grant", "invalid_token"),
        (MeansSuspended, "access_denied", "invalid_grant", "invalid_token"),
        (MeansRevoked, "access_denied", "invalid_grant", "invalid_token"),
        (SessionClosed, "login NobodyThere", "invalid_grant", "invalid_token"),
        (ClientDisabled, "page invalid_request", "invalid_client", "invalid_token"),
        (Restored, "login NobodyThere", "invalid_grant", "invalid_token"),
    ] {
        on_each(async |house| {
            let before = house.code(&[]).await;
            let code = house.code(&[]).await;
            let tokens = house.redeem(&before).await.expect("tokens");
            house.meet(mishap).await;
            let asked = match told(house.authorize(&[]).await) {
                Told::Code(_) => "code".to_owned(),
                Told::Other(other) => other,
            };
            assert_eq!(asked, authorize, "{mishap:?}");
            let redeemed = house.redeem(&code).await.map_or_else(|error| error, |_| "ok");
            assert_eq!(redeemed, token, "{mishap:?}");
            let info = house.userinfo(&tokens.access_token).await;
            assert_eq!(info.map_or_else(|error| error, |_| "ok"), userinfo, "{mishap:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn codes_and_tokens_end_with_time() {
    on_each(async |house| {
        let code = house.code(&[]).await;
        house.clock.advance(Duration::seconds(62));
        assert_eq!(house.redeem(&code).await.err(), Some("invalid_grant"));
        let code = house.code(&[]).await;
        let tokens = house.redeem(&code).await.expect("tokens");
        house.clock.advance(Duration::seconds(299));
        assert!(house.userinfo(&tokens.access_token).await.is_ok());
        house.clock.advance(Duration::seconds(1));
        assert_eq!(house.userinfo(&tokens.access_token).await.err(), Some("invalid_token"));
    })
    .await;
}

#[tokio::test]
async fn op_10_a_wrong_secret_does_not_reach_the_code() {
    on_each(async |house| {
        let code = house.code(&[]).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", "https://dpi.test/cb"),
        ];
        for (client, secret) in [("dpi", "wrong"), ("dpi", ""), ("nobody", "x")] {
            let refused = house.redeem_with(client, secret, &form).await;
            assert_eq!(refused.err(), Some("invalid_client"), "{client} {secret}");
        }
        assert!(house.redeem(&code).await.is_ok(), "whoever cannot prove itself burns nothing");
    })
    .await;
}

/// What was read of a client before opens nothing once it is another: the act that gives looks again.
#[tokio::test]
async fn op_10_a_client_that_changed_is_served_as_it_is_now() {
    on_each(async |house| {
        let actor = Actor::command_line(0);
        let nodes = house.nodes().await;
        for node in &nodes {
            let code = house.code(&[]).await;
            assert!(house.redeem_at(node, &code).await.is_ok(), "known from here on");
        }
        let form = |code: &str, secret: &str| {
            [
                ("client_id", "dpi"),
                ("client_secret", secret),
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", "https://dpi.test/cb"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        let first = &nodes[0];
        let next = first.rotate_client_secret(&actor, house.client.id).await.expect("another");
        for node in &nodes {
            let code = house.code(&[]).await;
            let old = asked_of(node, &form(&code, house.secret.expose())).await;
            assert_eq!(old.err(), Some("invalid_client"));
            let new = asked_of(node, &form(&code, next.expose())).await;
            assert!(new.is_ok(), "the wrong secret burnt nothing");
        }
        // A setting counts at once too: from now on it is given refresh tokens.
        house.secure(|security| security.refresh_seconds = Some(3600)).await;
        for node in &nodes {
            let code = house.code(&[]).await;
            let tokens = asked_of(node, &form(&code, next.expose())).await.expect("tokens");
            assert!(tokens.refresh_token.is_some());
        }
        let codes = [house.code(&[]).await, house.code(&[]).await, house.code(&[]).await];
        let read = first.show_client(&actor, house.client.id).await.expect("client");
        let (draft, version) = (ClientDraft::from(&read), read.version);
        first.change_client(&actor, read.id, version, draft, false).await.expect("closed");
        for (node, code) in nodes.iter().zip(&codes) {
            let closed = asked_of(node, &form(code, next.expose())).await;
            assert_eq!(closed.err(), Some("invalid_client"));
        }
    })
    .await;
}

/// Neither by its row nor by what was read of it a moment ago.
#[tokio::test]
async fn op_19_a_client_of_another_issuer_is_known_here_by_no_call() {
    on_each(async |house| {
        let code = house.code(&[]).await;
        let client = house.workflows.store().read().clients().find(house.client.id).await;
        let mut client = client.expect("read").expect("there");
        client.issuer = "https://hygie.autre.test".parse().expect("issuer");
        let moved = async |client: &Client| {
            let (by, fields) = (Actor::command_line(0).id(), vec![Code::of("issuer")]);
            let event =
                AuditEvent::ClientChanged { by, client: client.id, fields, changes: vec![] };
            let tx = house.workflows.store().begin().await.expect("begun");
            tx.clients().save(client).await.expect("moved");
            tx.commit(event).await.expect("committed");
        };
        moved(&client).await;
        for turn in 0..3 {
            let refused = house.redeem(&code).await.err();
            assert_eq!(refused, Some("invalid_client"), "turn {turn}");
            let named = house.workflows.client_named(Some("dpi")).await.expect("read");
            assert!(named.is_none(), "turn {turn}");
        }
        client.version += 1;
        client.issuer = house.client.issuer.clone();
        moved(&client).await;
        assert!(house.redeem(&code).await.is_ok(), "nothing was burnt");
    })
    .await;
}

#[tokio::test]
async fn op_22_logout_ends_the_session_of_the_hint_and_its_tokens() {
    on_each(async |house| {
        let tokens = house.redeem(&house.code(&[]).await).await.expect("tokens");
        let request = |hint: Option<&str>, uri: &str| LogoutRequest {
            id_token_hint: hint.map(str::to_owned),
            post_logout_redirect_uri: Some(uri.to_owned()),
            state: Some("z".to_owned()),
            client_id: None,
        };
        let logout = async |request: LogoutRequest, confirmed| {
            let visit = LogoutVisit { request: &request, session: Some(&house.session), confirmed };
            house.workflows.logout(&visit).await.expect("answered")
        };
        let hint = tokens.id_token.as_str();
        let bye = "https://dpi.test/bye";
        assert_eq!(logout(request(None, bye), false).await, LogoutAnswer::Ask);
        for bad in ["https://dpi.test/bye?x", "javascript:alert(1)"] {
            let refused = logout(request(Some(hint), bad), false).await;
            assert!(matches!(refused, LogoutAnswer::Page(_)), "{bad}");
        }
        // Another last character of the signature, whichever it is.
        let other = if hint.ends_with('A') { 'Q' } else { 'A' };
        let forged = format!("{}{other}", &hint[..hint.len() - 1]);
        let refused = logout(request(Some(&forged), bye), false).await;
        assert!(matches!(refused, LogoutAnswer::Page(_)), "a forged hint");
        assert!(house.userinfo(&tokens.access_token).await.is_ok(), "still logged in");
        // The hint of a token that has expired still is one.
        house.clock.advance(Duration::minutes(4));
        let ended = logout(request(Some(hint), bye), false).await;
        let there = Some("https://dpi.test/bye?state=z".to_owned());
        assert_eq!(ended, LogoutAnswer::Ended { frames: Vec::new(), redirect: there });
        assert_eq!(house.userinfo(&tokens.access_token).await.err(), Some("invalid_token"));
        let asked = told(house.authorize(&[("prompt", "none")]).await);
        assert!(matches!(asked, Told::Other(error) if error == "login_required"));
    })
    .await;
}

#[tokio::test]
async fn op_22_without_a_cookie_a_hint_ends_its_own_opening_and_no_other() {
    on_each(async |house| {
        let tokens = house.redeem(&house.code(&[]).await).await.expect("tokens");
        // Hers too, at another seat.
        let other_seat = open_session(&house.workflows, &house.person, &house.means).await;
        let is_open = async |session: &Session| {
            let session = house.workflows.store().read().sessions().find(session.id).await;
            let session = session.expect("read").expect("kept");
            house.workflows.session_stands(&session).await.expect("read")
        };
        let ended = LogoutAnswer::Ended { redirect: None, frames: Vec::new() };
        let without_cookie = async |hint: &str, client: &str| {
            let request = LogoutRequest {
                id_token_hint: Some(hint.to_owned()),
                post_logout_redirect_uri: None,
                state: None,
                client_id: Some(client.to_owned()),
            };
            let visit = LogoutVisit { request: &request, session: None, confirmed: false };
            house.workflows.logout(&visit).await.expect("answered")
        };
        let hint = tokens.id_token.as_str();
        let (head, signature) = hint.rsplit_once('.').expect("three parts");
        let mut turned: Vec<char> = signature.chars().collect();
        turned[0] = if turned[0] == 'A' { 'B' } else { 'A' };
        let forged = format!("{head}.{}", turned.into_iter().collect::<String>());
        for (hint, client) in [(forged.as_str(), "dpi"), (hint, "labo"), ("", "dpi")] {
            let refused = without_cookie(hint, client).await;
            assert!(matches!(refused, LogoutAnswer::Page(_)), "{refused:?}");
            assert!(house.userinfo(&tokens.access_token).await.is_ok(), "{client} ended nothing");
        }
        assert_eq!(without_cookie(hint, "dpi").await, ended);
        assert_eq!(house.userinfo(&tokens.access_token).await.err(), Some("invalid_token"));
        let asked = told(house.authorize(&[("prompt", "none")]).await);
        assert!(matches!(asked, Told::Other(error) if error == "login_required"));
        assert!(!is_open(&house.session).await);
        assert!(is_open(&other_seat).await, "an opening that the hint does not name");
        // Once: what was ended stays so, and the same hint ends nothing that began later.
        let later = open_session(&house.workflows, &house.person, &house.means).await;
        assert_eq!(without_cookie(hint, "dpi").await, ended);
        assert!(is_open(&later).await && is_open(&other_seat).await);
    })
    .await;
}

#[tokio::test]
async fn op_20_a_mark_of_return_is_for_its_request_and_browser_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let file = StorePlace::Sqlite(folder.path().join("hygie.db"));
    let house = House::open(file, folder, false).await;
    let request = |client: &str| {
        parse_authorize(&[("client_id".to_owned(), client.to_owned())]).expect("readable")
    };
    let (mine, other) = (house.workflows.new_browser(), house.workflows.new_browser());
    let asked_at = house.workflows.now();
    let mark = house.workflows.resume_mark(&request("dpi"), &mine, asked_at);
    let read = |mark: &str, client: &str, browser: &Handle| {
        house.workflows.read_resume(mark, &request(client), browser)
    };
    assert_eq!(read(&mark, "dpi", &mine), Some(asked_at));
    assert_eq!(read(&mark, "labo", &mine), None);
    assert_eq!(read(&mark, "dpi", &other), None);
    let earlier = format!("{}{}", asked_at.timestamp_millis() - 1, &mark[13..]);
    for forged in ["", ".", "0.", &mark[1..], &earlier] {
        assert_eq!(read(forged, "dpi", &mine), None, "{forged}");
    }
    house.clock.advance(Duration::minutes(15));
    assert_eq!(read(&mark, "dpi", &mine), None, "too old");
}
