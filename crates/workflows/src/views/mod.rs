//! What screens are told: reads, each behind its right. Nothing here changes anything but the trace of the reading.
mod cases;
mod console;
mod home;
mod journal;
mod may_open;
mod names;
mod people;
mod register;
mod repeated;
mod runs;
mod system;
mod tiles;
mod token_preview;

pub use cases::CaseSheet;
pub use console::ConsoleCaller;
pub use home::{HomeView, SourceLine, Waiting};
pub use journal::{EntryProof, JournalPage};
pub(crate) use names::KnownSites;
pub use names::{EventNames, SiteNames};
pub use people::{ApplicationStanding, PersonSheet, TimelinePage};
pub use register::{REGISTER_LIMIT_DAYS, RegisterSheet};
pub use repeated::{KeptAnswer, RepeatError};
pub use runs::{RunItems, RunSheet, SourceRuns, SourceSheet, folded_id, question};
pub use system::{KeyLine, SystemSheet};
pub(crate) use tiles::Tiles;
pub use token_preview::TokenPreview;

// What these reads hand over, named here so that `web` need not know the store.
pub use store::register::RegisterVersion;
pub use store::views::{
    audit_trail, case_queue, people as people_list, person as person_parts, plan, receipts,
};
pub use store::{AuditEntry, Job, JobState, SourceDefinition, SourceRecord, SourceVersion};
