//! What an index tells of a register person without reading them, and the most that they could score: who cannot even
//! then be a candidate is never read. Every part of the bound is the best that `model.rs` gives. One gap is known: where
//! two extracts write one person's name differently, a word of it that no count of the register holds may weigh more.
use crate::compare::{
    Agreement, BirthLevel, Chance, Comparison, Ours, Shares, Trade, birth_level, forms_of, trade_of,
};
use crate::grades::Meaning;
use crate::levels::{FamilyLevel, GivenLevel};
use crate::model::Model;
use crate::register::{NameForms, RegisterPerson, SearchFault, Term};
use crate::why::Field;
use chrono::NaiveDate;
use identity::Sex;
use identity::names::{FamilyKey, GivenKey, phonetic};
use std::collections::HashMap;

/// A way of practising that many share, as the keeper of the register numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PracticeSet(pub u32);

/// A birth place as an index keeps it: equal codes have equal marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PlaceMark {
    hash: u32,
    abroad: bool,
}

impl PlaceMark {
    /// INSEE code of the commune, or of the country.
    pub fn of(code: &str) -> Self {
        let hash = folded(Term::birth_place(code)) & Self::HASH;
        Self { hash, abroad: code.starts_with("99") }
    }

    const HASH: u32 = (1 << 14) - 1;

    /// In 15 bits.
    pub fn packed(self) -> u32 {
        self.hash | u32::from(self.abroad) << 14
    }
    pub fn unpacked(packed: u32) -> Self {
        Self { hash: packed & Self::HASH, abroad: packed >> 14 & 1 == 1 }
    }
}

fn folded(term: Term) -> u32 {
    (term.0 ^ (term.0 >> 32)) as u32
}

/// What shows of names. Two bits for each word: what a mark lacks, the names lack; what it has, they may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NameMark {
    /// Of the words of surnames, of what a long one begins with, of how each sounds.
    pub families: u64,
    /// Of what stands first among first names, and of all of them as one word.
    pub firsts: u32,
    /// Of the first names that follow.
    pub others: u16,
    /// Letters of surnames; of what stands first among first names; of all first names.
    pub letters: [u32; 3],
}

impl NameMark {
    pub fn of(forms: &NameForms) -> Self {
        let mut mark = Self::default();
        for family in &forms.families {
            mark.families |= family_bits(family.parts.iter().chain([&family.whole]));
            mark.families |= start_bits(&family.whole).unwrap_or_default() | sound_bits(family);
            mark.letters[0] |= letters(&family.whole);
        }
        for given in &forms.givens {
            // `Anne-Sophie` is `ANNESOPHIE` too.
            mark.firsts |= first_bits(given.first()) | first_bits(&given.whole);
            mark.others |= others_bits(given.parts.iter().skip(1));
            mark.letters[1] |= letters(given.first());
            mark.letters[2] |= letters(&given.whole);
        }
        mark
    }

    pub fn and(self, other: Self) -> Self {
        let letters = |place: usize| self.letters[place] | other.letters[place];
        Self {
            families: self.families | other.families,
            firsts: self.firsts | other.firsts,
            others: self.others | other.others,
            letters: [letters(0), letters(1), letters(2)],
        }
    }
}

/// Two bits of 64, 32 or 16: where they fall says nothing of each other.
fn two_bits(term: Term, width: u32) -> u64 {
    let hash = folded(term);
    1 << (hash % width) | 1 << ((hash >> 8) % width)
}

fn family_bits<'word>(words: impl IntoIterator<Item = &'word String>) -> u64 {
    words.into_iter().fold(0, |all, word| all | two_bits(Term::family(word), 64))
}

/// Two that one of them cuts short begin alike (`identity::names::is_cut`).
fn start_bits(whole: &str) -> Option<u64> {
    let start = start(whole)?;
    Some(two_bits(Term::family(&format!("{start}…")), 64))
}

fn start(whole: &str) -> Option<&str> {
    let long = whole.len() >= identity::names::CUT_FROM;
    long.then(|| &whole[..whole.floor_char_boundary(identity::names::CUT_FROM)])
}

