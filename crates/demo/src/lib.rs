//! The synthetic hospital: HR, AD and register files with their truth kept apart, a software
//! authenticator, a PKI of cards, and the demo DPI. Knows no rule of Hygie: only formats that the outside has.
//! Start at `hospital::generate`.
pub mod authenticator;
pub mod cards;
pub mod dpi;
pub mod hospital;
