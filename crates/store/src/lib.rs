//! Store: the only crate that knows SQL. Rows in, domain types out, on SQLite and PostgreSQL alike.
//! Refuses to decide anything, and to let a write last without its audit event.
//! Start at `Store::begin` and `Transaction::commit`.
mod accounts;
mod audit_log;
mod cases;
mod clients;
mod codes;
mod confirmations;
mod connection;
mod counters;
mod entity;
mod error;
mod idempotency;
mod jobs;
mod logins;
mod means;
mod national_identities;
mod opening_clients;
mod people;
mod posts;
mod pushed;
mod records;
pub mod register;
mod register_follow;
mod runs;
mod saved_views;
mod sessions;
mod signing_keys;
mod source_definitions;
mod sqlite;
mod standings;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tokens;
mod upkeep;
pub mod views;

pub use self::sessions::Sessions;
pub use accounts::{Accounts, login_key};
pub use audit_log::{AuditEntry, AuditLog, Sealed};
pub use cases::Cases;
pub use clients::Clients;
pub use codes::Codes;
pub use confirmations::{Confirmation, Confirmations};
pub use connection::{Place, PostgresUrl, Reader, Store, Transaction};
pub use counters::{Counter, Counters};
pub use error::StoreError;
pub use idempotency::Repeated;
pub use jobs::{Job, JobState, Jobs};
pub use logins::{Login, Logins};
pub use means::{EnrolmentCodes, MeansTable, Operators};
pub use national_identities::NationalIdentities;
pub use opening_clients::{DueLogout, DueWhen, OpeningClients};
pub use people::People;
pub use posts::Posts;
pub use pushed::{PushedRequests, SpentIds};
pub use records::{SourceRecord, SourceRecords, Staged};
pub use register_follow::RegisterFollow;
pub use runs::{Plans, Runs};
pub use saved_views::{SavedView, SavedViews};
pub use signing_keys::SigningKeys;
pub use source_definitions::{SourceDefinition, SourceDefinitions, SourceVersion};
pub use standings::{Standing, Standings};
pub use tokens::Tokens;
pub use upkeep::{Attempts, Upkeep};
