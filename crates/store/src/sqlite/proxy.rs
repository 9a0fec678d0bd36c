//! sea-orm over rusqlite, through sea-orm's `proxy` port: the same repositories serve both databases, and a
//! statement costs no hop to another thread (decision 0002). Values come back by the declared type of their column.
use crate::by_place::{ReadRow, Row};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rusqlite::types::{Value as SqlValue, ValueRef};
use sea_orm::{
    DbErr, ProxyDatabaseTrait, ProxyExecResult, ProxyRow, RuntimeErr, Statement, Value,
    prelude::Uuid,
};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, TryLockError};

/// One SQLite connection, used by one statement at a time.
#[derive(Debug)]
pub struct SqliteProxy {
    connection: Mutex<rusqlite::Connection>,
    /// A transaction was begun: what is written outside it would last alone, without its trace.
    in_transaction: AtomicBool,
}

impl SqliteProxy {
    pub fn new(connection: rusqlite::Connection) -> Self {
        connection.set_prepared_statement_cache_capacity(256);
        Self { connection: Mutex::new(connection), in_transaction: AtomicBool::new(false) }
    }

    fn held(&self) -> MutexGuard<'_, rusqlite::Connection> {
        self.connection.lock().expect("no statement panics")
    }

    /// Begins a transaction. From here to `end`, nothing is written outside it: SQLite undoes a transaction by itself when
    /// the disk is full or fails (sqlite.org/lang_transaction.html, section 2.4), and an act that went on regardless would
    /// write each statement alone.
    pub fn begin(&self) -> Result<(), rusqlite::Error> {
        self.order("BEGIN IMMEDIATE")?;
        self.in_transaction.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// What was begun is about to be committed or rolled back.
    pub fn end(&self) {
        self.in_transaction.store(false, Ordering::SeqCst);
    }

    fn still_whole(&self, connection: &rusqlite::Connection) -> Result<(), rusqlite::Error> {
        if self.in_transaction.load(Ordering::SeqCst) && connection.is_autocommit() {
            let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT_ROLLBACK);
            let words = "the database has undone this act".to_owned();
            return Err(rusqlite::Error::SqliteFailure(code, Some(words)));
        }
        Ok(())
    }

    /// Runs statements without values: BEGIN, SAVEPOINT, COMMIT, pragmas, migrations.
    pub fn batch(&self, sql: &str) -> Result<(), rusqlite::Error> {
        self.held().execute_batch(sql)
    }

    /// One statement without values that comes with each act, prepared once.
    pub fn order(&self, sql: &str) -> Result<(), rusqlite::Error> {
        let connection = self.held();
        connection.prepare_cached(sql)?.raw_execute().map(drop)
    }

    /// Rows read by place; `None` when the connection serves another statement and this one need not wait for it.
    pub fn rows<T>(
        &self,
        sql: &str,
        values: &[Value],
        read: ReadRow<T>,
        waits: bool,
    ) -> Option<Result<Vec<T>, DbErr>> {
        let connection = match self.connection.try_lock() {
            Ok(connection) => connection,
            Err(TryLockError::WouldBlock) if !waits => return None,
            Err(_) => self.held(),
        };
        if let Err(error) = self.still_whole(&connection) {
            return Some(Err(query_error(error)));
        }
        Some(rows_of(&connection, sql, values, read))
    }

    /// How many rows a statement of a text that never changes has changed.
    pub fn write(&self, sql: &str, values: &[Value]) -> Result<u64, DbErr> {
        let connection = self.held();
        let changed = || {
            self.still_whole(&connection)?;
            let mut prepared = connection.prepare_cached(sql)?;
            bind(&mut prepared, values)?;
            prepared.raw_execute()
        };
        changed().map(|count| count as u64).map_err(query_error)
    }

    fn run_query(&self, statement: &Statement) -> Result<Vec<ProxyRow>, rusqlite::Error> {
        let connection = self.held();
        self.still_whole(&connection)?;
        let mut prepared = connection.prepare_cached(&statement.sql)?;
        let columns: Vec<(String, Kind)> = prepared
            .columns()
            .iter()
            .map(|column| (column.name().to_owned(), Kind::declared(column.decl_type())))
            .collect();
        let mut rows = prepared.query(rusqlite::params_from_iter(values_of(statement)?))?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let mut values = BTreeMap::new();
            for (place, (name, kind)) in columns.iter().enumerate() {
                values.insert(name.clone(), kind.read(place, row.get_ref(place)?)?);
            }
            out.push(ProxyRow::new(values));
        }
        Ok(out)
    }

    fn run_execute(&self, statement: &Statement) -> Result<ProxyExecResult, rusqlite::Error> {
        let connection = self.held();
        self.still_whole(&connection)?;
        let values = values_of(statement)?;
        let mut prepared = connection.prepare_cached(&statement.sql)?;
        let affected = if prepared.column_count() == 0 {
            prepared.execute(rusqlite::params_from_iter(values))?
        } else {
            let mut rows = prepared.query(rusqlite::params_from_iter(values))?;
            let mut count = 0;
            while rows.next()?.is_some() {
                count += 1;
            }
            count
        };
        let last = u64::try_from(connection.last_insert_rowid()).unwrap_or(0);
        Ok(ProxyExecResult::new(last, affected as u64))
    }
}

