//! One reading of a directory: pages of living accounts, then of tombstones where they may be read.
use super::{range, rights};
use crate::directory_line::{Asked, Entry, is_under};
use async_trait::async_trait;
use identity::mapping::DirectorySettings;
use identity::{Line, Reading, SourceError};
use outbound::OutboundError;
use outbound::ldap::{Control, LdapConnection, Page, Scope, Search};
use std::time::Duration;
use tokio::time::Instant;

/// A directory that never ends is not believed.
const MOST_ENTRIES: u64 = 1_000_000;
const MOST_EMPTY_PAGES: u32 = 100;
/// Nor one that drips: so many times the wait for one page, for the whole.
const LONGEST_READING: u32 = 120;
const DELETED_FILTER: &str = "(&(isDeleted=TRUE)(objectClass=user)(!(objectClass=computer)))";
const LAST_PARENT: &str = "lastKnownParent";
/// LDAP_SERVER_SHOW_DELETED_OID.
const SHOW_DELETED: Control = Control { oid: "1.2.840.113556.1.4.417", value: None };
const NO_SUCH_OBJECT: u32 = 32;
const INSUFFICIENT_RIGHTS: u32 = 50;
const NO_TOMBSTONES: &str = "les objets supprimés ne sont pas lisibles par ce compte : une suppression se verra à l’absence";

#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    Living,
    /// Under `CN=Deleted Objects` of this base.
    Deleted(String),
    Done,
}

pub(super) struct DirectoryReading {
    name: String,
    settings: DirectorySettings,
    asked: Asked,
    connection: LdapConnection,
    warnings: Vec<String>,
    phase: Phase,
    cookie: Vec<u8>,
    pages: u64,
    entries: u64,
    empty_pages: u32,
    deadline: Instant,
}

impl DirectoryReading {
    pub(super) fn new(
        name: String,
        settings: DirectorySettings,
        asked: Asked,
        connection: LdapConnection,
        warnings: Vec<String>,
    ) -> Self {
        let one_page = Duration::from_secs(u64::from(settings.timeout_seconds));
        Self {
            deadline: Instant::now() + one_page * LONGEST_READING,
            name,
            settings,
            asked,
            connection,
            warnings,
            phase: Phase::Living,
            cookie: Vec::new(),
            pages: 0,
            entries: 0,
            empty_pages: 0,
        }
    }

    /// The next page of this phase as lines; an empty one is possible, and says nothing of the end.
    async fn next_page(&mut self) -> Result<Vec<Line>, SourceError> {
        let page = match self.phase.clone() {
            Phase::Living => self.living_page().await?,
            Phase::Deleted(base) => match self.deleted_page(&base).await? {
                Some(page) => page,
                None => {
                    self.warnings.push(NO_TOMBSTONES.to_owned());
                    Page { entries: Vec::new(), cookie: Vec::new() }
                }
            },
            Phase::Done => Page { entries: Vec::new(), cookie: Vec::new() },
        };
        self.pages += 1;
        self.entries += page.entries.len() as u64;
        self.empty_pages = if page.entries.is_empty() { self.empty_pages + 1 } else { 0 };
        let late = Instant::now() > self.deadline;
        if late || self.entries > MOST_ENTRIES || self.empty_pages > MOST_EMPTY_PAGES {
            return Err(self.cut("l’annuaire répond sans fin"));
        }
        let deleted = matches!(self.phase, Phase::Deleted(_));
        let mut lines = Vec::with_capacity(page.entries.len());
        let first = self.entries - page.entries.len() as u64;
        for (number, entry) in (first + 1..).zip(page.entries) {
            let name = self.name.clone();
            let cut = |error: OutboundError| cut_short(&name, &error);
            let entry = range::completed(&mut self.connection, entry, cut).await?;
            let entry = Entry::from(entry);
            if self.belongs(&entry, deleted) {
                lines.push(self.asked.line(number, &entry));
            }
        }
        self.cookie = page.cookie;
        if self.cookie.is_empty() {
            self.next_phase().await?;
        }
        Ok(lines)
    }

    async fn living_page(&mut self) -> Result<Page, SourceError> {
        let names = self.asked.names();
        let search = Search {
            base: &self.settings.base,
            scope: Scope::Subtree,
            filter: &self.settings.filter,
            attributes: &names,
            controls: &[],
        };
        let cookie = std::mem::take(&mut self.cookie);
        let page = self.connection.search_page(&search, self.settings.page_size, cookie).await;
        page.map_err(|error| match error {
            OutboundError::Refused { code: NO_SUCH_OBJECT, .. } => SourceError::Settings {
                name: self.name.clone(),
                cause: format!(
                    "la base « {} » n’existe pas ou n’est pas lisible",
                    self.settings.base
                ),
            },
            error => cut_short(&self.name, &error),
        })
    }

    /// `None` when the account may not see them, which is no fault.
    async fn deleted_page(&mut self, base: &str) -> Result<Option<Page>, SourceError> {
        let mut names = self.asked.names();
        names.push(LAST_PARENT);
        let container = format!("CN=Deleted Objects,{base}");
        let search = Search {
            base: &container,
            scope: Scope::Subtree,
            filter: DELETED_FILTER,
            attributes: &names,
            controls: &[SHOW_DELETED],
        };
        let cookie = std::mem::take(&mut self.cookie);
        match self.connection.search_page(&search, self.settings.page_size, cookie).await {
            Ok(page) => Ok(Some(page)),
            Err(OutboundError::Refused { code: NO_SUCH_OBJECT | INSUFFICIENT_RIGHTS, .. }) => {
                Ok(None)
            }
            Err(error) => Err(cut_short(&self.name, &error)),
        }
    }

    /// Whatever a directory answers, what lies outside the base is not ours (threats AD-02).
    fn belongs(&self, entry: &Entry, deleted: bool) -> bool {
        if !deleted {
            return entry.is_under(&self.settings.base);
        }
        let parent = entry.values(LAST_PARENT).first();
        parent
            .and_then(|parent| std::str::from_utf8(parent).ok())
            .is_some_and(|parent| is_under(parent, &self.settings.base))
    }

    async fn next_phase(&mut self) -> Result<(), SourceError> {
        self.phase = match self.phase {
            Phase::Living if self.settings.read_tombstones => {
                let base = rights::naming_context(&mut self.connection).await;
                let base = base.map_err(|error| cut_short(&self.name, &error))?;
                base.map_or(Phase::Done, Phase::Deleted)
            }
            Phase::Living | Phase::Deleted(_) | Phase::Done => Phase::Done,
        };
        if self.phase == Phase::Done {
            tracing::debug!(
                source.name = self.name,
                pages = self.pages,
                entries = self.entries,
                "the directory was read whole"
            );
        }
        Ok(())
    }

    fn cut(&self, cause: &str) -> SourceError {
        SourceError::Truncated { name: self.name.clone(), cause: cause.to_owned() }
    }
}

/// From the first page on, any fault means that what was read is not all.
fn cut_short(name: &str, error: &OutboundError) -> SourceError {
    SourceError::Truncated { name: name.to_owned(), cause: error.to_string() }
}

#[async_trait]
impl Reading for DirectoryReading {
    async fn next_batch(&mut self) -> Result<Option<Vec<Line>>, SourceError> {
        while self.phase != Phase::Done {
            let lines = self.next_page().await?;
            if !lines.is_empty() {
                return Ok(Some(lines));
            }
        }
        match self.entries {
            // A base that exists and holds nobody is a wrong base or a right taken away, never a departure of all.
            0 => Err(self.cut("aucun compte n’est visible sous la base")),
            _ => Ok(None),
        }
    }

    fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }
}
