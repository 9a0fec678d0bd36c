//! The master key as a file: one line that names its format, readable by its owner alone.
use crate::MasterKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Randomness, Secret};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Named in the file, so that another file given by mistake is refused and a later format can be told apart.
const HEADER: &str = "hygie-master-key-1 ";
const KEY_BYTES: usize = 32;
/// A key file has 63 bytes; anything much longer is another file.
const LONGEST_FILE: u64 = 128;

#[derive(Debug, thiserror::Error)]
pub enum MasterKeyFileError {
    #[error("the master key file {path} cannot be {attempted}: {cause}")]
    Io { path: PathBuf, attempted: &'static str, cause: std::io::Error },
    #[error(
        "the master key file {path} can be read by others (mode {mode:04o}); run: chmod 600 {path}"
    )]
    ReadableByOthers { path: PathBuf, mode: u32 },
    #[error("{path} is not a master key file: expected one line `hygie-master-key-1 <key>`")]
    NotAMasterKey { path: PathBuf },
}

/// Where a master key lives.
pub struct MasterKeyFile;

impl MasterKeyFile {
    /// Draws a new master key and writes it, readable by its owner alone. An existing file is never
    /// overwritten: all that was sealed under it would be lost.
    pub fn create(
        path: &Path,
        randomness: &dyn Randomness,
    ) -> Result<MasterKey, MasterKeyFileError> {
        let io = |attempted| move |cause| fault(path, attempted, cause);
        let mut key = Zeroizing::new([0u8; KEY_BYTES]);
        randomness.fill(key.as_mut());
        let line = Zeroizing::new(format!("{HEADER}{}\n", URL_SAFE_NO_PAD.encode(key.as_ref())));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(io("created"))?;
        file.write_all(line.as_bytes()).map_err(io("written"))?;
        file.sync_all().map_err(io("written to disk"))?;
        // The name must last as well as the bytes: a key lost by a power cut loses what it sealed.
        let folder =
            path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(io("written to disk"))?;
        Ok(MasterKey::new(Secret::new(*key)))
    }

    /// Reads a master key; refused when group or others can touch the file.
    pub fn open(path: &Path) -> Result<MasterKey, MasterKeyFileError> {
        Self::read(path, 0o077)
    }

    /// The same among the credentials that the system handed to this process: what stands for the group there is the
    /// mask of the list that lets its one user in (systemd.exec(5), `LoadCredential=`). Elsewhere, as [`Self::open`].
    pub fn open_among(credentials: &Path, path: &Path) -> Result<MasterKey, MasterKeyFileError> {
        let real = |path: &Path| std::fs::canonicalize(path);
        match (real(credentials), real(path)) {
            (Ok(folder), Ok(file)) if file.starts_with(&folder) => Self::read(&file, 0o027),
            _ => Self::open(path),
        }
    }

    /// Refused when somebody can do to the file what these bits of its mode say.
    fn read(path: &Path, others: u32) -> Result<MasterKey, MasterKeyFileError> {
        let io = |attempted| move |cause| fault(path, attempted, cause);
        let mut file = File::open(path).map_err(io("opened"))?;
        // Asked of the open file, so that the one judged is the one read.
        let metadata = file.metadata().map_err(io("examined"))?;
        let not_a_key = || MasterKeyFileError::NotAMasterKey { path: path.to_owned() };
        if !metadata.is_file() || metadata.len() > LONGEST_FILE {
            return Err(not_a_key());
        }
        let mode = metadata.mode() & 0o7777;
        if mode & others != 0 {
            return Err(MasterKeyFileError::ReadableByOthers { path: path.to_owned(), mode });
        }
        let mut line = Zeroizing::new(String::with_capacity(LONGEST_FILE as usize));
        file.read_to_string(&mut line).map_err(io("read"))?;
        let text = line.trim_end().strip_prefix(HEADER).ok_or_else(not_a_key)?;
        let mut key = Zeroizing::new([0u8; KEY_BYTES]);
        let length = URL_SAFE_NO_PAD.decode_slice(text, key.as_mut()).map_err(|_| not_a_key())?;
        if length != KEY_BYTES {
            return Err(not_a_key());
        }
        Ok(MasterKey::new(Secret::new(*key)))
    }
}

