//! What forbids an automatic link whatever the score, and how a pair is told in French.
use crate::compare::{Agreement, BirthLevel, Comparison};
use crate::explain::sign;
use crate::levels::{FamilyLevel, GivenLevel};
use crate::link::LinkPolicy;
use crate::model::Model;
use crate::search::{Pair, Searched};
use crate::why::{Field, Sign, enumerate};
use kernel::{IdNat, PersonId};
use std::collections::{HashMap, HashSet};

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
    DeclaredForAnother,
    NothingBeyondName,
    TooLittle,
    /// What agrees may be the namesake's: only a birth date would tell.
    NamesakeElsewhere,
    /// Shown at another site of ours than that of the post.
    AtAnotherSite,
    /// The same, under a name that is not in use.
    AtAnotherSiteByAnotherName,
    /// Shown in another establishment as well.
    ElsewhereToo,
}

/// Whether this hospital's declared numbers have shown themselves to be people's own: a number that HR
/// took from the public directory may be a namesake's, and some hospitals do that, others never.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Trust {
    numbers: bool,
    /// Share of staff who have a namesake of their trade whom chance was not to give: family, or worse.
    planted: f64,
    /// Staff shown elsewhere or nowhere, for one who is shown here.
    elsewhere: f64,
}

impl Trust {
    /// So many numbers must have proved right, by the birth date or by our structure, for each one that
    /// proved to be a namesake's (and one more, which nobody saw).
    const RIGHT_FOR_ONE_COPIED: usize = 256;
    /// Until seen otherwise, one member of staff in fifty has such a namesake; worth so many people.
    const PLANTED: (f64, f64) = (4.0, 200.0);
    /// Such a namesake works here, or did and was never struck off: one in six.
    const PLANTED_HERE: f64 = 1.0 / 6.0;

    pub fn measure(searched: &[Searched], model: &Model, persons: f64) -> Self {
        Self {
            numbers: Self::numbers_hold(searched),
            planted: Self::planted(searched, persons),
            elsewhere: model.elsewhere_for_one_here(),
        }
    }

    /// Namesakes beyond those to be expected, seen beside people who stand here under a rare name.
    fn planted(searched: &[Searched], persons: f64) -> f64 {
        let (mut seen, mut people) = Self::PLANTED;
        for one in searched {
            let mine = |pair: &Pair| {
                let pair = &pair.comparison;
                is_namesake(pair)
                    && proved(pair)
                    && pair.profession == Agreement::Same
                    && pair.expected_namesakes(persons) < UNEXPECTED
            };
            let Some(place) = one.pairs.iter().position(mine) else { continue };
            let expected = one.pairs[place].comparison.expected_namesakes(persons);
            let other = |other: &Comparison| {
                other.family >= FamilyLevel::Reordered
                    && other.expected_namesakes(persons) < UNEXPECTED
            };
            seen += f64::from(u8::from(one.namesakes(place).any(other))) - expected;
            people += 1.0;
        }
        (seen / people).max(0.002)
    }

    /// Odds that the one who stands here is a namesake, and ours is one of the `others`, shown elsewhere under the
    /// same names and trade: chance was to give that many of them, or it did not.
    fn odds_of_another(&self, others: &[&Comparison], persons: f64) -> f64 {
        let expected = others.iter().map(|other| other.expected_namesakes(persons));
        let by_chance = expected.fold(0.0, f64::max) / others.len().max(1) as f64;
        // A number that HR gives changes little: where there is a namesake it may be copied.
        self.elsewhere * self.planted * Self::PLANTED_HERE / (by_chance + self.planted)
    }

    fn numbers_hold(searched: &[Searched]) -> bool {
        let (mut right, mut copied) = (0, 0);
        for one in searched {
            let mine = |pair: &&Pair| {
                pair.comparison.declared == Agreement::Same && pair.comparison.names_agree()
            };
            let Some(mine) = one.pairs.iter().find(mine).map(|pair| &pair.comparison) else {
                continue;
            };
            let other = |pair: &Pair| {
                pair.comparison.declared != Agreement::Same
                    && is_namesake(&pair.comparison)
                    && proved(&pair.comparison)
            };
            if mine.birth == BirthLevel::Different || (!proved(mine) && one.pairs.iter().any(other))
            {
                copied += 1;
            } else if proved(mine) {
                right += 1;
            }
        }
        right >= Self::RIGHT_FOR_ONE_COPIED * (copied + 1)
    }
}

