//! The publisher packs its extracts in a ZIP. Unpacked beside it, bounded in number and size whatever its entries say.
use identity::register::RemoteFault;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use zip::ZipArchive;

const MOST_ENTRIES: usize = 16;
const PIECE: usize = 1 << 20;

fn malformed(cause: impl Into<String>) -> RemoteFault {
    RemoteFault::Malformed { cause: cause.into() }
}

/// The texts of `archive`, written into `folder`. Nothing of them is left when one fails.
pub fn unpack(
    archive: &Path,
    folder: &Path,
    most_bytes: u64,
    go_on: &dyn Fn() -> bool,
) -> Result<Vec<PathBuf>, RemoteFault> {
    let mut written = Vec::new();
    let outcome = unpack_into(archive, folder, most_bytes, go_on, &mut written);
    if outcome.is_err() {
        for path in &written {
            // What cannot be removed is overwritten by the next fetch.
            drop(fs::remove_file(path));
        }
    }
    outcome.map(|()| written)
}

fn unpack_into(
    archive: &Path,
    folder: &Path,
    most_bytes: u64,
    go_on: &dyn Fn() -> bool,
    written: &mut Vec<PathBuf>,
) -> Result<(), RemoteFault> {
    let unreadable = |cause: std::io::Error| malformed(format!("{}: {cause}", archive.display()));
    let broken =
        |cause: zip::result::ZipError| malformed(format!("{}: {cause}", archive.display()));
    let file = File::open(archive).map_err(unreadable)?;
    let mut zip = ZipArchive::new(file).map_err(broken)?;
    if zip.len() > MOST_ENTRIES {
        return Err(malformed(format!("an archive of {} files", zip.len())));
    }
    let mut left = most_bytes;
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(broken)?;
        let name = entry.name().map_err(broken)?.into_owned();
        let Some(name) = plain_name(&name) else { continue };
        let path = folder.join(name);
        written.push(path.clone());
        let mut out = File::create(&path).map_err(unreadable)?;
        let mut piece = vec![0; PIECE];
        loop {
            if !go_on() {
                return Err(RemoteFault::Stopped);
            }
            // The last read checks the sum that the archive gives.
            let read = entry.read(&mut piece).map_err(unreadable)?;
            if read == 0 {
                break;
            }
            left = left
                .checked_sub(read as u64)
                .ok_or_else(|| malformed(format!("an archive of more than {most_bytes} bytes")))?;
            out.write_all(&piece[..read]).map_err(unreadable)?;
        }
        out.sync_all().map_err(unreadable)?;
    }
    match written.is_empty() {
        true => Err(malformed("an archive without a text")),
        false => Ok(()),
    }
}

/// The name alone of a text; `None` for anything else, and for what could leave the folder.
fn plain_name(name: &str) -> Option<&str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let is_text = name.ends_with(".txt") || name.ends_with(".csv");
    (is_text && !name.starts_with('.') && name.len() < 200 && name.chars().all(plain))
        .then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use zip::write::SimpleFileOptions;

    fn archive(entries: &[(&str, &[u8])]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("extracts.zip");
        let mut zip = zip::ZipWriter::new(File::create(&path).expect("file"));
        for (name, content) in entries {
            zip.start_file(*name, SimpleFileOptions::default()).expect("entry");
            zip.write_all(content).expect("content");
        }
        zip.finish().expect("archive");
        (folder, path)
    }

    fn texts(folder: &Path) -> usize {
        let files = std::fs::read_dir(folder).expect("list").flatten();
        files.filter(|file| file.path().extension().is_some_and(|it| it == "txt")).count()
    }

    #[test]
    fn texts_come_out_whole_and_nothing_else_does() {
        let (folder, path) = archive(&[
            ("PS_LibreAcces_Personne_activite_202611020613.txt", b"one"),
            ("../outside.txt", b"no"),
            ("sub/inside.txt", b"no"),
            ("lisez-moi.pdf", b"no"),
            ("PS_LibreAcces_SavoirFaire_202611020613.txt", b"two"),
        ]);
        let files = unpack(&path, folder.path(), 100, &|| true).expect("unpacked");
        let content: Vec<String> =
            files.iter().map(|file| std::fs::read_to_string(file).expect("text")).collect();
        assert_eq!(content, ["one", "two"]);
        assert!(!folder.path().with_file_name("outside.txt").exists());
    }

    /// DA-16: a bomb stops at the bound; a damaged or foreign archive is a fault; nothing of them stays.
    #[test]
    fn a_bomb_or_a_damaged_archive_leaves_nothing_da_16() {
        let zeros = vec![0_u8; 10 << 20];
        let (folder, path) = archive(&[("bomb.txt", &zeros)]);
        assert!(path.metadata().expect("size").len() < 100_000);
        let fault = unpack(&path, folder.path(), 1 << 20, &|| true).expect_err("bomb");
        assert!(fault.to_string().contains("more than"), "{fault}");
        assert_eq!(texts(folder.path()), 0);

        let (folder, path) = archive(&[("a.txt", b"some content that is long enough")]);
        let good = std::fs::read(&path).expect("bytes");
        for place in 0..good.len() {
            let mut bad = good.clone();
            bad[place] ^= 0x55;
            std::fs::write(&path, &bad).expect("damaged");
            if let Ok(files) = unpack(&path, folder.path(), 1 << 20, &|| true) {
                let text = std::fs::read(&files[0]).expect("text");
                assert_eq!(text, b"some content that is long enough", "byte {place}");
                std::fs::remove_file(&files[0]).expect("remove");
            } else {
                assert_eq!(texts(folder.path()), 0, "byte {place}");
            }
        }
        for length in 0..good.len() {
            std::fs::write(&path, &good[..length]).expect("cut");
            assert!(unpack(&path, folder.path(), 1 << 20, &|| true).is_err(), "{length}");
        }
        std::fs::write(&path, &good).expect("good");
        let stopped = unpack(&path, folder.path(), 1 << 20, &|| false);
        assert_eq!(stopped, Err(RemoteFault::Stopped));
        assert_eq!(texts(folder.path()), 0);
    }
}
