//! A database for one test: a SQLite file, or a PostgreSQL database of its own when `HYGIE_TEST_PG` names a server.
//! With `CI` set, a missing server is a failure and never a skipped test.
use crate::{Place, PostgresUrl, Store};
use audit::AuditEvent;
use directory::{Person, PersonState};
use identity::{BirthPlace, Names};
use kernel::{ActorId, Clock, FixedClock, PersonId, SeededRandomness};
use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A store that lives as long as this value.
pub struct TestStore {
    pub store: Store,
    pub clock: Arc<FixedClock>,
    _folder: tempfile::TempDir,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

#[expect(clippy::disallowed_methods, reason = "tests are told where their server is")]
fn postgres_server() -> Option<String> {
    let server = std::env::var("HYGIE_TEST_PG").ok();
    assert!(server.is_some() || std::env::var("CI").is_err(), "HYGIE_TEST_PG names no server");
    server
}

/// Runs the test on SQLite, then on PostgreSQL where there is one.
pub async fn on_each<F: AsyncFn(TestStore)>(test: F) {
    on_each_with::<migrations::Migrator>(test).await;
}

/// The same, on the schema that these steps make.
pub async fn on_each_with<M: MigratorTrait>(test: impl AsyncFn(TestStore)) {
    test(sqlite_with::<M>().await).await;
    match postgres_server() {
        Some(server) => test(open_postgres::<M>(&server).await).await,
        None => eprintln!("not run on PostgreSQL: HYGIE_TEST_PG names no server"),
    }
}

/// A migrated SQLite store in a folder of its own.
pub async fn open_sqlite() -> TestStore {
    sqlite_with::<migrations::Migrator>().await
}

async fn sqlite_with<M: MigratorTrait>() -> TestStore {
    let folder = tempfile::tempdir().expect("folder");
    open::<M>(Place::Sqlite(folder.path().join("hygie.db")), folder).await
}

async fn open_postgres<M: MigratorTrait>(server: &str) -> TestStore {
    let name = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let admin = sea_orm::Database::connect(format!("{server}postgres")).await.expect("server");
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("database");
    let folder = tempfile::tempdir().expect("folder");
    open::<M>(Place::Postgres(PostgresUrl(format!("{server}{name}"))), folder).await
}

async fn open<M: MigratorTrait>(place: Place, folder: tempfile::TempDir) -> TestStore {
    let clock = Arc::new(FixedClock::at("2026-11-22T05:00:00Z"));
    let store = Store::open(&place, clock.clone(), "test").await.expect("store");
    store.migrate::<M>().await.expect("schema");
    TestStore { store, clock, _folder: folder }
}

impl TestStore {
    /// Somebody to be named by a row, committed.
    pub async fn somebody(&self, seed: u64) -> PersonId {
        let person = Person {
            id: PersonId::new(&*self.clock, &SeededRandomness::new(seed)),
            state: PersonState::Active,
            names: Names::default(),
            sex: None,
            birth_date: None,
            birth_place: BirthPlace::default(),
            mail: None,
            declared_rpps: None,
            closing: None,
            created_at: self.clock.now(),
            version: 1,
        };
        let tx = self.store.begin().await.expect("begun");
        tx.people().insert(&person).await.expect("somebody");
        let event = AuditEvent::PersonCreated { by: ActorId::Nobody, person: person.id, run: None };
        tx.commit(event).await.expect("committed");
        person.id
    }
}
