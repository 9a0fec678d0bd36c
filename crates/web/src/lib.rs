//! Web: HTTP only. Receives, calls one workflow, shows what came of it.
//! Refuses to decide anything, and to know SQL, directories and sources.
//! Start at `admin/mod.rs` and `call.rs`.
pub mod admin;
pub mod call;
pub mod cookies;
pub mod guard;
pub mod login;
pub mod oidc;
pub mod portal;
pub mod problem;
pub mod sandbox;
