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
    /// What agrees may be the namesake's: only a birth date would tell.
    NamesakeElsewhere,
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
                pair.declared == Agreement::Different && (!birth || pair.january),
                Self::DeclaredDiffers,
            ),
            // Never an automatic link without agreement beyond the name.
            (!beyond_name(pair, policy), Self::NothingBeyondName),
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
            Self::NamesakeElsewhere => {
                "un homonyme existe dans le registre, et seule une date de naissance les départagerait"
            }
        }
    }
}

/// A birth date; or our structure with the trade, or with the number that HR declares; where the grade
/// tells no trade, our structure must come with rarer names. A declared number and the trade alone are
/// what whoever copies a namesake's number from the public directory gets: never enough.
fn beyond_name(pair: &Comparison, policy: &LinkPolicy) -> bool {
    const UNTOLD_TRADE: f64 = 2.0;
    let here = pair.structure == Agreement::Same;
    let declared = pair.declared == Agreement::Same;
    let trade = pair.profession == Agreement::Same;
    let near_birth =
        matches!(pair.birth, BirthLevel::Exact | BirthLevel::Inverted | BirthLevel::OneDigit);
    pair.birth == BirthLevel::Exact
        || (here && (trade || declared || near_birth))
        || (here && pair.score >= policy.link_from + UNTOLD_TRADE)
}

fn given_holds(pair: &Comparison, birth: bool, beside: usize, trade: bool) -> bool {
    match pair.given {
        GivenLevel::Exact | GivenLevel::First => true,
        GivenLevel::Other => birth || (beside >= 1 && trade),
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
        // A name by marriage that one side does not know yet.
        FamilyLevel::Different => {
            let declared_here =
                pair.declared == Agreement::Same && pair.structure == Agreement::Same;
            given && trade && beside >= 2 && (birth || declared_here)
        }
        FamilyLevel::Missing => false,
    }
}

/// Among the pairs of one member of staff, marks those whose evidence a namesake would share: a number
/// copied from the public directory, or a structure without a trade.
pub(crate) fn beware_of_namesakes(pairs: &mut [Pair]) {
    let namesake = |pair: &Comparison| {
        pair.family >= FamilyLevel::Part
            && pair.given >= GivenLevel::First
            && pair.sex != Agreement::Different
            && matches!(pair.profession, Agreement::Same | Agreement::Missing)
            && pair.birth != BirthLevel::Different
    };
    let namesakes = pairs.iter().filter(|pair| namesake(&pair.comparison)).count();
    for pair in pairs {
        let told = pair.comparison.birth == BirthLevel::Exact;
        // Nor does our structure tell, where the grade fits any of them.
        let unsure = pair.comparison.declared == Agreement::Same
            || pair.comparison.profession != Agreement::Same;
        if namesakes > 1 && unsure && !told && pair.obstacle.is_none() {
            pair.obstacle = Some(Obstacle::NamesakeElsewhere);
        }
    }
}

impl Pair {
    /// Whether a human could do anything with it: a name and a trade elsewhere are no more than a namesake
    /// until they are rare.
    pub fn is_worth_asking(&self, policy: &LinkPolicy) -> bool {
        let by_name_alone = self.obstacle == Some(Obstacle::NothingBeyondName)
            && self.comparison.structure != Agreement::Same
            && self.comparison.declared != Agreement::Same;
        let from = if by_name_alone { policy.ask_by_name_from } else { policy.ask_from };
        self.score >= from
    }

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
