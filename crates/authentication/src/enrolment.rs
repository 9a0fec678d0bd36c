use crate::{Holder, MeansKind};
use chrono::{DateTime, Duration, Utc};
use kernel::{ActorId, EnrolmentCodeId, KeyStore, Randomness, Secret};
use std::str::FromStr;
use subtle::ConstantTimeEq;

/// Short: the holder stands at the desk or reads a sealed paper just handed over (threats AU-11).
pub const CODE_LIFE: Duration = Duration::minutes(15);
/// The first administrator's link: 256 bits, printed on the machine, one hour (threats AM-10).
pub const FIRST_LINK_LIFE: Duration = Duration::hours(1);
/// Ceremonies that may be begun with one code.
pub const MOST_CODE_TRIES: u32 = 5;
const LETTERS: usize = 10;
/// Crockford's base 32: no I, L, O, U, so that it is read aloud on the phone without mistake.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code of the desk as a human types it: ten characters, 50 bits, in two groups.
pub struct CodeText(Secret<String>);

/// The text is not an enrolment code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an enrolment code has ten letters or digits, as in 7K3P2-Q9XAB")]
pub struct InvalidCode;

impl CodeText {
    pub fn new(randomness: &dyn Randomness) -> Self {
        let mut bytes = [0u8; LETTERS];
        randomness.fill(&mut bytes);
        let letters = bytes.map(|byte| char::from(CROCKFORD[usize::from(byte & 31)]));
        Self(Secret::new(letters.into_iter().collect()))
    }

    /// To be shown once, to the desk: `7K3P2-Q9XAB`.
    pub fn expose(&self) -> String {
        let letters = self.0.expose();
        format!("{}-{}", &letters[..5], &letters[5..])
    }

    /// What is kept: a MAC under the master key, so that a stolen base cannot be searched (AU-05).
    pub fn hash(&self, keys: &dyn KeyStore) -> [u8; 32] {
        keys.mac("enrolment-code", self.0.expose().as_bytes())
    }
}

impl FromStr for CodeText {
    type Err = InvalidCode;
    fn from_str(text: &str) -> Result<Self, InvalidCode> {
        if text.len() > 64 {
            return Err(InvalidCode);
        }
        let mut letters = String::with_capacity(LETTERS);
        for letter in text.chars().filter(|letter| !matches!(letter, '-' | ' ' | '\u{a0}')) {
            let digit = crockford_digit(letter).ok_or(InvalidCode)?;
            letters.push(char::from(CROCKFORD[usize::from(digit)]));
        }
        if letters.len() == LETTERS { Ok(Self(Secret::new(letters))) } else { Err(InvalidCode) }
    }
}

impl std::fmt::Debug for CodeText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CodeText(…)")
    }
}

/// A code given to one holder for one kind of means, and one use (threats AU-11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentCode {
    pub id: EnrolmentCodeId,
    pub holder: Holder,
    pub kind: MeansKind,
    pub hash: [u8; 32],
    pub given_by: ActorId,
    pub given_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub tries: u32,
    pub used_at: Option<DateTime<Utc>>,
}

/// Why a code opens no enrolment. The page says one sentence for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeRefused {
    #[error("the code is another one")]
    Wrong,
    #[error("the code was used")]
    Used,
    #[error("the code is too old")]
    Expired,
    #[error("the code was tried too often")]
    TooManyTries,
}

impl CodeRefused {
    pub fn code(self) -> &'static str {
        match self {
            Self::Wrong => "enrolment_code_wrong",
            Self::Used => "enrolment_code_used",
            Self::Expired => "enrolment_code_expired",
            Self::TooManyTries => "enrolment_code_tries",
        }
    }
}

impl EnrolmentCode {
    pub fn give(
        id: EnrolmentCodeId,
        hash: [u8; 32],
        holder: Holder,
        kind: MeansKind,
        given_by: ActorId,
        life: Duration,
        now: DateTime<Utc>,
    ) -> Self {
        let expires_at = now + life;
        Self {
            id,
            holder,
            kind,
            hash,
            given_by,
            given_at: now,
            expires_at,
            tries: 0,
            used_at: None,
        }
    }

    /// Begins one try: counted whatever comes of it.
    pub fn try_with(mut self, hash: &[u8; 32], now: DateTime<Utc>) -> Result<Self, CodeRefused> {
        if !bool::from(self.hash.ct_eq(hash)) {
            return Err(CodeRefused::Wrong);
        }
        self.may_be_used(now)?;
        if self.tries >= MOST_CODE_TRIES {
            return Err(CodeRefused::TooManyTries);
        }
        self.tries += 1;
        Ok(self)
    }

