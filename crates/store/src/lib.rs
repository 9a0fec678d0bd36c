//! Store: the only crate that knows SQL. Rows in, domain types out, on SQLite and PostgreSQL alike.
//! Refuses to decide anything, and to let a write last without its audit event.
//! Start at `Store::begin` and `Transaction::commit`.
mod accounts;
mod audit_log;
mod cases;
mod connection;
mod counters;
mod entity;
mod error;
mod jobs;
mod national_identities;
mod people;
mod posts;
mod records;
pub mod register;
mod runs;
mod source_definitions;
mod sqlite;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod upkeep;
pub mod views;

pub use accounts::{Accounts, login_key};
pub use audit_log::{AuditEntry, AuditLog, Sealed};
pub use cases::Cases;
pub use connection::{Place, PostgresUrl, Reader, Store, Transaction};
pub use counters::{Counter, Counters};
pub use error::StoreError;
pub use jobs::{Job, JobState, Jobs};
pub use national_identities::NationalIdentities;
pub use people::People;
pub use posts::Posts;
pub use records::{SourceRecord, SourceRecords, Staged};
pub use runs::{Plans, Runs};
pub use source_definitions::{SourceDefinition, SourceDefinitions, SourceVersion};
pub use upkeep::{Attempts, Upkeep};
