//! Audit: what is worth remembering. Typed events (ids and hashes only), sealed in a Merkle log that a stranger can check.
//! Refuses to know people: no name, no birth date, no login, no free text ever reaches an event; and any library that does IO.
//! Start at `event.rs`, then `record.rs`, `merkle.rs`, `checkpoint.rs` and `verify.rs`.
mod checkpoint;
mod digest;
mod event;
mod events;
mod merkle;
mod proof;
mod record;
mod verify;
mod words;

pub use checkpoint::{Checkpoint, InvalidOrigin, NoteError, Origin, VerifierKey};
pub use digest::Digest;
pub use event::AuditEvent;
pub use events::{Events, NoEvent};
pub use merkle::{Frontier, InvalidFrontier, empty_root, leaf_hash, node_hash};
pub use proof::{
    InvalidProof, consistency_proof, inclusion_proof, verify_consistency, verify_inclusion,
};
pub use record::{AuditRecord, MAX_ENTRY_BYTES, RecordError};
pub use verify::{Fault, LogVerifier, StoredEntry, Verdict, verify_log};
pub use words::{
    AccessKind, Category, ClosingCause, Code, InvalidWord, Outcome, Reference, Retention,
    RunCounts, SettingChange, SettingValue, Term,
};