fn sound_bits(family: &FamilyKey) -> u64 {
    two_bits(Term::family(&format!("{}~", phonetic(&family.whole))), 64)
}

fn first_bits(first: &str) -> u32 {
    two_bits(Term::given(first), 32) as u32
}

fn others_bits<'word>(words: impl IntoIterator<Item = &'word String>) -> u16 {
    words.into_iter().fold(0, |all, word| all | two_bits(Term::given(word), 16) as u16)
}

/// A bit a letter; the few that are not of the alphabet share six.
pub(crate) fn letters(key: &str) -> u32 {
    let bit = |letter: char| match letter {
        'a'..='z' => letter as u32 - 'a' as u32,
        other => 26 + other as u32 % 6,
    };
    key.chars().fold(0, |all, letter| all | 1 << bit(letter))
}

/// A register person in a few bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outline {
    pub names: NameMark,
    pub sex: Option<Sex>,
    pub born: Option<NaiveDate>,
    pub birth_place: Option<PlaceMark>,
    pub practises_somewhere: bool,
    /// Known by another number than an RPPS one, which no declared number can agree with or contradict.
    pub other_number: bool,
    pub practices: PracticeSet,
}

impl Outline {
    pub fn of(person: &RegisterPerson, practices: PracticeSet) -> Self {
        let birth = person.birth.as_ref();
        Self {
            names: NameMark::of(&forms_of(person)),
            sex: person.sex,
            born: birth.and_then(|birth| birth.date),
            birth_place: birth.and_then(|birth| birth.place.as_deref()).map(PlaceMark::of),
            practises_somewhere: person.practises_somewhere,
            other_number: person.id_nat.rpps().is_none(),
            practices,
        }
    }
}

/// The most that somebody elsewhere could score for one member of staff, the declared number apart: all that an outline
/// may tell is weighed beforehand.
pub(crate) struct Bound<'run> {
    model: &'run Model,
    ours: &'run Ours,
    /// What is compared with nobody yet.
    best: Comparison,
    straight: NameBound,
    /// With the columns swapped.
    crossed: NameBound,
    birth_place: Option<PlaceMark>,
    prior: f64,
    /// Missing, different, the same.
    sex: [f64; 3],
    /// By level; of a 1 January.
    birth: [[f64; 6]; 2],
    /// Another, the same abroad, the same commune.
    place: [f64; 3],
    /// Nowhere, elsewhere.
    structure: [f64; 2],
    /// Of an RPPS number, of another.
    declared: [f64; 2],
}

/// Sums differ in their last bits with their order.
const LAST_BITS: f64 = 1e-9;

/// What may agree of names, each with the bits that it needs in the other's mark and what it then weighs. What nobody
/// bears agrees with nobody, but in part or in another order.
#[derive(Default)]
struct NameBound {
    families: Vec<(u64, f64)>,
    givens: Vec<(u32, u16, f64)>,
    /// Surnames cut short, those that sound the same.
    likenesses: Vec<(u64, f64)>,
    /// Names with a slip: their letters, and how many of them the other may lack. Of surnames, of what stands first
    /// among first names, of all first names (which may be cut short, too).
    slips: [Vec<(u32, u32)>; 3],
    /// Of a surname with a slip; any other; one that is missing.
    family: [f64; 3],
    /// Of first names with a slip; those that are missing.
    given: [f64; 2],
}

impl NameBound {
    fn of(forms: &NameForms, model: &Model, shares: &mut impl Shares) -> Result<Self, SearchFault> {
        let mut bound = Self {
            family: [model.slip_family(), model.other_family(), model.missing_family()],
            given: [model.near_given(), model.missing_given()],
            ..Self::default()
        };
        for family in &forms.families {
            bound.add_family(family, model, shares)?;
        }
        for given in &forms.givens {
            bound.add_given(given, model, shares)?;
        }
        Ok(bound)
    }

