//! Identity: what a source said, staged verbatim, becomes a normalised identity.
//! Refuses to decide who it is (reconciliation) and to read anything itself (the port `Source`).
//! Start at `identity.rs`, then `mapping.rs`, `stage.rs`, `normalise.rs`.
mod account;
mod fault;
mod identity;
pub mod mapping;
pub mod names;
pub mod nearest;
mod normalise;
mod port;
pub mod register;
mod stage;
mod value;

pub use account::{ACCOUNT_ATTRIBUTES, DISTINGUISHED_NAME, LOGIN};
pub use fault::{Expected, Fault, Found};
pub use identity::{
    AccountFields, BirthPlace, ExternalKey, Identity, IdentityKind, Names, PostFields,
    ProfessionCode, Sex,
};
pub use mapping::{Mapping, MappingFault};
pub use normalise::{Normalised, normalise};
pub use port::{Line, Origin, Reading, Source, SourceError, SourceKind, SourceOpener};
pub use stage::{OBJECT_GUID, Staged, StagedRecord, Stager};
