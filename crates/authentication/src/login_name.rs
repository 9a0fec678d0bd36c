use std::fmt;
use unicode_normalization::UnicodeNormalization;

const MOST_CHARACTERS: usize = 128;

/// The one canonical form of what a visitor types as a name (threats AU-15): NFKC, lower case, one script;
/// `DOMAIN\name` and `name@domain` read once. Counters and look-ups use this form alone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LoginName {
    name: String,
    domain: Option<String>,
}

/// The text cannot be a name here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a login name")]
pub struct InvalidLoginName;

impl LoginName {
    pub fn parse(typed: &str) -> Result<Self, InvalidLoginName> {
        if typed.len() > 4 * MOST_CHARACTERS {
            return Err(InvalidLoginName);
        }
        let normal: String = typed.trim().nfkc().collect();
        // U+0130 lowers to `i` and a combining dot, U+0131 stays: both would be a second `i`.
        if normal.chars().any(|c| matches!(c, '\u{130}' | '\u{131}')) {
            return Err(InvalidLoginName);
        }
        let folded: String = normal.to_lowercase().nfkc().collect();
        let count = folded.chars().count();
        if count == 0 || count > MOST_CHARACTERS || !folded.chars().all(is_admitted) {
            return Err(InvalidLoginName);
        }
        Self::split(&folded)
    }

    fn split(text: &str) -> Result<Self, InvalidLoginName> {
        let mut marks = text.match_indices(['\\', '@']);
        let (name, domain) = match (marks.next(), marks.next()) {
            (None, _) => (text, None),
            (Some((at, "\\")), None) => (&text[at + 1..], Some(&text[..at])),
            (Some((at, _)), None) => (&text[..at], Some(&text[at + 1..])),
            (Some(_), Some(_)) => return Err(InvalidLoginName),
        };
        if name.is_empty() || domain.is_some_and(str::is_empty) {
            return Err(InvalidLoginName);
        }
        Ok(Self { name: name.to_owned(), domain: domain.map(str::to_owned) })
    }

    /// Without any domain: sAMAccountName, or the left of a UPN.
    pub fn name(&self) -> &str {
        &self.name
    }
    pub fn domain(&self) -> Option<&str> {
        self.domain.as_deref()
    }
    /// `name@domain` when a domain was given.
    pub fn full(&self) -> String {
        match &self.domain {
            Some(domain) => format!("{}@{domain}", self.name),
            None => self.name.clone(),
        }
    }
}

impl fmt::Debug for LoginName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginName(…)")
    }
}

// Directory logins are Latin here; other scripts, invisible and combining characters are how twins are made.
fn is_admitted(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
        || matches!(letter, '.' | '-' | '_' | '\'' | '\\' | '@' | '$' | '+' | '!' | '#' | '~' | ' ')
        || matches!(letter, '\u{df}'..='\u{f6}' | '\u{f8}'..='\u{17f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn au_15_one_account_or_refused() {
        for same in [
            "dupont",
            "DUPONT ",
            " Dupont",
            "ｄｕｐｏｎｔ",
            "dom\\dupont",
            "dupont@dom",
            "DOM\\DuPont",
        ] {
            assert_eq!(LoginName::parse(same).expect(same).name(), "dupont", "{same:?}");
        }
        assert_eq!(LoginName::parse("DOM\\Dupont"), LoginName::parse("dupont@dom"));
        for twin in [
            "dup\u{43e}nt",
            "dupont\u{200b}",
            "du\u{ad}pont",
            "\u{202e}tnopud",
            "\u{130}rene",
            "\u{131}rene",
            "dupont\0",
            "a\\b\\c",
            "a@b@c",
            "a\\b@c",
            "\\dupont",
            "dupont@",
            "",
            "   ",
            &"a".repeat(129),
            "dupont)(uid=*",
        ] {
            assert_eq!(LoginName::parse(twin), Err(InvalidLoginName), "{twin:?}");
        }
        assert_eq!(LoginName::parse("he\u{301}le\u{300}ne").expect("composed").name(), "hélène");
    }
}
