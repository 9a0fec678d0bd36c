//! Reads the register (Annuaire Santé): extracts (no quoting, columns by name, strict UTF-8 and else Windows-1252 from
//! the start, each guard a fault of its own), their archives, and the FHIR API. Start at `reader.rs`, `publisher.rs`.
mod archive;
pub mod fhir;
mod header;
mod publisher;
mod reader;

use identity::register::{Guards, RegisterFault, RegisterOpener, RegisterReading};
use std::path::Path;

pub use publisher::{ExtractAddresses, Publisher};
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
