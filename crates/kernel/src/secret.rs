use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// A value that must not be seen: no `Debug` of the inside, no `Display`, no serde, no `==`; wiped on drop.
/// Compare with [`Secret::matches`], in constant time.
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    pub fn new(value: T) -> Self {
        Self(value)
    }
    /// The one way to the value. Read aloud at each call: why here?
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize + AsRef<[u8]>> Secret<T> {
    /// Constant time for equal lengths; the length itself is no secret.
    pub fn matches(&self, other: &[u8]) -> bool {
        self.0.as_ref().ct_eq(other).into()
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed_and_matches_only_itself() {
        let secret = Secret::new("motdepasse".to_owned());
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert!(secret.matches(b"motdepasse"));
        for other in ["", "motdepass", "motdepassE", "motdepasse "] {
            assert!(!secret.matches(other.as_bytes()), "{other:?}");
        }
    }
}
