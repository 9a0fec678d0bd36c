//! A register in memory, for tests.
use crate::link::{Staff, name_forms};
use crate::outline::{Outline, PracticeSet};
use crate::register::{
    BirthRecord, BlockKey, Meeting, Practice, RegisterPerson, RegisterSearch, SearchFault, Term,
    register_keys, terms,
};
use identity::{Names, PostFields, ProfessionCode, Sex};
use kernel::{Clock, Finess, FixedClock, IdNat, PersonId, SeededRandomness};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

pub(crate) struct Scripted {
    people: Vec<RegisterPerson>,
    keys: HashMap<BlockKey, Vec<usize>>,
    terms: HashMap<Term, u64>,
    /// As if so many more were in the register.
    crowd: u64,
}

impl Scripted {
    /// These too.
    pub fn with(self, more: impl IntoIterator<Item = RegisterPerson>) -> Self {
        Self::new(self.people.into_iter().chain(more).collect(), self.crowd)
    }

    pub fn new(people: Vec<RegisterPerson>, crowd: u64) -> Self {
        let mut keys: HashMap<BlockKey, Vec<usize>> = HashMap::new();
        let mut counted: HashMap<Term, u64> = HashMap::new();
        for (place, person) in people.iter().enumerate() {
            let forms = name_forms(person);
            let birth = person.birth.as_ref().and_then(|birth| birth.date);
            for key in register_keys(&forms, birth) {
                keys.entry(key).or_default().push(place);
            }
            for term in terms(&forms, &person.practices, None) {
                *counted.entry(term).or_default() += 1;
            }
        }
        Self { people, keys, terms: counted, crowd }
    }
}

impl RegisterSearch for Scripted {
    fn persons(&self) -> u64 {
        self.people.len() as u64 + self.crowd
    }
    fn by_id_nat(&self, id_nat: &IdNat) -> Result<Option<RegisterPerson>, SearchFault> {
        Ok(self.people.iter().find(|person| person.id_nat == *id_nat).cloned())
    }
    fn by_keys(&self, keys: &[BlockKey], meeting: &mut dyn Meeting) -> Result<(), SearchFault> {
        let places: BTreeSet<usize> =
            keys.iter().filter_map(|key| self.keys.get(key)).flatten().copied().collect();
        let mut worthy = Vec::new();
        for place in places {
            let outline = Outline::of(&self.people[place], PracticeSet(place as u32));
            worthy.push((meeting.worth(&outline)?, place, outline));
        }
        worthy.sort_by(|left, right| right.0.total_cmp(&left.0));
        for (worth, place, outline) in worthy {
            if worth > meeting.least() {
                meeting.meets(self.people[place].clone(), &outline)?;
            }
        }
        Ok(())
    }
    /// Each person's are a set of their own.
    fn practices(&self, set: PracticeSet) -> Result<Arc<[Practice]>, SearchFault> {
        Ok(self.people[set.0 as usize].practices.clone())
    }
    fn at_places(&self, places: &BTreeSet<Finess>) -> Result<Vec<RegisterPerson>, SearchFault> {
        let here = |person: &&RegisterPerson| !person.places.is_disjoint(places);
        Ok(self.people.iter().filter(here).cloned().collect())
    }
    fn frequency(&self, term: Term) -> Result<u64, SearchFault> {
        // A tenth of a percent of the crowd bears any word: nothing is rare by accident of a small test.
        Ok(self.terms.get(&term).copied().unwrap_or_default() + self.crowd / 1_000)
    }
}

pub(crate) const OURS: &str = "990000010";

/// `date` empty: the open extract alone. `place` empty: no structure.
pub(crate) fn registered(
    number: u64,
    (family, given): (&str, &str),
    profession: &str,
    place: &str,
    date: &str,
) -> RegisterPerson {
    RegisterPerson {
        id_nat: format!("8999{number:08}").parse().expect("number"),
        sex: Some(Sex::Female),
        family: family.to_owned(),
        given: given.to_owned(),
        birth: (!date.is_empty()).then(|| BirthRecord {
            family: family.to_owned(),
            given: given.to_owned(),
            date: Some(date.parse().expect("date")),
            place: None,
        }),
        practices: [Practice {
            profession: profession.to_owned(),
            category: "C".to_owned(),
            role: String::new(),
        }]
        .into(),
        places: place.parse().into_iter().collect(),
        practises_somewhere: !place.is_empty(),
    }
}

/// People come out the same for the same numbers.
pub(crate) fn staff(
    number: u64,
    (family, given): (&str, &str),
    profession: &str,
    date: &str,
    rpps: &str,
) -> Staff {
    let clock = FixedClock::at("2026-01-01T00:00:00Z");
    clock.advance(chrono::Duration::milliseconds(number as i64));
    let _ = clock.now();
    Staff {
        person: PersonId::new(&clock, &SeededRandomness::new(number)),
        names: Names {
            birth_family: Some(family.to_owned()),
            given: Some(given.to_owned()),
            ..Names::default()
        },
        sex: Some(Sex::Female),
        birth_date: date.parse().ok(),
        birth_place: identity::BirthPlace::default(),
        declared_rpps: rpps.parse().ok(),
        posts: vec![PostFields {
            matricule: format!("{number}").parse().expect("matricule"),
            finess_ej: OURS.parse().ok(),
            finess_et: None,
            unit_code: None,
            unit_label: None,
            function_label: None,
            profession: (!profession.is_empty()).then(|| ProfessionCode(profession.to_owned())),
            contract_kind: None,
            starts_on: None,
            ends_on: None,
        }],
    }
}
