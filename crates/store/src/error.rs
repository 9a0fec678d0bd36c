use sea_orm::{DbErr, SqlErr};

/// What the store could not do. The driver's error is kept as the cause, for the log alone.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique rule of the database was about to be broken: somebody else was first.
    #[error("this already exists: {0}")]
    Conflict(String),
    /// The row changed since it was read.
    #[error("{table} changed since it was read")]
    Stale { table: &'static str },
    /// A row does not parse into its domain type.
    #[error("the row {row} of {table} does not hold: column {column}")]
    Corrupt { table: &'static str, row: String, column: &'static str },
    /// The database was made by a newer version of Hygie.
    #[error(
        "the database holds the migration {migration}, which this version does not know; start the newer version, or restore a backup made before the upgrade"
    )]
    Newer { migration: String },
    /// Another writer holds the database for too long.
    #[error("the database stayed locked for {seconds} s; is another process writing to it?")]
    Locked { seconds: u64 },
    #[error("the database is read-only: {0}")]
    ReadOnly(String),
    #[error("the disk is full: {0}")]
    Full(String),
    #[error("the act cannot be recorded in the audit: {0}")]
    Unrecordable(String),
    #[error("the database cannot be opened ({place}): {cause}")]
    Unopened { place: String, cause: String },
    #[error("the database failed to {attempted}")]
    Database { attempted: &'static str, source: DbErr },
}

impl StoreError {
    /// Sorts a driver error by what an operator can do about it.
    pub(crate) fn from_db(attempted: &'static str, error: DbErr) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(rule)) = error.sql_err() {
            return Self::Conflict(rule);
        }
        let text = error.to_string();
        if text.contains("UNIQUE constraint failed") {
            return Self::Conflict(text);
        }
        if text.contains("readonly database") || text.contains("read-only transaction") {
            return Self::ReadOnly(text);
        }
        if text.contains("database or disk is full") || text.contains("No space left") {
            return Self::Full(text);
        }
        Self::Database { attempted, source: error }
    }
}

/// Names the attempt on the way up: `.attempted("read people")?`.
pub(crate) trait Attempted<T> {
    fn attempted(self, what: &'static str) -> Result<T, StoreError>;
}

impl<T> Attempted<T> for Result<T, DbErr> {
    fn attempted(self, what: &'static str) -> Result<T, StoreError> {
        self.map_err(|error| StoreError::from_db(what, error))
    }
}
