//! Workflows: what the product does, one file a use case: begins, decides, saves, traces.
//! Refuses to know HTTP, SQL and where sources, keys and directories are (ports, handed over at start).
//! Start at `workflows.rs`, then `sync/mod.rs`.
mod accords;
mod acts;
mod anchor;
mod assign;
mod bulk;
mod cards;
mod case_accord;
mod cases;
mod clock;
mod confirm;
mod credential;
mod ended;
mod flood;
mod issue;
mod jobs;
pub mod login;
mod merge;
mod merge_trace;
pub mod oidc;
mod people;
mod refusal;
pub mod sandbox;
mod saved_views;
mod seal;
mod setup;
mod sources;
pub mod sync;
mod undo;
mod unlink;
pub mod views;
mod workflows;

pub use accords::{
    ACCORD, AccordError, LINK_ACCORD, TwoPeopleAct, TwoPeopleKind, WaitingAccord, WaitingAccords,
};
pub use acts::{OwnAct, UNDO_SPAN};
pub use anchor::{AnchorError, RestoreError, Restored};
pub use assign::Assigned;
pub use bulk::{BulkAct, BulkError, BulkReport, Chosen, MOST_AT_ONCE};
pub use cards::{CardReader, ListRefused, MissingList};
pub use cases::{CaseError, DecideCase};
pub use clock::ClockView;
pub use confirm::{AskedKey, CONFIRMED_FOR, ConfirmError, ConfirmedAct};
pub use credential::{Contradiction, CredentialError, CredentialOutcome};
pub use jobs::{JobContext, JobError, JobParams};
pub use merge::{MergeError, MergeEvidence, MergePeople};
pub use people::{ClosePerson, PersonError, SessionError};
pub use refusal::WorkflowError;
pub use saved_views::{PAGES, SavedViewError, SeenView, ViewDraft};
pub use seal::{SealError, VerifyReport};
pub use sources::{AddSource, SourceError};
pub use store::{Accord, Merge, SavedView, StoreError};
pub use undo::{UNDO, undo_until};
pub use workflows::{Parts, Workflows};
