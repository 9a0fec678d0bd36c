//! Reconciliation: is this identity someone we know? Is this member of staff in the national register?
//! Pure: refuses to read or write anything; a doubt is an answer, a name alone is never proof.
//! Start at `people.rs` (identity against people), then `link.rs` (people against the register).
mod assign;
mod compare;
mod frequencies;
pub mod grades;
mod here;
mod levels;
mod link;
mod register;
mod rules;
mod why;

pub use link::{
    Candidate, Decision, LinkChannel, LinkError, LinkPolicy, Outcome, Staff, link, name_forms,
};
pub use register::{
    BirthRecord, BlockKey, INDEX_VERSION, NameForms, Practice, RegisterPerson, RegisterSearch,
    SearchFault, Term, register_keys, staff_keys, terms,
};
pub use why::{Contribution, Field, Sign, Why};
