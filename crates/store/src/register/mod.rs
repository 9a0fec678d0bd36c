//! The national register, in a file of its own beside the main database: written whole under another
//! name, verified, then shown to readers by one rename. Public and rebuildable: no backup holds it.
//!
//! `DIR/current` names the version in use, `register-N.db` beside it; the one before is kept.
mod files;
mod fill;
mod import;
mod postings;
mod read;
mod schema;

pub use files::{RegisterVersion, VersionFile};
pub use import::RegisterImport;
pub use read::{Exercise, Register};

use identity::register::RegisterFault;
use std::path::PathBuf;

/// What went wrong with the kept register. The version in use is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error(transparent)]
    Fault(#[from] RegisterFault),
    #[error("another import of the register is under way")]
    Busy,
    #[error("{}: {attempted}: {cause}", path.display())]
    File { path: PathBuf, attempted: &'static str, cause: std::io::Error },
    #[error("the register database failed to {attempted}")]
    Database { attempted: &'static str, source: rusqlite::Error },
    #[error("the register just written does not hold: {what}; nothing was changed")]
    Unsound { what: String },
    #[error("the register kept in {} was indexed by another version of Hygie; import it again", path.display())]
    Stale { path: PathBuf },
    #[error("no extract was given")]
    Nothing,
}

/// Names the attempt on the way up.
trait Tried<T> {
    fn tried(self, attempted: &'static str) -> Result<T, RegisterError>;
}

impl<T> Tried<T> for rusqlite::Result<T> {
    fn tried(self, attempted: &'static str) -> Result<T, RegisterError> {
        self.map_err(|source| RegisterError::Database { attempted, source })
    }
}
