//! The port of sources: whatever can be read line by line. Implemented by the crate `sources`.
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One line (CSV) or entry (directory) as the source said it: column or attribute name → text.
/// Binary attributes come as lower-case hex. A directory attribute with several values joins them with U+001F.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// 1-based line of the file, header included; for a directory the ordinal of the entry.
    pub number: u64,
    pub columns: BTreeMap<String, String>,
}

/// Why a source could not be read to its end. Nothing may change after any of these.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("the source {name} cannot be reached: {cause}")]
    Unreachable { name: String, cause: String },
    #[error("the source {name} refused the account it was given: {cause}")]
    Refused { name: String, cause: String },
    #[error("{place}: expected {expected}, found {found}")]
    Malformed { place: String, expected: String, found: String },
    #[error("the source {name} stopped before its end: {cause}")]
    Truncated { name: String, cause: String },
    #[error("the settings of the source {name} do not hold: {cause}")]
    Settings { name: String, cause: String },
}

impl SourceError {
    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "source_unreachable",
            Self::Refused { .. } => "source_refused",
            Self::Malformed { .. } => "source_malformed",
            Self::Truncated { .. } => "source_truncated",
            Self::Settings { .. } => "source_settings",
        }
    }

    /// For the operator's screen. The places and causes never hold a value of a record.
    pub fn message_fr(&self) -> String {
        match self {
            Self::Unreachable { name, cause } => format!("{name} : injoignable ({cause})"),
            Self::Refused { name, cause } => format!("{name} : compte de lecture refusé ({cause})"),
            Self::Malformed { place, expected, found } => {
                format!("{place} : attendu {expected} ; trouvé {found}")
            }
            Self::Truncated { name, cause } => {
                format!("{name} : lecture incomplète, rien ne change ({cause})")
            }
            Self::Settings { name, cause } => format!("{name} : réglage à revoir ({cause})"),
        }
    }
}

/// What exactly was read, when it is a file: tells an older or an equal delivery from a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Name of the file, without its folder.
    pub file: String,
    pub bytes: u64,
    pub sha256: [u8; 32],
}

/// One reading in progress. `next_batch` hands over at most 1 000 lines; `None` only after a complete read.
#[async_trait]
pub trait Reading: Send {
    async fn next_batch(&mut self) -> Result<Option<Vec<Line>>, SourceError>;
    /// What an operator should know though the read goes on (encoding fallback, too powerful an account…).
    fn warnings(&self) -> Vec<String>;
    /// The file read; `None` for a directory.
    fn origin(&self) -> Option<Origin> {
        None
    }
}

/// A source that can be read, whole, again and again.
#[async_trait]
pub trait Source: Send + Sync {
    async fn read(&self) -> Result<Box<dyn Reading>, SourceError>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceKind {
    HrCsv,
    ActiveDirectory,
    /// An AD tree exported to LDIF (demo, tests, first contact).
    Ldif,
}

impl SourceKind {
    pub const ALL: [Self; 3] = [Self::HrCsv, Self::ActiveDirectory, Self::Ldif];
    pub fn name(self) -> &'static str {
        match self {
            Self::HrCsv => "hr_csv",
            Self::ActiveDirectory => "active_directory",
            Self::Ldif => "ldif",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Opens a source from its TOML definition, since one is added while the appliance runs.
pub trait SourceOpener: Send + Sync {
    /// `definition` is the whole TOML text that `hygie source add` took.
    fn open(&self, definition: &str) -> Result<Box<dyn Source>, SourceError>;
}
