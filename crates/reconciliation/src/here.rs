//! The register persons who practise at our places, indexed in memory: few, and the likeliest.
use crate::compare::{Ours, Theirs};
use crate::register::{BlockKey, RegisterPerson, register_keys};
use identity::names::{is_cut, is_slip};
use kernel::IdNat;
use std::collections::HashMap;

pub(crate) struct Here {
    people: Vec<Theirs>,
    /// The trade that most of a person's colleagues share, numbered.
    trades: Vec<u16>,
    by_id: HashMap<IdNat, u32>,
    by_given: HashMap<String, Vec<u32>>,
    by_family: HashMap<String, Vec<u32>>,
    by_key: HashMap<BlockKey, Vec<u32>>,
}

impl Here {
    pub fn new(people: Vec<RegisterPerson>) -> Self {
        let people: Vec<Theirs> =
            (0..).zip(people).map(|(place, person)| Theirs::new(person, Some(place))).collect();
        let mut by_given: HashMap<String, Vec<u32>> = HashMap::new();
        let mut by_family: HashMap<String, Vec<u32>> = HashMap::new();
        let mut by_id = HashMap::new();
        let mut by_key: HashMap<BlockKey, Vec<u32>> = HashMap::new();
        for (place, theirs) in (0..).zip(&people) {
            by_id.insert(theirs.person.id_nat.clone(), place);
            let born = theirs.person.birth.as_ref().and_then(|birth| birth.date);
            for key in register_keys(&theirs.forms, born) {
                by_key.entry(key).or_default().push(place);
            }
            for given in &theirs.forms.givens {
                let places = by_given.entry(given.first().to_owned()).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
            for family in &theirs.forms.families {
                let places = by_family.entry(family.whole.clone()).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
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

    /// Places of those who share one name and nearly the other, where no key of the index met.
    pub fn near<'here>(&'here self, ours: &'here Ours) -> impl Iterator<Item = u32> + 'here {
        let givens = ours.forms.givens.iter().filter_map(|given| self.by_given.get(given.first()));
        let near = |place: &u32| {
            let theirs = &self.at(*place).forms.families;
            ours.forms.families.iter().any(|our| {
                let alike = |left: &str, right: &str| is_slip(left, right) || is_cut(left, right);
                theirs.iter().any(|their| {
                    alike(&our.whole, &their.whole)
                        || our.parts.iter().any(|part| their.parts.contains(part))
                })
            })
        };
        let families = ours.forms.families.iter();
        let families = families.filter_map(|family| self.by_family.get(&family.whole));
        let slipped = |place: &u32| {
            let theirs = &self.at(*place).forms.givens;
            ours.forms
                .givens
                .iter()
                .any(|our| theirs.iter().any(|their| is_slip(our.first(), their.first())))
        };
        givens.flatten().copied().filter(near).chain(families.flatten().copied().filter(slipped))
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
