//! Links members of staff to the register: find candidates, weigh them, give each register person to
//! one member of staff at most. What a name alone says is never enough, and a doubt goes to a human.
use crate::assign::{Assignment, assign};
use crate::compare::{Agreement, Comparison, Ours, Theirs, compare, forms_of, sign_of};
use crate::frequencies::Frequencies;
use crate::grades::{Meaning, of_post};
use crate::here::Here;
use crate::levels::{FamilyLevel, GivenLevel};
use crate::register::{NameForms, RegisterPerson, RegisterSearch, SearchFault, staff_keys};
use crate::rules::{Obstacle, beware_of_namesakes};
use crate::why::{Contribution, Field, Sign, Why};
use chrono::NaiveDate;
use identity::names::oddity;
use identity::{BirthPlace, Names, PostFields, Sex};
use kernel::{Finess, IdNat, PersonId, Rpps};
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
    /// Bits (log2 of the odds) from which a link is made: 10 is a thousand to one.
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
            link_from: 10.0,
            ask_from: 1.0,
            ask_by_name_from: 9.0,
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

/// A pair worth keeping.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub id_nat: IdNat,
    pub comparison: Comparison,
    /// Bits, prior and structure included.
    pub score: f64,
    pub obstacle: Option<Obstacle>,
}

/// One member of staff under way.
pub(crate) struct Searched {
    pub person: PersonId,
    /// A name with letters that cannot be seen or only look right: humans judge it.
    pub odd: bool,
    pub pairs: Vec<Pair>,
    /// The declared number exists in the register under quite another name.
    pub declared_elsewhere: bool,
}

/// Beyond this a candidate is not worth an explanation.
const KEPT_PAIRS: usize = 8;

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
    let here = Here::new(register.at_places(&places)?, &places);
    let mut frequencies = Frequencies::new(register);
    let mut searched = Vec::with_capacity(staff.len());
    for (done, one) in staff.iter().enumerate() {
        if done % 64 == 0 && progress(done as u64, staff.len() as u64).is_break() {
            return Err(LinkError::Stopped);
        }
        searched.push(search(one, register, policy, &here, &mut frequencies)?);
    }
    weigh_structure(&mut searched, &here, frequencies.persons(), policy);
    let assigned = assign(&searched, policy);
    let _ = progress(staff.len() as u64, staff.len() as u64);
    Ok(searched.iter().zip(assigned).map(|(one, given)| decide(one, given)).collect())
}

fn places_of(post: &PostFields) -> impl Iterator<Item = Finess> + '_ {
    post.finess_ej.iter().chain(&post.finess_et).cloned()
}

/// What a member of staff gives to compare.
fn ours_of(staff: &Staff) -> Ours {
    let names = &staff.names;
    let mut meanings: Vec<Meaning> = staff
        .posts
        .iter()
        .map(|post| {
            let code = post.profession.as_ref().map(|code| code.0.as_str());
            of_post(code, post.function_label.as_deref())
        })
        .collect();
    meanings.sort();
    meanings.dedup();
    let mut labels: Vec<&str> = staff
        .posts
        .iter()
        .filter_map(|post| {
            let code = post.profession.as_ref().map(|code| code.0.as_str());
            post.function_label.as_deref().or(code)
        })
        .collect();
    labels.sort_unstable();
    labels.dedup();
    let shown_family = match (&names.usage_family, &names.birth_family) {
        (Some(usage), Some(birth)) if usage != birth => format!("{usage} (naissance : {birth})"),
        (Some(one), _) | (None, Some(one)) => one.clone(),
        (None, None) => String::new(),
    };
    Ours {
        forms: NameForms::new(
            names.usage_family.iter().chain(&names.birth_family).map(String::as_str),
            names.usual_given.iter().chain(&names.given).map(String::as_str),
        ),
        shown_family,
        shown_given: names.given.clone().or(names.usual_given.clone()).unwrap_or_default(),
        sex: staff.sex,
        birth_date: staff.birth_date,
        birth_place: staff.birth_place.insee_code.clone(),
        meanings,
        shown_profession: (!labels.is_empty()).then(|| labels.join(", ")),
        declared: staff.declared_rpps.clone(),
    }
}

