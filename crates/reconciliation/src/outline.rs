//! What an index tells of a register person without reading them, and the most that they could score: who cannot even
//! then be a candidate is never read. Every part of the bound is the best that `model.rs` gives. One gap is known: where
//! two extracts write one person's name differently, a word of it that no count of the register holds may weigh more.
use crate::compare::{
    Agreement, BirthLevel, Chance, Comparison, Ours, Shares, Trade, birth_level, forms_of, trade_of,
};
use crate::grades::Meaning;
use crate::levels::{FamilyLevel, GivenLevel};
use crate::model::Model;
use crate::register::{NameForms, Practice, RegisterPerson, SearchFault, Term};
use chrono::NaiveDate;
use identity::Sex;
use identity::names::GivenKey;
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

/// What shows of names: a bit of 32 for each word of the surnames and for what a long one begins with; one of sixteen
/// for each name that stands first among first names, one of eight for each that stands second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NameMark {
    pub families: u32,
    pub firsts: u16,
    pub seconds: u8,
}

impl NameMark {
    pub fn of(forms: &NameForms) -> Self {
        let mut mark = Self::default();
        for family in &forms.families {
            mark.families |= family_bits(family.parts.iter().chain([&family.whole]));
            mark.families |= start_bit(&family.whole).unwrap_or_default();
        }
        for given in &forms.givens {
            // `Anne-Sophie` is `ANNESOPHIE` too.
            mark.firsts |= given_bit(given.first()) | given_bit(&given.whole);
            mark.seconds |= given.parts.get(1).map_or(0, |second| second_bit(second));
        }
        mark
    }

    pub fn and(self, other: Self) -> Self {
        Self {
            families: self.families | other.families,
            firsts: self.firsts | other.firsts,
            seconds: self.seconds | other.seconds,
        }
    }
}

fn family_bits<'word>(words: impl IntoIterator<Item = &'word String>) -> u32 {
    let bit = |word: &String| 1 << (folded(Term::family(word)) & 31);
    words.into_iter().map(bit).fold(0, |all, one: u32| all | one)
}

/// Two that one of them cuts short begin alike (`identity::names::is_cut`).
fn start_bit(whole: &str) -> Option<u32> {
    let long = whole.len() >= identity::names::CUT_FROM;
    let start = &whole[..whole.floor_char_boundary(identity::names::CUT_FROM)];
    long.then(|| 1 << (folded(Term::family(&format!("{start}…"))) & 31))
}

fn given_bit(first: &str) -> u16 {
    1 << (folded(Term::given(first)) & 15)
}

fn second_bit(second: &str) -> u8 {
    1 << (folded(Term::given(second)) & 7)
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

/// The most that somebody elsewhere could score for one member of staff, the declared number apart.
pub(crate) struct Bound<'run> {
    model: &'run Model,
    ours: &'run Ours,
    best: Comparison,
    straight: NameBound,
    /// With the columns swapped.
    crossed: NameBound,
    birth_place: Option<(PlaceMark, f64)>,
}

/// What may agree of names, each with the bits that it needs in the other's mark and the share at which a whole name
/// weighs as much. What nobody bears agrees with nobody, but in part or in another order.
#[derive(Default)]
struct NameBound {
    families: Vec<(u32, f64)>,
    givens: Vec<(u16, u8, f64)>,
    cuts: Vec<(u32, f64)>,
    /// When nothing of these may: a slip, a sound.
    near_family: f64,
    /// A slip, or our first name further back.
    near_given: f64,
}

impl NameBound {
    fn of(forms: &NameForms, model: &Model, shares: &mut impl Shares) -> Result<Self, SearchFault> {
        let (near_family, near_given) = (model.near_family(), model.near_given());
        let mut bound = Self { near_family, near_given, ..Self::default() };
        for family in &forms.families {
            for word in family.parts.iter().chain([&family.whole]) {
                let (share, borne) = shares.borne(Term::family(word))?;
                if borne {
                    bound.families.push((family_bits([word]), model.best_family(share)));
                }
            }
            let (share, _) = shares.borne(Term::family(&family.whole))?;
            bound.families.push((family_bits(&family.parts), model.best_family(share)));
            let start = start_bit(&family.whole);
            bound.cuts.extend(start.map(|bit| (bit, model.cut_family())));
        }
        for given in &forms.givens {
            bound.add_given(given, model, shares)?;
        }
        Ok(bound)
    }

    fn add_given(
        &mut self,
        given: &GivenKey,
        model: &Model,
        shares: &mut impl Shares,
    ) -> Result<(), SearchFault> {
        let first = given_bit(given.first());
        let (share, _) = shares.borne(Term::given(given.first()))?;
        self.givens.push((first, 0, model.best_given(share)));
        self.near_given = self.near_given.min(model.best_other_given(share));
        let (whole, _) = shares.borne(Term::given(&given.whole))?;
        // Borne or not, more names may follow it there.
        let second = given.parts.get(1).map_or(0, |second| second_bit(second));
        self.givens.push((first, second, model.best_given(whole)));
        self.givens.push((given_bit(&given.whole), 0, model.best_given(whole)));
        for place in 1..given.parts.len() {
            let other = &given.parts[place];
            let (share, _) = shares.borne(Term::given(other))?;
            self.givens.push((given_bit(other), 0, model.best_other_given(share)));
            let (share, borne) = shares.borne(Term::given(&given.parts[..=place].concat()))?;
            if borne {
                self.givens.push((first, second, model.best_given(share)));
            }
        }
        Ok(())
    }

