//! Finds the register persons who deserve to be compared with each member of staff, and compares them.
//! On several threads: every member of staff is searched alone, so the threads change no answer.
use crate::compare::{
    Agreement, BirthLevel, Comparison, Ours, Theirs, Trade, compare, compare_by, forms_of, trade_of,
};
use crate::frequencies::Frequencies;
use crate::grades::{Grades, Kind, Meaning};
use crate::here::Here;
use crate::levels::{FamilyLevel, GivenLevel, name_levels};
use crate::link::{LinkError, LinkPolicy, Staff};
use crate::model::Model;
use crate::outline::{Bound, Outline, Trades, TradesOf};
use crate::register::{
    Meeting, NameForms, Practice, RegisterPerson, RegisterSearch, SearchFault, register_keys,
    staff_keys,
};
use crate::rules::Obstacle;
use identity::names::{FamilyKey, oddity};
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
    /// The declared number is of somebody in the register who bears the surname.
    pub declared: Option<IdNat>,
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
        let mut namesakes = Namesakes { theirs, any: false };
        self.register.by_keys(&register_keys(&theirs.forms, None), &mut namesakes)?;
        Ok(namesakes.any)
    }
}

/// Looks for one at least.
struct Namesakes<'run> {
    theirs: &'run Theirs,
    any: bool,
}

impl Meeting for Namesakes<'_> {
    fn worth(&mut self, _: &Outline) -> Result<f64, SearchFault> {
        Ok(0.0)
    }
    fn least(&self) -> f64 {
        if self.any { f64::INFINITY } else { f64::NEG_INFINITY }
    }
    fn meets(&mut self, other: RegisterPerson, _: &Outline) -> Result<(), SearchFault> {
        let (forms, swapped) = (&self.theirs.forms, NameForms::default());
        let (family, given, ..) = name_levels((forms, &swapped), &forms_of(&other));
        let trade = |one: &Practice| other.practices.contains(one);
        self.any |= other.id_nat != self.theirs.person.id_nat
            && family >= FamilyLevel::Part
            && given >= GivenLevel::First
            && self.theirs.person.practices.iter().any(trade);
        Ok(())
    }
}

/// A number that HR gives may lead to a surname that HR does not know, by marriage. Nothing then looked for others of
/// that surname, of whom one may be ours, and the number copied.
fn leads_to_another_name(pair: &Comparison) -> bool {
    pair.family == FamilyLevel::Different
        && pair.declared == Agreement::Same
        && pair.birth != BirthLevel::Exact
}

/// Who shares no first name, or no surname and nothing that tells where a surname changed.
fn is_another_by_name(pair: &Comparison) -> bool {
    let told = pair.birth == BirthLevel::Exact || pair.declared == Agreement::Same;
    pair.given <= GivenLevel::Different || (pair.family <= FamilyLevel::Different && !told)
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
    let bound = Bound::new(ground.start, &ours, frequencies)?;
    let keys = staff_keys(&ours.forms, ours.birth_date);
    let one = Searched::begun(staff, ours.kind);
    let (known, best) = (HashSet::new(), Vec::with_capacity(KEPT_PAIRS + 1));
    let trades = trades.of(&ours.meanings);
    let mut looking =
        Looking { staff, ours: &ours, ground, bound, frequencies, trades, known, one, best };
    for place in here.by_keys(&keys) {
        looking.weigh_once(here.at(place))?;
    }
    register.by_keys(&keys, &mut looking)?;
    if let Some(declared) = staff.declared_rpps.as_ref().map(Rpps::id_nat) {
        if let Some(place) = here.place_of(&declared) {
            looking.weigh_once(here.at(place))?;
        } else if let Some(person) = register.by_id_nat(&declared)? {
            looking.weigh_once(&Theirs::new(person, None))?;
        }
    }
    for place in here.near(&ours) {
        looking.weigh_once(here.at(place))?;
    }
    Ok(looking.one.ended())
}

impl Searched {
    fn begun(staff: &Staff, kind: Kind) -> Self {
        Self {
            person: staff.person,
            kind,
            odd: [&staff.names.birth_family, &staff.names.usage_family, &staff.names.given]
                .into_iter()
                .flatten()
                .any(|name| oddity(name).is_some()),
            pairs: Vec::new(),
            declared: None,
            declared_elsewhere: false,
            declared_stranger: false,
        }
    }

    fn ended(mut self) -> Self {
        if self.declared_stranger {
            for pair in &mut self.pairs {
                if pair.comparison.declared == Agreement::Different {
                    pair.comparison.declared = Agreement::Missing;
                }
            }
        }
        sort(&mut self.pairs);
        self.pairs.truncate(KEPT_PAIRS);
        self
    }
}