/// Something that a namesake does not share.
fn proved(pair: &Comparison) -> bool {
    match pair.birth {
        BirthLevel::Exact => true,
        BirthLevel::Different => false,
        _ => pair.structure == Agreement::Same,
    }
}

/// Bears our names, and nothing tells them apart.
fn is_namesake(pair: &Comparison) -> bool {
    pair.names_agree() && may_be_ours(pair)
}

/// Another trade or another birth tells somebody apart, whatever the names.
fn may_be_ours(pair: &Comparison) -> bool {
    pair.sex != Agreement::Different
        && matches!(pair.profession, Agreement::Same | Agreement::Missing)
        && pair.birth != BirthLevel::Different
}

/// Works here under a surname of ours with a slip in it, and is nobody else of the staff: HR may have written that one
/// of her two names wrong, and the other be a namesake's.
fn stands_beside(pair: &Pair, explained: &HashSet<IdNat>) -> bool {
    let Comparison { structure, family, given, .. } = pair.comparison;
    structure == Agreement::Same
        && family >= FamilyLevel::Sound
        && given >= GivenLevel::First
        && may_be_ours(&pair.comparison)
        && pair.obstacle != Some(Obstacle::HeldByAnother)
        && !explained.contains(&pair.id_nat)
}

/// Register persons who are the best candidate of a member of staff, by both names, the trade and our structure.
pub(crate) fn explained(searched: &[Searched]) -> HashSet<IdNat> {
    let best = searched.iter().filter_map(|one| one.pairs.first());
    let named = best.filter(|pair| {
        pair.comparison.family >= FamilyLevel::Reordered
            && is_namesake(&pair.comparison)
            && pair.comparison.profession == Agreement::Same
            && pair.comparison.structure == Agreement::Same
    });
    named.map(|pair| pair.id_nat.clone()).collect()
}

/// Whom HR declares to be whom, where the surname bears it out.
pub(crate) fn declared(searched: &[Searched]) -> HashMap<IdNat, HashSet<PersonId>> {
    let mut declared: HashMap<IdNat, HashSet<PersonId>> = HashMap::new();
    for one in searched {
        if let Some(id_nat) = &one.declared {
            declared.entry(id_nat.clone()).or_default().insert(one.person);
        }
    }
    declared
}

impl Obstacle {
    /// The first rule that the pair breaks.
    fn of(pair: &Pair, odd: bool, policy: &LinkPolicy) -> Option<Self> {
        let (score, pair) = (pair.score, &pair.comparison);
        let birth = pair.birth == BirthLevel::Exact;
        let near_birth = birth || matches!(pair.birth, BirthLevel::Inverted | BirthLevel::OneDigit);
        let here = pair.structure == Agreement::Same;
        let declared = pair.declared == Agreement::Same;
        let (place, born_there) = (pair.place == Agreement::Same, pair.birth_place_tells());
        let beside = usize::from(here) + usize::from(declared) + usize::from(place);
        let beyond = Beyond {
            birth,
            beside,
            trade: pair.profession == Agreement::Same,
            plenty: score >= policy.link_from + PLENTY,
        };
        let rules = [
            (odd, Self::OddLetters),
            (pair.sex == Agreement::Different, Self::SexDiffers),
            (pair.birth == BirthLevel::Different, Self::BirthDiffers),
            (near_birth && !birth && !here && !declared && !born_there, Self::BirthDiffers),
            (pair.profession == Agreement::Different, Self::ProfessionDiffers),
            (!given_holds(pair, &beyond), Self::GivenDiffers),
            (!family_holds(pair, &beyond), Self::FamilyDiffers),
            (
                pair.declared == Agreement::Different && !born_there && (!birth || pair.january),
                Self::DeclaredDiffers,
            ),
            // Never an automatic link without agreement beyond the name.
            (!beyond_name(pair, &beyond), Self::NothingBeyondName),
            (birth && pair.january && beside == 0, Self::NothingBeyondName),
            // One birth date in some thousands is shared by chance, and by whoever took the same husband's name.
            (pair.born_otherwise && beside == 0, Self::FamilyDiffers),
            (score < policy.link_from, Self::TooLittle),
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
            Self::DeclaredForAnother => "les RH déclarent ce numéro pour un autre agent",
            Self::NothingBeyondName => "rien ne concorde assez au-delà du nom",
            Self::TooLittle => "un homonyme reste possible",
            Self::NamesakeElsewhere => {
                "un homonyme existe dans le registre, et seule une date de naissance les départagerait"
            }
            Self::AtAnotherSite => {
                "le registre montre cette personne sur un autre site que celui de son poste, et un homonyme reste possible"
            }
            Self::ElsewhereToo => {
                "le registre montre cette personne dans un autre établissement aussi, et un homonyme reste possible"
            }
            Self::AtAnotherSiteByAnotherName => {
                "le registre montre cette personne sur un autre site, sous un autre nom que le nom d’usage"
            }
        }
    }
}

