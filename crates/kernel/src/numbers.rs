//! Numbers of the trade. Holding the value is the proof that its shape is right (style rule 2).
use std::fmt;
use std::str::FromStr;

/// The text does not have the shape of this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct InvalidNumber {
    pub expected: &'static str,
}

/// Luhn's sum over decimal digits; false when the text holds anything else.
pub fn luhn_holds(digits: &str) -> bool {
    let mut sum = 0u32;
    for (place, byte) in digits.bytes().rev().enumerate() {
        if !byte.is_ascii_digit() {
            return false;
        }
        let digit = u32::from(byte - b'0');
        sum += match (place % 2, digit * 2) {
            (0, _) => digit,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        };
    }
    !digits.is_empty() && sum.is_multiple_of(10)
}

macro_rules! number {
    ($name:ident) => {
        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// RPPS number: 11 digits (specs of the Annuaire Santé; `rpps.md` §1.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rpps(String);
number!(Rpps);

impl Rpps {
    /// The key is no law: a number of the register may fail it (warned of at the desk).
    pub fn has_luhn_key(&self) -> bool {
        luhn_holds(&self.0)
    }
    /// The national form: `8` + 11 digits.
    pub fn id_nat(&self) -> IdNat {
        IdNat(format!("8{}", self.0))
    }
}

impl FromStr for Rpps {
    type Err = InvalidNumber;
    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        let well_formed = text.len() == 11 && text.bytes().all(|byte| byte.is_ascii_digit());
        well_formed.then(|| Self(text.to_owned())).ok_or(InvalidNumber { expected: "11 digits" })
    }
}

/// FINESS number, legal entity (EJ) or site (ET): 9 characters, the second may be a letter (Corsica, tests).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Finess(String);
number!(Finess);

impl FromStr for Finess {
    type Err = InvalidNumber;
    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        let well_formed = text.len() == 9
            && text.bytes().enumerate().all(|(place, byte)| {
                byte.is_ascii_digit() || (place == 1 && byte.is_ascii_uppercase())
            });
        well_formed
            .then(|| Self(text.to_owned()))
            .ok_or(InvalidNumber { expected: "9 characters, digits but for the second" })
    }
}

/// Kind of a national identifier of a person (NOS TRE_G08; `rpps.md` §1.1). Never the list of structures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IdNatPrefix {
    Adeli,
    AdeliCabinet,
    FinessRegister,
    SirenRegister,
    SiretRegister,
    RppsCabinet,
    Rpps,
    Other,
}

/// National identification of a person: type prefix + local number. Unique to one person.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdNat(String);
number!(IdNat);

impl IdNat {
    pub fn prefix(&self) -> IdNatPrefix {
        match self.0.as_bytes() {
            [b'8', rest @ ..] if rest.len() == 11 => IdNatPrefix::Rpps,
            [b'0', ..] => IdNatPrefix::Adeli,
            [b'1', ..] => IdNatPrefix::AdeliCabinet,
            [b'3', ..] => IdNatPrefix::FinessRegister,
            [b'4', ..] => IdNatPrefix::SirenRegister,
            [b'5', ..] => IdNatPrefix::SiretRegister,
            [b'6', ..] => IdNatPrefix::RppsCabinet,
            _ => IdNatPrefix::Other,
        }
    }
    /// The RPPS number, when this is one.
    pub fn rpps(&self) -> Option<Rpps> {
        (self.prefix() == IdNatPrefix::Rpps).then(|| self.0[1..].parse().ok()).flatten()
    }
}

impl FromStr for IdNat {
    type Err = InvalidNumber;
    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-');
        let well_formed = (3..=64).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_digit())
            && text.bytes().all(allowed)
            && (!text.starts_with('8')
                || (text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())));
        well_formed.then(|| Self(text.to_owned())).ok_or(InvalidNumber {
            expected: "a type prefix and a number, for example 8 and an RPPS",
        })
    }
}

/// Payroll number in one legal entity, verbatim but for outer spaces.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Matricule(String);
number!(Matricule);

impl FromStr for Matricule {
    type Err = InvalidNumber;
    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        let text = text.trim();
        let well_formed = (1..=32).contains(&text.len()) && !text.chars().any(char::is_control);
        well_formed
            .then(|| Self(text.to_owned()))
            .ok_or(InvalidNumber { expected: "1 to 32 characters" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luhn_warns_and_never_rejects() {
        for (number, key) in [
            ("99900001233", true),
            ("99900004567", true),
            ("99900020415", true),
            ("99900020423", true),
            ("99900001234", false),
        ] {
            assert_eq!(number.parse::<Rpps>().expect("shape").has_luhn_key(), key, "{number}");
        }
        assert!(!luhn_holds(""));
    }

    #[test]
    fn shapes_are_checked_at_the_border() {
        for bad in ["", "9990000123", "999000012333", "9990000123a", "９９９００００１２３３"]
        {
            assert!(bad.parse::<Rpps>().is_err(), "{bad:?}");
        }
        for (text, good) in
            [("990000010", true), ("2B0000012", true), ("99000001", false), ("9900000a0", false)]
        {
            assert_eq!(text.parse::<Finess>().is_ok(), good, "{text:?}");
        }
        for (text, prefix) in [
            ("899900001233", IdNatPrefix::Rpps),
            ("3990000010/12", IdNatPrefix::FinessRegister),
            ("02A1234567", IdNatPrefix::Adeli),
        ] {
            assert_eq!(text.parse::<IdNat>().expect("shape").prefix(), prefix);
        }
        for bad in ["", "8999", "899900001233x", "abc", "3 4"] {
            assert!(bad.parse::<IdNat>().is_err(), "{bad:?}");
        }
        let rpps: Rpps = "99900001233".parse().expect("shape");
        assert_eq!(rpps.id_nat().rpps(), Some(rpps));
    }
}
