//! One-time and opaque handles. Each kind has its own prefix in the text that travels and its own
//! domain in the hash that is stored, so that one kind can never pass for another (threats OP-04).
use crate::Randomness;
use std::fmt;

/// What a handle is for. The prefix is part of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HandleKind {
    /// SSO session cookie of the public listener.
    Session,
    /// Console session cookie of the admin listener.
    AdminSession,
    /// Browser secret that binds a login transaction.
    Browser,
    /// Login transaction.
    Login,
    /// Token in a form, against forged posts.
    Form,
    /// OAuth authorization code.
    Code,
    /// Opaque access token.
    AccessToken,
    /// Refresh token.
    RefreshToken,
    /// Pushed authorization request.
    Par,
    /// A login that an application asked for elsewhere (CIBA).
    AuthRequest,
    /// A login that a device waits for.
    DeviceCode,
    /// One-time link of the first administrator.
    AdminEnrolment,
}

impl HandleKind {
    pub const ALL: [Self; 12] = [
        Self::Session,
        Self::AdminSession,
        Self::Browser,
        Self::Login,
        Self::Form,
        Self::Code,
        Self::AccessToken,
        Self::RefreshToken,
        Self::Par,
        Self::AuthRequest,
        Self::DeviceCode,
        Self::AdminEnrolment,
    ];

    pub fn prefix(self) -> &'static str {
        match self {
            Self::Session => "hs_",
            Self::AdminSession => "ha_",
            Self::Browser => "hb_",
            Self::Login => "hl_",
            Self::Form => "hf_",
            Self::Code => "hc_",
            Self::AccessToken => "ht_",
            Self::RefreshToken => "hr_",
            Self::Par => "hp_",
            Self::AuthRequest => "hq_",
            Self::DeviceCode => "hd_",
            Self::AdminEnrolment => "he_",
        }
    }
}

/// The text is not a handle of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a handle of this kind")]
pub struct InvalidHandle;

/// A handle as its bearer holds it: prefix + 256 bits in base64url. Never stored, never logged.
pub struct Handle {
    kind: HandleKind,
    text: crate::Secret<String>,
}

/// What the store keeps of a handle: 32 bytes. `keystore`-free: the handle has 256 bits, so a plain
/// domain-separated SHA-256 (made in `store`) cannot be searched.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HandleHash(pub [u8; 32]);

impl fmt::Debug for HandleHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HandleHash(…)")
    }
}

impl Handle {
    /// Draws a new handle of 256 bits.
    pub fn new(kind: HandleKind, randomness: &dyn Randomness) -> Self {
        let mut bytes = [0u8; 32];
        randomness.fill(&mut bytes);
        let text = format!("{}{}", kind.prefix(), base64url(&bytes));
        Self { kind, text: crate::Secret::new(text) }
    }

    /// Takes a handle from outside; wrong prefix, length or alphabet is refused before any look-up.
    pub fn parse(kind: HandleKind, text: &str) -> Result<Self, InvalidHandle> {
        let body = text.strip_prefix(kind.prefix()).ok_or(InvalidHandle)?;
        let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if body.len() != 43 || !body.bytes().all(alphabet) {
            return Err(InvalidHandle);
        }
        Ok(Self { kind, text: crate::Secret::new(text.to_owned()) })
    }

    pub fn kind(&self) -> HandleKind {
        self.kind
    }

    /// The text to send to the bearer.
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// SHA-256 over `hygie-handle`, the prefix and the text: what is stored and looked up.
    pub fn hash(&self) -> HandleHash {
        use sha2::{Digest, Sha256};
        let mut hasher = Sha256::new();
        hasher.update(b"hygie-handle\0");
        hasher.update(self.kind.prefix().as_bytes());
        hasher.update(b"\0");
        hasher.update(self.expose().as_bytes());
        HandleHash(hasher.finalize().into())
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({:?}, …)", self.kind)
    }
}

fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let index = (word >> (18 - 6 * place)) & 63;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandomness;

    #[test]
    fn op_04_no_kind_of_handle_is_read_as_another() {
        let chance = SeededRandomness::new(7);
        for made in HandleKind::ALL {
            let handle = Handle::new(made, &chance);
            for asked in HandleKind::ALL {
                let read = Handle::parse(asked, handle.expose());
                assert_eq!(read.is_ok(), made == asked, "{made:?} read as {asked:?}");
            }
        }
    }

    #[test]
    fn the_same_bytes_hash_differently_in_each_kind_and_are_never_printed() {
        let handle = Handle::new(HandleKind::Code, &SeededRandomness::new(7));
        assert_eq!(handle.expose().len(), 46);
        assert!(!format!("{handle:?} {:?}", handle.hash()).contains(&handle.expose()[3..]));
        for bad in ["", "hc_", "hc_tooshort", &format!("hc_{}", "=".repeat(43))] {
            assert!(Handle::parse(HandleKind::Code, bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn base64url_follows_rfc_4648() {
        for (bytes, text) in
            [(&b"f"[..], "Zg"), (b"fo", "Zm8"), (b"foo", "Zm9v"), (b"\xfb\xff", "-_8")]
        {
            assert_eq!(base64url(bytes), text);
        }
    }
}
