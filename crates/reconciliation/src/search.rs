//! Finds the register persons who deserve to be compared with each member of staff, and compares them.
//! On several threads: every member of staff is searched alone, so the threads change no answer.
use crate::compare::{Agreement, BirthLevel, Comparison, Ours, Theirs, compare, forms_of};
use crate::frequencies::Frequencies;
use crate::grades::{Grades, Kind, Meaning};
use crate::here::Here;
use crate::levels::{FamilyLevel, GivenLevel, name_levels};
use crate::link::{LinkError, LinkPolicy, Staff};
use crate::model::Model;
use crate::outline::{Bound, Trades};
use crate::register::{
    NameForms, Practice, RegisterPerson, RegisterSearch, SearchFault, register_keys, staff_keys,
};
use crate::rules::Obstacle;
use identity::names::oddity;
use kernel::{IdNat, PersonId, Rpps};
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

/// A pair worth keeping.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub id_nat: IdNat,
    pub comparison: Comparison,
    /// Bits, prior included.
    pub score: f64,
    pub obstacle: Option<Obstacle>,
}

/// One member of staff under way.
#[derive(Debug, Clone)]
pub(crate) struct Searched {
    pub person: PersonId,
    pub kind: Kind,
    /// A name with letters that cannot be seen or only look right: humans judge it.
    pub odd: bool,
    pub pairs: Vec<Pair>,
    /// The declared number exists in the register under quite another name.
    pub declared_elsewhere: bool,
    /// Neither family nor first name is hers: HR's mistake, which tells nothing of the others.
    pub declared_stranger: bool,
}

/// Beyond this a candidate is a namesake among many.
const KEPT_PAIRS: usize = 12;
/// Bits under which a pair is no candidate, before anything is learnt.
const HOPELESS: f64 = -14.0;
/// Members of staff that a thread takes at a time.
const CHUNK: usize = 64;
const THREADS: usize = 4;

/// What all searches of one run share.
pub(crate) struct Ground<'run> {
    pub staff: &'run [Staff],
    pub register: &'run dyn RegisterSearch,
    pub policy: &'run LinkPolicy,
    pub here: &'run Here,
    pub start: &'run Model,
}

impl Ground<'_> {
    /// Whether another person of the register bears these names and practises the same.
    fn has_namesake(&self, theirs: &Theirs) -> Result<bool, SearchFault> {
        let swapped = NameForms::default();
        let namesake = |other: &RegisterPerson| {
            let (family, given, ..) = name_levels((&theirs.forms, &swapped), &forms_of(other));
            let trade = |one: &Practice| other.practices.contains(one);
            other.id_nat != theirs.person.id_nat
                && family >= FamilyLevel::Part
                && given >= GivenLevel::First
                && theirs.person.practices.iter().any(trade)
        };
        let keys = register_keys(&theirs.forms, None);
        let found = self.register.by_keys(&keys, &mut |_| Ok(true))?;
        Ok(found.iter().any(namesake))
    }
}

/// A number that HR gives may lead to a surname that HR does not know, by marriage. Nothing then looked for others of
/// that surname, of whom one may be ours, and the number copied.
fn leads_to_another_name(pair: &Comparison) -> bool {
    pair.family == FamilyLevel::Different
        && pair.declared == Agreement::Same
        && pair.birth != BirthLevel::Exact
}

type Chunk = Result<(usize, Vec<Searched>), SearchFault>;

