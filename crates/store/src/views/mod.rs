//! What screens read: purpose-made structs, outside any act. One file a screen.
pub mod people;
