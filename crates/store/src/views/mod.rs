//! What screens read: purpose-made structs, outside any act. One file a screen.
pub mod audit_trail;
pub mod case_queue;
pub mod keys;
pub mod people;
pub mod person;
pub mod plan;
pub mod receipts;
