//! C2SP tlog-checkpoint in a C2SP signed-note: the text a stranger's tool reads.
use crate::Digest;
use base64::{Engine, prelude::BASE64_STANDARD};
use kernel::{KeyError, KeyStore};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// The signature type of Ed25519 in a signed note.
const ED25519: u8 = 0x01;
/// Checkpoints are short; whatever is longer is no checkpoint.
const MAX_NOTE_BYTES: usize = 4096;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the origin of a log is printable, without space or plus, 1 to 255 bytes")]
pub struct InvalidOrigin;

/// The name of a log, and of the key that signs it: `hygie.<host>/audit`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// The log of the appliance that is reached by this host name.
    pub fn of_host(host: &str) -> Result<Self, InvalidOrigin> {
        format!("hygie.{host}/audit").parse()
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;
    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let forbidden = |letter: char| letter.is_whitespace() || letter.is_control();
        let well_formed = (1..=255).contains(&text.len()) && !text.contains('+');
        let well_formed = well_formed && !text.contains(forbidden);
        well_formed.then(|| Self(text.to_owned())).ok_or(InvalidOrigin)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a note is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    #[error("this is not a signed checkpoint")]
    Malformed,
    #[error("the checkpoint is of another log")]
    OtherOrigin,
    #[error("the checkpoint bears no signature of this key")]
    NotSigned,
    #[error("the signature of the checkpoint does not hold")]
    Forged,
    #[error("this is not a verifier key")]
    MalformedKey,
}

/// What the log was at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    pub origin: Origin,
    pub size: u64,
    pub root: Digest,
}

impl Checkpoint {
    /// The text that is signed.
    pub fn body(&self) -> String {
        let root = BASE64_STANDARD.encode(self.root.as_bytes());
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }

    /// The signed note, whole.
    pub fn sign(&self, keys: &dyn KeyStore) -> Result<String, KeyError> {
        let body = self.body();
        let key = VerifierKey::new(self.origin.clone(), keys.checkpoint_public_key());
        let mut signed = key.id().to_vec();
        signed.extend(keys.sign_checkpoint(body.as_bytes())?);
        Ok(format!("{body}\n— {} {}\n", key.name, BASE64_STANDARD.encode(signed)))
    }

    fn parse(body: &str) -> Result<Self, NoteError> {
        let mut lines = body.strip_suffix('\n').ok_or(NoteError::Malformed)?.split('\n');
        let mut line = || lines.next().ok_or(NoteError::Malformed);
        let (origin, size, root) = (line()?, line()?, line()?);
        let number: u64 = size.parse().map_err(|_| NoteError::Malformed)?;
        if number.to_string() != size {
            return Err(NoteError::Malformed); // one size has one text: no sign, no leading zero
        }
        let root = BASE64_STANDARD.decode(root).map_err(|_| NoteError::Malformed)?;
        Ok(Self {
            origin: origin.parse().map_err(|_| NoteError::Malformed)?,
            size: number,
            root: Digest::try_from(root.as_slice()).map_err(|_| NoteError::Malformed)?,
        })
    }
}

/// The public half of the checkpoint key, with the name it signs under; its text is the content of `log.vkey`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: Origin,
    public: [u8; 32],
}

impl VerifierKey {
    pub fn new(name: Origin, public: [u8; 32]) -> Self {
        Self { name, public }
    }

    pub fn name(&self) -> &Origin {
        &self.name
    }

    /// The first four bytes of SHA-256 over name, newline, type and key (C2SP signed-note).
    pub fn id(&self) -> [u8; 4] {
        let mut hasher = Sha256::new();
        hasher.update(self.name.as_str().as_bytes());
        hasher.update([b'\n', ED25519]);
        hasher.update(self.public);
        let digest: [u8; 32] = hasher.finalize().into();
        [digest[0], digest[1], digest[2], digest[3]]
    }

