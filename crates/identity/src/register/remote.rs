//! The register where it is published: files to fetch, and an API that answers about one person.
use async_trait::async_trait;
use kernel::{DateTime, IdNat, NaiveDate, Utc};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Why the publisher could not be asked, or its answer not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RemoteFault {
    #[error("the settings declare no {what} of the register")]
    NotDeclared { what: &'static str },
    #[error("the register's publisher: {cause}")]
    Unreachable { cause: String },
    #[error("the register's publisher gave what cannot be read: {cause}")]
    Malformed { cause: String },
    #[error("stopped before its end")]
    Stopped,
}

/// Hears how many bytes of how many are there; `false` stops.
pub type FetchWatch<'a> = &'a (dyn Fn(u64, u64) -> bool + Send + Sync);

/// A card of the CPx family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteCard {
    /// `CPS`, `CPF`, `CPE`, `CPA`.
    pub kind: String,
    pub number: String,
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
}

/// One person as the API tells, all her resources gathered by national identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemotePerson {
    pub id_nat: IdNat,
    /// False: struck off; nothing else is told then.
    pub is_active: bool,
    pub family: String,
    pub given: String,
    /// Codes of TRE_G15 and its neighbours.
    pub professions: BTreeSet<String>,
    /// Codes of TRE_R09.
    pub categories: BTreeSet<String>,
    /// Codes of roles, of activities that name a structure or not.
    pub roles: BTreeSet<String>,
    /// (type, code) of savoir-faire.
    pub skills: BTreeSet<(String, String)>,
    /// At least one active activity with a structure; `None` when activities were not told.
    pub practises: Option<bool>,
    pub cards: Vec<RemoteCard>,
    /// Addresses of MSSanté.
    pub mailboxes: Vec<String>,
    pub updated_at: Option<DateTime<Utc>>,
}

/// Some of those who changed, and where the next ones are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangedPage {
    pub persons: Vec<RemotePerson>,
    pub next: Option<String>,
}

/// The port of the publisher.
#[async_trait]
pub trait RegisterRemote: Send + Sync {
    /// What is published now, in one text: another text is another publication.
    async fn published(&self) -> Result<String, RemoteFault>;

    /// Fetches every extract that the settings name into `folder`; the files, unpacked.
    async fn fetch(
        &self,
        folder: &Path,
        watch: FetchWatch<'_>,
    ) -> Result<Vec<PathBuf>, RemoteFault>;

    async fn by_number(&self, id_nat: &IdNat) -> Result<Option<RemotePerson>, RemoteFault>;

    /// By the number printed in the certificate of a card.
    async fn by_card(&self, number: &str) -> Result<Vec<RemotePerson>, RemoteFault>;

    /// Those changed since, page by page: `page` is what the one before gave.
    async fn changed_since(
        &self,
        since: DateTime<Utc>,
        page: Option<String>,
    ) -> Result<ChangedPage, RemoteFault>;
}

/// Nothing is declared: the register comes by files that somebody hands over.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRemote;

const FILES: RemoteFault = RemoteFault::NotDeclared { what: "address" };
const API: RemoteFault = RemoteFault::NotDeclared { what: "API" };

#[async_trait]
impl RegisterRemote for NoRemote {
    async fn published(&self) -> Result<String, RemoteFault> {
        Err(FILES)
    }
    async fn fetch(&self, _: &Path, _: FetchWatch<'_>) -> Result<Vec<PathBuf>, RemoteFault> {
        Err(FILES)
    }
    async fn by_number(&self, _: &IdNat) -> Result<Option<RemotePerson>, RemoteFault> {
        Err(API)
    }
    async fn by_card(&self, _: &str) -> Result<Vec<RemotePerson>, RemoteFault> {
        Err(API)
    }
    async fn changed_since(
        &self,
        _: DateTime<Utc>,
        _: Option<String>,
    ) -> Result<ChangedPage, RemoteFault> {
        Err(API)
    }
}
