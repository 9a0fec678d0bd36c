//! A database of its own for each test, on each kind that the appliance runs on: a SQLite file, then PostgreSQL where
//! `HYGIE_TEST_PG` names a server. With `CI` set, a missing server is a failure and never a skipped test.
//! Knows no schema: who opens the place migrates it. Start at `on_each`.
use sqlx::Connection;
use std::sync::atomic::{AtomicU32, Ordering};
use store::{Place, PostgresUrl};
use tempfile::TempDir;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Runs the test on SQLite, then on PostgreSQL where there is one. The folder is the test's own, and lives as long as
/// the test keeps it.
pub async fn on_each(test: impl AsyncFn(Place, TempDir)) {
    let folder = folder();
    test(Place::Sqlite(folder.path().join("hygie.db")), folder).await;
    match server() {
        Some(server) => test(fresh(&server).await, self::folder()).await,
        None => eprintln!("not run on PostgreSQL: HYGIE_TEST_PG names no server"),
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("folder")
}

#[expect(clippy::disallowed_methods, reason = "tests are told where their server is")]
fn server() -> Option<String> {
    let server = std::env::var("HYGIE_TEST_PG").ok();
    assert!(server.is_some() || std::env::var("CI").is_err(), "HYGIE_TEST_PG names no server");
    server
}

/// Made by a plain connection, since the store only opens what is there.
async fn fresh(server: &str) -> Place {
    let name = format!("d{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let mut admin =
        sqlx::PgConnection::connect(&format!("{server}postgres")).await.expect("server");
    let statement = format!("CREATE DATABASE {name}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut admin).await.expect("database");
    Place::Postgres(PostgresUrl(format!("{server}{name}")))
}