#[async_trait::async_trait]
impl ProxyDatabaseTrait for SqliteProxy {
    async fn query(&self, statement: Statement) -> Result<Vec<ProxyRow>, DbErr> {
        self.run_query(&statement).map_err(query_error)
    }

    async fn execute(&self, statement: Statement) -> Result<ProxyExecResult, DbErr> {
        let migration = statement.values.is_none();
        let run = if migration && is_script(&statement.sql) {
            self.batch(&statement.sql).map(|()| ProxyExecResult::default())
        } else {
            self.run_execute(&statement)
        };
        run.map_err(|error| DbErr::Exec(RuntimeErr::Internal(error.to_string())))
    }
}

fn rows_of<T>(
    connection: &rusqlite::Connection,
    sql: &str,
    values: &[Value],
    read: ReadRow<T>,
) -> Result<Vec<T>, DbErr> {
    let mut prepared = connection.prepare_cached(sql).map_err(query_error)?;
    bind(&mut prepared, values).map_err(query_error)?;
    let mut rows = prepared.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(query_error)? {
        found.push(read(&Row::Sqlite(row))?);
    }
    Ok(found)
}

fn bind(prepared: &mut rusqlite::Statement<'_>, values: &[Value]) -> Result<(), rusqlite::Error> {
    for (place, value) in values.iter().enumerate() {
        prepared.raw_bind_parameter(place + 1, bound(value)?)?;
    }
    Ok(())
}

/// A trigger holds semicolons and goes as a script.
fn is_script(sql: &str) -> bool {
    sql.starts_with("CREATE TRIGGER")
}

pub fn query_error(error: rusqlite::Error) -> DbErr {
    DbErr::Query(RuntimeErr::Internal(error.to_string()))
}

/// How a column is declared by the migrations, so how its value must come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Boolean,
    Integer,
    Double,
    Uuid,
    Timestamp,
    Date,
    Bytes,
    Text,
    /// An expression: the storage class decides.
    Undeclared,
}

