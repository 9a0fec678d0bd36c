//! SQLite: one writer that groups waiting acts into one durable commit, and a few readers beside it (WAL).
mod proxy;
mod writer;

pub use proxy::{SqliteProxy, date, query_error, timestamp};
pub use writer::{Lease, Writer};

use crate::StoreError;
use crate::by_place::ReadRow;
use rusqlite::config::DbConfig;
use sea_orm::{DatabaseConnection, DbBackend, DbErr, ProxyDatabaseTrait, Statement, Value};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Readers opened beside the writer. Each serves one statement at a time.
const READERS: usize = 4;

pub struct Sqlite {
    pub writer: Arc<Writer>,
    readers: Vec<Beside>,
    next: AtomicUsize,
}

/// A connection that reads, for sea-orm and for statements read by place.
struct Beside {
    connection: DatabaseConnection,
    proxy: Arc<SqliteProxy>,
}

impl Sqlite {
    /// Opens the file, made when absent. WAL, `synchronous=FULL`: an acknowledged act survives a power cut. What would undo
    /// one act of a group is kept in memory: SQLite would make, fill and remove a file for it at nearly each commit.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let unopened = |cause: rusqlite::Error| StoreError::Unopened {
            place: path.display().to_string(),
            cause: cause.to_string(),
        };
        make_private(path)?;
        let connection = rusqlite::Connection::open(path).map_err(unopened)?;
        keep_plans(&connection).map_err(unopened)?;
        connection
            .execute_batch(
                "PRAGMA busy_timeout=2000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; \
                 PRAGMA foreign_keys=ON; PRAGMA busy_timeout=0; PRAGMA wal_autocheckpoint=4000; \
                 PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY;",
            )
            .map_err(unopened)?;
        let mut readers = Vec::with_capacity(READERS);
        for _ in 0..READERS {
            let reader = rusqlite::Connection::open(path).map_err(unopened)?;
            keep_plans(&reader).map_err(unopened)?;
            reader
                .execute_batch(
                    "PRAGMA busy_timeout=2000; PRAGMA query_only=ON; PRAGMA cache_size=-8000; \
                     PRAGMA trusted_schema=OFF;",
                )
                .map_err(unopened)?;
            let proxy = Arc::new(SqliteProxy::new(reader));
            readers.push(Beside { connection: connect(SharedProxy(proxy.clone())), proxy });
        }
        let proxy = Arc::new(SqliteProxy::new(connection));
        let writer = Arc::new(Writer::new(connect(SharedProxy(proxy.clone())), proxy));
        Ok(Self { writer, readers, next: AtomicUsize::new(0) })
    }

    pub fn reader(&self) -> &DatabaseConnection {
        &self.in_turn().next().expect("there are readers").connection
    }

    /// Each of them once, another first each time.
    fn in_turn(&self) -> impl Iterator<Item = &Beside> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.readers.len();
        self.readers[turn..].iter().chain(&self.readers[..turn])
    }

    /// Rows read by place, by the first reader that is free, or else by the one whose turn it is.
    pub fn rows<T>(&self, sql: &str, values: &[Value], read: ReadRow<T>) -> Result<Vec<T>, DbErr> {
        let free = self.in_turn().find_map(|reader| reader.proxy.rows(sql, values, read, false));
        free.unwrap_or_else(|| {
            let reader = self.in_turn().next().expect("there are readers");
            reader.proxy.rows(sql, values, read, true).expect("it waited")
        })
    }
}

/// A statement keeps its plan whatever is bound to it. Without this, SQLite parses a kept statement again at each use
/// (STAT4): a quarter of what a read costs.
fn keep_plans(connection: &rusqlite::Connection) -> Result<(), rusqlite::Error> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Made here, readable by its owner alone; SQLite gives the same rights to the files beside it.
fn make_private(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt;
    let made = std::fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path);
    match made {
        Err(cause) if cause.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(StoreError::Unopened {
                place: path.display().to_string(),
                cause: cause.to_string(),
            })
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The proxy is ours and sea-orm's at once.
#[derive(Debug)]
struct SharedProxy(Arc<SqliteProxy>);

#[async_trait::async_trait]
impl ProxyDatabaseTrait for SharedProxy {
    async fn query(&self, statement: Statement) -> Result<Vec<sea_orm::ProxyRow>, sea_orm::DbErr> {
        self.0.query(statement).await
    }
    async fn execute(
        &self,
        statement: Statement,
    ) -> Result<sea_orm::ProxyExecResult, sea_orm::DbErr> {
        self.0.execute(statement).await
    }
    async fn begin(&self) {
        // Only migrations come here: acts begin on their lease, where a failure can be told.
        if let Err(error) = self.0.batch("SAVEPOINT migration") {
            tracing::error!(%error, "a migration could not begin");
        }
    }
    async fn commit(&self) {
        if let Err(error) = self.0.batch("RELEASE migration") {
            tracing::error!(%error, "a migration could not commit");
        }
    }
    async fn rollback(&self) {
        if let Err(error) = self.0.batch("ROLLBACK TO migration; RELEASE migration") {
            tracing::error!(%error, "a migration could not roll back");
        }
    }
}

fn connect(proxy: SharedProxy) -> DatabaseConnection {
    sea_orm::DatabaseConnectionType::ProxyDatabaseConnection(Arc::new(
        sea_orm::ProxyDatabaseConnection::new(DbBackend::Sqlite, Arc::new(Box::new(proxy))),
    ))
    .into()
}
