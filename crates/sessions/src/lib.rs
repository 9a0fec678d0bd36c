//! Sessions: opened by proofs, closed by time or by people; and the one decision before anything is issued.
//! Refuses to know HTTP, cookies and SQL.
//! Start at `session.rs`, then `issue.rs`.
mod facts;
mod issue;
mod session;

pub use facts::{
    AccountStanding, ClientStanding, IdentityStanding, OperatorStanding, PostStanding,
    SessionStanding,
};
pub use issue::{Facts, Grant, IssueGrant, Refusal, may_issue, refused_whatever_is_proved};
pub use session::{
    AlreadyClosed, CloseReason, ClosedSession, ExerciseMark, NoOpening, OpenedBy, Opening, Session,
    SessionLimits,
};