/// Bits above the threshold that stand for one more field that agrees.
const PLENTY: f64 = 3.0;
/// Fewer namesakes than this in the whole register were to be expected: one who exists is no accident.
const UNEXPECTED: f64 = 0.05;

/// What agrees beyond the names.
struct Beyond {
    birth: bool,
    /// Structure, declared number, birth place.
    beside: usize,
    trade: bool,
    plenty: bool,
}

/// A birth date; or the commune of birth with anything else; or our structure with the trade, or with the number
/// that HR declares; where the grade tells no trade, our structure must come with rarer names. A declared number
/// and the trade alone are what whoever copies a namesake's number from the public directory gets, for staff who
/// are not registered too: however well a house keeps its numbers, a human confirms those.
fn beyond_name(pair: &Comparison, beyond: &Beyond) -> bool {
    let here = pair.structure == Agreement::Same;
    let declared = pair.declared == Agreement::Same;
    let near_birth =
        matches!(pair.birth, BirthLevel::Exact | BirthLevel::Inverted | BirthLevel::OneDigit);
    beyond.birth
        || (pair.birth_place_tells() && (here || declared || near_birth || beyond.trade))
        || (here && (beyond.trade || declared || near_birth || beyond.plenty))
}

/// Whoever copies a number from the public directory finds it by the name that he knows. One that leads to a surname that
/// HR does not know, and to her first name, her trade and our structure, is her own where numbers have proved right.
fn number_leads_here(pair: &Comparison) -> bool {
    pair.declared == Agreement::Same
        && pair.structure == Agreement::Same
        && pair.profession == Agreement::Same
        && pair.given >= GivenLevel::First
}

fn given_holds(pair: &Comparison, beyond: &Beyond) -> bool {
    match pair.given {
        GivenLevel::Exact | GivenLevel::First => true,
        GivenLevel::Other => beyond.birth || (beyond.beside >= 1 && beyond.trade),
        // Nobody is called so: a slip of the keyboard, no sister of hers.
        GivenLevel::Near if pair.slip && (beyond.birth || (beyond.beside >= 1 && beyond.trade)) => {
            pair.family >= FamilyLevel::Reordered && !pair.swapped
        }
        // Twins bear close first names and one birth date.
        GivenLevel::Near => {
            beyond.birth && beyond.beside >= 1 && beyond.trade && pair.family >= FamilyLevel::Part
        }
        GivenLevel::Missing | GivenLevel::Different => false,
    }
}

fn family_holds(pair: &Comparison, beyond: &Beyond) -> bool {
    let Beyond { birth, beside, trade, plenty } = *beyond;
    let given = pair.given >= GivenLevel::First;
    let declared_here = pair.declared == Agreement::Same && pair.structure == Agreement::Same;
    match pair.family {
        FamilyLevel::Exact | FamilyLevel::Reordered => !pair.swapped || birth || beside >= 1,
        FamilyLevel::Part | FamilyLevel::Cut => {
            // She goes by another of her first names, and by a part of her surname.
            let by_another = pair.given == GivenLevel::Other && declared_here && trade;
            (given && (birth || (beside >= 1 && (trade || plenty)))) || by_another
        }
        FamilyLevel::Near | FamilyLevel::Sound => {
            given && (birth || (trade && (beside >= 2 || (beside >= 1 && plenty))))
        }
        // A name by marriage that one side does not know yet.
        FamilyLevel::Different => given && trade && beside >= 2 && (birth || declared_here),
        FamilyLevel::Missing => false,
    }
}