fn search(
    staff: &Staff,
    register: &dyn RegisterSearch,
    policy: &LinkPolicy,
    here: &Here,
    frequencies: &mut Frequencies<'_>,
) -> Result<Searched, SearchFault> {
    let ours = ours_of(staff);
    let mut found: BTreeMap<IdNat, Theirs> = BTreeMap::new();
    let mut keep = |person: RegisterPerson| {
        if !found.contains_key(&person.id_nat) {
            let is_here = here.holds(&person);
            found.insert(person.id_nat.clone(), Theirs::new(person, is_here));
        }
    };
    register.by_keys(&staff_keys(&ours.forms, ours.birth_date))?.into_iter().for_each(&mut keep);
    let declared = staff.declared_rpps.as_ref().map(Rpps::id_nat);
    if let Some(declared) = &declared {
        register.by_id_nat(declared)?.into_iter().for_each(&mut keep);
    }
    here.near(&ours).for_each(|theirs| {
        found.entry(theirs.person.id_nat.clone()).or_insert_with(|| theirs.clone());
    });
    let prior = prior(&ours.meanings, frequencies.persons());
    let (mut pairs, mut declared_elsewhere) = (Vec::new(), false);
    for (id_nat, theirs) in &found {
        if policy.refused.contains(&(staff.person, id_nat.clone())) {
            continue;
        }
        let mut comparison = compare(&ours, theirs, frequencies)?;
        let strange =
            comparison.family <= FamilyLevel::Missing || comparison.given <= GivenLevel::Missing;
        declared_elsewhere |= strange && comparison.declared == Agreement::Same;
        comparison.score += prior.weight;
        comparison.contributions.push(prior.clone());
        if comparison.score > -14.0 && comparison.given > GivenLevel::Different {
            let score = comparison.score;
            let held = policy.taken.get(id_nat).is_some_and(|by| *by != staff.person);
            let obstacle = held.then_some(Obstacle::HeldByAnother);
            pairs.push(Pair { id_nat: id_nat.clone(), comparison, score, obstacle });
        }
    }
    let odd = [&staff.names.birth_family, &staff.names.usage_family, &staff.names.given]
        .into_iter()
        .flatten()
        .any(|name| oddity(name).is_some());
    Ok(Searched { person: staff.person, odd, pairs, declared_elsewhere })
}

/// Odds before comparing: one register person among all, and how often such staff are registered.
fn prior(meanings: &[Meaning], persons: u64) -> Contribution {
    let expected = |meaning: &Meaning| match meaning {
        Meaning::Profession(_) => 1.0,
        Meaning::Unclear => 0.0,
        Meaning::Student => -2.0,
        Meaning::Role(_) => -2.5,
        Meaning::NotCare => -5.0,
    };
    let best = meanings.iter().map(expected).fold(f64::NEG_INFINITY, f64::max);
    let best = if best.is_finite() { best } else { 0.0 };
    let weight = best - (persons.max(2) as f64).log2();
    Contribution {
        field: Field::Prior,
        ours: None,
        theirs: Some(format!("1 sur {persons}")),
        sign: Sign::Missing,
        weight,
    }
}

/// Standing in our structure is worth more when nearly everyone who stands there is explained by
/// a member of staff: what is left for chance is only who is left.
fn weigh_structure(searched: &mut [Searched], here: &Here, persons: u64, policy: &LinkPolicy) {
    let plausible = |pair: &&Pair| {
        pair.comparison.structure == Agreement::Same
            && pair.comparison.family >= FamilyLevel::Part
            && pair.comparison.given >= GivenLevel::Other
    };
    let explained: BTreeSet<&IdNat> = searched
        .iter()
        .flat_map(|one| one.pairs.iter().filter(plausible).map(|pair| &pair.id_nat))
        .collect();
    let left = here.len().saturating_sub(explained.len()).max(here.len() / 20) + 1;
    let share = left as f64 / persons.max(1) as f64;
    let same = (0.85 / share).log2().clamp(0.0, 14.0);
    for one in searched {
        for pair in &mut one.pairs {
            let (weight, theirs) = match pair.comparison.structure {
                Agreement::Same => (same, "exerce ici"),
                Agreement::Different => (-2.5, "exerce ailleurs"),
                Agreement::Near | Agreement::Missing => (-0.5, "sans structure"),
            };
            pair.score += weight;
            pair.comparison.score = pair.score;
            pair.comparison.contributions.push(Contribution {
                field: Field::Structure,
                ours: Some("notre établissement".to_owned()),
                theirs: Some(theirs.to_owned()),
                sign: sign_of(pair.comparison.structure),
                weight,
            });
            if pair.obstacle.is_none() {
                pair.obstacle = Obstacle::of(&pair.comparison, one.odd, policy);
            }
        }
        beware_of_namesakes(&mut one.pairs);
        one.pairs.sort_by(|left, right| {
            right.score.total_cmp(&left.score).then_with(|| left.id_nat.cmp(&right.id_nat))
        });
        one.pairs.truncate(KEPT_PAIRS);
    }
}

fn decide(one: &Searched, given: Assignment) -> Decision {
    let candidate = |pair: &Pair| Candidate {
        id_nat: pair.id_nat.clone(),
        score: pair.score,
        why: Why { sentence: pair.explain(), contributions: pair.comparison.contributions.clone() },
    };
    let outcome = match given {
        Assignment::Linked(place) => {
            let pair = &one.pairs[place];
            let channel = match pair.comparison.declared {
                Agreement::Same => LinkChannel::HrDeclaredChecked,
                Agreement::Near | Agreement::Different | Agreement::Missing => {
                    LinkChannel::RegisterMatch
                }
            };
            Outcome::Linked { id_nat: pair.id_nat.clone(), channel, why: candidate(pair).why }
        }
        Assignment::Doubt(places, sentence) => Outcome::Doubt {
            candidates: places.iter().map(|place| candidate(&one.pairs[*place])).collect(),
            why: Why {
                sentence,
                contributions: places
                    .first()
                    .map(|place| one.pairs[*place].comparison.contributions.clone())
                    .unwrap_or_default(),
            },
        },
        Assignment::Unmatched(sentence) => Outcome::Unmatched { why: Why::sentence(sentence) },
    };
    Decision { person: one.person, outcome }
}

/// All writings of the names of a register person, for whoever builds the index.
pub fn name_forms(person: &RegisterPerson) -> NameForms {
    forms_of(person)
}