/// One member of staff being looked for.
struct Looking<'run, 'register> {
    staff: &'run Staff,
    ours: &'run Ours,
    ground: &'run Ground<'run>,
    bound: Bound<'run>,
    frequencies: &'run mut Frequencies<'register>,
    trades: &'run mut TradesOf,
    known: HashSet<IdNat>,
    one: Searched,
    /// Scores of the pairs that will be kept as things stand, best first.
    best: Vec<f64>,
}

impl Meeting for Looking<'_, '_> {
    fn worth(&mut self, outline: &Outline) -> Result<f64, SearchFault> {
        let (_, trade) = self.trade(outline)?;
        Ok(self.bound.score(outline, trade))
    }

    /// Of more than [`KEPT_PAIRS`] the last go: who could not stand before them is not read. Equals are told apart by
    /// their numbers, so they are read; sums may differ in their last bits.
    fn least(&self) -> f64 {
        let last = self.best.get(KEPT_PAIRS - 1).map(|last| last - 1e-6);
        last.map_or(HOPELESS, |last| last.max(HOPELESS))
    }

    fn meets(&mut self, person: RegisterPerson, outline: &Outline) -> Result<(), SearchFault> {
        // Those here were looked through by the same keys, whatever their outlines say.
        if self.ground.here.place_of(&person.id_nat).is_some() {
            return Ok(());
        }
        let theirs = Theirs::new(person, None);
        debug_assert!(is_bounded(&self.bound, self.ours, &theirs, self.ground, self.frequencies));
        let (trade, _) = self.trade(outline)?;
        self.weigh_by(trade, &theirs)
    }
}

impl Looking<'_, '_> {
    /// With what it weighs of somebody elsewhere.
    fn trade(&mut self, outline: &Outline) -> Result<(Trade, f64), SearchFault> {
        if let Some(known) = self.trades.known(outline.practices) {
            return Ok(known);
        }
        let practices = self.ground.register.practices(outline.practices)?;
        let trade = trade_of(&self.ours.meanings, &practices, self.frequencies)?;
        let told = (trade, self.bound.weight_of(trade));
        self.trades.learn(outline.practices, told);
        Ok(told)
    }

    fn weigh_once(&mut self, theirs: &Theirs) -> Result<(), SearchFault> {
        let practices = &theirs.person.practices;
        let trade = trade_of(&self.ours.meanings, practices, self.frequencies)?;
        self.weigh_by(trade, theirs)
    }

    fn weigh_by(&mut self, trade: Trade, theirs: &Theirs) -> Result<(), SearchFault> {
        if !self.known.insert(theirs.person.id_nat.clone()) {
            return Ok(());
        }
        let Some(score) = self.weigh(trade, theirs)? else { return Ok(()) };
        let place = self.best.partition_point(|one| *one >= score);
        self.best.insert(place, score);
        self.best.truncate(KEPT_PAIRS);
        Ok(())
    }

    /// Compares one pair and keeps it when it may be somebody's; answers its score then.
    fn weigh(&mut self, trade: Trade, theirs: &Theirs) -> Result<Option<f64>, SearchFault> {
        let (ground, one, id_nat) = (self.ground, &mut self.one, &theirs.person.id_nat);
        if ground.policy.refused.contains(&(self.staff.person, id_nat.clone())) {
            return Ok(None);
        }
        let comparison = compare_by(trade, self.ours, theirs, self.frequencies)?;
        let strange =
            comparison.family <= FamilyLevel::Missing || comparison.given <= GivenLevel::Missing;
        if comparison.declared == Agreement::Same && comparison.family >= FamilyLevel::Part {
            one.declared = Some(id_nat.clone());
        }
        one.declared_elsewhere |= strange && comparison.declared == Agreement::Same;
        one.declared_stranger |= comparison.family == FamilyLevel::Different
            && comparison.given == GivenLevel::Different
            && comparison.declared == Agreement::Same;
        if is_another_by_name(&comparison) {
            return Ok(None);
        }
        let score = ground.start.score(&comparison);
        if score <= HOPELESS {
            return Ok(None);
        }
        let held = ground.policy.taken.get(id_nat).is_some_and(|by| *by != self.staff.person);
        let mut obstacle = held.then_some(Obstacle::HeldByAnother);
        if obstacle.is_none()
            && leads_to_another_name(&comparison)
            && ground.has_namesake(theirs)?
        {
            obstacle = Some(Obstacle::NamesakeElsewhere);
        }
        one.pairs.push(Pair { id_nat: id_nat.clone(), comparison, score, obstacle });
        Ok(Some(score))
    }
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
            let read_anyway = comparison.declared == Agreement::Same;
            read_anyway || is_another_by_name(&comparison) || score <= most + 1e-9
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
    let maiden = double.as_ref().and(names.birth_family.as_deref()).map(FamilyKey::of);
    let forms = NameForms::new(
        names.usage_family.iter().chain(&names.birth_family).chain(&double).map(String::as_str),
        names.usual_given.iter().chain(&names.given).map(String::as_str),
    );
    Ours {
        swapped: forms.swapped(),
        forms,
        maiden,
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
