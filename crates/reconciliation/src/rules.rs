//! What forbids an automatic link whatever the score, and how a pair is told in French.
use crate::compare::{Agreement, BirthLevel, Comparison};
use crate::levels::{FamilyLevel, GivenLevel};
use crate::link::{LinkPolicy, Pair};
use crate::why::{Field, Sign, enumerate};

/// Why a pair is for a human, though it scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Obstacle {
    HeldByAnother,
    OddLetters,
    FamilyDiffers,
    GivenDiffers,
    SexDiffers,
    BirthDiffers,
    ProfessionDiffers,
    DeclaredDiffers,
    NothingBeyondName,
    TooLittle,
}

impl Obstacle {
    /// The first rule that the pair breaks.
    pub fn of(pair: &Comparison, odd: bool, policy: &LinkPolicy) -> Option<Self> {
        let birth = pair.birth == BirthLevel::Exact;
        let near_birth = birth || matches!(pair.birth, BirthLevel::Inverted | BirthLevel::OneDigit);
        let here = pair.structure == Agreement::Same;
        let declared = pair.declared == Agreement::Same;
        let trade = pair.profession == Agreement::Same;
        let place = pair.place == Agreement::Same;
        let beside = usize::from(here) + usize::from(declared) + usize::from(place);
        let rules = [
            (odd, Self::OddLetters),
            (pair.sex == Agreement::Different, Self::SexDiffers),
            (
                pair.birth == BirthLevel::Different || pair.birth == BirthLevel::Default,
                Self::BirthDiffers,
            ),
            (near_birth && !birth && !here && !declared, Self::BirthDiffers),
            (pair.profession == Agreement::Different, Self::ProfessionDiffers),
            (!given_holds(pair, birth, beside, trade), Self::GivenDiffers),
            (!family_holds(pair, birth, beside, trade), Self::FamilyDiffers),
            (
                pair.declared == Agreement::Different && !(birth && !pair.january),
                Self::DeclaredDiffers,
            ),
            // Never an automatic link without agreement beyond the name.
            (
                !(birth || (here && (trade || near_birth)) || (declared && (trade || here))),
                Self::NothingBeyondName,
            ),
            (birth && pair.january && beside == 0, Self::NothingBeyondName),
            (pair.score < policy.link_from, Self::TooLittle),
        ];
        rules.into_iter().find_map(|(broken, obstacle)| broken.then_some(obstacle))
    }

    pub fn french(self) -> &'static str {
        match self {
            Self::HeldByAnother => "ce numéro est déjà rattaché à une autre personne",
            Self::OddLetters => "le nom contient des caractères invisibles ou trompeurs",
            Self::FamilyDiffers => "les noms diffèrent",
            Self::GivenDiffers => "les prénoms diffèrent",
            Self::SexDiffers => "le sexe diffère",
            Self::BirthDiffers => "les dates de naissance diffèrent",
            Self::ProfessionDiffers => "les professions diffèrent",
            Self::DeclaredDiffers => "les RH déclarent un autre numéro RPPS",
            Self::NothingBeyondName => "rien ne concorde assez au-delà du nom",
            Self::TooLittle => "un homonyme reste possible",
        }
    }
}

fn given_holds(pair: &Comparison, birth: bool, beside: usize, trade: bool) -> bool {
    match pair.given {
        GivenLevel::Exact | GivenLevel::First => true,
        GivenLevel::Other => birth || (beside >= 2 && trade),
        // Twins bear close first names and one birth date.
        GivenLevel::Near => birth && beside >= 1 && trade && pair.family >= FamilyLevel::Part,
        GivenLevel::Missing | GivenLevel::Different => false,
    }
}

fn family_holds(pair: &Comparison, birth: bool, beside: usize, trade: bool) -> bool {
    let given = pair.given >= GivenLevel::First;
    match pair.family {
        FamilyLevel::Exact | FamilyLevel::Reordered => !pair.swapped || birth || beside >= 1,
        FamilyLevel::Part | FamilyLevel::Cut => given && (birth || (beside >= 1 && trade)),
        FamilyLevel::Near | FamilyLevel::Sound => given && (birth || (beside >= 2 && trade)),
        FamilyLevel::Different => given && birth && beside >= 2 && trade,
        FamilyLevel::Missing => false,
    }
}

impl Pair {
    /// One short sentence: what agrees, what differs, what holds the link back.
    pub fn explain(&self) -> String {
        let fields = |sign: Sign| -> Vec<&'static str> {
            self.comparison
                .contributions
                .iter()
                .filter(|one| one.sign == sign && one.field != Field::Prior)
                .map(|one| one.field.french())
                .collect()
        };
        let mut sentence = String::new();
        for (sign, word) in
            [(Sign::Same, "Concordent"), (Sign::Near, "Proches"), (Sign::Different, "Diffèrent")]
        {
            let fields = fields(sign);
            if !fields.is_empty() {
                sentence.push_str(&format!("{word} : {}. ", enumerate(&fields)));
            }
        }
        match self.obstacle {
            Some(obstacle) => sentence.push_str(&format!("À vérifier : {}.", obstacle.french())),
            None => sentence.push_str("Aucun autre candidat n’approche."),
        }
        sentence
    }
}