/// Searches for everybody; `progress` hears (done, all) and may break off.
pub(crate) fn search_all(
    ground: &Ground<'_>,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<Vec<Searched>, LinkError> {
    let all = ground.staff.len();
    let chunks = all.div_ceil(CHUNK);
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let (next, stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (sender, receiver) = mpsc::channel::<Chunk>();
    let mut found: Vec<Vec<Searched>> = vec![Vec::new(); chunks];
    std::thread::scope(|scope| {
        for _ in 0..cores.min(THREADS).min(chunks) {
            let (sender, next, stopped) = (sender.clone(), &next, &stopped);
            scope.spawn(move || work(ground, next, stopped, &sender));
        }
        drop(sender);
        let mut done = 0;
        for chunk in receiver {
            let (place, searched) =
                chunk.inspect_err(|_| stopped.store(true, Ordering::Relaxed))?;
            done += searched.len();
            found[place] = searched;
            if progress(done as u64, all as u64).is_break() {
                stopped.store(true, Ordering::Relaxed);
                return Err(LinkError::Stopped);
            }
        }
        Ok(found.into_iter().flatten().collect())
    })
}

fn work(
    ground: &Ground<'_>,
    next: &AtomicUsize,
    stopped: &AtomicBool,
    sender: &mpsc::Sender<Chunk>,
) {
    let mut known = Known {
        frequencies: Frequencies::new(ground.register),
        trades: Trades::default(),
        grades: Grades::default(),
    };
    while !stopped.load(Ordering::Relaxed) {
        let place = next.fetch_add(1, Ordering::Relaxed);
        let Some(chunk) = ground.staff.chunks(CHUNK).nth(place) else { return };
        let searched: Result<Vec<Searched>, SearchFault> =
            chunk.iter().map(|one| search(one, ground, &mut known)).collect();
        if sender.send(searched.map(|searched| (place, searched))).is_err() {
            return;
        }
    }
}

/// What a thread remembers from one member of staff to the next.
struct Known<'register> {
    frequencies: Frequencies<'register>,
    trades: Trades,
    grades: Grades,
}

fn search(
    staff: &Staff,
    ground: &Ground<'_>,
    Known { frequencies, trades, grades }: &mut Known<'_>,
) -> Result<Searched, SearchFault> {
    let ours = ours_of(staff, grades);
    let (register, here) = (ground.register, ground.here);
    let mut known: HashSet<IdNat> = HashSet::new();
    let mut one = Searched {
        person: staff.person,
        kind: ours.kind,
        odd: [&staff.names.birth_family, &staff.names.usage_family, &staff.names.given]
            .into_iter()
            .flatten()
            .any(|name| oddity(name).is_some()),
        pairs: Vec::new(),
        declared_elsewhere: false,
        declared_stranger: false,
    };
    let bound = Bound::new(ground.start, &ours, frequencies)?;
    let keys = staff_keys(&ours.forms, ours.birth_date);
    let mut found = register.by_keys(&keys, &mut |outline| {
        let practices = || register.practices(outline.practices);
        let trade = trades.of(&ours, outline.practices, practices, frequencies)?;
        Ok(bound.score(outline, trade) > HOPELESS)
    })?;
    // Those here were looked through by the same keys, whatever their outlines say.
    found.retain(|person| here.place_of(&person.id_nat).is_none());
    for place in here.by_keys(&keys) {
        if known.insert(here.at(place).person.id_nat.clone()) {
            weigh(staff, &ours, here.at(place), (ground, &mut *frequencies), &mut one)?;
        }
    }
    if let Some(declared) = staff.declared_rpps.as_ref().map(Rpps::id_nat) {
        found.extend(register.by_id_nat(&declared)?);
    }
    for person in found {
        match here.place_of(&person.id_nat) {
            Some(place) => {
                known.insert(person.id_nat);
                weigh(staff, &ours, here.at(place), (ground, &mut *frequencies), &mut one)?;
            }
            None if known.insert(person.id_nat.clone()) => {
                let theirs = Theirs::new(person, None);
                debug_assert!(is_bounded(&bound, &ours, &theirs, ground, frequencies));
                weigh(staff, &ours, &theirs, (ground, &mut *frequencies), &mut one)?;
            }
            None => {}
        }
    }
    for place in here.near(&ours) {
        if known.insert(here.at(place).person.id_nat.clone()) {
            weigh(staff, &ours, here.at(place), (ground, &mut *frequencies), &mut one)?;
        }
    }
    if one.declared_stranger {
        for pair in &mut one.pairs {
            if pair.comparison.declared == Agreement::Different {
                pair.comparison.declared = Agreement::Missing;
            }
        }
    }
    sort(&mut one.pairs);
    one.pairs.dedup_by(|left, right| left.id_nat == right.id_nat);
    one.pairs.truncate(KEPT_PAIRS);
    Ok(one)
}