    /// Shares of surname and first name that the best agreement has.
    fn straight(&self, theirs: NameMark) -> (f64, f64) {
        let (family, given) = self.agreeing(theirs);
        let cuts = self.cuts.iter().filter(|(bit, _)| theirs.families & bit != 0);
        let family = cuts.fold(family, |one, (_, share)| one.min(*share));
        (family.min(self.near_family), given.min(self.near_given))
    }

    /// Swapped, they agree to the letter or not at all.
    fn crossed(&self, theirs: NameMark) -> Option<(f64, f64)> {
        let (family, given) = self.agreeing(theirs);
        (family <= 1.0 && given <= 1.0).then_some((family, given))
    }

    /// Above 1 where nothing does.
    fn agreeing(&self, theirs: NameMark) -> (f64, f64) {
        let families = self.families.iter().filter(|(bits, _)| theirs.families & bits == *bits);
        let agrees = |(first, second, _): &&(u16, u8, f64)| {
            theirs.firsts & first != 0 && theirs.seconds & second == *second
        };
        let givens = self.givens.iter().filter(agrees);
        let family = families.fold(f64::INFINITY, |one, (_, share)| one.min(*share));
        (family, givens.fold(f64::INFINITY, |one, (_, _, share)| one.min(*share)))
    }
}

impl<'run> Bound<'run> {
    pub fn new(
        model: &'run Model,
        ours: &'run Ours,
        shares: &mut impl Shares,
    ) -> Result<Self, SearchFault> {
        let straight = NameBound::of(&ours.forms, model, shares)?;
        let crossed = NameBound::of(&ours.swapped, model, shares)?;
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
        Ok(Self { model, ours, best, straight, crossed, birth_place })
    }

    /// Bits, prior included. `trade`: of their practices against our grades.
    pub fn score(&self, outline: &Outline, trade: Trade) -> f64 {
        let mut best = self.best;
        best.sex = Agreement::of(self.ours.sex, outline.sex);
        (best.birth, best.january) = birth_level(self.ours.birth_date, outline.born);
        if let (Some((ours, share)), Some(theirs)) = (self.birth_place, outline.birth_place) {
            best.place = match () {
                () if ours == theirs => Agreement::Same,
                () if ours.abroad || theirs.abroad => Agreement::Missing,
                () => Agreement::Different,
            };
            (best.commune, best.chance.place) = (!theirs.abroad, share);
        }
        (best.profession, best.open_trade, best.chance.profession) =
            (trade.agreement, trade.open, trade.share);
        if outline.other_number {
            best.declared = Agreement::Missing;
        }
        if outline.practises_somewhere {
            best.structure = Agreement::Different;
        }
        let mut with = |(family, given): (f64, f64), swapped: bool| {
            (best.chance.family, best.chance.given, best.swapped) = (family, given, swapped);
            self.model.score(&best)
        };
        let straight = with(self.straight.straight(outline.names), false);
        let crossed = self.crossed.crossed(outline.names);
        crossed.map_or(straight, |shares| straight.max(with(shares, true)))
    }

    /// Of somebody who was read.
    pub fn of(
        &self,
        person: &RegisterPerson,
        shares: &mut impl Shares,
    ) -> Result<f64, SearchFault> {
        let trade = trade_of(&self.ours.meanings, &person.practices, shares)?;
        Ok(self.score(&Outline::of(person, PracticeSet::default()), trade))
    }
}

/// How trades compare, reckoned once for each set of practices and each set of grades.
#[derive(Default)]
pub(crate) struct Trades {
    known: HashMap<Vec<Meaning>, Vec<Option<Trade>>>,
}

impl Trades {
    pub fn of(
        &mut self,
        ours: &Ours,
        set: PracticeSet,
        practices: impl FnOnce() -> Result<Vec<Practice>, SearchFault>,
        shares: &mut impl Shares,
    ) -> Result<Trade, SearchFault> {
        if !self.known.contains_key(&ours.meanings) {
            self.known.insert(ours.meanings.clone(), Vec::new());
        }
        let Some(known) = self.known.get_mut(&ours.meanings) else {
            return trade_of(&ours.meanings, &practices()?, shares);
        };
        let place = set.0 as usize;
        if known.len() <= place {
            known.resize(place + 1, None);
        }
        if let Some(trade) = known[place] {
            return Ok(trade);
        }
        let trade = trade_of(&ours.meanings, &practices()?, shares)?;
        known[place] = Some(trade);
        Ok(trade)
    }
}
