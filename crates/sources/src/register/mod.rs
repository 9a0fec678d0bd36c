//! Reads the extracts of the national register (Annuaire Santé): no quoting, columns by name,
//! strict UTF-8 and else Windows-1252 from the start, each guard a fault of its own.
mod header;
mod reader;

use identity::register::{Guards, RegisterFault, RegisterOpener, RegisterReading};
use std::path::Path;

pub use reader::ExtractReader;

/// Opens extracts from files.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExtractFiles;

impl RegisterOpener for ExtractFiles {
    fn open(
        &self,
        path: &Path,
        guards: &Guards,
    ) -> Result<Box<dyn RegisterReading>, RegisterFault> {
        Ok(Box::new(ExtractReader::open(path, guards)?))
    }
}
