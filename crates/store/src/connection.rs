use crate::StoreError;
use crate::audit_log::append;
use crate::by_place::{ByPlace, ReadRow, Row};
use crate::error::Attempted;
use crate::sqlite::{Lease, Sqlite};
use audit::Events;
use chrono::{DateTime, Utc};
use kernel::Clock;
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    ExecResult, QueryResult, Statement, TransactionTrait, Value,
};
use sea_orm_migration::MigratorTrait;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

/// Where the data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// One file, made when absent.
    Sqlite(PathBuf),
    /// A PostgreSQL address (`postgres://…`); it may hold a password and is never printed.
    Postgres(PostgresUrl),
}

/// A PostgreSQL address that does not print its password.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(pub String);

impl std::fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PostgresUrl(…)")
    }
}

/// The store of one node.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    database: Database,
    clock: Arc<dyn Clock>,
    node: String,
    swept_to: AtomicI64,
}

enum Database {
    Sqlite(Sqlite),
    Postgres(DatabaseConnection),
}

impl Store {
    /// Connects, and makes no table: see [`Store::migrate`]. `node` is this node's name, as the audit writes it.
    pub async fn open(
        place: &Place,
        clock: Arc<dyn Clock>,
        node: &str,
    ) -> Result<Self, StoreError> {
        let database = match place {
            Place::Sqlite(path) => Database::Sqlite(Sqlite::open(path)?),
            Place::Postgres(url) => Database::Postgres(open_postgres(&url.0).await?),
        };
        let swept_to = AtomicI64::new(i64::MIN);
        Ok(Self(Arc::new(Inner { database, clock, node: node.to_owned(), swept_to })))
    }

    /// Brings the schema up to date. A database made by a newer version is refused untouched.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<(), StoreError> {
        self.refuse_newer::<M>().await?;
        match &self.0.database {
            Database::Sqlite(sqlite) => {
                let lease = sqlite.writer.begin().await?;
                M::up(lease.connection(), None).await.attempted("migrate the schema")?;
                lease.commit().await
            }
            Database::Postgres(pool) => M::up(pool, None).await.attempted("migrate the schema"),
        }
    }

    async fn refuse_newer<M: MigratorTrait>(&self) -> Result<(), StoreError> {
        let known: Vec<String> =
            M::migrations().iter().map(|step| step.name().to_owned()).collect();
        for applied in self.applied_migrations().await? {
            if !known.contains(&applied) {
                return Err(StoreError::Newer { migration: applied });
            }
        }
        Ok(())
    }

    async fn applied_migrations(&self) -> Result<Vec<String>, StoreError> {
        let reader = self.read();
        let table = match reader.get_database_backend() {
            DbBackend::Sqlite => {
                "SELECT count(*) AS n FROM sqlite_master WHERE name = 'seaql_migrations'"
            }
            _ => {
                "SELECT count(*) AS n FROM information_schema.tables WHERE table_name = 'seaql_migrations'"
            }
        };
        let backend = reader.get_database_backend();
        let found = reader
            .query_one_raw(Statement::from_string(backend, table))
            .await
            .attempted("read the schema's version")?
            .and_then(|row| row.try_get::<i64>("", "n").ok())
            .unwrap_or(0);
        if found == 0 {
            return Ok(Vec::new());
        }
        let rows = reader
            .query_all_raw(Statement::from_string(backend, "SELECT version FROM seaql_migrations"))
            .await
            .attempted("read the schema's version")?;
        rows.iter()
            .map(|row| row.try_get::<String>("", "version").attempted("read the schema's version"))
            .collect()
    }

    /// Begins an act. Nothing lasts before [`Transaction::commit`]; dropped, it leaves nothing.
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        let inner = match &self.0.database {
            Database::Sqlite(sqlite) => Held::Sqlite(sqlite.writer.begin().await?),
            Database::Postgres(pool) => Held::Postgres(pool.begin().await.attempted("begin")?),
        };
        Ok(Transaction { inner, clock: self.0.clock.clone(), node: self.0.node.clone() })
    }

    /// Reads outside any act: what is committed now.
    pub fn read(&self) -> Reader<'_> {
        match &self.0.database {
            Database::Sqlite(sqlite) => {
                Reader { connection: sqlite.reader(), sqlite: Some(sqlite) }
            }
            Database::Postgres(pool) => Reader { connection: pool, sqlite: None },
        }
    }

    pub fn node(&self) -> &str {
        &self.0.node
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    /// The token after which the next sweep goes on.
    pub(crate) fn swept_to(&self) -> &AtomicI64 {
        &self.0.swept_to
    }

    /// What the database is, for an operator: `sqlite` or `postgresql`.
    pub fn backend(&self) -> &'static str {
        match &self.0.database {
            Database::Sqlite(_) => "sqlite",
            Database::Postgres(_) => "postgresql",
        }
    }

    /// Whether the database answers now.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let reader = self.read();
        let statement = Statement::from_string(reader.get_database_backend(), "SELECT 1 AS one");
        reader.query_one_raw(statement).await.attempted("answer")?;
        Ok(())
    }
}

