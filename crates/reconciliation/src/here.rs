//! The register persons who practise at our places, indexed in memory: few, and the likeliest.
use crate::compare::{Ours, Theirs};
use crate::outline::letters;
use crate::register::{BlockKey, RegisterPerson, register_keys};
use identity::names::{GivenKey, is_cut, is_slip};
use kernel::IdNat;
use std::collections::{BTreeSet, HashMap};

/// Somebody who bears a name that several share.
struct Shared {
    place: u32,
    /// Letters of a writing of the other name: most who come nowhere near are told apart by them alone.
    other: u32,
}

impl Shared {
    /// Whether two names may be a slip apart, or one the other's part or cut.
    fn may_be_near(&self, letters: u32) -> bool {
        let (ours, theirs) = (letters & !self.other, self.other & !letters);
        ours == 0 || theirs == 0 || (may_slip(ours) && may_slip(theirs))
    }
}

/// Of long names two letters may be others (`identity::names::is_slip`).
fn may_slip(mut lacking: u32) -> bool {
    lacking &= lacking.wrapping_sub(1);
    lacking & lacking.wrapping_sub(1) == 0
}

pub(crate) struct Here {
    people: Vec<Theirs>,
    /// The trade that most of a person's colleagues share, numbered.
    trades: Vec<u16>,
    by_id: HashMap<IdNat, u32>,
    by_given: HashMap<String, Vec<Shared>>,
    by_family: HashMap<String, Vec<Shared>>,
    by_key: HashMap<BlockKey, Vec<u32>>,
}

impl Here {
    pub fn new(people: Vec<RegisterPerson>) -> Self {
        let people: Vec<Theirs> =
            (0..).zip(people).map(|(place, person)| Theirs::new(person, Some(place))).collect();
        let mut by_given: HashMap<String, Vec<Shared>> = HashMap::new();
        let mut by_family: HashMap<String, Vec<Shared>> = HashMap::new();
        let mut by_id = HashMap::new();
        let mut by_key: HashMap<BlockKey, Vec<u32>> = HashMap::new();
        for (place, theirs) in (0..).zip(&people) {
            by_id.insert(theirs.person.id_nat.clone(), place);
            let born = theirs.person.birth.as_ref().and_then(|birth| birth.date);
            for key in register_keys(&theirs.forms, born) {
                by_key.entry(key).or_default().push(place);
            }
            let forms = &theirs.forms;
            let firsts: BTreeSet<&str> = forms.givens.iter().map(GivenKey::first).collect();
            let wholes: BTreeSet<&str> =
                forms.families.iter().map(|family| family.whole.as_str()).collect();
            let shared = |others: &BTreeSet<&str>| -> Vec<Shared> {
                others.iter().map(|other| Shared { place, other: letters(other) }).collect()
            };
            for given in &firsts {
                by_given.entry((*given).to_owned()).or_default().extend(shared(&wholes));
            }
            for family in &wholes {
                by_family.entry((*family).to_owned()).or_default().extend(shared(&firsts));
            }
        }
        let trades = trades(&people);
        Self { people, trades, by_id, by_given, by_family, by_key }
    }

    pub fn trades(&self) -> &[u16] {
        &self.trades
    }
    pub fn ids(&self) -> impl Iterator<Item = &IdNat> {
        self.people.iter().map(|theirs| &theirs.person.id_nat)
    }
    pub fn place_of(&self, id_nat: &IdNat) -> Option<u32> {
        self.by_id.get(id_nat).copied()
    }
    pub fn at(&self, place: u32) -> &Theirs {
        &self.people[place as usize]
    }

    /// Places of those who bear one of these keys, some of them twice.
    pub fn by_keys(&self, keys: &[BlockKey]) -> impl Iterator<Item = u32> + '_ {
        let places: Vec<u32> =
            keys.iter().filter_map(|key| self.by_key.get(key)).flatten().copied().collect();
        places.into_iter()
    }

    /// Places of those who share one name and nearly the other, where no key of the index met; some of them twice.
    pub fn near<'here>(&'here self, ours: &'here Ours) -> impl Iterator<Item = u32> + 'here {
        let (families, givens) = (&ours.forms.families, &ours.forms.givens);
        let words = families.iter().flat_map(|family| family.parts.iter().chain([&family.whole]));
        let words: Vec<u32> = words.map(|word| letters(word)).collect();
        let firsts: Vec<u32> = givens.iter().map(|given| letters(given.first())).collect();
        let near = |place: &u32| {
            let theirs = &self.at(*place).forms.families;
            families.iter().any(|our| {
                let alike = |left: &str, right: &str| is_slip(left, right) || is_cut(left, right);
                theirs.iter().any(|their| {
                    alike(&our.whole, &their.whole)
                        || our.parts.iter().any(|part| their.parts.contains(part))
                })
            })
        };
        let slipped = |place: &u32| {
            let theirs = &self.at(*place).forms.givens;
            givens.iter().any(|our| theirs.iter().any(|their| is_slip(our.first(), their.first())))
        };
        let may_be = |letters: Vec<u32>| {
            move |one: &&Shared| letters.iter().any(|letters| one.may_be_near(*letters))
        };
        let by_given = givens.iter().filter_map(|given| self.by_given.get(given.first())).flatten();
        let by_family =
            families.iter().filter_map(|family| self.by_family.get(&family.whole)).flatten();
        let place = |one: &Shared| one.place;
        let near = by_given.filter(may_be(words)).map(place).filter(near);
        near.chain(by_family.filter(may_be(firsts)).map(place).filter(slipped))
    }
}

/// Numbers the trades; who has several counts for the commonest.
fn trades(people: &[Theirs]) -> Vec<u16> {
    let codes = |theirs: &Theirs| -> Vec<String> {
        let code = |practice: &crate::register::Practice| match practice.profession.as_str() {
            "" => format!("r{}", practice.role),
            code => code.to_owned(),
        };
        theirs.person.practices.iter().map(code).collect()
    };
    let mut common: HashMap<String, usize> = HashMap::new();
    for code in people.iter().flat_map(codes) {
        *common.entry(code).or_default() += 1;
    }
    let mut numbers: HashMap<String, u16> = HashMap::new();
    let mut number_of = |theirs: &Theirs| {
        let known = codes(theirs);
        let commonest = known.into_iter().max_by_key(|code| (common[code], code.clone()));
        let next = u16::try_from(numbers.len()).unwrap_or(u16::MAX);
        *numbers.entry(commonest.unwrap_or_default()).or_insert(next)
    };
    people.iter().map(&mut number_of).collect()
}
