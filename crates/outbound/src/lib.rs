//! Outbound: the only way out. LDAP and HTTP clients with their anchors, time-outs, bounds and allowed hosts.
//! Refuses to know what is said through them, and to send anything in clear.
//! Start at `ldap.rs` and `http.rs`.
mod anchors;
pub mod download;
mod error;
pub mod http;
pub mod ldap;
mod limits;
#[cfg(test)]
mod script;

pub use anchors::Anchors;
pub use error::OutboundError;
pub use limits::{AllowedHosts, Timeouts};
