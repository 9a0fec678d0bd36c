//! Whoever is passed over unread would have been nobody's candidate: the same search, with everybody read, says so.
use crate::here::Here;
use crate::link::{LinkPolicy, Staff};
use crate::model::{Left, Model};
use crate::outline::{Outline, PracticeSet};
use crate::register::{
    BirthRecord, BlockKey, Meeting, Practice, RegisterPerson, RegisterSearch, SearchFault, Term,
};
use crate::scripted::{OURS, Scripted, registered, staff};
use crate::search::{Ground, Pair, search_all};
use kernel::{Finess, IdNat};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Reads everybody who shares a key.
struct Everybody<'register>(&'register Scripted);

/// A meeting that nothing rules anybody out of.
struct Open<'run>(&'run mut dyn Meeting);

impl Meeting for Open<'_> {
    fn worth(&mut self, _: &Outline) -> Result<f64, SearchFault> {
        Ok(0.0)
    }
    fn least(&self) -> f64 {
        f64::NEG_INFINITY
    }
    fn meets(&mut self, person: RegisterPerson, outline: &Outline) -> Result<(), SearchFault> {
        self.0.meets(person, outline)
    }
}

impl RegisterSearch for Everybody<'_> {
    fn persons(&self) -> u64 {
        self.0.persons()
    }
    fn by_id_nat(&self, id_nat: &IdNat) -> Result<Option<RegisterPerson>, SearchFault> {
        self.0.by_id_nat(id_nat)
    }
    fn by_keys(&self, keys: &[BlockKey], meeting: &mut dyn Meeting) -> Result<(), SearchFault> {
        self.0.by_keys(keys, &mut Open(meeting))
    }
    fn practices(&self, set: PracticeSet) -> Result<Arc<[Practice]>, SearchFault> {
        self.0.practices(set)
    }
    fn at_places(&self, places: &BTreeSet<Finess>) -> Result<Vec<RegisterPerson>, SearchFault> {
        self.0.at_places(places)
    }
    fn frequency(&self, term: Term) -> Result<u64, SearchFault> {
        self.0.frequency(term)
    }
}

const FAMILIES: [&str; 16] = [
    "BERNARD",
    "BERNARX",
    "MARTIN",
    "MARTYN",
    "LE GOFF",
    "LE GOFF-MARTIN",
    "MARTIN LE GOFF",
    "DE LA TOUR",
    "DELATOUR",
    "RANDRIANARIVO",
    "RANDRIANARIVONY",
    "RANDRIANIRAVO",
    "MOREAU",
    "MORO",
    "O'NEIL",
    "ANNE",
];
const GIVENS: [&str; 14] = [
    "ANNE",
    "ANNE SOPHIE",
    "ANNE-SOPHIE",
    "ANNESOPHIE",
    "SOPHIE ANNE LUCE",
    "MARIE CLAIRE",
    "MARIE ANNE",
    "MARIE-CLAIRE LUCE",
    "NATHALIE",
    "NATALIE",
    "MARIEBERNADETTE",
    "MARIEBERNADETTA",
    "LUC",
    "MARTIN",
];
const DATES: [&str; 6] = ["", "1980-05-03", "1980-03-05", "1980-05-13", "1980-01-01", "1971-11-02"];

fn register_person(number: u64) -> impl Strategy<Value = RegisterPerson> {
    let names = (select(&FAMILIES), select(&GIVENS), select(&FAMILIES), select(&GIVENS));
    let rest = (select(&["60", "10", ""]), select(&[OURS, "750000001", ""]), select(&DATES));
    (names, rest, any::<bool>()).prop_map(move |(names, (trade, place, date), renamed)| {
        let (family, given, born_family, born_given) = names;
        let mut one = registered(number, (family, given), trade, place, date);
        if let (true, Some(birth)) = (renamed, &mut one.birth) {
            *birth = BirthRecord {
                family: born_family.to_owned(),
                given: born_given.replace(' ', "'"),
                date: birth.date,
                place: Some("99352".to_owned()),
            };
        }
        one
    })
}

fn member(number: u64) -> impl Strategy<Value = Staff> {
    let names = (select(&FAMILIES), select(&GIVENS), select(&FAMILIES));
    let rest = (select(&["60", "10", ""]), select(&DATES), select(&["", "", "99900000001"]));
    (names, rest, any::<bool>()).prop_map(move |(names, (trade, date, declared), married)| {
        let mut one = staff(number, (names.0, names.1), trade, date, declared);
        one.names.usage_family = married.then(|| names.2.to_owned());
        one
    })
}

fn all_of<T: std::fmt::Debug>(
    most: u64,
    one: fn(u64) -> BoxedStrategy<T>,
) -> impl Strategy<Value = Vec<T>> {
    (1..=most).prop_flat_map(move |count| (1..=count).map(one).collect::<Vec<_>>())
}

/// Everybody's candidates with their scores, before anything is learnt from them.
fn candidates(staff: &[Staff], register: &dyn RegisterSearch) -> Vec<Vec<(String, f64)>> {
    let policy = LinkPolicy { places: [OURS.parse().expect("finess")].into(), ..<_>::default() };
    let here = Here::new(register.at_places(&policy.places).expect("read"));
    let start = Model::start(register.persons(), Left::new(here.trades().to_vec(), &[]));
    let ground = Ground { staff, register, policy: &policy, here: &here, start: &start };
    let all = search_all(&ground, &mut |_, _| ControlFlow::Continue(())).expect("searched");
    let told = |pair: &Pair| (pair.id_nat.to_string(), pair.score);
    all.iter().map(|one| one.pairs.iter().map(told).collect()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]
    #[test]
    fn who_is_not_read_is_no_candidate(
        people in all_of(60, |number| register_person(number).boxed()),
        staff in all_of(6, |number| member(number).boxed()),
        crowd in select(&[0, 1_000, 1_000_000]),
    ) {
        let register = Scripted::new(people, crowd);
        let read = candidates(&staff, &Everybody(&register));
        prop_assert_eq!(candidates(&staff, &register), read);
    }
}
