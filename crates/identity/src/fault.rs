//! What was wrong in a record, where, and in words that an operator can act on.
use std::fmt;

/// A value as the source wrote it: shown to operators, never to logs (`Debug` hides it).
#[derive(Clone, PartialEq, Eq)]
pub struct Found(String);

impl Found {
    pub fn new(text: &str) -> Self {
        Self(text.chars().take(80).collect())
    }
    /// For a screen that its reader may see; control characters are made visible.
    pub fn shown(&self) -> String {
        self.0
            .chars()
            .flat_map(|letter| match crate::value::is_hidden(letter) {
                true => letter.escape_unicode().collect::<Vec<_>>(),
                false => vec![letter],
            })
            .collect()
    }
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Found({} characters)", self.0.chars().count())
    }
}

/// What stood against the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expected {
    /// The key of the record (matricule, objectGUID).
    Key,
    /// Fewer lines under one key: the key's column is surely not the right one.
    FewLines,
    /// The lines of one key agree on who it is.
    Agreement,
    /// One object once.
    OneObject,
    /// A line said again, word for word (warning).
    OneLine,
    Date,
    /// A four-digit year (warning; the century was guessed).
    FullYear,
    PastBirth,
    PlausibleBirth,
    NearStart,
    EndAfterStart,
    Sex,
    Rpps,
    /// The check digit of an RPPS (warning).
    RppsKey,
    Finess,
    Profession,
    Mail,
    Matricule,
    VisibleText,
    ShortText,
    Login,
    DistinguishedName,
    AccountControl,
    Number,
}

impl Expected {
    /// Stable, for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Key => "key_missing",
            Self::FewLines => "too_many_lines",
            Self::Agreement => "lines_disagree",
            Self::OneObject => "object_twice",
            Self::OneLine => "line_repeated",
            Self::Date => "date_unreadable",
            Self::FullYear => "year_guessed",
            Self::PastBirth => "birth_in_the_future",
            Self::PlausibleBirth => "birth_implausible",
            Self::NearStart => "start_too_far",
            Self::EndAfterStart => "end_before_start",
            Self::Sex => "sex_unknown",
            Self::Rpps => "rpps_malformed",
            Self::RppsKey => "rpps_key_wrong",
            Self::Finess => "finess_malformed",
            Self::Profession => "profession_malformed",
            Self::Mail => "mail_malformed",
            Self::Matricule => "matricule_malformed",
            Self::VisibleText => "hidden_characters",
            Self::ShortText => "text_too_long",
            Self::Login => "login_missing",
            Self::DistinguishedName => "dn_missing",
            Self::AccountControl => "account_control_missing",
            Self::Number => "number_unreadable",
        }
    }

    /// French, completing « colonne X : … ».
    pub fn message_fr(self) -> &'static str {
        match self {
            Self::Key => "la clé de l’enregistrement est absente ou illisible",
            Self::FewLines => "trop de lignes pour une même clé ; la colonne est-elle la bonne ?",
            Self::Agreement => "les lignes d’un même agent se contredisent",
            Self::OneObject => "le même objet apparaît deux fois avec des contenus différents",
            Self::OneLine => "répétition mot pour mot, comptée une fois",
            Self::Date => "une date est attendue",
            Self::FullYear => "année sur deux chiffres : le siècle a été déduit",
            Self::PastBirth => "date de naissance dans le futur",
            Self::PlausibleBirth => {
                "date de naissance invraisemblable (moins de 14 ans ou plus de 110 ans)"
            }
            Self::NearStart => "date de début à plus de deux ans dans le futur, ou avant 1940",
            Self::EndAfterStart => "la fin précède le début",
            Self::Sex => "sexe non reconnu, ignoré",
            Self::Rpps => "numéro RPPS attendu (11 chiffres), ignoré",
            Self::RppsKey => "la clé de contrôle du RPPS ne tombe pas juste",
            Self::Finess => "numéro FINESS attendu (9 caractères), ignoré",
            Self::Profession => "code de profession attendu, ignoré",
            Self::Mail => "adresse électronique attendue, ignorée",
            Self::Matricule => "matricule attendu (1 à 32 caractères)",
            Self::VisibleText => "caractères invisibles ou de contrôle",
            Self::ShortText => "texte de plus de 256 caractères",
            Self::Login => "sAMAccountName absent",
            Self::DistinguishedName => "nom distinctif absent",
            Self::AccountControl => "userAccountControl absent : le compte de lecture le voit-il ?",
            Self::Number => "un nombre est attendu",
        }
    }
}

/// One fault or warning of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line of the file, or ordinal of the entry.
    pub line: u64,
    pub column: String,
    pub found: Found,
    pub expected: Expected,
}

impl Fault {
    pub fn new(line: u64, column: &str, found: &str, expected: Expected) -> Self {
        Self { line, column: column.to_owned(), found: Found::new(found), expected }
    }
    pub fn code(&self) -> &'static str {
        self.expected.code()
    }
    /// French, with the value: for the operator's screen, never for logs.
    pub fn message_fr(&self) -> String {
        let place = format!("ligne {}, colonne « {} »", self.line, self.column);
        match self.found.shown() {
            found if found.is_empty() => format!("{place} : {}", self.expected.message_fr()),
            found => format!("{place} : {} (lu : « {found} »)", self.expected.message_fr()),
        }
    }
}

/// For logs: place and code, without the value.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_reaches_the_screen_and_never_the_log() {
        let fault = Fault::new(12, "DT_NAISSANCE", "31/02/1980\u{200b}", Expected::Date);
        assert_eq!(
            fault.message_fr(),
            "ligne 12, colonne « DT_NAISSANCE » : une date est attendue (lu : « 31/02/1980\\u{200b} »)"
        );
        for log in [fault.to_string(), format!("{fault:?}")] {
            assert!(!log.contains("1980"), "{log}");
        }
        assert_eq!(fault.code(), "date_unreadable");
    }
}
