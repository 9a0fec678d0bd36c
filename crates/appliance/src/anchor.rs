//! The anchor of the audit: a file beside the master key, outside the database and its backups. A key among the
//! credentials of the system lies in memory that nobody writes to: the anchor is then where `init` made it.
use crate::settings::Settings;
use anyhow::Context;
use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use workflows::{AnchorError, Workflows};

const FILE: &str = "audit.anchor";

pub struct Anchor(PathBuf);

impl Anchor {
    pub fn of(settings: &Settings) -> Self {
        let key = &settings.master_key_file;
        let handed = settings.credentials.as_ref().is_some_and(|folder| key.starts_with(folder));
        Self(if handed { settings.keys_folder.join(FILE) } else { key.with_file_name(FILE) })
    }

    /// `None` on a node that saw nothing yet.
    pub fn read(&self) -> anyhow::Result<Option<String>> {
        match fs::read_to_string(&self.0) {
            Ok(note) => Ok(Some(note)),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(cause).with_context(|| format!("reading {}", self.0.display())),
        }
    }

    /// Whether the database is surely not the one of the log kept here; a database that does not answer says nothing.
    pub async fn is_of_another_log(&self, workflows: &Workflows) -> bool {
        match self.read() {
            Ok(Some(note)) => match workflows.check_anchor(&note).await {
                Err(AnchorError::Store(_)) | Ok(()) => false,
                Err(_) => true,
            },
            Ok(None) | Err(_) => false,
        }
    }

    pub async fn check(&self, workflows: &Workflows) -> anyhow::Result<()> {
        let Some(note) = self.read()? else { return Ok(()) };
        workflows.check_anchor(&note).await.with_context(|| {
            format!(
                "{} does not know this database. If it was restored on purpose, first see what was lost with `hygie audit verify`, then `hygie audit restored --motive …`",
                self.0.display()
            )
        })
    }

    /// Keeps the head of the log, whole or not at all. A log that does not go on from the one kept here is refused: a
    /// database put back under a running node is found out as at a start.
    pub async fn keep(&self, workflows: &Workflows) -> anyhow::Result<()> {
        self.check(workflows).await?;
        self.replace(workflows).await
    }

    /// After a restoration that a human declared: the log begins anew from here.
    pub async fn replace(&self, workflows: &Workflows) -> anyhow::Result<()> {
        let Some(note) = workflows.head().await? else { return Ok(()) };
        if self.read()?.as_deref() == Some(note.as_str()) {
            return Ok(());
        }
        let beside = self.0.with_extension(format!("{}.new", std::process::id()));
        let write = || {
            let mut file = fs::OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&beside)?;
            file.write_all(note.as_bytes())?;
            file.sync_all()?;
            fs::rename(&beside, &self.0)
        };
        write().with_context(|| format!("keeping {}", self.0.display()))
    }
}
