//! The register as the matcher sees it: the port to search it, and the keys by which it is indexed.
use crate::outline::{Outline, PracticeSet};
use chrono::NaiveDate;
use identity::Sex;
use identity::names::{FamilyKey, GivenKey, phonetic};
use kernel::{Finess, IdNat};
use std::collections::BTreeSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

/// Raised when the keys of [`register_keys`] or [`terms`] change: an index built before is stale.
pub const INDEX_VERSION: u32 = 100 * identity::names::NAMES_VERSION + 3;

/// One way a register person practises, as far as matching cares.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Practice {
    /// Code of TRE_G15 and its neighbours; empty for a professionnel à rôle.
    pub profession: String,
    /// `C` civil, `E` student, `M` agent public…
    pub category: String,
    pub role: String,
}

/// What the restricted extract adds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BirthRecord {
    pub family: String,
    /// Up to three civil first names, as written (separated by apostrophes).
    pub given: String,
    pub date: Option<NaiveDate>,
    /// INSEE code of the commune, or of the country.
    pub place: Option<String>,
}

/// One person of the register, all activities gathered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterPerson {
    pub id_nat: IdNat,
    /// From the civilité.
    pub sex: Option<Sex>,
    pub family: String,
    pub given: String,
    pub birth: Option<BirthRecord>,
    pub practices: Arc<[Practice]>,
    /// FINESS of every place where an activity stands, site and legal entity alike. Not told by a
    /// [`RegisterSearch`], which is asked apart who practises at our places.
    pub places: BTreeSet<Finess>,
    /// Has at least one activity that names a structure, FINESS or not.
    pub practises_somewhere: bool,
}

/// An index key: persons who share one deserve to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockKey(pub u32);

/// A word whose frequency in the register tells what agreeing on it is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term(pub u64);

impl Term {
    pub fn family(key: &str) -> Self {
        Self(hash(b'f', &[key]))
    }
    pub fn given(key: &str) -> Self {
        Self(hash(b'g', &[key]))
    }
    pub fn profession(code: &str) -> Self {
        Self(hash(b'p', &[code]))
    }
    pub fn role(code: &str) -> Self {
        Self(hash(b'r', &[code]))
    }
    pub fn birth_place(code: &str) -> Self {
        Self(hash(b'b', &[code]))
    }
}

/// For maps by [`Term`], which is a hash already.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TermHasher(u64);

pub(crate) type ByTerm = BuildHasherDefault<TermHasher>;

impl Hasher for TermHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write_u64(&mut self, term: u64) {
        self.0 ^= term;
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }
}

/// The register could not be searched (file unreadable, version gone).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the register cannot be searched: {cause}")]
pub struct SearchFault {
    pub cause: String,
}

/// Whoever looks for somebody in the register: judges outlines first, then meets those who may be the one.
pub trait Meeting {
    /// Bits: the most that somebody of this outline could score.
    fn worth(&mut self, outline: &Outline) -> Result<f64, SearchFault>;
    /// Who is not worth more than this is not met. It rises with those who were.
    fn least(&self) -> f64;
    fn meets(&mut self, person: RegisterPerson, outline: &Outline) -> Result<(), SearchFault>;
}

/// The port of whoever keeps the register.
pub trait RegisterSearch: Sync {
    fn persons(&self) -> u64;
    fn by_id_nat(&self, id_nat: &IdNat) -> Result<Option<RegisterPerson>, SearchFault>;
    /// Everyone who bears one of these keys and is worth reading, each once, whoever is worth most first.
    fn by_keys(&self, keys: &[BlockKey], meeting: &mut dyn Meeting) -> Result<(), SearchFault>;
    /// What the number in an outline stands for.
    fn practices(&self, set: PracticeSet) -> Result<Arc<[Practice]>, SearchFault>;
    /// Everyone with an activity at one of these places.
    fn at_places(&self, places: &BTreeSet<Finess>) -> Result<Vec<RegisterPerson>, SearchFault>;
    /// How many persons bear this term.
    fn frequency(&self, term: Term) -> Result<u64, SearchFault>;
}

