//! Directory: people, their posts, accounts and national identities; arrival, move, departure.
//! Refuses to know where the facts came from (sources) and how they are kept (store).
//! Start at `person.rs`.
mod person;

pub use person::{
    Account, Channel, Closing, NationalIdentity, Person, PersonState, Post, PostState,
};
