//! From the definition that an operator wrote to a source that can be read.
use crate::files::Folders;
use crate::{ActiveDirectory, HrCsv, Ldif};
use identity::mapping::Reader;
use identity::{Mapping, Source, SourceError, SourceOpener};
use outbound::AllowedHosts;
use std::path::PathBuf;

/// What the settings file gives to sources.
#[derive(Debug, Clone, Default)]
pub struct OpenerSettings {
    /// Where files are looked for, in this order; nothing outside is read (exports, passwords, certificates).
    pub folders: Vec<PathBuf>,
    /// Hosts that may be spoken to.
    pub allowed_hosts: AllowedHosts,
    /// Certificate authorities of the directories whose definition names none (PEM).
    pub anchors_pem: Vec<u8>,
}

pub struct Opener {
    folders: Folders,
    allowed_hosts: AllowedHosts,
    anchors_pem: Vec<u8>,
}

impl Opener {
    pub fn new(settings: OpenerSettings) -> Self {
        let OpenerSettings { folders, allowed_hosts, anchors_pem } = settings;
        Self { folders: Folders::new(folders), allowed_hosts, anchors_pem }
    }
}

impl SourceOpener for Opener {
    fn open(&self, definition: &str) -> Result<Box<dyn Source>, SourceError> {
        let mapping = Mapping::parse(definition).map_err(|faults| SourceError::Settings {
            name: "définition".to_owned(),
            cause: faults.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ; "),
        })?;
        let folders = self.folders.clone();
        Ok(match &mapping.reader {
            Reader::HrCsv(settings) => Box::new(HrCsv::new(&mapping, settings, folders)),
            Reader::Ldif(settings) => Box::new(Ldif::new(&mapping, settings, folders)),
            Reader::ActiveDirectory(settings) => Box::new(ActiveDirectory::new(
                &mapping,
                settings,
                folders,
                self.allowed_hosts.clone(),
                self.anchors_pem.clone(),
            )),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opener(folder: &std::path::Path) -> Opener {
        Opener::new(OpenerSettings {
            folders: vec![folder.to_owned()],
            ..OpenerSettings::default()
        })
    }

    #[tokio::test]
    async fn a_definition_becomes_a_source_that_can_be_read_again_and_again() {
        let folder = tempfile::tempdir().expect("folder");
        let definition = "[source]\nname='rh'\nkind='hr_csv'\npath='hr-*.csv'\n\
            [[field]]\ncolumn='M'\nto='matricule'\n";
        let source = opener(folder.path()).open(definition).expect("source");
        let missing = source.read().await.err().expect("no file yet");
        assert_eq!(missing.code(), "source_unreachable");
        let mut file = String::from("M;UF\n");
        (0..2500).for_each(|number| file.push_str(&format!("{number};A\n")));
        std::fs::write(folder.path().join("hr-1.csv"), file).expect("file");
        for _ in 0..2 {
            let mut reading = source.read().await.expect("reading");
            let mut sizes = Vec::new();
            while let Some(batch) = reading.next_batch().await.expect("batch") {
                sizes.push(batch.len());
            }
            assert_eq!(sizes, [1000, 1000, 500]);
            assert_eq!(reading.origin().map(|origin| origin.file).as_deref(), Some("hr-1.csv"));
        }
    }

    #[test]
    fn a_definition_with_faults_is_no_source() {
        let folder = tempfile::tempdir().expect("folder");
        let error = opener(folder.path()).open("[source]\nname='rh'\nkind='hr'\n").err();
        let error = error.expect("faults").message_fr();
        assert!(error.contains("ligne 3, « source.kind »"), "{error}");
    }
}
