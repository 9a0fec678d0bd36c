//! Links members of staff to the register: find candidates, weigh them, give each register person to
//! one member of staff at most. What a name alone says is never enough, and a doubt goes to a human.
use crate::assign::{Assignment, assign};
use crate::compare::{Agreement, Theirs, forms_of};
use crate::explain::contributions;
use crate::grades::Grades;
use crate::here::Here;
use crate::model::{Left, Model};
use crate::register::{NameForms, RegisterPerson, RegisterSearch, SearchFault};
use crate::rules::{Trust, declared, explained};
use crate::search::{Ground, Pair, Searched, ours_of, search_all, sort};
use crate::sites::doubt_how_they_stand;
use crate::why::Why;
use chrono::NaiveDate;
use identity::{BirthPlace, Names, PostFields, Sex};
use kernel::{Finess, IdNat, PersonId, Rpps};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// A member of staff to be found in the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    pub person: PersonId,
    pub names: Names,
    pub sex: Option<Sex>,
    pub birth_date: Option<NaiveDate>,
    pub birth_place: BirthPlace,
    /// A claim of HR, to check.
    pub declared_rpps: Option<Rpps>,
    pub posts: Vec<PostFields>,
}

/// What decides, and what is already decided.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkPolicy {
    /// FINESS of the hospital, sites and legal entities (those of the posts are added).
    pub places: BTreeSet<Finess>,
    /// Bits (log2 of the odds) from which a link is made: 9 is five hundred to one, for the least sure.
    pub link_from: f64,
    /// Bits from which a human is asked.
    pub ask_from: f64,
    /// The same where nothing but names and trade agree.
    pub ask_by_name_from: f64,
    /// Bits by which the best must lead the next, on both sides.
    pub lead: f64,
    /// National identities already held, by whom: never given to another.
    pub taken: BTreeMap<IdNat, PersonId>,
    /// Pairs that a human refused: nothing is asked twice.
    pub refused: BTreeSet<(PersonId, IdNat)>,
}

impl Default for LinkPolicy {
    fn default() -> Self {
        Self {
            places: BTreeSet::new(),
            link_from: 9.0,
            ask_from: 1.0,
            ask_by_name_from: 11.0,
            lead: 6.0,
            taken: BTreeMap::new(),
            refused: BTreeSet::new(),
        }
    }
}

