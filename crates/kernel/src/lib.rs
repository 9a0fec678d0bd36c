//! Kernel: the words everyone speaks. Typed ids, numbers of the trade, actors, time, chance, secrets.
//! Refuses to know any rule of identity, login or storage, and any library that does IO.
//! Start at `ids.rs`, then `actor.rs`.
mod actor;
mod chance;
mod handle;
mod ids;
mod keys;
mod numbers;
mod reach;
mod secret;
mod steady;
mod time;
mod zone;

pub use actor::{Actor, ActorId, Capability, Forbidden, Role};
pub use chance::{OsRandomness, Randomness, SeededRandomness};
pub use handle::{Handle, HandleHash, HandleKind, InvalidHandle, TokenName};
pub use ids::*;
pub use keys::{KeyError, KeyStore, SigningAlgorithm, SigningKeyMaterial};
pub use numbers::{Finess, IdNat, IdNatPrefix, InvalidNumber, Matricule, Rpps, luhn_holds};
pub use reach::{Dependency, Reach, Reached};
pub use secret::Secret;
pub use steady::SteadyClock;
pub use time::{Clock, FixedClock, SystemClock};
pub use zone::{UnknownZone, Zone};

pub use chrono::{DateTime, NaiveDate, Utc};
pub use uuid::Uuid;
