use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier as _, Version};
use kernel::{KeyStore, Randomness, Secret};
use unicode_normalization::UnicodeNormalization;

const MOST_BYTES: usize = 1024;
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Raised when the pepper's derivation changes; older verifiers are hashed again at the next login.
const PEPPER: &str = "password-pepper-1";
const PREFIX: &str = "p1";

/// Rules of a hospital for new passwords (ANSSI PG-078: a length, no maximum, no forced expiry).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordRules {
    /// In characters, not bytes.
    pub least_length: usize,
}

impl Default for PasswordRules {
    fn default() -> Self {
        Self { least_length: 12 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefused {
    #[error("the password is empty")]
    Empty,
    #[error("the password is longer than {MOST_BYTES} bytes")]
    TooLong,
    #[error("the password holds a NUL or a control character")]
    ControlCharacter,
    #[error("the password is shorter than {least_length} characters")]
    TooShort { least_length: usize },
    #[error("the password repeats too few different characters")]
    TooFewCharacters,
}

/// A password as typed, in NFC once, neither trimmed nor cut nor folded (threats AU-06).
pub struct Password {
    typed: Secret<String>,
    normal: Secret<String>,
}

impl Password {
    /// Empty, NUL and endless texts stop here, before any verifier or directory is asked.
    pub fn typed(text: &str) -> Result<Self, PasswordRefused> {
        if text.is_empty() {
            return Err(PasswordRefused::Empty);
        }
        if text.len() > MOST_BYTES {
            return Err(PasswordRefused::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(PasswordRefused::ControlCharacter);
        }
        let normal: String = text.nfc().collect();
        Ok(Self { typed: Secret::new(text.to_owned()), normal: Secret::new(normal) })
    }

    /// A password chosen now must also keep the rules.
    pub fn chosen(text: &str, rules: PasswordRules) -> Result<Self, PasswordRefused> {
        let password = Self::typed(text)?;
        let normal = password.normal.expose();
        if normal.chars().count() < rules.least_length {
            return Err(PasswordRefused::TooShort { least_length: rules.least_length });
        }
        let different: std::collections::BTreeSet<char> = normal.chars().collect();
        if different.len() < 5 {
            return Err(PasswordRefused::TooFewCharacters);
        }
        Ok(password)
    }

    /// For a directory, which wants it as it was typed.
    pub fn as_typed(&self) -> &Secret<String> {
        &self.typed
    }

    fn peppered(&self, keys: &dyn KeyStore) -> Secret<Vec<u8>> {
        Secret::new(keys.mac(PEPPER, self.normal.expose().as_bytes()).to_vec())
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A password was right. Made by the verifiers alone.
#[derive(Debug)]
pub struct VerifiedPassword {
    _made_here: (),
}

impl VerifiedPassword {
    pub(crate) fn new() -> Self {
        Self { _made_here: () }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum PasswordVerifierError {
    #[error("the stored verifier is not one of ours")]
    Malformed,
    #[error("hashing failed: {0}")]
    Hashing(String),
}

/// Argon2id (RFC 9106) over an HMAC of the password under a key outside base and backups, as `p1` + PHC string.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordVerifier(String);

impl std::fmt::Debug for PasswordVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordVerifier(…)")
    }
}

impl PasswordVerifier {
    /// Slow by design: call it where blocking is allowed.
    pub fn make(
        password: &Password,
        keys: &dyn KeyStore,
        randomness: &dyn Randomness,
    ) -> Result<Self, PasswordVerifierError> {
        Self::make_at(HashingCost::default(), password, keys, randomness)
    }

    /// At another cost than today's: a verifier of yesterday.
    pub fn make_at(
        cost: HashingCost,
        password: &Password,
        keys: &dyn KeyStore,
        randomness: &dyn Randomness,
    ) -> Result<Self, PasswordVerifierError> {
        let mut salt = [0u8; 16];
        randomness.fill(&mut salt);
        let hash = hasher(cost)?
            .hash_password_with_salt(password.peppered(keys).expose(), &salt)
            .map_err(|cause| PasswordVerifierError::Hashing(cause.to_string()))?;
        Ok(Self(format!("{PREFIX}{hash}")))
    }

    /// A verifier of nothing, so that an unknown name costs what a known one costs (threats AU-01).
    pub fn of_nobody() -> Self {
        Self(format!(
            "{PREFIX}$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$aHlnaWUtbm9ib2R5LXNhbHQ$\
             AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        ))
    }

    pub fn from_text(text: &str) -> Result<Self, PasswordVerifierError> {
        phc(text)?;
        Ok(Self(text.to_owned()))
    }

    pub fn text(&self) -> &str {
        &self.0
    }

    /// Slow by design: call it where blocking is allowed. `Ok(None)`: a wrong password.
    pub fn verify(
        &self,
        password: &Password,
        keys: &dyn KeyStore,
    ) -> Result<Option<VerifiedPassword>, PasswordVerifierError> {
        let hash = phc(&self.0)?;
        let right = hasher(HashingCost::default())?
            .verify_password(password.peppered(keys).expose(), &hash)
            .is_ok();
        Ok(right.then(VerifiedPassword::new))
    }

    /// The cost or the pepper has been raised since.
    pub fn is_outdated(&self) -> bool {
        let current = format!("{PREFIX}$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$");
        !self.0.starts_with(&current)
    }
}

fn phc(text: &str) -> Result<PasswordHash, PasswordVerifierError> {
    let body = text.strip_prefix(PREFIX).ok_or(PasswordVerifierError::Malformed)?;
    PasswordHash::new(body).map_err(|_| PasswordVerifierError::Malformed)
}

/// What one hash costs whoever guesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashingCost {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

impl Default for HashingCost {
    fn default() -> Self {
        Self { memory_kib: MEMORY_KIB, passes: PASSES, lanes: LANES }
    }
}

fn hasher(cost: HashingCost) -> Result<Argon2<'static>, PasswordVerifierError> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32))
        .map_err(|cause| PasswordVerifierError::Hashing(cause.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrolment::tests::TestKeys;
    use kernel::SeededRandomness;

    fn verifier(text: &str) -> PasswordVerifier {
        let password = Password::typed(text).expect("typed");
        PasswordVerifier::make(&password, &TestKeys(1), &SeededRandomness::new(1)).expect("made")
    }

    #[test]
    fn au_06_empty_nul_endless_and_control_are_refused_before_any_verifier() {
        for (text, refused) in [
            ("".to_owned(), PasswordRefused::Empty),
            ("\0".to_owned(), PasswordRefused::ControlCharacter),
            ("a\0b".to_owned(), PasswordRefused::ControlCharacter),
            ("a".repeat(1_000_000), PasswordRefused::TooLong),
            ("a".repeat(1_025), PasswordRefused::TooLong),
        ] {
            assert_eq!(Password::typed(&text).err(), Some(refused));
        }
        assert!(Password::typed(&"é".repeat(512)).is_ok());
        assert!(
            Password::chosen(
                &"correct horse battery staple ".repeat(3)[..64],
                PasswordRules::default()
            )
            .is_ok()
        );
    }

    #[test]
    fn au_06_neither_trimmed_nor_cut_nor_folded_but_normalised_once() {
        let kept = verifier("Été à l’hôpital");
        for (text, right) in [
            ("Été à l’hôpital", true),
            ("E\u{301}te\u{301} a\u{300} l’ho\u{302}pital", true),
            ("Été à l’hôpital ", false),
            (" Été à l’hôpital", false),
            ("été à l’hôpital", false),
            ("Été à l’hôpita", false),
        ] {
            let password = Password::typed(text).expect("typed");
            let verdict = kept.verify(&password, &TestKeys(1)).expect("verified");
            assert_eq!(verdict.is_some(), right, "{text:?}");
        }
    }

    #[test]
    fn au_05_the_right_password_without_the_pepper_verifies_nothing() {
        let kept = verifier("motdepasse de test");
        let right = Password::typed("motdepasse de test").expect("typed");
        assert!(kept.verify(&right, &TestKeys(1)).expect("verified").is_some());
        assert!(kept.verify(&right, &TestKeys(2)).expect("verified").is_none());
        assert!(!format!("{kept:?} {right:?}").contains("argon2"));
    }

    #[test]
    fn au_01_nobody_has_a_verifier_of_the_same_cost_that_never_agrees() {
        let nobody = PasswordVerifier::of_nobody();
        assert!(!nobody.is_outdated());
        for text in ["a", "motdepasse", "hygie"] {
            let password = Password::typed(text).expect("typed");
            assert!(nobody.verify(&password, &TestKeys(1)).expect("well formed").is_none());
        }
    }

    #[test]
    fn verifiers_are_read_back_and_old_ones_told() {
        let kept = verifier("motdepasse de test");
        assert_eq!(PasswordVerifier::from_text(kept.text()).expect("ours"), kept);
        assert!(!kept.is_outdated());
        let old = kept.text().replace("m=19456", "m=4096");
        assert!(PasswordVerifier::from_text(&old).expect("ours").is_outdated());
        for bad in ["", "p1", "$argon2id$v=19$m=1,t=1,p=1$aaaa$bbbb", "p1$md5$abc"] {
            assert!(PasswordVerifier::from_text(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn new_passwords_keep_the_rules() {
        let rules = PasswordRules::default();
        for (text, expected) in [
            ("onze lettre", Some(PasswordRefused::TooShort { least_length: 12 })),
            ("aaaaaaaaaaaaaaaa", Some(PasswordRefused::TooFewCharacters)),
            ("une phrase de passe", None),
        ] {
            assert_eq!(Password::chosen(text, rules).err(), expected, "{text:?}");
        }
    }
}