/// By which way the link is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkChannel {
    /// HR declared the number and the register agrees beyond the name.
    HrDeclaredChecked,
    RegisterMatch,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub id_nat: IdNat,
    /// Bits: log2 of the odds that this is the person.
    pub score: f64,
    pub why: Why,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    Linked {
        id_nat: IdNat,
        channel: LinkChannel,
        why: Why,
    },
    /// For a human: candidates, best first.
    Doubt {
        candidates: Vec<Candidate>,
        why: Why,
    },
    Unmatched {
        why: Why,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub person: PersonId,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    #[error("the reconciliation was stopped")]
    Stopped,
    #[error(transparent)]
    Search(#[from] SearchFault),
}

/// Decides for each member of staff, in the order given; the order changes nothing.
/// `progress` hears (done, all) and may break off.
pub fn link(
    staff: &[Staff],
    register: &dyn RegisterSearch,
    policy: &LinkPolicy,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<Vec<Decision>, LinkError> {
    let mut places = policy.places.clone();
    places.extend(staff.iter().flat_map(|one| &one.posts).flat_map(places_of));
    let here = Here::new(register.at_places(&places)?);
    let ids = here.ids();
    let taken: Vec<bool> = ids.map(|id_nat| policy.taken.contains_key(id_nat)).collect();
    let start = Model::start(register.persons(), Left::new(here.trades().to_vec(), &taken));
    let ground = Ground { staff, register, policy, here: &here, start: &start };
    let mut searched = search_all(&ground, progress)?;
    let model = weigh(&mut searched, start.clone(), &taken, (policy, register.persons()));
    doubt_how_they_stand(&mut searched, staff, (&here, &taken, &places), (register, policy))?;
    let assigned = assign(&searched, policy);
    let _ = progress(staff.len() as u64, staff.len() as u64);
    let grades = RefCell::default();
    let telling = Telling { register, here: &here, model: &model, grades };
    let decisions = staff.iter().zip(&searched).zip(assigned);
    decisions.map(|((staff, one), given)| Ok(telling.decide(staff, one, given)?)).collect()
}

fn places_of(post: &PostFields) -> impl Iterator<Item = Finess> + '_ {
    post.finess_ej.iter().chain(&post.finess_et).cloned()
}

/// Learns what agreement is worth here, weighs every pair, and says what forbids a link.
fn weigh(
    searched: &mut [Searched],
    start: Model,
    taken: &[bool],
    (policy, persons): (&LinkPolicy, u64),
) -> Model {
    let model = start.learn(searched, taken);
    for pair in searched.iter_mut().flat_map(|one| &mut one.pairs) {
        // Rounded: sums differ in their last bits with the order of staff, decisions must not.
        pair.score = (model.score(&pair.comparison) * 1e6).round() / 1e6;
    }
    let trust = Trust::measure(searched, &model, persons as f64);
    searched.iter_mut().for_each(|one| sort(&mut one.pairs));
    let explained = explained(searched);
    let declared = declared(searched);
    for one in searched {
        one.judge((trust, &explained), policy, persons);
        one.leave_to_whom_hr_says(&declared);
    }
    model
}

/// Words for what was decided; the register is asked again for those few whom the words are about.
struct Telling<'run> {
    register: &'run dyn RegisterSearch,
    here: &'run Here,
    model: &'run Model,
    grades: RefCell<Grades>,
}

impl Telling<'_> {
    fn decide(
        &self,
        staff: &Staff,
        one: &Searched,
        given: Assignment,
    ) -> Result<Decision, SearchFault> {
        let outcome = match given {
            Assignment::Linked(place) => {
                let pair = &one.pairs[place];
                let channel = match pair.comparison.declared {
                    Agreement::Same => LinkChannel::HrDeclaredChecked,
                    Agreement::Near | Agreement::Different | Agreement::Missing => {
                        LinkChannel::RegisterMatch
                    }
                };
                let why = self.candidate(staff, pair)?.why;
                Outcome::Linked { id_nat: pair.id_nat.clone(), channel, why }
            }
            Assignment::Doubt(places, sentence) => {
                let candidates: Vec<Candidate> = places
                    .iter()
                    .map(|place| self.candidate(staff, &one.pairs[*place]))
                    .collect::<Result<_, _>>()?;
                let first = candidates.first();
                let contributions = first.map(|first| first.why.contributions.clone());
                let contributions = contributions.unwrap_or_default();
                Outcome::Doubt { candidates, why: Why { sentence, contributions } }
            }
            Assignment::Unmatched(sentence) => Outcome::Unmatched { why: Why::sentence(sentence) },
        };
        Ok(Decision { person: one.person, outcome })
    }

    fn candidate(&self, staff: &Staff, pair: &Pair) -> Result<Candidate, SearchFault> {
        let mut why = Why::sentence(pair.explain());
        let theirs = match pair.comparison.here {
            Some(place) => Some(self.here.at(place).clone()),
            None => {
                let found = self.register.by_id_nat(&pair.id_nat)?;
                found.map(|person| Theirs::new(person, None))
            }
        };
        if let Some(theirs) = theirs {
            let told = (self.model, self.register.persons());
            let ours = ours_of(staff, &mut self.grades.borrow_mut());
            why.contributions = contributions(&ours, &theirs, &pair.comparison, told);
        }
        Ok(Candidate { id_nat: pair.id_nat.clone(), score: pair.score, why })
    }
}

/// All writings of the names of a register person, for whoever builds the index.
pub fn name_forms(person: &RegisterPerson) -> NameForms {
    forms_of(person)
}
