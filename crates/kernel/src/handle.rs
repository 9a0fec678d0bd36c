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
    /// What the card listener read, on its way to the login that waits for it.
    CardHandOver,
}

impl HandleKind {
    pub const ALL: [Self; 13] = [
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
        Self::CardHandOver,
    ];

    /// Kept by the number of its row.
    fn is_token(self) -> bool {
        matches!(self, Self::AccessToken | Self::RefreshToken)
    }

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
            Self::CardHandOver => "hk_",
        }
    }
}

/// The text is not a handle of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a handle of this kind")]
pub struct InvalidHandle;

/// A handle as its bearer holds it: prefix + 256 bits in base64url, and after them, in a token, the number of its row.
/// Never stored, never logged.
pub struct Handle {
    kind: HandleKind,
    text: crate::Secret<String>,
}

/// Characters of 256 bits, and of a number.
const BITS: usize = 43;
const NUMBER: usize = 11;

/// How the store finds a token, and knows it for the one that was given. Rows stand in the order of their numbers, so that
/// a token is kept and found without an index of hashes, of which each token would be written into another page.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TokenName {
    /// Says nothing, opens nothing.
    pub number: i64,
    pub hash: HandleHash,
}

impl TokenName {
    /// Of a token whose text bears no number, as those given before there were numbers: below zero, by its hash.
    pub fn unnumbered(hash: HandleHash) -> Self {
        let first = hash.0[..8].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let number = -1 - i64::try_from(first >> 4).expect("60 bits");
        Self { number, hash }
    }
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
        let numbered =
            || kind.is_token() && body.get(BITS..).is_some_and(|end| number_in(end).is_some());
        if !body.bytes().all(alphabet) || (body.len() != BITS && !numbered()) {
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

    /// The token whose row has this number.
    #[must_use]
    pub fn numbered(&self, number: i64) -> Self {
        debug_assert!(self.kind.is_token(), "{:?} is no token", self.kind);
        let number = base64url(&number.to_be_bytes());
        Self { kind: self.kind, text: crate::Secret::new(format!("{}{number}", self.drawn())) }
    }

    /// How the store finds it.
    pub fn token_name(&self) -> TokenName {
        let hash = self.hash();
        match number_in(&self.expose()[self.drawn().len()..]) {
            Some(number) => TokenName { number, hash },
            None => TokenName::unnumbered(hash),
        }
    }

    /// Without its number.
    fn drawn(&self) -> &str {
        &self.expose()[..self.kind.prefix().len() + BITS]
    }

    /// SHA-256 over `hygie-handle`, the prefix and the text without its number: what is stored, and compared.
    pub fn hash(&self) -> HandleHash {
        use sha2::{Digest, Sha256};
        let mut hasher = Sha256::new();
        hasher.update(b"hygie-handle\0");
        hasher.update(self.kind.prefix().as_bytes());
        hasher.update(b"\0");
        hasher.update(self.drawn().as_bytes());
        HandleHash(hasher.finalize().into())
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({:?}, …)", self.kind)
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The number that these characters say, in the one way in which [`base64url`] writes it.
fn number_in(text: &str) -> Option<i64> {
    if text.len() != NUMBER {
        return None;
    }
    let mut bits = 0_u128;
    for byte in text.bytes() {
        let six = ALPHABET.iter().position(|known| *known == byte)?;
        bits = bits << 6 | u128::try_from(six).ok()?;
    }
    // 66 bits, of which the last two are none of the number's.
    let number = u64::try_from(bits >> 2).ok()?;
    (bits & 3 == 0).then(|| i64::from_be_bytes(number.to_be_bytes()))
}

fn base64url(bytes: &[u8]) -> String {
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
    fn a_token_says_its_number_in_one_way_and_other_handles_have_none() {
        let chance = SeededRandomness::new(7);
        for kind in HandleKind::ALL {
            let drawn = Handle::new(kind, &chance);
            let unnumbered = drawn.token_name();
            assert!(unnumbered.number < 0 && unnumbered.hash == drawn.hash(), "{kind:?}");
            assert_eq!(unnumbered, TokenName::unnumbered(drawn.hash()));
            for number in [i64::MIN, -1, 0, 1, 7_000_000_000, i64::MAX] {
                let text = format!("{}{}", drawn.expose(), base64url(&number.to_be_bytes()));
                let read = Handle::parse(kind, &text);
                assert_eq!(read.is_ok(), kind.is_token(), "{kind:?}");
                let Ok(read) = read else { continue };
                assert_eq!(read.expose(), drawn.numbered(number).expose());
                assert_eq!(read.token_name(), TokenName { number, hash: drawn.hash() });
                assert_eq!(drawn.numbered(4).numbered(number).expose(), read.expose());
                let end = char::from(text.as_bytes()[text.len() - 1]);
                let at = ALPHABET.iter().position(|known| char::from(*known) == end).expect("one");
                for other in [1, 2, 3] {
                    let end = char::from(ALPHABET[at + other]);
                    let twin = format!("{}{end}", &text[..text.len() - 1]);
                    assert!(Handle::parse(kind, &twin).is_err(), "{other}: the same number twice");
                }
                for bad in [
                    &text[..text.len() - 1],
                    &format!("{text}A"),
                    &format!("{}é", &text[..text.len() - 2]),
                ] {
                    assert!(Handle::parse(kind, bad).is_err(), "{}", bad.len());
                }
            }
        }
    }

    #[test]
    fn the_number_of_a_token_without_one_is_made_of_the_first_sixty_bits_of_its_hash() {
        for (first, number) in
            [(0x00, -1), (0xff, -(1_i64 << 60)), (0x01, -1 - 0x0010_1010_1010_1010)]
        {
            assert_eq!(TokenName::unnumbered(HandleHash([first; 32])).number, number, "{first}");
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
