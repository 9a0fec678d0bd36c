//! Identity: what a source said, staged verbatim, becomes a normalised identity.
//! Refuses to decide who it is (reconciliation) and to read anything itself (the port `Source`).
//! Start at `identity.rs`, then `mapping.rs`.
mod identity;
pub mod names;
mod port;
pub mod register;

pub use identity::{
    AccountFields, BirthPlace, ExternalKey, Identity, IdentityKind, Names, PostFields,
    ProfessionCode, Sex,
};
pub use port::{Line, Reading, Source, SourceError, SourceKind, SourceOpener};
