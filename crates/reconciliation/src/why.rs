//! Why a decision was taken: a short French sentence and what each field weighed.
use serde::{Deserialize, Serialize};

/// What two records were compared on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    FamilyName,
    GivenNames,
    Sex,
    BirthDate,
    BirthPlace,
    Profession,
    Structure,
    DeclaredRpps,
    Matricule,
    Mail,
    /// How likely such a member of staff is to be in the register at all, before any comparison.
    Prior,
}

impl Field {
    /// Those that link a member of staff to the register, in the order in which they are shown.
    pub(crate) const COMPARED: [Self; 8] = [
        Self::FamilyName,
        Self::GivenNames,
        Self::Sex,
        Self::BirthDate,
        Self::BirthPlace,
        Self::Profession,
        Self::DeclaredRpps,
        Self::Structure,
    ];

    /// As our sentences name it.
    pub fn french(self) -> &'static str {
        match self {
            Self::FamilyName => "nom",
            Self::GivenNames => "prénom",
            Self::Sex => "sexe",
            Self::BirthDate => "date de naissance",
            Self::BirthPlace => "lieu de naissance",
            Self::Profession => "profession",
            Self::Structure => "structure d’exercice",
            Self::DeclaredRpps => "numéro RPPS déclaré",
            Self::Matricule => "matricule",
            Self::Mail => "adresse de messagerie",
            Self::Prior => "fréquence dans le registre",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    Same,
    Near,
    Different,
    /// One side does not say, or what it says tells nothing.
    Missing,
}

/// What one field weighed, in bits: each bit doubles the odds, a negative one halves them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    pub field: Field,
    pub ours: Option<String>,
    pub theirs: Option<String>,
    pub sign: Sign,
    pub weight: f64,
}

/// The explanation of one decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Why {
    pub sentence: String,
    pub contributions: Vec<Contribution>,
}

impl Why {
    pub fn sentence(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), contributions: Vec::new() }
    }
    pub fn score(&self) -> f64 {
        self.contributions.iter().map(|contribution| contribution.weight).sum()
    }
}

/// `nom, prénom et profession`
pub(crate) fn enumerate(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [firsts @ .., last] => format!("{} et {last}", firsts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_aloud() {
        for (words, text) in [
            (&[][..], ""),
            (&["nom"], "nom"),
            (&["nom", "prénom", "profession"], "nom, prénom et profession"),
        ] {
            assert_eq!(enumerate(words), text);
        }
    }
}