/// Whether nobody like this one could be passed over unread (but the declared one, who is read by number).
fn is_bounded(
    bound: &Bound<'_>,
    ours: &Ours,
    theirs: &Theirs,
    ground: &Ground<'_>,
    frequencies: &mut Frequencies<'_>,
) -> bool {
    let scored = compare(ours, theirs, frequencies).map(|one| (one, ground.start.score(&one)));
    match (scored, bound.of(&theirs.person, frequencies)) {
        (Ok((comparison, score)), Ok(most)) => {
            comparison.declared == Agreement::Same || score <= most + 1e-9
        }
        _ => true, // told by whoever reads next
    }
}

/// Best first; the number decides between equals, so that the order of the index changes nothing.
pub(crate) fn sort(pairs: &mut [Pair]) {
    pairs.sort_by(|left, right| {
        right.score.total_cmp(&left.score).then_with(|| left.id_nat.cmp(&right.id_nat))
    });
}

/// Compares one pair and keeps it when it may be somebody's.
fn weigh(
    staff: &Staff,
    ours: &Ours,
    theirs: &Theirs,
    (ground, frequencies): (&Ground<'_>, &mut Frequencies<'_>),
    one: &mut Searched,
) -> Result<(), SearchFault> {
    let id_nat = &theirs.person.id_nat;
    if ground.policy.refused.contains(&(staff.person, id_nat.clone())) {
        return Ok(());
    }
    let comparison = compare(ours, theirs, frequencies)?;
    let strange =
        comparison.family <= FamilyLevel::Missing || comparison.given <= GivenLevel::Missing;
    one.declared_elsewhere |= strange && comparison.declared == Agreement::Same;
    one.declared_stranger |= comparison.family == FamilyLevel::Different
        && comparison.given == GivenLevel::Different
        && comparison.declared == Agreement::Same;
    let told = comparison.birth == BirthLevel::Exact || comparison.declared == Agreement::Same;
    if comparison.given <= GivenLevel::Different
        || (comparison.family <= FamilyLevel::Different && !told)
    {
        return Ok(());
    }
    let score = ground.start.score(&comparison);
    if score > HOPELESS {
        let held = ground.policy.taken.get(id_nat).is_some_and(|by| *by != staff.person);
        let mut obstacle = held.then_some(Obstacle::HeldByAnother);
        if obstacle.is_none()
            && leads_to_another_name(&comparison)
            && ground.has_namesake(theirs)?
        {
            obstacle = Some(Obstacle::NamesakeElsewhere);
        }
        one.pairs.push(Pair { id_nat: id_nat.clone(), comparison, score, obstacle });
    }
    Ok(())
}

/// What a member of staff gives to compare.
pub(crate) fn ours_of(staff: &Staff, grades: &mut Grades) -> Ours {
    let names = &staff.names;
    let mut meanings: Vec<Meaning> = staff
        .posts
        .iter()
        .map(|post| {
            let code = post.profession.as_ref().map(|code| code.0.as_str());
            grades.of(code, post.function_label.as_deref())
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
    // Who bears both names may be registered under the two together.
    let double = match (&names.birth_family, &names.usage_family) {
        (Some(birth), Some(usage)) if birth != usage => Some(format!("{birth} {usage}")),
        _ => None,
    };
    let forms = NameForms::new(
        names.usage_family.iter().chain(&names.birth_family).chain(&double).map(String::as_str),
        names.usual_given.iter().chain(&names.given).map(String::as_str),
    );
    Ours {
        swapped: forms.swapped(),
        forms,
        shown_family,
        shown_given: names.given.clone().or(names.usual_given.clone()).unwrap_or_default(),
        sex: staff.sex,
        birth_date: staff.birth_date,
        birth_place: staff.birth_place.insee_code.clone(),
        kind: Kind::of(&meanings),
        meanings,
        shown_profession: (!labels.is_empty()).then(|| labels.join(", ")),
        declared: staff.declared_rpps.clone(),
    }
}