    /// The enrolment is done: the code dies with it.
    pub fn use_up(mut self, now: DateTime<Utc>) -> Result<Self, CodeRefused> {
        self.may_be_used(now)?;
        self.used_at = Some(now);
        Ok(self)
    }

    fn may_be_used(&self, now: DateTime<Utc>) -> Result<(), CodeRefused> {
        if self.used_at.is_some() {
            return Err(CodeRefused::Used);
        }
        // A clock that went back must not lengthen the life of a code (threats I-25).
        if now < self.given_at || now >= self.expires_at {
            return Err(CodeRefused::Expired);
        }
        Ok(())
    }
}

/// What people type is forgiven: case, separators, and the letters that look like digits.
fn crockford_digit(letter: char) -> Option<u8> {
    let letter = match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    CROCKFORD
        .iter()
        .position(|known| char::from(*known) == letter)
        .and_then(|at| u8::try_from(at).ok())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use kernel::{
        Clock, FixedClock, KeyError, SeededRandomness, SigningAlgorithm, SigningKeyMaterial,
    };

    /// A key store for tests: MAC only.
    pub(crate) struct TestKeys(pub u8);

    impl KeyStore for TestKeys {
        fn seal(&self, _: &str, _: &[u8]) -> Result<Vec<u8>, KeyError> {
            Err(KeyError::NotOpened)
        }
        fn open(&self, _: &str, _: &[u8]) -> Result<Secret<Vec<u8>>, KeyError> {
            Err(KeyError::NotOpened)
        }
        fn mac(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
            use sha2::{Digest, Sha256};
            let mut hasher = Sha256::new();
            hasher.update([self.0]);
            hasher.update(purpose.as_bytes());
            hasher.update(message);
            hasher.finalize().into()
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
            [0; 32]
        }
        fn sign_checkpoint(&self, _: &[u8]) -> Result<[u8; 64], KeyError> {
            Err(KeyError::NotOpened)
        }
    }

    fn given() -> (CodeText, EnrolmentCode, FixedClock) {
        let (clock, chance) = (FixedClock::at("2026-03-01T08:00:00Z"), SeededRandomness::new(5));
        let text = CodeText::new(&chance);
        let holder = Holder::Person(kernel::PersonId::new(&clock, &chance));
        let id = EnrolmentCodeId::new(&clock, &chance);
        let hash = text.hash(&TestKeys(1));
        let (kind, by) = (MeansKind::Fido2, ActorId::Nobody);
        let code = EnrolmentCode::give(id, hash, holder, kind, by, CODE_LIFE, clock.now());
        (text, code, clock)
    }

    #[test]
    fn a_code_is_typed_by_a_human_and_read_all_the_same() {
        let (text, code, _) = given();
        let shown = text.expose();
        assert_eq!(shown.len(), 11);
        assert!(!format!("{text:?} {code:?}").contains(&shown));
        for typed in
            [shown.clone(), shown.to_lowercase(), shown.replace('-', " "), shown.replace('0', "O")]
        {
            let read: CodeText = typed.parse().expect("forgiven");
            assert_eq!(read.hash(&TestKeys(1)), code.hash, "{typed:?}");
        }
        for bad in ["", "7K3P2", "7K3P2-Q9XABC", "7K3P2-Q9XAU", &"0".repeat(100)] {
            assert!(bad.parse::<CodeText>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn au_05_without_the_master_key_the_stored_code_cannot_be_searched() {
        let (text, code, _) = given();
        assert_ne!(text.hash(&TestKeys(2)), code.hash);
    }

    #[test]
    fn au_11_a_code_serves_once_within_fifteen_minutes_and_five_tries() {
        let (text, code, clock) = given();
        let (hash, now) = (text.hash(&TestKeys(1)), clock.now());
        let used = code.clone().try_with(&hash, now).expect("first").use_up(now).expect("alive");
        let mut tried = code.clone();
        for _ in 0..MOST_CODE_TRIES {
            tried = tried.try_with(&hash, now).expect("within the tries");
        }
        for (name, code, hash, at, expected) in [
            ("used", used, hash, now, CodeRefused::Used),
            ("tried", tried, hash, now, CodeRefused::TooManyTries),
            ("late", code.clone(), hash, now + CODE_LIFE, CodeRefused::Expired),
            (
                "clock set back",
                code.clone(),
                hash,
                now - Duration::seconds(1),
                CodeRefused::Expired,
            ),
            ("wrong", code.clone(), [0; 32], now, CodeRefused::Wrong),
        ] {
            assert_eq!(code.try_with(&hash, at), Err(expected), "{name}");
        }
        let last_second = now + CODE_LIFE - Duration::seconds(1);
        assert!(code.try_with(&hash, last_second).is_ok());
    }
}
