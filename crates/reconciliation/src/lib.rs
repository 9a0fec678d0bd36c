//! Reconciliation: is this identity someone we know? Is this member of staff in the national register?
//! Pure: refuses to read or write anything; a doubt is an answer, a name alone is never proof.
//! Start at `people.rs` (identity against people), then `link.rs` (people against the register).
mod accounts;
mod assign;
mod compare;
mod evaluate;
mod explain;
mod frequencies;
pub mod grades;
mod here;
mod known;
mod levels;
mod link;
#[cfg(test)]
mod link_tests;
mod model;
mod outline;
#[cfg(test)]
mod outline_tests;
mod people;
mod register;
mod rules;
#[cfg(test)]
mod scripted;
mod search;
mod sites;
mod why;

pub use accounts::account_of;
pub use evaluate::{Figures, Population, Share, Truth, evaluate};
pub use known::{KnownPeople, KnownPerson};
pub use link::{
    Candidate, Decision, LinkChannel, LinkError, LinkPolicy, Outcome, Staff, link, name_forms,
};
pub use outline::{NameMark, Outline, PlaceMark, PracticeSet};
pub use people::{Verdict, names_agree, person_of};
pub use register::{
    BirthRecord, BlockKey, INDEX_VERSION, Meeting, NameForms, Practice, RegisterPerson,
    RegisterSearch, SearchFault, Term, register_keys, staff_keys, terms,
};
pub use why::{Contribution, Field, Sign, Why};
