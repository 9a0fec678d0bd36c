use kernel::Randomness;
use std::fmt;
use std::str::FromStr;

/// Crockford's base 32: no I, L, O, U, so that it is read aloud on the phone without mistake.
pub(crate) const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What people type is forgiven: case, separators, and the letters that look like digits.
pub(crate) fn crockford_digit(letter: char) -> Option<u8> {
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

/// Six characters that name one refusal, on the screen and in the journal (console.md §7.2). No secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference([u8; 6]);

/// The text is not a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a reference has six letters or digits, as in 7K3-P2Q")]
pub struct InvalidReference;

impl Reference {
    pub fn new(randomness: &dyn Randomness) -> Self {
        let mut bytes = [0u8; 6];
        randomness.fill(&mut bytes);
        Self(bytes.map(|byte| CROCKFORD[usize::from(byte & 31)]))
    }

    /// As it is kept and searched: six characters, no dash.
    pub fn code(&self) -> String {
        self.0.iter().map(|letter| char::from(*letter)).collect()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code();
        write!(f, "{}-{}", &code[..3], &code[3..])
    }
}

impl FromStr for Reference {
    type Err = InvalidReference;
    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        let mut letters = Vec::with_capacity(6);
        for letter in text.chars().filter(|letter| !matches!(letter, '-' | ' ' | '\u{a0}')) {
            let digit = crockford_digit(letter).ok_or(InvalidReference)?;
            letters.push(CROCKFORD[usize::from(digit)]);
        }
        letters.try_into().map(Self).map_err(|_| InvalidReference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SeededRandomness;

    #[test]
    fn a_reference_survives_the_telephone() {
        let reference = Reference::new(&SeededRandomness::new(3));
        assert_eq!(reference.to_string().len(), 7);
        assert_eq!(reference.to_string().parse(), Ok(reference.clone()));
        assert_eq!(reference.code().to_lowercase().parse(), Ok(reference));
        let forgiven: Reference = "o1l 7k3".parse().expect("forgiven");
        assert_eq!(forgiven.code(), "0117K3");
        for bad in ["", "7K3-P2", "7K3-P2QQ", "7K3-P2U", "7K3-P2é"] {
            assert!(bad.parse::<Reference>().is_err(), "{bad:?}");
        }
    }
}