async fn open_postgres(url: &str) -> Result<DatabaseConnection, StoreError> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(16)
        .connect_timeout(Duration::from_secs(5))
        .acquire_timeout(Duration::from_secs(5))
        .sqlx_logging(false);
    sea_orm::Database::connect(options).await.map_err(|error| StoreError::Unopened {
        place: "postgresql".to_owned(),
        cause: error.to_string(),
    })
}

enum Held {
    Sqlite(Lease),
    Postgres(DatabaseTransaction),
}

/// One act in the making.
pub struct Transaction {
    inner: Held,
    clock: Arc<dyn Clock>,
    node: String,
}

impl Transaction {
    /// The only way to make an act last, so none can last untraced. `Events`: one, or a batch's, never none.
    pub async fn commit(self, events: impl Into<Events>) -> Result<(), StoreError> {
        append(&self, self.clock.now(), &self.node, &events.into()).await?;
        self.finish().await
    }

    /// Everything that was handed out and opens something by itself: codes, tokens, logins under way. For a restoration,
    /// which would bring back those that were used or withdrawn since.
    pub async fn forget_handles(&self) -> Result<(), StoreError> {
        use crate::entity::{
            authorization_code, backchannel_ping, card_hand_over, decoupled_request,
            enrolment_code, login_transaction, pushed_request, token,
        };
        use sea_orm::EntityTrait;
        authorization_code::Entity::delete_many().exec(self).await.attempted("forget codes")?;
        enrolment_code::Entity::delete_many().exec(self).await.attempted("forget desk codes")?;
        login_transaction::Entity::delete_many().exec(self).await.attempted("forget logins")?;
        card_hand_over::Entity::delete_many().exec(self).await.attempted("forget cards read")?;
        token::Entity::delete_many().exec(self).await.attempted("forget tokens")?;
        backchannel_ping::Entity::delete_many().exec(self).await.attempted("forget calls")?;
        decoupled_request::Entity::delete_many().exec(self).await.attempted("forget requests")?;
        pushed_request::Entity::delete_many().exec(self).await.attempted("forget requests")?;
        Ok(())
    }

    /// For an act of a long job over tables that grow under it: PostgreSQL plans each statement for what they hold now.
    /// A plan kept from when they were empty reads a whole source for each chunk of keys.
    pub async fn plan_anew(&self) -> Result<(), StoreError> {
        if self.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let told = self.execute_unprepared("SET LOCAL plan_cache_mode = force_custom_plan").await;
        told.attempted("have statements planned anew").map(drop)
    }

    /// The clock of the database's machine, where it is another than ours: PostgreSQL's.
    pub(crate) async fn server_time(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        if self.get_database_backend() != DbBackend::Postgres {
            return Ok(None);
        }
        let asked = Statement::from_string(DbBackend::Postgres, "SELECT clock_timestamp()");
        let row = self.query_one_raw(asked).await.attempted("ask the time")?;
        let time = row.map(|row| row.try_get_by_index::<DateTime<Utc>>(0)).transpose();
        time.attempted("ask the time")
    }

    /// For `upkeep` alone: what is no act.
    pub(crate) async fn finish(self) -> Result<(), StoreError> {
        match self.inner {
            Held::Sqlite(lease) => lease.commit().await,
            Held::Postgres(transaction) => transaction.commit().await.attempted("commit"),
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        match &self.inner {
            Held::Sqlite(_) => DbBackend::Sqlite,
            Held::Postgres(_) => DbBackend::Postgres,
        }
    }
    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.inner {
            Held::Sqlite(lease) => lease.connection().execute_raw(statement).await,
            Held::Postgres(transaction) => transaction.execute_raw(statement).await,
        }
    }
    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.inner {
            Held::Sqlite(lease) => lease.connection().execute_unprepared(sql).await,
            Held::Postgres(transaction) => transaction.execute_unprepared(sql).await,
        }
    }
    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.inner {
            Held::Sqlite(lease) => lease.connection().query_one_raw(statement).await,
            Held::Postgres(transaction) => transaction.query_one_raw(statement).await,
        }
    }
    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.inner {
            Held::Sqlite(lease) => lease.connection().query_all_raw(statement).await,
            Held::Postgres(transaction) => transaction.query_all_raw(statement).await,
        }
    }
}