/// Names of one person in all their writings, ready to be compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameForms {
    /// Distinct family names: exercise or usage first.
    pub families: Vec<FamilyKey>,
    /// Distinct first-name texts.
    pub givens: Vec<GivenKey>,
}

impl NameForms {
    pub fn new<'text>(
        families: impl IntoIterator<Item = &'text str>,
        givens: impl IntoIterator<Item = &'text str>,
    ) -> Self {
        let mut forms = Self::default();
        for family in families.into_iter().map(FamilyKey::of) {
            if !family.whole.is_empty() && !forms.families.contains(&family) {
                forms.families.push(family);
            }
        }
        for given in givens.into_iter().map(GivenKey::of) {
            if !given.whole.is_empty() && !forms.givens.contains(&given) {
                forms.givens.push(given);
            }
        }
        forms
    }

    /// The same with the columns swapped: a surname is what the first names begin with (`LE GARREC ANNE`).
    pub(crate) fn swapped(&self) -> Self {
        let mut swapped = Self::default();
        for given in &self.givens {
            for words in 1..=given.parts.len().min(3) {
                let family = FamilyKey::of(&given.parts[..words].join(" "));
                if !swapped.families.contains(&family) {
                    swapped.families.push(family);
                }
            }
        }
        let givens = self.families.iter();
        swapped.givens = givens
            .map(|family| GivenKey { whole: family.whole.clone(), parts: family.parts.clone() })
            .collect();
        swapped
    }

    /// What first names of two words or three begin with, as one word.
    fn surnames_among_givens(&self) -> impl Iterator<Item = String> + '_ {
        let starts = |given: &'_ GivenKey| 2..=given.parts.len().min(3);
        self.givens
            .iter()
            .flat_map(move |given| starts(given).map(|words| given.parts[..words].concat()))
    }

    /// Whole family names and the names inside double ones, each once.
    fn family_words(&self) -> BTreeSet<&str> {
        let parts = |family: &'_ FamilyKey| family.parts.len() > 1;
        self.families
            .iter()
            .flat_map(|family| {
                let inside = if parts(family) { family.parts.as_slice() } else { &[] };
                std::iter::once(family.whole.as_str()).chain(inside.iter().map(String::as_str))
            })
            .collect()
    }

    /// First names one by one (the first three of each writing), each once.
    fn given_words(&self) -> BTreeSet<&str> {
        self.givens
            .iter()
            .flat_map(|given| given.parts.iter().take(3).map(String::as_str))
            .collect()
    }
}

/// The keys under which a register person is indexed; `birth` as in the restricted extract.
pub fn register_keys(forms: &NameForms, birth: Option<NaiveDate>) -> Vec<BlockKey> {
    let mut keys = BTreeSet::new();
    name_keys(forms, &mut keys);
    birth_keys(forms, birth, &mut keys);
    keys.into_iter().collect()
}

/// The keys by which a member of staff is looked for: those of the register, plus the names swapped
/// and the day and month inverted.
pub fn staff_keys(forms: &NameForms, birth: Option<NaiveDate>) -> Vec<BlockKey> {
    let mut keys = BTreeSet::new();
    let (families, givens) = (sounds(forms.family_words()), sounds(forms.given_words()));
    for family in &families {
        keys.extend(givens.iter().map(|given| block(b's', &[family, given])));
        keys.extend(givens.iter().map(|given| block(b's', &[given, family])));
        for surname in forms.surnames_among_givens() {
            keys.insert(block(b's', &[&phonetic(&surname), family]));
        }
    }
    birth_keys(forms, birth, &mut keys);
    birth_keys(forms, birth.and_then(inverted), &mut keys);
    keys.into_iter().collect()
}

/// Both names as they sound, which is the same where they are written the same. A slip in one name is found by the birth
/// date, or among those who practise here (`here.rs`): elsewhere and undated it could not become a link.
fn name_keys(forms: &NameForms, keys: &mut BTreeSet<BlockKey>) {
    let givens = sounds(forms.given_words());
    for family in sounds(forms.family_words()) {
        keys.extend(givens.iter().map(|given| block(b's', &[&family, given])));
    }
}

fn sounds(words: BTreeSet<&str>) -> BTreeSet<String> {
    words.into_iter().map(phonetic).collect()
}

