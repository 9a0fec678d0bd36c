//! Files of sources: found in declared folders only, read whole and bounded, refused when they change meanwhile.
use identity::{Origin, SourceError};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

/// An export of fifty thousand people is a tenth of this.
const LARGEST: u64 = 256 * 1024 * 1024;
const LARGEST_SMALL: u64 = 256 * 1024;

/// The folders that the settings file gives to sources. Nothing outside is read, links included.
#[derive(Debug, Clone, Default)]
pub struct Folders(Vec<PathBuf>);

/// A file read whole.
pub(crate) struct Whole {
    pub bytes: Vec<u8>,
    pub origin: Origin,
}

impl Folders {
    pub fn new(folders: impl IntoIterator<Item = PathBuf>) -> Self {
        Self(folders.into_iter().collect())
    }

    /// Reads the file that `path` names in the first folder that has it; of several that match its wildcards, the last
    /// by name.
    pub(crate) async fn read(&self, source: &str, path: &str) -> Result<Whole, SourceError> {
        self.read_bounded(source, path, LARGEST).await
    }

    /// A password or a certificate.
    pub(crate) async fn read_small(
        &self,
        source: &str,
        path: &str,
    ) -> Result<Vec<u8>, SourceError> {
        Ok(self.read_bounded(source, path, LARGEST_SMALL).await?.bytes)
    }

    async fn read_bounded(
        &self,
        source: &str,
        path: &str,
        largest: u64,
    ) -> Result<Whole, SourceError> {
        let (folders, name, path) = (self.clone(), source.to_owned(), path.to_owned());
        let read = tokio::task::spawn_blocking(move || {
            let found = folders.find(&name, &path)?;
            read_whole(&name, &found, largest)
        });
        read.await.unwrap_or_else(|cause| {
            Err(SourceError::Unreachable { name: source.to_owned(), cause: cause.to_string() })
        })
    }

    fn find(&self, source: &str, path: &str) -> Result<PathBuf, SourceError> {
        let unreachable =
            |cause: String| SourceError::Unreachable { name: source.to_owned(), cause };
        let asked = Path::new(path);
        let climbs = asked.components().any(|part| matches!(part, Component::ParentDir));
        if climbs || path.contains('\0') {
            return Err(unreachable("chemin refusé".to_owned()));
        }
        for folder in &self.0 {
            let Ok(folder) = folder.canonicalize() else { continue };
            let Some(found) = last_match(&folder.join(asked)) else { continue };
            let Ok(real) = found.canonicalize() else { continue };
            // A link may lead anywhere: where it ends is what counts.
            if real.starts_with(&folder) && real.is_file() {
                return Ok(real);
            }
        }
        Err(unreachable(format!("aucun fichier « {path} » dans les dossiers déclarés des sources")))
    }
}

/// The file itself, or the last by name of those that match the wildcards of its last part.
fn last_match(path: &Path) -> Option<PathBuf> {
    let pattern = path.file_name()?.to_str()?;
    if !pattern.contains(['*', '?']) {
        return path.exists().then(|| path.to_owned());
    }
    let names = std::fs::read_dir(path.parent()?).ok()?.filter_map(|entry| {
        let entry = entry.ok()?;
        let name = entry.file_name().into_string().ok()?;
        (entry.path().is_file() && matches(pattern.as_bytes(), name.as_bytes())).then_some(name)
    });
    Some(path.with_file_name(names.max()?))
}

/// `*` for any run of characters, `?` for one byte.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    // Where to come back to: after the last star, with one more byte of the name under it.
    let (mut at, mut from, mut star) = (0, 0, None);
    while from < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(mark) if *mark == b'?' || *mark == name[from] => {
                at += 1;
                from += 1;
            }
            _ => match star {
                Some((place, under)) => {
                    star = Some((place, under + 1));
                    at = place + 1;
                    from = under + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|mark| *mark == b'*')
}

#[derive(PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

