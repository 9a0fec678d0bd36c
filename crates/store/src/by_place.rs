//! Statements that are asked thousands of times a second: a text that never changes, prepared once on each connection,
//! and rows read by place. The builder of sea-orm makes its text anew each time, and looks every value up by name: three
//! quarters of what a read costs (crates/BENCHMARKS.md). Everything that is asked less often stays with it.
use crate::entity::{authorization_code, client, national_identity, session, signing_key, token};
use crate::sqlite::query_error;
use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::types::ValueRef;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, TryGetable, Value, prelude::Uuid};

/// A row, whichever database gave it.
pub enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a QueryResult),
}

impl Row<'_> {
    pub fn get<T: Cell>(&self, place: usize) -> Result<T, DbErr> {
        match self {
            Self::Sqlite(row) => {
                let value = row.get_ref(place).map_err(query_error)?;
                let other = || DbErr::Type(format!("column {place} holds {:?}", value.data_type()));
                T::read(value).ok_or_else(other)
            }
            Self::Postgres(row) => row.try_get_by_index(place),
        }
    }
}

/// Reads one row.
pub type ReadRow<T> = fn(&Row<'_>) -> Result<T, DbErr>;

/// A connection that takes such statements. Their values are written `$1`, `$2`… in order, for both databases.
pub trait ByPlace: ConnectionTrait {
    fn rows<T: Send>(
        &self,
        sql: &str,
        values: Vec<Value>,
        read: ReadRow<T>,
    ) -> impl Future<Output = Result<Vec<T>, DbErr>> + Send;

    /// How many rows it changed. Outside an act the database refuses it.
    fn write(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> impl Future<Output = Result<u64, DbErr>> + Send;
}

/// A value of a column.
pub trait Cell: TryGetable {
    /// As SQLite keeps it; `None` when it holds another type.
    fn read(value: ValueRef<'_>) -> Option<Self>;
}

impl<T: Cell> Cell for Option<T> {
    fn read(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Null => Some(None),
            held => T::read(held).map(Some),
        }
    }
}

impl Cell for Uuid {
    fn read(value: ValueRef<'_>) -> Option<Self> {
        Self::from_slice(value.as_blob().ok()?).ok()
    }
}

impl Cell for String {
    fn read(value: ValueRef<'_>) -> Option<Self> {
        value.as_str().ok().map(str::to_owned)
    }
}

impl Cell for Vec<u8> {
    fn read(value: ValueRef<'_>) -> Option<Self> {
        value.as_blob().ok().map(<[u8]>::to_vec)
    }
}

impl Cell for bool {
    fn read(value: ValueRef<'_>) -> Option<Self> {
        value.as_i64().ok().map(|number| number != 0)
    }
}

impl Cell for i64 {
    fn read(value: ValueRef<'_>) -> Option<Self> {
        value.as_i64().ok()
    }
}

impl Cell for DateTime<Utc> {
    fn read(value: ValueRef<'_>) -> Option<Self> {
        crate::sqlite::timestamp(value.as_bytes().ok()?)
    }
}

impl Cell for NaiveDate {
    fn read(value: ValueRef<'_>) -> Option<Self> {
        crate::sqlite::date(value.as_bytes().ok()?)
    }
}

/// A row of a table, whose columns stand one after the other.
pub trait Columns: Sized {
    const NAMES: &'static [&'static str];

    /// Reads it where it begins.
    fn at(row: &Row<'_>, first: usize) -> Result<Self, DbErr>;

    fn values(self) -> Vec<Value>;

    /// `a.id, a.state, …`
    fn listed(alias: &str) -> String {
        let named: Vec<String> = Self::NAMES.iter().map(|name| format!("{alias}.{name}")).collect();
        named.join(", ")
    }

    fn first(row: &Row<'_>) -> Result<Self, DbErr> {
        Self::at(row, 0)
    }

    /// `INSERT INTO table (…) VALUES ($1, …)`
    fn insertion(table: &str) -> String {
        let places: Vec<String> =
            (1..=Self::NAMES.len()).map(|place| format!("${place}")).collect();
        format!("INSERT INTO {table} ({}) VALUES ({})", Self::NAMES.join(", "), places.join(", "))
    }
}

macro_rules! columns {
    ($($row:path { $($column:ident),+ $(,)? })+) => {$(
        impl $crate::by_place::Columns for $row {
            const NAMES: &'static [&'static str] = &[$(stringify!($column)),+];

            fn at(
                row: &$crate::by_place::Row<'_>,
                first: usize,
            ) -> Result<Self, sea_orm::DbErr> {
                let mut place = first..;
                let mut next = || place.next().expect("there is no last place");
                Ok(Self { $($column: row.get(next())?),+ })
            }

            fn values(self) -> Vec<sea_orm::Value> {
                vec![$(self.$column.into()),+]
            }
        }
    )+};
}

pub(crate) use columns;

columns! {
    client::Model { id, client_id, issuer, name, enabled, profile, settings, secret_hash, version, created_at }
    session::Model {
        id, listener, handle_hash, person_id, operator_id, assurance, auth_time, opened_at, last_seen_at, expires_at,
        closed_at, close_reason, epoch, sid, browser_hash, exercise,
    }
    token::Model {
        number, ends_at, access_hash, access_ends_at, access_revoked_at, refresh_hash, refresh_ends_at, used_at,
        revoked_at, issued_at, session_id, person_id, client, family, issuer, details, refresh_details,
    }
    authorization_code::Model {
        code_hash, issuer, client, person_id, session_id, sid, details, issued_at, expires_at, used_at,
    }
    national_identity::Model {
        id, person_id, id_nat, is_rpps, channel, evidence, decided_by, verified_at, next_check, ended_at,
    }
    signing_key::Model {
        id, kid, issuer, algorithm, sealed, public_jwk, state, created_at, active_from, retire_after,
    }
}