/// The date with one of the two names, as it sounds.
fn birth_keys(forms: &NameForms, birth: Option<NaiveDate>, keys: &mut BTreeSet<BlockKey>) {
    let Some(date) = birth else { return };
    let date = date.to_string();
    let words = forms.given_words().into_iter().chain(forms.family_words()).collect();
    keys.extend(sounds(words).iter().map(|sound| block(b'd', &[&date, sound])));
}

/// Day and month the other way round, when that is a date.
pub(crate) fn inverted(date: NaiveDate) -> Option<NaiveDate> {
    use chrono::Datelike;
    NaiveDate::from_ymd_opt(date.year(), date.day(), date.month()).filter(|other| *other != date)
}

/// The terms that a register person counts for, each once.
pub fn terms(
    forms: &NameForms,
    practices: &[Practice],
    birth_place: Option<&str>,
) -> BTreeSet<Term> {
    let mut terms = BTreeSet::new();
    terms.extend(forms.family_words().into_iter().map(Term::family));
    terms.extend(forms.given_words().into_iter().map(Term::given));
    terms.extend(forms.givens.iter().map(|given| Term::given(&given.whole)));
    for practice in practices {
        if !practice.profession.is_empty() {
            terms.insert(Term::profession(&practice.profession));
        }
        if !practice.role.is_empty() {
            terms.insert(Term::role(&practice.role));
        }
    }
    terms.extend(birth_place.map(Term::birth_place));
    terms
}

fn block(kind: u8, words: &[&str]) -> BlockKey {
    let wide = hash(kind, words);
    BlockKey((wide ^ (wide >> 32)) as u32)
}

/// FNV-1a, 64 bits, words kept apart: stable across builds, since the index is kept on disk.
fn hash(kind: u8, words: &[&str]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    let mut eat = |byte: u8| {
        state ^= u64::from(byte);
        state = state.wrapping_mul(0x0000_0100_0000_01b3);
    };
    eat(kind);
    for word in words {
        eat(0);
        word.bytes().for_each(&mut eat);
    }
    // FNV leaves its high bits poor on short words: one round of mixing.
    state ^= state >> 29;
    state = state.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state ^ (state >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(staff: (&[&str], &[&str]), register: (&[&str], &[&str])) -> bool {
        let of = |(families, givens): (&[&str], &[&str])| {
            NameForms::new(families.iter().copied(), givens.iter().copied())
        };
        let theirs: BTreeSet<_> = register_keys(&of(register), None).into_iter().collect();
        staff_keys(&of(staff), None).iter().any(|key| theirs.contains(key))
    }

    #[test]
    fn writings_of_one_person_meet_under_a_key() {
        for (staff, register) in [
            ((&["DELATOUR"][..], &["Anne"][..]), (&["DE LA TOUR"][..], &["ANNE"][..])),
            ((&["MARTIN", "LE GOFF"], &["ANNE SOPHIE"]), (&["LE GOFF-MARTIN"], &["ANNE-SOPHIE"])),
            ((&["ANNE"], &["MARTIN"]), (&["MARTIN"], &["ANNE"])),
            ((&["MARTIN"], &["ANNE"]), (&["MARTIN"], &["ANNE-SOPHIE"])),
            ((&["MATHIEU"], &["Luc"]), (&["MATTHIEU"], &["LUC"])),
        ] {
            assert!(shares(staff, register), "{staff:?} {register:?}");
        }
        assert!(!shares((&["MARTIN"], &["ANNE"]), (&["BERNARD"], &["ANNE"])));
    }

    #[test]
    fn a_birth_date_is_a_key_even_inverted() {
        let forms = |family| NameForms::new([family], ["ANNE"]);
        let date = |text: &str| Some(text.parse::<NaiveDate>().expect("date"));
        let theirs = register_keys(&forms("DURAND"), date("1980-05-03"));
        for (ours, meets) in [("1980-05-03", true), ("1980-03-05", true), ("1980-05-04", false)] {
            let keys = staff_keys(&forms("MARTIN"), date(ours));
            assert_eq!(keys.iter().any(|key| theirs.contains(key)), meets, "{ours}");
        }
    }
}
