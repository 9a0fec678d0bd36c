//! A hospital for these tests: a doctor with an account, a colleague, a directory that answers by script.
use super::{EnrolStep, LoginAnswer, LoginAsk, LoginStep, LoginView, Visit};
use crate::{Parts, Workflows};
use async_trait::async_trait;
use audit::{AccessKind, AuditEvent};
use authentication::{
    DirectoryAccount, DirectoryRefusal, DirectoryVerdict, MeansKind, Password, PasswordCheck,
    PasswordCheckError,
};
use demo::authenticator::Authenticator;
use directory::{Account, Person, PersonState, Post};
use identity::register::{Guards, RegisterFault, RegisterOpener, RegisterReading};
use identity::{
    AccountFields, BirthPlace, ExternalKey, Names, PostFields, Source, SourceError, SourceOpener,
};
use kernel::{Actor, ActorId, FixedClock, Handle, HandleKind, OsRandomness, Secret};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{Place, Store};

pub const ORIGIN: &str = "https://hygie.hopital.test";
pub const ADMIN: &str = "https://admin.hopital.test";
pub const RIGHT: &str = "Cardio-3A-printemps";

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

/// Says yes to one password, whoever it is; counts how often it was asked.
#[derive(Default)]
pub struct Script {
    pub asked: AtomicUsize,
}

#[async_trait]
impl PasswordCheck for Script {
    async fn check(
        &self,
        account: &DirectoryAccount,
        password: &Password,
    ) -> Result<DirectoryVerdict, PasswordCheckError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if account.distinguished_name.contains("gone") {
            return Err(PasswordCheckError::TimedOut);
        }
        if password.as_typed().matches(RIGHT.as_bytes()) {
            Ok(DirectoryVerdict::right())
        } else {
            Ok(DirectoryVerdict::Refused(DirectoryRefusal::WrongPassword))
        }
    }
}

pub struct Lab {
    pub workflows: Workflows,
    pub clock: Arc<FixedClock>,
    pub directory: Arc<Script>,
    pub doctor: Person,
    pub colleague: Person,
    _folder: tempfile::TempDir,
}

/// Runs the test in a hospital of its own, on each database.
pub async fn on_each(test: impl AsyncFn(Lab)) {
    databases::on_each(async |place, folder| test(Lab::open(place, folder).await).await).await;
}

/// One browser at one seat.
pub struct Browser {
    pub listener: AccessKind,
    pub secret: Handle,
    pub network: &'static str,
}

impl Browser {
    pub fn at(network: &'static str) -> Self {
        let secret = Handle::new(HandleKind::Browser, &OsRandomness);
        Self { listener: AccessKind::Public, secret, network }
    }
    pub fn of_console() -> Self {
        Self { listener: AccessKind::Admin, ..Self::at("10.9.0.1") }
    }
    pub fn visit(&self) -> Visit<'_> {
        Visit { listener: self.listener, browser: &self.secret, network: self.network }
    }
    fn origin(&self) -> &'static str {
        match self.listener {
            AccessKind::Public => ORIGIN,
            AccessKind::Admin => ADMIN,
        }
    }
}

impl Lab {
    async fn open(place: Place, folder: tempfile::TempDir) -> Self {
        let clock = Arc::new(FixedClock::at("2026-11-22T08:00:00Z"));
        let store = Store::open(&place, clock.clone(), "test").await.expect("store");
        store.migrate::<migrations::Migrator>().await.expect("schema");
        let directory = Arc::new(Script::default());
        let workflows = Workflows::new(Parts {
            store,
            clock: clock.clone(),
            randomness: Arc::new(OsRandomness),
            keys: Arc::new(keystore::MasterKey::new(Secret::new([5; 32]))),
            sources: Arc::new(Nowhere),
            register: Arc::new(Nowhere),
            remote: Arc::new(identity::register::NoRemote),
            passwords: directory.clone(),
            register_folder: folder.path().join("register"),
            public_host: "hygie.hopital.test".to_owned(),
            public_origin: ORIGIN.to_owned(),
            admin_origin: ADMIN.to_owned(),
            rp_id: "hopital.test".to_owned(),
            zone: kernel::Zone::default(),
        });
        let doctor = staff(&workflows, "MARTIN", "mmartin").await;
        let colleague = staff(&workflows, "DUPONT", "jdupont").await;
        Self { workflows, clock, directory, doctor, colleague, _folder: folder }
    }

    pub async fn begin(&self, browser: &Browser) -> LoginView {
        let ask = LoginAsk::to("/portal");
        self.workflows.begin_login(&browser.visit(), ask).await.expect("begun")
    }

    /// Types a name and a password.
    pub async fn password(&self, browser: &Browser, name: &str, password: &str) -> LoginAnswer {
        let view = self.begin(browser).await;
        let visit = browser.visit();
        self.workflows.give_name(&visit, &view.handle, name).await.expect("named");
        self.workflows.give_password(&visit, &view.handle, password).await.expect("answered")
    }

    /// The options of a fresh key step, and its handle.
    pub async fn ask_key(&self, browser: &Browser) -> (String, Value) {
        let view = self.begin(browser).await;
        let visit = browser.visit();
        let view = self.workflows.begin_key(&visit, &view.handle).await.expect("asked");
        (view.handle.clone(), key_options(&view))
    }