fn read_whole(source: &str, path: &Path, largest: u64) -> Result<Whole, SourceError> {
    let unreachable = |cause: std::io::Error| SourceError::Unreachable {
        name: source.to_owned(),
        cause: cause.to_string(),
    };
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut open = File::open(path).map_err(unreachable)?;
    let before = stamp(&open).map_err(unreachable)?;
    if before.bytes > largest {
        return Err(SourceError::Malformed {
            place: file,
            expected: format!("au plus {} Mio", largest / 1024 / 1024),
            found: format!("{} Mio", before.bytes / 1024 / 1024),
        });
    }
    let mut bytes = Vec::new();
    // One byte more than the bound, to see a file that grows under the reader.
    (&mut open).take(largest + 1).read_to_end(&mut bytes).map_err(unreachable)?;
    let after = stamp(&open).map_err(unreachable)?;
    if before != after || bytes.len() as u64 != before.bytes {
        return Err(SourceError::Truncated {
            name: source.to_owned(),
            cause: format!("{file} a changé pendant la lecture ; son dépôt n’était pas terminé"),
        });
    }
    let origin = Origin { file, bytes: before.bytes, sha256: Sha256::digest(&bytes).into() };
    Ok(Whole { bytes, origin })
}

fn stamp(file: &File) -> std::io::Result<Stamp> {
    let metadata = file.metadata()?;
    Ok(Stamp { bytes: metadata.len(), modified: metadata.modified().ok() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_names_and_no_more() {
        for (pattern, name, yes) in [
            ("hr-v*.csv", "hr-v2.csv", true),
            ("hr-v*.csv", "hr-v2.csv.tmp", false),
            ("*", "", true),
            ("*a*b", "xaxbxb", true),
            ("*a*b", "xaxbx", false),
            ("hr-?.csv", "hr-1.csv", true),
            ("hr-?.csv", "hr-12.csv", false),
            ("hr.csv", "hr.csv", true),
            ("hr.csv", "hrxcsv", false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), yes, "{pattern} {name}");
        }
    }

    #[tokio::test]
    async fn only_files_of_the_declared_folders_are_read() {
        let root = tempfile::tempdir().expect("folder");
        let (inside, outside) = (root.path().join("in"), root.path().join("out"));
        for folder in [&inside, &outside, &inside.join("deep")] {
            std::fs::create_dir(folder).expect("folder");
        }
        for (path, text) in [
            (inside.join("hr-v1.csv"), "1"),
            (inside.join("hr-v2.csv"), "2"),
            (inside.join("deep/hr.csv"), "deep"),
            (outside.join("secret.csv"), "secret"),
        ] {
            std::fs::write(path, text).expect("file");
        }
        std::os::unix::fs::symlink(outside.join("secret.csv"), inside.join("link.csv"))
            .expect("link");
        let folders = Folders::new([root.path().join("none"), inside.clone()]);
        let absolute = inside.join("hr-v1.csv").to_string_lossy().into_owned();
        let stolen = outside.join("secret.csv").to_string_lossy().into_owned();
        for (path, text) in [
            ("hr-v*.csv", Some("2")),
            ("hr-v1.csv", Some("1")),
            ("deep/hr.csv", Some("deep")),
            (absolute.as_str(), Some("1")),
            (stolen.as_str(), None),
            ("../out/secret.csv", None),
            ("link.csv", None),
            ("deep", None),
            ("none.csv", None),
            ("x*.csv", None),
        ] {
            let read = folders.read("rh", path).await.map(|whole| whole.bytes);
            let read = read.ok().map(|bytes| String::from_utf8(bytes).expect("text"));
            assert_eq!(read.as_deref(), text, "{path}");
        }
        let whole = folders.read("rh", "hr-v1.csv").await.expect("file");
        assert_eq!((whole.origin.file.as_str(), whole.origin.bytes), ("hr-v1.csv", 1));
    }

    #[test]
    fn a_file_beyond_the_bound_is_refused() {
        let file = tempfile::NamedTempFile::new().expect("file");
        std::fs::write(file.path(), "12345").expect("file");
        assert!(read_whole("rh", file.path(), 5).is_ok());
        assert!(matches!(read_whole("rh", file.path(), 4), Err(SourceError::Malformed { .. })));
    }
}
