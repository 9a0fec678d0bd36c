//! Files written whole or not at all: an interrupted run leaves no half file under a good name.
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("cannot {attempted} {path}: {cause}")]
    File {
        attempted: &'static str,
        path: PathBuf,
        #[source]
        cause: std::io::Error,
    },
    #[error("cannot write the summary: {0}")]
    Summary(#[from] serde_json::Error),
}

/// A file under way; it takes its name when closed.
pub struct Output {
    writer: BufWriter<File>,
    under_way: PathBuf,
    path: PathBuf,
}

impl Output {
    pub fn create(path: &Path) -> Result<Self, DemoError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed("make the folder of", path))?;
        }
        let under_way = path.with_extension("part");
        let file = File::create(&under_way).map_err(failed("create", path))?;
        let path = path.to_owned();
        Ok(Self { writer: BufWriter::with_capacity(1 << 20, file), under_way, path })
    }

    pub fn text(&mut self, text: &str) -> Result<(), DemoError> {
        self.bytes(text.as_bytes())
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), DemoError> {
        self.writer.write_all(bytes).map_err(failed("write", &self.path))
    }

    pub fn close(mut self) -> Result<(), DemoError> {
        self.writer.flush().map_err(failed("write", &self.path))?;
        std::fs::rename(&self.under_way, &self.path).map_err(failed("name", &self.path))
    }

    pub fn whole(path: &Path, bytes: &[u8]) -> Result<(), DemoError> {
        let mut file = Self::create(path)?;
        file.bytes(bytes)?;
        file.close()
    }
}

pub fn failed(attempted: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> DemoError {
    let path = path.to_owned();
    move |cause| DemoError::File { attempted, path, cause }
}