    /// Reads a checkpoint of this log that this key signed; signatures by others (witnesses) are left aside.
    pub fn verify(&self, note: &str) -> Result<Checkpoint, NoteError> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(NoteError::Malformed);
        }
        let (body, signatures) = note.split_once("\n\n").ok_or(NoteError::Malformed)?;
        let body = format!("{body}\n");
        let signatures = signatures.strip_suffix('\n').ok_or(NoteError::Malformed)?;
        let mut ours = None;
        for line in signatures.split('\n') {
            let (name, signature) = line
                .strip_prefix("— ")
                .and_then(|line| line.split_once(' '))
                .ok_or(NoteError::Malformed)?;
            let bytes = BASE64_STANDARD.decode(signature).map_err(|_| NoteError::Malformed)?;
            if let (true, Some((id, signature))) =
                (name == self.name.as_str(), bytes.split_first_chunk::<4>())
                && *id == self.id()
            {
                ours = Some(signature.to_vec());
            }
        }
        let key = aws_lc_rs::signature::UnparsedPublicKey::new(
            &aws_lc_rs::signature::ED25519,
            &self.public,
        );
        key.verify(body.as_bytes(), &ours.ok_or(NoteError::NotSigned)?)
            .map_err(|_| NoteError::Forged)?;
        let checkpoint = Checkpoint::parse(&body)?;
        if checkpoint.origin != self.name {
            return Err(NoteError::OtherOrigin);
        }
        Ok(checkpoint)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519];
        key.extend(self.public);
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), BASE64_STANDARD.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;
    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.trim_end().splitn(3, '+');
        let mut part = || parts.next().ok_or(NoteError::MalformedKey);
        let (name, id, key) = (part()?, part()?, part()?);
        let key = BASE64_STANDARD.decode(key).map_err(|_| NoteError::MalformedKey)?;
        let Some((&ED25519, public)) = key.split_first() else {
            return Err(NoteError::MalformedKey);
        };
        let read = Self {
            name: name.parse().map_err(|_| NoteError::MalformedKey)?,
            public: public.try_into().map_err(|_| NoteError::MalformedKey)?,
        };
        let well_named = hex::encode(read.id()) == id;
        well_named.then_some(read).ok_or(NoteError::MalformedKey)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{Frontier, leaf_hash};
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
    use kernel::{Secret, SigningAlgorithm, SigningKeyMaterial};

    /// A key store that only signs checkpoints.
    pub(crate) struct Signer(Ed25519KeyPair);

    impl Signer {
        pub(crate) fn new(seed: u8) -> Self {
            Self(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("32 bytes"))
        }
    }

    impl KeyStore for Signer {
        fn seal(&self, _: &str, _: &[u8]) -> Result<Vec<u8>, KeyError> {
            Err(KeyError::NotOpened)
        }
        fn open(&self, _: &str, _: &[u8]) -> Result<Secret<Vec<u8>>, KeyError> {
            Err(KeyError::NotOpened)
        }
        fn mac(&self, _: &str, _: &[u8]) -> [u8; 32] {
            [0; 32]
        }
        fn new_signing_key(
            &self,
            _: SigningAlgorithm,
            _: u32,
        ) -> Result<SigningKeyMaterial, KeyError> {
            Err(KeyError::NotOpened)
        }
        fn sign(&self, _: SigningAlgorithm, _: &[u8], _: &[u8]) -> Result<Vec<u8>, KeyError> {
            Err(KeyError::NotOpened)
        }
        fn checkpoint_public_key(&self) -> [u8; 32] {
            self.0.public_key().as_ref().try_into().expect("32 bytes")
        }
        fn sign_checkpoint(&self, message: &[u8]) -> Result<[u8; 64], KeyError> {
            Ok(self.0.sign(message).as_ref().try_into().expect("64 bytes"))
        }
    }

    pub(crate) fn origin() -> Origin {
        Origin::of_host("id.hopital.test").expect("origin")
    }

    fn checkpoint() -> Checkpoint {
        let frontier: Frontier = [leaf_hash(b"one"), leaf_hash(b"two")].into_iter().collect();
        Checkpoint { origin: origin(), size: 2, root: frontier.root() }
    }

    #[test]
    fn a_verifier_key_is_written_as_go_sumdb_note_does() {
        // The example of golang.org/x/mod/sumdb/note.
        let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let key: VerifierKey = text.parse().expect("key");
        assert_eq!(key.to_string(), text);
        let note = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n\n\
                    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        // The signature holds; the text is no checkpoint.
        assert_eq!(key.verify(note), Err(NoteError::Malformed));
        assert_eq!(key.verify(&note.replace("answer", "question")), Err(NoteError::Forged));
        for bad in ["", "a+b", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"]
        {
            assert_eq!(bad.parse::<VerifierKey>(), Err(NoteError::MalformedKey), "{bad:?}");
        }
    }

    #[test]
    fn a_signed_checkpoint_reads_back_and_nothing_else_does() {
        let (signer, other) = (Signer::new(1), Signer::new(2));
        let key = VerifierKey::new(origin(), signer.checkpoint_public_key());
        let stranger = VerifierKey::new(origin(), other.checkpoint_public_key());
        let note = checkpoint().sign(&signer).expect("signed");
        assert_eq!(key.verify(&note), Ok(checkpoint()));
        assert_eq!(key.to_string().parse(), Ok(key.clone()));
        assert_eq!(stranger.verify(&note), Err(NoteError::NotSigned));
        assert_eq!(key.verify(&note.replace("\n2\n", "\n3\n")), Err(NoteError::Forged));
        for bad in ["", "\n\n", "a\n\n", &note.replace("— ", "- "), note.trim_end()] {
            assert_eq!(key.verify(bad), Err(NoteError::Malformed), "{bad:?}");
        }
        let witnessed = format!("{note}— temoin.test AAAAAAAA\n");
        assert_eq!(key.verify(&witnessed), Ok(checkpoint()));
    }

    #[test]
    fn a_size_has_one_text() {
        for size in ["02", "+2", "-2", "", " 2", "18446744073709551616"] {
            let body = format!("o\n{size}\n{}\n", BASE64_STANDARD.encode([0; 32]));
            assert_eq!(Checkpoint::parse(&body), Err(NoteError::Malformed), "{size:?}");
        }
        for bad in ["", "a b", "a+b", "a\nb", "a\u{a0}b"] {
            assert_eq!(bad.parse::<Origin>(), Err(InvalidOrigin), "{bad:?}");
        }
    }
}
