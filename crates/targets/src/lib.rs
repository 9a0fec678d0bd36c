//! Targets: tells and writes outside. What is due, and when it is tried again, is decided elsewhere.
//! Knows no SQL and no person. Start at `logout_calls.rs`.
mod logout_calls;

pub use logout_calls::LogoutCalls;
