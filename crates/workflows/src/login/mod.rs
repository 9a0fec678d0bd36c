//! Login pages: who is in front of this browser. A transaction on the server, bound to the browser, walks from a name
//! or a key to a session; each step checks its own proof (threats WB-06).
mod attempts;
mod browser;
mod card;
#[cfg(test)]
mod card_tests;
mod desk;
mod enrol;
mod finish;
mod first;
mod house;
mod key;
#[cfg(test)]
pub(crate) mod lab;
mod open;
mod operators;
mod password;
mod portal;
mod refuse;
mod session;
mod state;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod time_tests;

pub use card::{CardAnswer, ShownCertificate};
pub use desk::{DeskError, GivenCode};
pub use enrol::{EnrolStep, EnrolView};
pub use first::{FirstAdministrator, FirstLink};
pub use house::House;
pub use open::{LoginAsk, LoginStep, LoginView, is_own_path};
pub use operators::{Appointed, OperatorError, OperatorLine};
pub use portal::{PortalAccess, PortalIdentity, PortalKey, PortalSession, PortalView};
pub use refuse::RefusalView;
pub use session::Current;

use audit::AccessKind;
use authentication::Fido2Error;
use kernel::Handle;
use store::StoreError;

/// Who knocks: nothing here is believed without the transaction that it belongs to.
pub struct Visit<'a> {
    pub listener: AccessKind,
    /// The secret of this browser (its cookie).
    pub browser: &'a Handle,
    /// Address of the peer, as the connection tells it.
    pub network: &'a str,
}

/// What a step led to.
pub enum LoginAnswer {
    /// Another page of the same login.
    Page(Box<LoginView>),
    /// A session: its cookie, and where to go.
    Opened { session: Handle, next: String },
}

#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Unknown, too old, of another browser, or used already: the page says to begin again.
    #[error("this login is over")]
    Over,
    /// More passwords are being hashed than the machine bears (threats AU-04).
    #[error("too many passwords are being checked")]
    Busy,
    #[error(transparent)]
    Keys(#[from] Fido2Error),
    #[error("a password could not be checked: {0}")]
    Hashing(String),
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for LoginError {
    fn from(error: StoreError) -> Self {
        match error {
            // Two requests of one browser met: the second is a replay.
            StoreError::Stale { table: "login_transaction" } => Self::Over,
            other => Self::Store(other),
        }
    }
}
