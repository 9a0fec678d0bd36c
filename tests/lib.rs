//! Scenario tests live in `it/`; this crate only carries them.
