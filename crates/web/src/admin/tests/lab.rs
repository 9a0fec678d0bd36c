//! An appliance for these tests: a real database, operators with a session, people.
use crate::admin::facts::SystemFacts;
use crate::admin::{AdminState, console};
use crate::cookies;
use crate::guard::Listener;
use async_trait::async_trait;
use audit::{AccessKind, AuditEvent};
use authentication::{
    DirectoryAccount, DirectoryVerdict, Fido2, Holder, Means, MeansKind, MeansStatus, Operator,
    Password, PasswordCheck, PasswordCheckError, Proof, Verifier,
};
use axum::Router;
use axum::body::Body;
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use demo::authenticator::Authenticator;
use directory::{
    Account, Case, CaseKind, CaseState, Channel, NationalIdentity, Person, PersonState, Post,
};
use http_body_util::BodyExt;
use identity::register::{Guards, RegisterFault, RegisterOpener, RegisterReading};
use identity::{
    AccountFields, BirthPlace, Line, Names, PostFields, Reading, Source, SourceError, SourceOpener,
};
use kernel::{
    AccountId, ActorId, CaseId, FixedClock, Handle, HandleKind, MeansId, NationalIdentityId,
    OpeningId, OperatorId, OsRandomness, PersonId, Role, Secret, SessionId, SourceId,
};
use serde_json::Value;
use sessions::Session;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::{Place, Store};
use tokio::sync::Semaphore;
use tower::ServiceExt;
use workflows::{Parts, Workflows};

pub const ADMIN: &str = "https://admin.hopital.test";

struct Nowhere;

/// A feed that hands over ten people each time the test lets it, and ends when the test says so.
#[derive(Clone)]
pub struct Tap {
    pub batches: Arc<Semaphore>,
    pub ends: Arc<AtomicBool>,
}

impl Default for Tap {
    fn default() -> Self {
        Self { batches: Arc::new(Semaphore::new(0)), ends: Arc::default() }
    }
}

impl SourceOpener for Tap {
    fn open(&self, _definition: &str) -> Result<Box<dyn Source>, SourceError> {
        Ok(Box::new(self.clone()))
    }
}

#[async_trait]
impl Source for Tap {
    async fn read(&self) -> Result<Box<dyn Reading>, SourceError> {
        Ok(Box::new(Poured { tap: self.clone(), lines: 0 }))
    }
}

struct Poured {
    tap: Tap,
    lines: u64,
}

