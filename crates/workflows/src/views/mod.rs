//! What screens are told: reads, each behind its right. Nothing here changes anything but the trace of the reading.
mod cases;
mod home;
mod journal;
mod people;
mod runs;

pub use cases::CaseSheet;
pub use home::{HomeView, SourceLine, Waiting};
pub use journal::{EntryProof, JournalPage};
pub use people::{PersonSheet, TimelinePage};
pub use runs::{RunSheet, SourceSheet};