    /// From the share at which a whole name weighs as much to what it weighs.
    fn weighed(mut self, family: impl Fn(f64) -> f64, given: impl Fn(f64) -> f64) -> Self {
        let families = self.families.iter_mut().chain(&mut self.likenesses);
        let families = families.map(|(_, weight)| weight).chain(&mut self.family);
        families.for_each(|weight| *weight = family(*weight));
        let givens = self.givens.iter_mut().map(|(.., weight)| weight).chain(&mut self.given);
        givens.for_each(|weight| *weight = given(*weight));
        self
    }

    /// Swapped, they agree to the letter or not at all.
    fn only_exact(mut self) -> Self {
        self.families.retain(|(_, share)| *share <= 1.0);
        self.givens.retain(|(.., share)| *share <= 1.0);
        self
    }

    fn add_family(
        &mut self,
        family: &FamilyKey,
        model: &Model,
        shares: &mut impl Shares,
    ) -> Result<(), SearchFault> {
        for word in family.parts.iter().chain([&family.whole]) {
            let (share, borne) = shares.borne(Term::family(word))?;
            if borne {
                self.families.push((family_bits([word]), model.best_family(share)));
            }
        }
        let (share, _) = shares.borne(Term::family(&family.whole))?;
        self.families.push((family_bits(&family.parts), model.best_family(share)));
        let start = start_bits(&family.whole);
        self.likenesses.extend(start.map(|bits| (bits, model.cut_family())));
        self.likenesses.push((sound_bits(family), model.sound_family()));
        self.slips[0].extend(slip(&family.whole));
        Ok(())
    }

    fn add_given(
        &mut self,
        given: &GivenKey,
        model: &Model,
        shares: &mut impl Shares,
    ) -> Result<(), SearchFault> {
        let first = first_bits(given.first());
        let (share, _) = shares.borne(Term::given(given.first()))?;
        self.givens.push((first, 0, model.best_given(share)));
        // Further back there.
        self.givens.push((0, others_bits(given.parts.first()), model.best_other_given(share)));
        let (whole, _) = shares.borne(Term::given(&given.whole))?;
        // Borne or not, more names may follow it there.
        let second = others_bits(given.parts.get(1));
        self.givens.push((first, second, model.best_given(whole)));
        self.givens.push((first_bits(&given.whole), 0, model.best_given(whole)));
        for place in 1..given.parts.len() {
            let other = &given.parts[place];
            let (share, _) = shares.borne(Term::given(other))?;
            self.givens.push((first_bits(other), 0, model.best_other_given(share)));
            let (share, borne) = shares.borne(Term::given(&given.parts[..=place].concat()))?;
            if borne {
                self.givens.push((first, second, model.best_given(share)));
            }
        }
        self.slips[1].extend(slip(given.first()));
        // So alike as a whole (`levels.rs`) that less than a quarter of the letters may be others; or cut short.
        let quarter = (given.whole.chars().count() as u32).saturating_sub(1) / 4;
        self.slips[2].push((letters(&given.whole), quarter));
        self.slips[2].extend(start(&given.whole).map(|start| (letters(start), 0)));
        Ok(())
    }

    /// What the best agreement weighs; nothing at all when none lets them be compared further (`search.rs`): other first
    /// names, or another surname and no birth date that tells.
    fn straight(&self, theirs: NameMark, born_alike: bool) -> f64 {
        let mut given = self.agreeing_given(theirs);
        let [near, missing] = self.given;
        if near > given && (self.may_slip(1, theirs) || self.may_slip(2, theirs)) {
            given = near;
        }
        if theirs.firsts == 0 || self.givens.is_empty() {
            given = given.max(missing);
        }
        if given == f64::NEG_INFINITY {
            return given;
        }
        let mut family = best_of(&self.families, theirs).max(best_of(&self.likenesses, theirs));
        let [slip, other, missing] = self.family;
        if theirs.families == 0 || self.families.is_empty() {
            family = family.max(missing);
        } else if born_alike {
            family = family.max(other);
        }
        if slip > family && self.may_slip(0, theirs) {
            family = slip;
        }
        family + given
    }

