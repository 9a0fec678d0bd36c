//! Directory: people, their posts, accounts and national identities; arrival, move, departure.
//! Refuses to know where the facts came from (sources) and how they are kept (store).
//! Start at `person.rs`.
mod case;
mod person;
pub mod planning;
mod register_standing;
mod release;
mod run;

pub use case::{Case, CaseKind, CaseState, Decision};
pub use person::{
    Account, Channel, Closing, NationalIdentity, Person, PersonKeys, PersonState, Post, PostState,
};
pub use register_standing::{
    ABSENT_AFTER, AliasOrigin, NationalAlias, RegisterBrake, RegisterChange, RegisterChangeKind,
    RegisterDifference, RegisterShift, RegisterStanding, RegisterTold, ToldBy,
};
pub use release::{FourEyes, Release};
pub use run::{
    Act, BrakeReading, FeedFault, FieldChange, ItemKind, PlanItem, Run, RunCounts, RunKind,
    RunState,
};