impl Kind {
    fn declared(decl_type: Option<&str>) -> Self {
        let Some(name) = decl_type else { return Self::Undeclared };
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "boolean" => Self::Boolean,
            "uuid_text" => Self::Uuid,
            "timestamp_with_timezone_text" => Self::Timestamp,
            "date_text" => Self::Date,
            "blob" => Self::Bytes,
            "double" | "real" | "float" => Self::Double,
            other if other.contains("int") => Self::Integer,
            _ => Self::Text,
        }
    }

    fn read(self, place: usize, value: ValueRef<'_>) -> Result<Value, rusqlite::Error> {
        let bad =
            || rusqlite::Error::InvalidColumnType(place, format!("{self:?}"), value.data_type());
        Ok(match (self, value) {
            (Self::Boolean, ValueRef::Null) => Value::Bool(None),
            (Self::Boolean, ValueRef::Integer(value)) => Value::Bool(Some(value != 0)),
            (Self::Integer, ValueRef::Null) => Value::BigInt(None),
            (Self::Integer | Self::Undeclared, ValueRef::Integer(value)) => {
                Value::BigInt(Some(value))
            }
            (Self::Double, ValueRef::Null) => Value::Double(None),
            (Self::Double | Self::Undeclared, ValueRef::Real(value)) => Value::Double(Some(value)),
            (Self::Uuid, ValueRef::Null) => Value::Uuid(None),
            (Self::Uuid, ValueRef::Blob(bytes)) => {
                Value::Uuid(Some(Uuid::from_slice(bytes).map_err(|_| bad())?))
            }
            (Self::Timestamp, ValueRef::Null) => Value::ChronoDateTimeUtc(None),
            (Self::Timestamp, ValueRef::Text(text)) => {
                Value::ChronoDateTimeUtc(Some(timestamp(text).ok_or_else(bad)?))
            }
            (Self::Date, ValueRef::Null) => Value::ChronoDate(None),
            (Self::Date, ValueRef::Text(text)) => {
                Value::ChronoDate(Some(date(text).ok_or_else(bad)?))
            }
            (Self::Bytes, ValueRef::Null) => Value::Bytes(None),
            (Self::Bytes | Self::Undeclared, ValueRef::Blob(bytes)) => {
                Value::Bytes(Some(bytes.to_vec()))
            }
            (Self::Text | Self::Undeclared, ValueRef::Null) => Value::String(None),
            (Self::Text | Self::Undeclared, ValueRef::Text(text)) => {
                Value::String(Some(std::str::from_utf8(text).map_err(|_| bad())?.to_owned()))
            }
            _ => return Err(bad()),
        })
    }
}

/// Written so that texts sort as times do.
fn timestamp_text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

pub fn timestamp(text: &[u8]) -> Option<DateTime<Utc>> {
    let text = std::str::from_utf8(text).ok()?;
    Some(DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc))
}

pub fn date(text: &[u8]) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(std::str::from_utf8(text).ok()?, "%Y-%m-%d").ok()
}

fn values_of(statement: &Statement) -> Result<Vec<SqlValue>, rusqlite::Error> {
    let Some(values) = &statement.values else { return Ok(Vec::new()) };
    values.0.iter().map(bound).collect()
}

