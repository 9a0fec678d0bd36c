//! The register persons who practise at our places, indexed in memory: few, and the likeliest.
use crate::compare::{Ours, Theirs};
use crate::register::RegisterPerson;
use kernel::Finess;
use std::collections::{BTreeSet, HashMap};

pub(crate) struct Here {
    places: BTreeSet<Finess>,
    people: Vec<Theirs>,
    by_given: HashMap<String, Vec<usize>>,
    by_family: HashMap<String, Vec<usize>>,
}

impl Here {
    pub fn new(people: Vec<RegisterPerson>, places: &BTreeSet<Finess>) -> Self {
        let people: Vec<Theirs> =
            people.into_iter().map(|person| Theirs::new(person, true)).collect();
        let mut by_given: HashMap<String, Vec<usize>> = HashMap::new();
        let mut by_family: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, theirs) in people.iter().enumerate() {
            for given in &theirs.forms.givens {
                by_given.entry(given.first().to_owned()).or_default().push(place);
            }
            for part in theirs.forms.families.iter().flat_map(|family| &family.parts) {
                by_family.entry(part.clone()).or_default().push(place);
            }
        }
        Self { places: places.clone(), people, by_given, by_family }
    }

    pub fn len(&self) -> usize {
        self.people.len()
    }

    pub fn holds(&self, person: &RegisterPerson) -> bool {
        person.places.iter().any(|place| self.places.contains(place))
    }

    /// Those who share a first name or a part of the family name, where no key of the index met.
    pub fn near<'here>(&'here self, ours: &Ours) -> impl Iterator<Item = &'here Theirs> {
        let givens = ours.forms.givens.iter().filter_map(|given| self.by_given.get(given.first()));
        let parts = ours.forms.families.iter().flat_map(|family| &family.parts);
        let families = parts.filter_map(|part| self.by_family.get(part));
        let places: BTreeSet<usize> = givens.chain(families).flatten().copied().collect();
        places.into_iter().map(|place| &self.people[place])
    }
}