    fn may_slip(&self, names: usize, theirs: NameMark) -> bool {
        let lacks = |letters: u32| (letters & !theirs.letters[names]).count_ones();
        self.slips[names].iter().any(|(letters, allowed)| lacks(*letters) <= *allowed)
    }

    fn crossed(&self, theirs: NameMark) -> f64 {
        best_of(&self.families, theirs) + self.agreeing_given(theirs)
    }

    /// Negative infinity where nothing does.
    fn agreeing_given(&self, theirs: NameMark) -> f64 {
        let weight = |(first, other, weight): &(u32, u16, f64)| {
            let agrees = (theirs.firsts & first == *first) & (theirs.others & other == *other);
            if agrees { *weight } else { f64::NEG_INFINITY }
        };
        self.givens.iter().map(weight).fold(f64::NEG_INFINITY, f64::max)
    }
}

/// What weighs most among the surnames that may agree; negative infinity where none does.
fn best_of(families: &[(u64, f64)], theirs: NameMark) -> f64 {
    let weight = |(bits, weight): &(u64, f64)| {
        if theirs.families & bits == *bits { *weight } else { f64::NEG_INFINITY }
    };
    families.iter().map(weight).fold(f64::NEG_INFINITY, f64::max)
}

/// Letters of a name, and how many the other may lack when they are one slip apart (`identity::names::is_slip`).
fn slip(name: &str) -> Option<(u32, u32)> {
    let allowed = match name.chars().count() {
        0..4 => return None,
        4..9 => 1,
        _ => 2,
    };
    Some((letters(name), allowed))
}

impl<'run> Bound<'run> {
    pub fn new(
        model: &'run Model,
        ours: &'run Ours,
        shares: &mut impl Shares,
    ) -> Result<Self, SearchFault> {
        let declared = match &ours.declared {
            None => Agreement::Missing,
            // One with a right key is somebody's, never a slip; the person who bears it is read in any case.
            Some(declared) if declared.has_luhn_key() => Agreement::Different,
            Some(_) => Agreement::Near,
        };
        let birth_place = match ours.birth_place.as_deref() {
            Some(code) => Some((PlaceMark::of(code), shares.share(Term::birth_place(code))?)),
            None => None,
        };
        let best = Comparison {
            family: FamilyLevel::Exact,
            given: GivenLevel::Exact,
            swapped: false,
            slip: false,
            born_otherwise: false,
            sex: Agreement::Missing,
            birth: BirthLevel::Missing,
            january: false,
            place: Agreement::Missing,
            commune: false,
            profession: Agreement::Missing,
            open_trade: false,
            structure: Agreement::Missing,
            declared,
            chance: Chance::default(),
            here: None,
            kind: ours.kind,
        };
        let weight = |field: Field, told: &dyn Fn(&mut Comparison)| {
            let mut one = best;
            told(&mut one);
            model.weight(field, &one)
        };
        let weigh_family = |share: f64, swapped: bool| {
            weight(Field::FamilyName, &|one| (one.chance.family, one.swapped) = (share, swapped))
        };
        let weigh_given = |share: f64| weight(Field::GivenNames, &|one| one.chance.given = share);
        let straight = NameBound::of(&ours.forms, model, shares)?;
        let crossed = NameBound::of(&ours.swapped, model, shares)?.only_exact();
        let place = |agreement: Agreement, commune: bool| {
            let share = birth_place.map_or(0.0, |(_, share)| share);
            weight(Field::BirthPlace, &|one| {
                (one.place, one.commune, one.chance.place) = (agreement, commune, share);
            })
        };
        let birth = |january: bool| {
            LEVELS.map(|level| {
                weight(Field::BirthDate, &|one| (one.birth, one.january) = (level, january))
            })
        };
        use Agreement::{Different, Missing, Same};
        Ok(Self {
            model,
            ours,
            best,
            straight: straight.weighed(|share| weigh_family(share, false), weigh_given),
            crossed: crossed.weighed(|share| weigh_family(share, true), weigh_given),
            birth_place: birth_place.map(|(place, _)| place),
            prior: model.weight(Field::Prior, &best) + LAST_BITS,
            sex: [Missing, Different, Same].map(|sex| weight(Field::Sex, &|one| one.sex = sex)),
            birth: [birth(false), birth(true)],
            place: [place(Different, true), place(Same, false), place(Same, true)],
            structure: [Missing, Different]
                .map(|structure| weight(Field::Structure, &|one| one.structure = structure)),
            declared: [declared, Missing]
                .map(|declared| weight(Field::DeclaredRpps, &|one| one.declared = declared)),
        })
    }

