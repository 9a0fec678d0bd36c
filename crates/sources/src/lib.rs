//! sources
pub mod register;
