//! Logins approved elsewhere than where they were asked (RFC 8628, CIBA): the person says yes on a page of ours, after a
//! fresh login, with the application's name and what binds the two screens before her (threats OP-26).
mod ask;
mod hint;
mod redeem;
mod word;

pub use ask::DecoupledAnswer;
pub use word::{Decided, Typed, WaitingRequest};