    /// What a trade weighs for somebody elsewhere.
    pub fn weight_of(&self, trade: Trade) -> f64 {
        let mut one = self.best;
        (one.profession, one.open_trade, one.chance.profession) =
            (trade.agreement, trade.open, trade.share);
        self.model.weight(Field::Profession, &one)
    }

    /// Bits, prior included; none at all for who would not be compared further. `trade`: what theirs weighs
    /// ([`Bound::weight_of`]).
    pub fn score(&self, outline: &Outline, trade: f64) -> f64 {
        let (birth, january) = birth_level(self.ours.birth_date, outline.born);
        let names = self.straight.straight(outline.names, birth == BirthLevel::Exact);
        let names = names.max(self.crossed.crossed(outline.names));
        if names == f64::NEG_INFINITY {
            return names;
        }
        let [no_sex, other_sex, same_sex] = self.sex;
        let sex = match Agreement::of(self.ours.sex, outline.sex) {
            Agreement::Same => same_sex,
            Agreement::Different => other_sex,
            Agreement::Near | Agreement::Missing => no_sex,
        };
        let [elsewhere, abroad, commune] = self.place;
        let place = match (self.birth_place, outline.birth_place) {
            (Some(ours), Some(theirs)) if ours == theirs && theirs.abroad => abroad,
            (Some(ours), Some(theirs)) if ours == theirs => commune,
            (Some(ours), Some(theirs)) if !ours.abroad && !theirs.abroad => elsewhere,
            _ => 0.0,
        };
        let told = self.structure[usize::from(outline.practises_somewhere)]
            + self.declared[usize::from(outline.other_number)];
        let birth = self.birth[usize::from(january)][birth as usize];
        self.prior + sex + birth + place + told + trade + names
    }

    /// Of somebody who was read.
    pub fn of(
        &self,
        person: &RegisterPerson,
        shares: &mut impl Shares,
    ) -> Result<f64, SearchFault> {
        let trade = trade_of(&self.ours.meanings, &person.practices, shares)?;
        Ok(self.score(&Outline::of(person, PracticeSet::default()), self.weight_of(trade)))
    }
}

/// In their order.
const LEVELS: [BirthLevel; 6] = [
    BirthLevel::Missing,
    BirthLevel::Different,
    BirthLevel::Default,
    BirthLevel::OneDigit,
    BirthLevel::Inverted,
    BirthLevel::Exact,
];

/// How trades compare, reckoned once for each set of practices and each set of grades.
#[derive(Default)]
pub(crate) struct Trades {
    known: HashMap<Vec<Meaning>, TradesOf>,
}

impl Trades {
    pub fn of(&mut self, grades: &[Meaning]) -> &mut TradesOf {
        self.known.entry(grades.to_vec()).or_default()
    }
}

/// Of one set of grades: each trade, and what it weighs for somebody elsewhere.
#[derive(Default)]
pub(crate) struct TradesOf(Vec<Option<(Trade, f64)>>);

impl TradesOf {
    pub fn known(&self, set: PracticeSet) -> Option<(Trade, f64)> {
        self.0.get(set.0 as usize).copied().flatten()
    }
    pub fn learn(&mut self, set: PracticeSet, trade: (Trade, f64)) {
        let place = set.0 as usize;
        if self.0.len() <= place {
            self.0.resize(place + 1, None);
        }
        self.0[place] = Some(trade);
    }
}