    pub async fn key(&self, browser: &Browser, key: &mut Authenticator) -> LoginAnswer {
        let (handle, options) = self.ask_key(browser).await;
        let answer = key.sign_in(browser.origin(), &options).expect("signed");
        self.give_key(browser, &handle, &answer).await
    }

    pub async fn give_key(&self, browser: &Browser, handle: &str, answer: &Value) -> LoginAnswer {
        let answer = answer.to_string();
        self.workflows.give_key(&browser.visit(), handle, &answer).await.expect("answered")
    }

    /// The desk gives a code, the person enrols a key with it.
    pub async fn enrol(&self, person: &Person) -> Authenticator {
        let browser = Browser::at("10.1.0.1");
        let desk = Actor::command_line(0);
        let given = self.workflows.give_enrolment_code(&desk, person.id, MeansKind::Fido2).await;
        let code = given.expect("given").text.expose();
        self.enrol_with(&browser, &code).await
    }

    pub async fn enrol_with(&self, browser: &Browser, code: &str) -> Authenticator {
        let visit = browser.visit();
        let view = match browser.listener {
            AccessKind::Public => self.workflows.begin_enrolment(&visit, code).await,
            AccessKind::Admin => self.workflows.begin_first_enrolment(&visit, code).await,
        };
        let view = view.expect("answered");
        let EnrolStep::Key { options } = &view.step else { panic!("{view:?}") };
        let options = serde_json::from_str(options).expect("JSON");
        let mut key = Authenticator::new();
        let answer = key.register(browser.origin(), &options).expect("registered").to_string();
        let view = self.workflows.finish_key_enrolment(&visit, &view.handle, &answer).await;
        let view = view.expect("answered");
        assert_eq!(view.step, EnrolStep::Done { kind: MeansKind::Fido2 }, "{view:?}");
        key
    }

    /// The events so far as JSON, oldest first.
    pub async fn events(&self) -> Vec<AuditEvent> {
        let entries = self.workflows.store().read().audit().unsealed(10_000).await.expect("read");
        let read = |line: &str| {
            let record: Value = serde_json::from_str(line).expect("JSON");
            serde_json::from_value(record["event"].clone())
                .or_else(|_| serde_json::from_value(record))
                .expect("an event")
        };
        entries.iter().map(|entry| read(&entry.body)).collect()
    }

    pub async fn reasons(&self) -> Vec<String> {
        let refused = |event: AuditEvent| match event {
            AuditEvent::LoginRefused { reason, .. }
            | AuditEvent::EnrolmentCodeFailed { reason, .. } => Some(reason.as_str().to_owned()),
            _ => None,
        };
        self.events().await.into_iter().filter_map(refused).collect()
    }
}

pub fn key_options(view: &LoginView) -> Value {
    let LoginStep::Key { options } = &view.step else { panic!("{view:?}") };
    serde_json::from_str(options).expect("JSON")
}

pub fn is_open(answer: &LoginAnswer) -> bool {
    matches!(answer, LoginAnswer::Opened { .. })
}

pub fn refused(answer: LoginAnswer) -> LoginView {
    match answer {
        LoginAnswer::Page(view) if view.refusal.is_some() => *view,
        LoginAnswer::Page(view) => panic!("no refusal: {view:?}"),
        LoginAnswer::Opened { .. } => panic!("a session"),
    }
}

/// Somebody whom no directory knows: a matricule and a mail, no account.
pub async fn outsider(workflows: &Workflows, family: &str, matricule: &str) -> Person {
    let person = somebody(workflows, family);
    let post = post_of(workflows, &person, matricule);
    let tx = workflows.store().begin().await.expect("begun");
    tx.people().insert(&person).await.expect("person");
    tx.posts().insert_all(&[post]).await.expect("post");
    let (by, person_id) = (ActorId::Nobody, person.id);
    let event = AuditEvent::PersonCreated { by, person: person_id, run: None };
    tx.commit(event).await.expect("committed");
    person
}

fn somebody(workflows: &Workflows, family: &str) -> Person {
    Person {
        id: workflows.id(),
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
        mail: Some(format!("{}@hopital.test", family.to_lowercase())),
        declared_rpps: None,
        closing: None,
        created_at: workflows.now(),
        version: 1,
    }
}

fn post_of(workflows: &Workflows, person: &Person, matricule: &str) -> Post {
    let fields = PostFields {
        matricule: matricule.parse().expect("matricule"),
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
    Post { id: workflows.id(), person: person.id, source: workflows.id(), fields }
}

async fn staff(workflows: &Workflows, family: &str, login: &str) -> Person {
    let person = somebody(workflows, family);
    let post = post_of(workflows, &person, "000042");
    let account = Account {
        id: workflows.id(),
        source: workflows.id(),
        external_key: ExternalKey(format!("{login}-guid")),
        person: Some(person.id),
        fields: AccountFields {
            login: login.to_owned(),
            upn: Some(format!("{login}@hopital.test")),
            distinguished_name: format!("CN={login}"),
            enabled: true,
            deleted: false,
            expires_at: None,
            must_change_password: false,
        },
        mail: None,
        first_seen: workflows.now(),
    };
    let tx = workflows.store().begin().await.expect("begun");
    tx.people().insert(&person).await.expect("person");
    tx.posts().insert_all(&[post]).await.expect("post");
    tx.accounts().insert_all(&[account]).await.expect("account");
    let (by, person_id) = (ActorId::Nobody, person.id);
    let event = AuditEvent::PersonCreated { by, person: person_id, run: None };
    tx.commit(event).await.expect("committed");
    person
}
