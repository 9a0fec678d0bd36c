//! Words that events are made of. None of them can carry a free text.
use crate::Digest;
use kernel::Randomness;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// The text does not have the shape of this word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct InvalidWord {
    pub expected: &'static str,
}

/// What an event is about; the filter of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    Login,
    Means,
    People,
    Sources,
    Reconciliation,
    Applications,
    Sessions,
    Console,
    System,
    Audit,
}

impl Category {
    pub const ALL: [Self; 10] = [
        Self::Login,
        Self::Means,
        Self::People,
        Self::Sources,
        Self::Reconciliation,
        Self::Applications,
        Self::Sessions,
        Self::Console,
        Self::System,
        Self::Audit,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Means => "means",
            Self::People => "people",
            Self::Sources => "sources",
            Self::Reconciliation => "reconciliation",
            Self::Applications => "applications",
            Self::Sessions => "sessions",
            Self::Console => "console",
            Self::System => "system",
            Self::Audit => "audit",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.name() == name)
    }

    /// How long its events are kept is a setting of each retention category.
    pub fn retention(self) -> Retention {
        match self {
            Self::Login | Self::Sessions => Retention::Access,
            Self::Means | Self::People | Self::Reconciliation => Retention::Identity,
            Self::Sources | Self::System => Retention::Operation,
            Self::Applications | Self::Console | Self::Audit => Retention::Administration,
        }
    }
}

/// Events that are kept equally long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retention {
    /// Who logged in where.
    Access,
    /// Why a person is who we say, and what she holds.
    Identity,
    /// What operators changed or read.
    Administration,
    /// Runs, starts, stops, keys.
    Operation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Accepted,
    Refused,
    Read,
}

impl Outcome {
    pub const ALL: [Self; 3] = [Self::Accepted, Self::Refused, Self::Read];
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Read => "read",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}

/// Why a person's access ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosingCause {
    ContractOver,
    AbsentFromSource,
    ByHand,
    /// Somebody had set the day.
    Planned,
}

/// Which listener a person came in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessKind {
    Public,
    Admin,
}

/// What a run found, or did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RunCounts {
    pub lines: u64,
    pub created: u64,
    pub changed: u64,
    pub closed: u64,
    pub reopened: u64,
    pub conflicts: u64,
    pub doubts: u64,
    pub faults: u64,
}

/// A stable word of the program (a reason, a kind, an act): 1 to 64 of `a-z`, `0-9`, `_`. It is made from a text that
/// was compiled in, so that nothing a stranger typed can become one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Code(Cow<'static, str>);

impl Code {
    /// Panics at compile time in a `const`; elsewhere a wrong literal is a fault of ours that the first test meets.
    pub const fn of(text: &'static str) -> Self {
        assert!(is_code(text), "a code is made of a-z, 0-9 and _");
        Self(Cow::Borrowed(text))
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const fn is_code(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut place = 0;
    while place < bytes.len() {
        if !matches!(bytes[place], b'a'..=b'z' | b'0'..=b'9' | b'_') {
            return false;
        }
        place += 1;
    }
    !bytes.is_empty() && bytes.len() <= 64
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        if !is_code(&text) {
            return Err(D::Error::custom("a code is made of a-z, 0-9 and _"));
        }
        Ok(Self(Cow::Owned(text)))
    }
}

/// A word of a standard, which has capitals too (`RS256`, `SubjectRole`): 1 to 64 letters, digits, `_`, `-`, `:` and `.`. It
/// is made from a text that was compiled in, as a code is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Term(Cow<'static, str>);

impl Term {
    pub const fn of(text: &'static str) -> Self {
        assert!(is_term(text), "a term is made of letters, digits, _, -, : and .");
        Self(Cow::Borrowed(text))
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const fn is_term(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut place = 0;
    while place < bytes.len() {
        if !bytes[place].is_ascii_alphanumeric()
            && !matches!(bytes[place], b'_' | b'-' | b':' | b'.')
        {
            return false;
        }
        place += 1;
    }
    !bytes.is_empty() && bytes.len() <= 64
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        if !is_term(&text) {
            return Err(D::Error::custom("a term is made of letters, digits, _, -, : and ."));
        }
        Ok(Self(Cow::Owned(text)))
    }
}

/// What a setting of an application is. What somebody typed (an address) is there by its digest alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingValue {
    Flag(bool),
    Number(u32),
    Terms(Vec<Term>),
    Digest(Digest),
    /// There is one, and it is not for the journal: it may name somebody.
    Untold,
}

impl fmt::Display for SettingValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Terms(terms) => {
                let texts: Vec<&str> = terms.iter().map(Term::as_str).collect();
                f.write_str(&texts.join(" "))
            }
            Self::Digest(digest) => digest.fmt(f),
            Self::Untold => f.write_str("•••"),
        }
    }
}

/// One setting that was changed. Absent: it had none, or has none now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingChange {
    pub setting: Code,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<SettingValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<SettingValue>,
}

/// Six characters that a user reads aloud to the help desk: Crockford's alphabet, no look-alikes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Reference(String);

impl Reference {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    pub fn new(randomness: &dyn Randomness) -> Self {
        let mut bytes = [0; 6];
        randomness.fill(&mut bytes);
        let letter = |byte: u8| char::from(Self::ALPHABET[usize::from(byte & 31)]);
        Self(bytes.into_iter().map(letter).collect())
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Reference {
    type Err = InvalidWord;
    /// As it was typed: small letters, dashes and look-alikes (`o`, `i`, `l`) are read for what was meant.
    fn from_str(text: &str) -> Result<Self, InvalidWord> {
        let meant = |letter: char| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let read: String = text.trim().chars().filter(|letter| *letter != '-').map(meant).collect();
        let known = |byte: u8| Self::ALPHABET.contains(&byte);
        let well_formed = read.len() == 6 && read.bytes().all(known);
        well_formed.then_some(Self(read)).ok_or(InvalidWord { expected: "six letters or digits" })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SeededRandomness;

    #[test]
    fn a_reference_is_read_as_it_was_meant() {
        let drawn = Reference::new(&SeededRandomness::new(3));
        assert_eq!(drawn.as_str().to_lowercase().parse(), Ok(drawn));
        assert_eq!("o0i-l1z".parse::<Reference>().map(|read| read.0), Ok("00111Z".to_owned()));
        for bad in ["", "ABCDE", "ABCDEFG", "ABCDEU", "ÀBCDE", "AB CDE"] {
            assert!(bad.parse::<Reference>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn lg_05_no_hostile_text_becomes_a_code() {
        for bad in ["", "a b", "a\nb", "\u{1b}[31m", "DUPONT", "é", &"a".repeat(65)] {
            let json = serde_json::to_string(bad).expect("json");
            assert!(serde_json::from_str::<Code>(&json).is_err(), "{bad:?}");
        }
        assert_eq!(Code::of("means_revoked").as_str(), "means_revoked");
        for bad in ["", "a b", "a\nb", "\u{1b}[31m", "https://dpi.test/", "é", &"a".repeat(65)] {
            let json = serde_json::to_string(bad).expect("json");
            assert!(serde_json::from_str::<Term>(&json).is_err(), "{bad:?}");
        }
        assert_eq!(Term::of("SubjectRole").as_str(), "SubjectRole");
    }
}