impl Searched {
    /// Says of each pair what forbids the link.
    pub fn judge(
        &mut self,
        (trust, explained): (Trust, &HashSet<IdNat>),
        policy: &LinkPolicy,
        persons: u64,
    ) {
        for place in 0..self.pairs.len() {
            let pair = &self.pairs[place];
            // The namesake of a surname that HR does not know: found where she was weighed, before numbers were judged.
            let own = trust.numbers
                && pair.obstacle == Some(Obstacle::NamesakeElsewhere)
                && number_leads_here(&pair.comparison);
            if pair.obstacle.is_none() || own {
                let found = Obstacle::of(&self.pairs[place], self.odd, policy).or_else(|| {
                    self.namesake_obstacle(place, (trust, explained), (policy, persons as f64))
                });
                self.pairs[place].obstacle = found;
            }
        }
    }

    /// Somebody else of the staff has this number from HR, and one of its names: another first name of hers, or a
    /// namesake of ours.
    pub fn leave_to_whom_hr_says(&mut self, declared: &HashMap<IdNat, HashSet<PersonId>>) {
        for pair in &mut self.pairs {
            let told = pair.comparison.declared == Agreement::Same
                || pair.comparison.birth == BirthLevel::Exact
                || pair.comparison.birth_place_tells();
            let by = declared.get(&pair.id_nat);
            if !told && by.is_some_and(|by| by.iter().any(|other| *other != self.person)) {
                pair.obstacle.get_or_insert(Obstacle::DeclaredForAnother);
            }
        }
    }

    /// What agrees may be a namesake's. One whom chance was not to give is family or worse, and our
    /// structure may be where *they* were: only a birth date tells, or a number that can be trusted.
    fn namesake_obstacle(
        &self,
        place: usize,
        (trust, explained): (Trust, &HashSet<IdNat>),
        (policy, persons): (&LinkPolicy, f64),
    ) -> Option<Obstacle> {
        let pair = &self.pairs[place].comparison;
        let here = pair.structure == Agreement::Same;
        if pair.birth == BirthLevel::Exact {
            return None;
        }
        if pair.birth_place_tells() {
            let too = |other: &Comparison| other.place != Agreement::Different;
            return self.namesakes(place).any(too).then_some(Obstacle::NamesakeElsewhere);
        }
        let whole = |other: &&Comparison| other.family >= FamilyLevel::Reordered;
        let others: Vec<&Comparison> = self.namesakes(place).filter(whole).collect();
        // Elsewhere, a number and a name stand for nobody as soon as another has the name, or a part of it.
        if !here {
            return self.namesakes(place).next().map(|_| Obstacle::NamesakeElsewhere);
        }
        // Two of these names and this trade stand here, or one elsewhere who may be ours.
        let beside = self.namesakes(place).any(|other| other.structure == Agreement::Same)
            || self.others(place).any(|other| stands_beside(other, explained));
        let told = pair.declared == Agreement::Same && trust.numbers;
        let odds = trust.odds_of_another(&others, persons);
        let stands = beside || (!others.is_empty() && !told && odds.log2() > -policy.link_from);
        stands.then_some(Obstacle::NamesakeElsewhere)
    }

    /// The others who bear our names, or come as near to them as this one does.
    fn namesakes(&self, place: usize) -> impl Iterator<Item = &Comparison> {
        let mine = &self.pairs[place].comparison;
        let as_near = |other: &Comparison| other.family >= mine.family && other.given >= mine.given;
        self.others(place)
            .map(|pair| &pair.comparison)
            .filter(move |other| is_namesake(other) || (as_near(other) && may_be_ours(other)))
    }

    fn others(&self, place: usize) -> impl Iterator<Item = &Pair> {
        let others = self.pairs.iter().enumerate().filter(move |(other, _)| *other != place);
        others.map(|(_, pair)| pair)
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
        let fields = |wanted: Sign| -> Vec<&'static str> {
            let told = |field: &Field| sign(*field, &self.comparison) == wanted;
            Field::COMPARED.into_iter().filter(told).map(Field::french).collect()
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
