//! What cards say: the certificate of a CPS is judged here, against pinned authorities and lists of revoked cards.
//! Knows no TLS, no file, no network and no person: only what the bytes of a card prove.
//! Start at `judge_card`.
mod authority;
mod der;
mod extensions;
mod fault;
mod holder;
mod judge;
mod list;
mod lists;
mod profile;
mod signed;
mod verified;

pub use authority::{AuthorityFault, AuthorityLine, CardAuthorities};
pub use fault::CardFault;
pub use judge::{CardRules, judge_card};
pub use list::{ListFault, RevocationList};
pub use lists::{ListLine, RevocationLists};
pub use verified::{CardKind, InvalidCard, VerifiedCard};

#[cfg(test)]
mod tests;