#[async_trait]
impl Reading for Poured {
    async fn next_batch(&mut self) -> Result<Option<Vec<Line>>, SourceError> {
        if self.tap.ends.load(Ordering::SeqCst) && self.lines >= 30 {
            return Ok(None);
        }
        if !self.tap.ends.load(Ordering::SeqCst) {
            self.tap.batches.acquire().await.expect("never closed").forget();
        }
        let line = |number: u64| Line {
            number,
            columns: [("MATRICULE", format!("M{number}")), ("NOM", format!("MARTIN{number}"))]
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
        };
        let batch = (self.lines + 1..=self.lines + 10).map(line).collect();
        self.lines += 10;
        Ok(Some(batch))
    }
    fn warnings(&self) -> Vec<String> {
        Vec::new()
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

/// The cookies of somebody at the console.
pub struct Caller {
    cookies: String,
    pub person: PersonId,
    pub operator: OperatorId,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Null when the answer is no JSON.
    pub body: Value,
}

pub struct Lab {
    pub workflows: Workflows,
    clock: Arc<FixedClock>,
    router: Router,
    pub tap: Tap,
    _folder: tempfile::TempDir,
}

fn node(store: Store, clock: Arc<FixedClock>, tap: Tap, folder: &Path) -> Workflows {
    Workflows::new(Parts {
        store,
        clock,
        randomness: Arc::new(OsRandomness),
        keys: Arc::new(keystore::MasterKey::new(Secret::new([5; 32]))),
        sources: Arc::new(tap),
        register: Arc::new(Nowhere),
        remote: Arc::new(identity::register::NoRemote),
        passwords: Arc::new(Nowhere),
        register_folder: folder.join("register"),
        public_host: "hygie.hopital.test".to_owned(),
        public_origin: "https://hygie.hopital.test".to_owned(),
        admin_origin: ADMIN.to_owned(),
        rp_id: "hopital.test".to_owned(),
        zone: kernel::Zone::default(),
    })
}

/// Runs the test in an appliance of its own, on each database.
pub async fn on_each(test: impl AsyncFn(Lab)) {
    databases::on_each(async |place, folder| test(Lab::open(place, folder).await).await).await;
}

impl Lab {
    async fn open(place: Place, folder: tempfile::TempDir) -> Self {
        let clock = Arc::new(FixedClock::at("2026-11-22T08:00:00Z"));
        let store = Store::open(&place, clock.clone(), "test").await.expect("store");
        store.migrate::<migrations::Migrator>().await.expect("schema");
        let tap = Tap::default();
        let workflows = node(store, clock.clone(), tap.clone(), folder.path());
        let facts = Arc::new(SystemFacts::default());
        let state = AdminState { workflows: workflows.clone(), facts };
        let router = console(state, Listener::new(ADMIN, &[]), Router::new());
        Self { workflows, clock, router, tap, _folder: folder }
    }

    /// Another node on the same database.
    pub fn other_node(&self) -> Workflows {
        let store = self.workflows.store().clone();
        node(store, self.clock.clone(), self.tap.clone(), self._folder.path())
    }

    /// The stream of jobs, as the browser holds it open.
    pub async fn job_events(&self, caller: &Caller) -> Body {
        let request = Request::builder()
            .uri("/api/v1/jobs/events")
            .header(header::HOST, "admin.hopital.test")
            .header(header::COOKIE, &caller.cookies)
            .body(Body::empty())
            .expect("request");
        self.router.clone().oneshot(request).await.expect("answered").into_body()
    }

    /// Somebody new, committed.
    pub async fn person(&self, family: &str) -> PersonId {
        let id = PersonId::new(&*self.clock, &OsRandomness);
        let person = Person {
            id,
            state: PersonState::Active,
            names: Names {
                birth_family: Some(family.to_owned()),
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
            created_at: self.workflows.now(),
            version: 1,
        };
        let tx = self.workflows.store().begin().await.expect("begun");
        tx.people().insert(&person).await.expect("person");
        let event = AuditEvent::PersonCreated { by: ActorId::Nobody, person: id, run: None };
        tx.commit(event).await.expect("committed");
        id
    }

    /// A post that goes on, as HR tells it.
    pub async fn post(&self, person: PersonId) {
        let fields = PostFields {
            matricule: person.uuid().simple().to_string().parse().expect("matricule"),
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
        let (clock, chance) = (&*self.clock, &OsRandomness);
        let (id, source) = (kernel::PostId::new(clock, chance), SourceId::new(clock, chance));
        let tx = self.workflows.store().begin().await.expect("begun");
        tx.posts().insert_all(&[Post { id, person, source, fields }]).await.expect("post");
        let event = AuditEvent::PersonCreated { by: ActorId::Nobody, person, run: None };
        tx.commit(event).await.expect("committed");
    }

    /// An account of a directory.
    pub async fn account(&self, person: PersonId, enabled: bool) {
        let (clock, chance) = (&*self.clock, &OsRandomness);
        let login = format!("u{}", person.uuid().simple());
        let account = Account {
            id: AccountId::new(clock, chance),
            source: SourceId::new(clock, chance),
            external_key: identity::ExternalKey(login.clone()),
            person: Some(person),
            fields: AccountFields {
                distinguished_name: format!("CN={login},DC=hopital,DC=test"),
                login,
                upn: None,
                enabled,
                deleted: false,
                expires_at: None,
                must_change_password: false,
            },
            mail: None,
            first_seen: self.workflows.now(),
        };
        let tx = self.workflows.store().begin().await.expect("begun");
        tx.accounts().insert_all(std::slice::from_ref(&account)).await.expect("account");
        let (by, account) = (ActorId::Nobody, account.id);
        let event = AuditEvent::AccountSeen { by, person: Some(person), account, run: None };
        tx.commit(event).await.expect("committed");
    }

    /// A question about a national identity, as the matcher puts it.
    pub async fn doubt(&self, person: PersonId, candidates: &[&str]) -> CaseId {
        let id = CaseId::new(&*self.clock, &OsRandomness);
        let why = serde_json::json!({ "sentence": "Deux inscrits portent ce nom.", "contributions": [
            { "field": "family_name", "ours": "MARTIN", "theirs": "MARTIN", "sign": "same", "weight": 8.5 },
        ] });
        let proposed = candidates
            .iter()
            .map(|id_nat| serde_json::json!({ "id_nat": id_nat, "score": 8.5, "why": why }));
        let payload = serde_json::json!({
            "sentence": "Deux inscrits portent ce nom.", "why": why,
            "candidates": proposed.collect::<Vec<_>>(),
        });
        let case = Case {
            id,
            kind: CaseKind::NationalIdentity,
            state: CaseState::Open,
            person: Some(person),
            source: None,
            external_key: None,
            dedupe_key: format!("test|{id}"),
            payload: payload.to_string(),
            priority: 0,
            opened_at: self.workflows.now(),
            decided_at: None,
            decided_by: None,
            decision: None,
            note: None,
            assigned_to: None,
            claims: None,
            version: 1,
        };
        let tx = self.workflows.store().begin().await.expect("begun");
        tx.cases().open(&case).await.expect("case");
        let (by, person) = (ActorId::Nobody, Some(person));
        let kind = audit::Code::of("national_identity");
        let event = AuditEvent::CaseOpened { by, person, case: id, kind, run: None };
        tx.commit(event).await.expect("committed");
        id
    }

    /// A link that is in force.
    pub async fn linked(&self, person: PersonId, id_nat: &str) -> NationalIdentityId {
        let link = NationalIdentity {
            id: NationalIdentityId::new(&*self.clock, &OsRandomness),
            person,
            id_nat: id_nat.parse().expect("a number"),
            channel: Channel::RegisterMatch,
            evidence: "{}".to_owned(),
            decided_by: ActorId::Nobody,
            verified_at: self.workflows.now(),
            next_check: self.workflows.today(),
        };
        let tx = self.workflows.store().begin().await.expect("begun");
        tx.national_identities().insert(&link).await.expect("linked");
        let event = AuditEvent::PersonRead { by: ActorId::Nobody, person };
        tx.commit(event).await.expect("committed");
        link.id
    }

    pub async fn unlink(&self, link: NationalIdentityId) {
        let tx = self.workflows.store().begin().await.expect("begun");
        tx.national_identities().end(link, self.workflows.now()).await.expect("ended");
        let event = AuditEvent::AuditVerified {
            by: ActorId::Nobody,
            entries: 0,
            holds: true,
            first_fault: None,
        };
        tx.commit(event).await.expect("committed");
    }

    /// An operator at the console, by a key.
    pub async fn operator(&self, roles: &[Role]) -> Caller {
        let person = self.person("OPERATEUR").await;
        let (clock, chance) = (&*self.clock, &OsRandomness);
        let now = self.workflows.now();
        let operator = Operator {
            id: OperatorId::new(clock, chance),
            person,
            roles: roles.to_vec(),
            enabled: true,
            created_at: now,
            version: 1,
        };
        let proof = serde_json::json!([{
            "means": MeansId::new(clock, chance), "account": null, "kind": "fido2",
            "factors": ["possession", "user_verification"], "attested": false, "at": now,
            "network": "10.9.0.1", "zone": "admin",
        }]);
        let cookie = Handle::new(HandleKind::AdminSession, chance);
        let browser = Handle::new(HandleKind::Browser, chance);
        let session = Session {
            id: SessionId::new(clock, chance),
            listener: AccessKind::Admin,
            handle: cookie.hash(),
            browser: browser.hash(),
            person,
            operator: Some(operator.id),
            proofs: Proof::from_texts(&proof.to_string()).expect("proofs"),
            sid: OpeningId::new(clock, chance),
            opened_at: now,
            last_seen_at: now,
            expires_at: now + chrono::Duration::hours(10),
            closed: None,
            epoch: 0,
            auth_time: now,
            exercise: None,
        };
        let tx = self.workflows.store().begin().await.expect("begun");
        tx.operators().insert(&operator).await.expect("operator");
        tx.sessions().insert(&session).await.expect("session");
        let by = ActorId::CommandLine { uid: 0 };
        let (operator, roles) = (operator.id, roles.to_vec());
        let event = AuditEvent::OperatorCreated { by, person, operator, roles };
        tx.commit(event).await.expect("committed");
        let (name, secret) = (cookies::CONSOLE, cookies::CONSOLE_BROWSER);
        let cookies = format!("{name}={}; {secret}={}", cookie.expose(), browser.expose());
        Caller { cookies, person, operator }
    }

    /// A key of the console for this operator.
    pub async fn key_of(&self, caller: &Caller) -> Authenticator {
        let (now, holder) = (
            self.workflows.now(),
            Holder::Operator { operator: caller.operator, person: caller.person },
        );
        let fido2 = Fido2::new("hopital.test", "CH de test", &[ADMIN]).expect("settings");
        let begun = fido2.begin_registration(holder.into(), "op", "OP", &[], now);
        let (options, ceremony) = begun.expect("begun");
        let options: Value = serde_json::from_str(&options.0).expect("json");
        let mut key = Authenticator::new();
        let answer = key.register(ADMIN, &options).expect("registered").to_string();
        let credential = fido2.finish_registration(&ceremony, &answer, now).expect("a key");
        let means = Means {
            id: MeansId::new(&*self.clock, &OsRandomness),
            kind: MeansKind::Fido2,
            status: MeansStatus::Active,
            holder: Some(holder),
            label: "Clé".to_owned(),
            serial: None,
            enrolment: None,
            verifier: Some(Verifier::Fido2(Box::new(credential))),
            issued_at: now,
            activated_at: Some(now),
            expires_at: None,
            last_used_at: None,
            version: 1,
        };
        let tx = self.workflows.store().begin().await.expect("begun");
        tx.means().insert(&means).await.expect("means");
        let kind = audit::Code::of("fido2");
        let (by, person, means) = (ActorId::Nobody, caller.person, means.id);
        tx.commit(AuditEvent::MeansIssued { by, person, means, kind }).await.expect("committed");
        key
    }

    /// Shows the key for this kind of act.
    pub async fn confirm(&self, caller: &Caller, key: &mut Authenticator, act: &str) -> Answer {
        let body = serde_json::json!({ "act": act });
        let path = "/api/v1/confirmations";
        let asked = self.call(Some(caller), &Method::POST, path, Some(&body)).await;
        let options = &asked.body["options"];
        let answer = key.sign_in(ADMIN, options).expect("the key answers");
        let path = format!("{path}/{}", asked.body["id"].as_str().expect("id"));
        let body = serde_json::json!({ "answer": answer });
        self.call(Some(caller), &Method::POST, &path, Some(&body)).await
    }

    /// Gives an accord, with the key shown before for its kind of act.
    pub async fn give(
        &self,
        caller: &Caller,
        key: &mut Authenticator,
        act: &str,
        accord: &Value,
    ) -> Answer {
        assert_eq!(self.confirm(caller, key, act).await.status, StatusCode::OK);
        let path = format!("/api/v1/accords/{}/give", accord.as_str().expect("an accord"));
        self.call(Some(caller), &Method::POST, &path, None).await
    }

    /// The name of an opening, drawn now.
    pub fn opening(&self) -> OpeningId {
        OpeningId::new(&*self.clock, &OsRandomness)
    }

    pub fn pass(&self, time: chrono::Duration) {
        self.clock.advance(time);
    }

    /// An answer that is a file.
    pub async fn file(&self, caller: &Caller, path: &str) -> (StatusCode, String) {
        let request = Request::builder()
            .uri(path)
            .header(header::HOST, "admin.hopital.test")
            .header(header::COOKIE, &caller.cookies)
            .body(Body::empty())
            .expect("request");
        let response = self.router.clone().oneshot(request).await.expect("answered");
        let status = response.status();
        let bytes = response.into_body().collect().await.expect("read").to_bytes();
        (status, String::from_utf8(bytes.to_vec()).expect("UTF-8"))
    }

    pub async fn get(&self, caller: &Caller, path: &str) -> Answer {
        self.call(Some(caller), &Method::GET, path, None).await
    }

    /// As the console's own pages call.
    pub async fn call(
        &self,
        caller: Option<&Caller>,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Answer {
        self.send(caller, method, path, body, &[]).await
    }

    /// With headers of the test's own, which replace those of the console's pages.
    pub async fn send(
        &self,
        caller: Option<&Caller>,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(HeaderName, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        let own = [(header::HOST, "admin.hopital.test"), (header::ORIGIN, ADMIN)];
        let replaced = |name: &HeaderName| headers.iter().any(|(other, _)| other == name);
        for (name, value) in own.iter().filter(|(name, _)| !replaced(name)).chain(headers) {
            request = request.header(name, *value);
        }
        if let Some(Caller { cookies, .. }) = caller {
            request = request.header(header::COOKIE, cookies);
        }
        let request = match body {
            Some(body) => {
                let request = request.header(header::CONTENT_TYPE, "application/json");
                request.body(Body::from(body.to_string())).expect("request")
            }
            None => request.body(Body::empty()).expect("request"),
        };
        let response = self.router.clone().oneshot(request).await.expect("answered");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("read").to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// A page of the console, with the policy it came with.
    pub async fn page(&self, path: &str) -> String {
        let answer = self.call(None, &Method::GET, path, None).await;
        answer.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text").to_owned()
    }
}