fn fault(path: &Path, attempted: &'static str, cause: std::io::Error) -> MasterKeyFileError {
    MasterKeyFileError::Io { path: path.to_owned(), attempted, cause }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{KeyStore, SeededRandomness};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_created_key_is_read_back_and_never_overwritten() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("master.key");
        let created = MasterKeyFile::create(&path, &SeededRandomness::new(1)).expect("created");
        let mode = std::fs::metadata(&path).expect("file").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        let opened = MasterKeyFile::open(&path).expect("opened");
        assert_eq!(opened.mac("test", b"same key"), created.mac("test", b"same key"));
        let again = MasterKeyFile::create(&path, &SeededRandomness::new(2));
        assert!(matches!(again, Err(MasterKeyFileError::Io { attempted: "created", .. })));
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("master.key");
        MasterKeyFile::create(&path, &SeededRandomness::new(1)).expect("created");
        for (mode, accepted) in
            [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o660, false)]
        {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("mode");
            let opened = MasterKeyFile::open(&path);
            assert_eq!(opened.is_ok(), accepted, "{mode:o}");
            if let Err(refused) = opened {
                assert!(refused.to_string().contains("chmod 600"), "{refused}");
            }
        }
    }

    #[test]
    fn a_key_among_the_credentials_of_the_system_is_read_as_the_system_leaves_it() {
        let folder = tempfile::tempdir().expect("folder");
        let credentials = folder.path().join("hygie.service");
        std::fs::create_dir(&credentials).expect("folder");
        let path = credentials.join("master.key");
        let created = MasterKeyFile::create(&path, &SeededRandomness::new(1)).expect("created");
        let set = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("mode");
        };
        // As a service of its own user gets it: for root, and for that user by an access list, whose mask is shown as a group.
        for (mode, accepted) in
            [(0o440, true), (0o400, true), (0o460, false), (0o444, false), (0o441, false)]
        {
            set(&path, mode);
            let opened = MasterKeyFile::open_among(&credentials, &path);
            assert_eq!(opened.is_ok(), accepted, "{mode:o}");
            if let Ok(opened) = opened {
                assert_eq!(opened.mac("test", b"same key"), created.mac("test", b"same key"));
            }
        }
        // Beside them, or led out of them, a file is as anywhere.
        let outside = folder.path().join("master.key");
        MasterKeyFile::create(&outside, &SeededRandomness::new(2)).expect("created");
        set(&outside, 0o440);
        let link = credentials.join("link");
        std::os::unix::fs::symlink(&outside, &link).expect("link");
        for path in [outside.clone(), link, credentials.join("../master.key")] {
            assert!(MasterKeyFile::open_among(&credentials, &path).is_err(), "{path:?}");
        }
        set(&outside, 0o600);
        assert!(MasterKeyFile::open_among(&credentials, &outside).is_ok());
        assert!(MasterKeyFile::open_among(&folder.path().join("gone"), &outside).is_ok());
    }

    #[test]
    fn another_file_is_no_master_key() {
        let folder = tempfile::tempdir().expect("folder");
        let good = format!("{HEADER}{}", "A".repeat(43));
        for (text, accepted) in [
            (good.as_str(), true),
            ("", false),
            ("hygie-master-key-1 ", false),
            ("hygie-master-key-2 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false),
            ("hygie-master-key-1 short", false),
            (&"A".repeat(43), false),
            (&format!("{good}AAAA"), false),
            (&format!("{good}{}", " ".repeat(200)), false),
        ] {
            let path = folder.path().join("candidate");
            std::fs::write(&path, text).expect("written");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("mode");
            assert_eq!(MasterKeyFile::open(&path).is_ok(), accepted, "{text:?}");
        }
        assert!(MasterKeyFile::open(folder.path()).is_err(), "a folder");
        assert!(MasterKeyFile::open(&folder.path().join("absent")).is_err(), "absent");
    }
}
