//! The connector check of a sandbox: a provider that answers an editor's client rightly and wrongly on purpose, and says
//! what the client did about it, line by line, with the text that asks for it and how to mend it. What is played here is
//! signed by keys of the check alone, under an issuer of its own.
mod answer;
mod forged;
mod handed;
mod judge;
mod play;
mod rules;
mod visit;

pub use answer::{check_answer_address, check_logout_address};
pub use forged::{is_verifier_of, symmetric_token, unsigned_token};
pub use handed::{HandedReport, ReportFault};
pub use judge::{Finding, Report, Verdict, judge};
pub use play::{IdSigner, LogoutPlay, Play, check_id_claims, check_logout_claims};
pub use rules::Rule;
pub use visit::{CheckedClient, LogoutCall, LogoutVisitSeen, TokenCall, Told, UserinfoCall, Visit};