impl ByPlace for Transaction {
    async fn rows<T: Send>(
        &self,
        sql: &str,
        values: Vec<Value>,
        read: ReadRow<T>,
    ) -> Result<Vec<T>, DbErr> {
        match &self.inner {
            Held::Sqlite(lease) => lease.proxy().rows(sql, &values, read, true).expect("it waited"),
            Held::Postgres(transaction) => rows_of(transaction, sql, values, read).await,
        }
    }

    async fn write(&self, sql: &str, values: Vec<Value>) -> Result<u64, DbErr> {
        match &self.inner {
            Held::Sqlite(lease) => lease.proxy().write(sql, &values),
            Held::Postgres(transaction) => {
                let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
                Ok(transaction.execute_raw(statement).await?.rows_affected())
            }
        }
    }
}

/// What is committed, read outside any act. Screens read through purpose-made functions on it.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    connection: &'a DatabaseConnection,
    /// Set where the database is SQLite.
    sqlite: Option<&'a Sqlite>,
}

impl ByPlace for Reader<'_> {
    async fn rows<T: Send>(
        &self,
        sql: &str,
        values: Vec<Value>,
        read: ReadRow<T>,
    ) -> Result<Vec<T>, DbErr> {
        match self.sqlite {
            Some(sqlite) => sqlite.rows(sql, &values, read),
            None => rows_of(self.connection, sql, values, read).await,
        }
    }

    async fn write(&self, sql: &str, values: Vec<Value>) -> Result<u64, DbErr> {
        let backend = self.get_database_backend();
        let written =
            self.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        Ok(written.rows_affected())
    }
}

async fn rows_of<T>(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
    read: ReadRow<T>,
) -> Result<Vec<T>, DbErr> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    let rows = connection.query_all_raw(statement).await?;
    rows.iter().map(|row| read(&Row::Postgres(row))).collect()
}

#[async_trait::async_trait]
impl ConnectionTrait for Reader<'_> {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }
    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.connection.execute_raw(statement).await
    }
    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.connection.execute_unprepared(sql).await
    }
    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.connection.query_one_raw(statement).await
    }
    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.connection.query_all_raw(statement).await
    }
}

/// Gives the repositories of one table each, inside an act or outside: `tx.people()`, `store.read().people()`.
macro_rules! repositories {
    ($($name:ident -> $type:ident),+ $(,)?) => {
        impl Transaction {
            $(pub fn $name(&self) -> crate::$type<'_, Self> { crate::$type(self) })+
        }
        impl<'a> Reader<'a> {
            $(pub fn $name(&self) -> crate::$type<'_, Self> { crate::$type(self) })+
        }
    };
}

repositories! {
    people -> People,
    posts -> Posts,
    accounts -> Accounts,
    national_identities -> NationalIdentities,
    register_follow -> RegisterFollow,
    cases -> Cases,
    sources -> SourceDefinitions,
    records -> SourceRecords,
    runs -> Runs,
    plans -> Plans,
    counters -> Counters,
    means -> MeansTable,
    enrolment_codes -> EnrolmentCodes,
    operators -> Operators,
    sessions -> Sessions,
    logins -> Logins,
    jobs -> Jobs,
    audit -> AuditLog,
    clients -> Clients,
    codes -> Codes,
    standings -> Standings,
    tokens -> Tokens,
    pushed_requests -> PushedRequests,
    spent_ids -> SpentIds,
    decoupled -> DecoupledRequests,
    pings -> Pings,
    consents -> Consents,
    opening_clients -> OpeningClients,
    signing_keys -> SigningKeys,
    saved_views -> SavedViews,
    confirmations -> Confirmations,
    accords -> Accords,
    merges -> Merges,
    connector_checks -> ConnectorChecks,
    connector_reports -> ConnectorReports,
}