fn bound(value: &Value) -> Result<SqlValue, rusqlite::Error> {
    fn or_null<T>(value: Option<T>, to: impl FnOnce(T) -> SqlValue) -> SqlValue {
        value.map_or(SqlValue::Null, to)
    }
    Ok(match value {
        Value::Bool(value) => or_null(*value, |value| SqlValue::Integer(i64::from(value))),
        Value::TinyInt(value) => or_null(*value, |value| SqlValue::Integer(value.into())),
        Value::SmallInt(value) => or_null(*value, |value| SqlValue::Integer(value.into())),
        Value::Int(value) => or_null(*value, |value| SqlValue::Integer(value.into())),
        Value::BigInt(value) => or_null(*value, SqlValue::Integer),
        Value::TinyUnsigned(value) => or_null(*value, |value| SqlValue::Integer(value.into())),
        Value::SmallUnsigned(value) => or_null(*value, |value| SqlValue::Integer(value.into())),
        Value::Unsigned(value) => or_null(*value, |value| SqlValue::Integer(value.into())),
        Value::BigUnsigned(value) => match value.map(i64::try_from).transpose() {
            Ok(value) => or_null(value, SqlValue::Integer),
            Err(_) => return Err(rusqlite::Error::IntegralValueOutOfRange(0, i64::MAX)),
        },
        Value::Float(value) => or_null(*value, |value| SqlValue::Real(value.into())),
        Value::Double(value) => or_null(*value, SqlValue::Real),
        Value::String(value) => or_null(value.clone(), SqlValue::Text),
        Value::Char(value) => or_null(*value, |value| SqlValue::Text(value.to_string())),
        Value::Bytes(value) => or_null(value.clone(), SqlValue::Blob),
        Value::Uuid(value) => or_null(*value, |value| SqlValue::Blob(value.as_bytes().to_vec())),
        Value::ChronoDateTimeUtc(value) => {
            or_null(*value, |value| SqlValue::Text(timestamp_text(value)))
        }
        Value::ChronoDate(value) => or_null(*value, |value| SqlValue::Text(value.to_string())),
        other => {
            return Err(rusqlite::Error::ToSqlConversionFailure(
                format!("no column of ours holds {other:?}").into(),
            ));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row of every kind of column, full and null: what goes in comes out as the same variant.
    #[test]
    fn what_follows_a_transaction_that_the_database_undid_is_not_written_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("small.db");
        let proxy = SqliteProxy::new(rusqlite::Connection::open(&file).expect("open"));
        proxy.batch("CREATE TABLE kept (bytes BLOB); PRAGMA max_page_count = 20").expect("made");
        proxy.begin().expect("begun");
        proxy.write("INSERT INTO kept VALUES (1)", &[]).expect("written");
        proxy.write("INSERT INTO kept VALUES (zeroblob(1000000))", &[]).expect_err("full");
        let error =
            proxy.write("INSERT INTO kept VALUES (2)", &[]).expect_err("undone").to_string();
        assert!(error.contains("undone"), "{error}");
        proxy.end();
        proxy.batch("ROLLBACK").expect_err("nothing to roll back");
        let left = |proxy: &SqliteProxy| -> i64 {
            let count = "SELECT count(*) FROM kept";
            proxy.held().query_row(count, [], |row| row.get(0)).expect("count")
        };
        assert_eq!(left(&proxy), 0);
        proxy.begin().expect("the next act begins");
        proxy.write("INSERT INTO kept VALUES (3)", &[]).expect("and writes");
        proxy.end();
        proxy.order("COMMIT").expect("and lasts");
        assert_eq!(left(&proxy), 1);
    }

    #[test]
    fn every_declared_type_comes_back_as_its_own_variant() {
        let proxy = SqliteProxy::new(rusqlite::Connection::open_in_memory().expect("memory"));
        proxy
            .batch(
                "CREATE TABLE t (a boolean, b bigint, c uuid_text, d timestamp_with_timezone_text, \
                 e date_text, f blob, g text, h integer, i double)",
            )
            .expect("table");
        let at =
            DateTime::parse_from_rfc3339("2026-11-22T05:00:00.123456Z").expect("time").to_utc();
        let full = vec![
            Value::Bool(Some(true)),
            Value::BigInt(Some(-7)),
            Value::Uuid(Some(Uuid::from_u128(42))),
            Value::ChronoDateTimeUtc(Some(at)),
            Value::ChronoDate(NaiveDate::from_ymd_opt(1988, 2, 29)),
            Value::Bytes(Some(vec![0, 255])),
            Value::String(Some("L’Hôte".to_owned())),
            Value::BigInt(Some(9)),
            Value::Double(Some(0.5)),
        ];
        let nulls = vec![
            Value::Bool(None),
            Value::BigInt(None),
            Value::Uuid(None),
            Value::ChronoDateTimeUtc(None),
            Value::ChronoDate(None),
            Value::Bytes(None),
            Value::String(None),
            Value::BigInt(None),
            Value::Double(None),
        ];
        for given in [full, nulls] {
            let insert = Statement::from_sql_and_values(
                sea_orm::DbBackend::Sqlite,
                "INSERT INTO t VALUES (?,?,?,?,?,?,?,?,?)",
                given.clone(),
            );
            assert_eq!(proxy.run_execute(&insert).expect("insert").rows_affected, 1);
            let select = Statement::from_string(
                sea_orm::DbBackend::Sqlite,
                "SELECT * FROM t ORDER BY rowid DESC LIMIT 1".to_owned(),
            );
            let rows = proxy.run_query(&select).expect("select");
            let read: Vec<Value> = rows[0].values.values().cloned().collect();
            assert_eq!(read, given, "columns a to i, in that order");
        }
    }

    #[test]
    fn a_value_of_another_type_in_a_column_is_an_error_not_a_null() {
        let proxy = SqliteProxy::new(rusqlite::Connection::open_in_memory().expect("memory"));
        proxy
            .batch("CREATE TABLE t (c uuid_text); INSERT INTO t VALUES ('no uuid')")
            .expect("table");
        let select =
            Statement::from_string(sea_orm::DbBackend::Sqlite, "SELECT c FROM t".to_owned());
        assert!(proxy.run_query(&select).is_err());
    }
}
