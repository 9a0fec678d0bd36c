//! Targets: tells and writes outside. What is due, and when it is tried again, is decided elsewhere.
//! Knows no SQL and no person. Start at `logout_calls.rs`.
mod logout_calls;
mod published_keys;

pub use logout_calls::LogoutCalls;
pub use published_keys::PublishedKeys;
