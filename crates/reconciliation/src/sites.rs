//! How somebody stands here: at the site of her post or at another one of ours, here alone or in another establishment
//! too. Whoever left and was never struck off stands as chance has it; what that tells is learnt from this hospital.
use crate::compare::{Agreement, BirthLevel};
use crate::here::Here;
use crate::link::{LinkPolicy, Staff};
use crate::register::{RegisterSearch, SearchFault};
use crate::rules::Obstacle;
use crate::search::{Pair, Searched};
use identity::names::FamilyKey;
use kernel::{Finess, IdNat};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Of those who are shown here under the name that they use, so many must stand at the site of their post before a site
/// forbids the link of somebody shown under another name: elsewhere HR, or the register, names one site for all.
const TELLING: f64 = 0.75;
/// Until seen otherwise, so many of our own stand at another site than that of their post, worth so many people.
const MOVED: Seen = Seen { some: 2.0, all: 100.0 };
/// The same of those whom the register shows in another establishment too.
const ELSEWHERE_TOO: Seen = Seen { some: 10.0, all: 100.0 };
/// One in so many of those who stand here.
const SHARED: usize = 20;

/// Takes the link from pairs that nothing else bears out (neither a birth date, nor a commune of birth, nor a number)
/// and that stand here as our own hardly do: what this weighs leaves too few bits of their score.
pub(crate) fn doubt_how_they_stand(
    searched: &mut [Searched],
    staff: &[Staff],
    (here, taken, places): (&Here, &[bool], &BTreeSet<Finess>),
    (register, policy): (&dyn RegisterSearch, &LinkPolicy),
) -> Result<(), SearchFault> {
    let sites = Sites::read(staff, register)?;
    let places = &with_shared(places, here);
    let standing = standing(searched, staff, (here, places, &sites));
    let of_staff: HashSet<&IdNat> =
        standing.iter().map(|one| &searched[one.staff].pairs[one.pair].id_nat).collect();
    let of_nobody = here.ids().zip(taken).filter(|(id, taken)| !**taken && !of_staff.contains(id));
    let of_nobody: Vec<&IdNat> = of_nobody.map(|(id, _)| id).collect();
    let elsewhere_too_by_chance = Seen::by_chance(&of_nobody, |id| {
        here.place_of(id).is_some_and(|place| is_elsewhere(here, place, places))
    });
    let (mut moved, mut elsewhere_too, mut site) = (MOVED, ELSEWHERE_TOO, Seen::default());
    for one in standing.iter().filter(|one| one.name_in_use) {
        if let Some(at_hers) = one.at_hers {
            moved.count(!at_hers);
            site.count(at_hers);
        }
        elsewhere_too.count(one.elsewhere_too);
    }
    let mut doubtful = Vec::new();
    for one in &standing {
        let pair = &searched[one.staff].pairs[one.pair];
        if borne_out(pair) {
            continue;
        }
        let at_another = one.at_hers == Some(false);
        let mut left = pair.score;
        if at_another {
            let hers = sites.of(&staff[one.staff]);
            let by_chance =
                Seen::by_chance(&of_nobody, |id| !hers.iter().any(|there| there.contains(id)));
            left -= moved.bits_against(by_chance);
        }
        if one.elsewhere_too {
            left -= elsewhere_too.bits_against(elsewhere_too_by_chance);
        }
        let obstacle = match at_another {
            true if !one.name_in_use && site.share() >= TELLING => {
                Obstacle::AtAnotherSiteByAnotherName
            }
            _ if left >= policy.link_from => continue,
            true => Obstacle::AtAnotherSite,
            false => Obstacle::ElsewhereToo,
        };
        doubtful.push((one.staff, one.pair, obstacle));
    }
    for (staff, pair, obstacle) in doubtful {
        searched[staff].pairs[pair].obstacle = Some(obstacle);
    }
    Ok(())
}

/// How often something is seen.
#[derive(Clone, Copy, Default)]
struct Seen {
    some: f64,
    all: f64,
}

impl Seen {
    fn count(&mut self, is_so: bool) {
        (self.some, self.all) = (self.some + f64::from(u8::from(is_so)), self.all + 1.0);
    }

    fn share(self) -> f64 {
        self.some / self.all.max(1.0)
    }

    /// Of those who stand here and are nobody of the staff; never none of them nor all, however few they are.
    fn by_chance(of_nobody: &[&IdNat], is_so: impl Fn(&IdNat) -> bool) -> Self {
        let mut seen = Self { some: 1.0, all: 2.0 };
        of_nobody.iter().for_each(|id| seen.count(is_so(id)));
        seen
    }

    /// Where chance shows it oftener than our own do.
    fn bits_against(self, by_chance: Self) -> f64 {
        (by_chance.share() / self.share()).log2().max(0.0)
    }
}

/// A pair here that nothing else holds back.
struct Standing {
    staff: usize,
    pair: usize,
    name_in_use: bool,
    /// `None`: HR names no site of hers, or one where the register shows nobody.
    at_hers: Option<bool>,
    elsewhere_too: bool,
}

fn standing(
    searched: &[Searched],
    staff: &[Staff],
    (here, places, sites): (&Here, &BTreeSet<Finess>, &Sites),
) -> Vec<Standing> {
    let mut standing = Vec::new();
    for (number, (one, ours)) in searched.iter().zip(staff).enumerate() {
        for (place, pair) in one.pairs.iter().enumerate() {
            if pair.obstacle.is_some() || pair.comparison.structure != Agreement::Same {
                continue;
            }
            let at = pair.comparison.here;
            let elsewhere_too = at.is_some_and(|at| is_elsewhere(here, at, places));
            standing.push(Standing {
                staff: number,
                pair: place,
                name_in_use: is_name_in_use(ours, pair, here),
                at_hers: sites.show_at_hers(ours, &pair.id_nat),
                elsewhere_too,
            });
        }
    }
    standing
}

/// Shown in another establishment than ours as well, by its number.
fn is_elsewhere(here: &Here, place: u32, ours: &BTreeSet<Finess>) -> bool {
    here.at(place).person.places.iter().any(|place| !ours.contains(place))
}

/// Ours, and where so many of those who stand here stand as well that it tells nobody apart: the legal entity of a site
/// that HR names alone, say.
fn with_shared(ours: &BTreeSet<Finess>, here: &Here) -> BTreeSet<Finess> {
    let mut borne: BTreeMap<&Finess, usize> = BTreeMap::new();
    let people = (0..).zip(here.ids()).map(|(place, _)| &here.at(place).person);
    for place in people.flat_map(|person| &person.places) {
        *borne.entry(place).or_default() += 1;
    }
    let all = here.ids().count();
    let shared = borne.into_iter().filter(|(_, people)| people * SHARED >= all);
    shared.map(|(place, _)| place.clone()).chain(ours.iter().cloned()).collect()
}

/// Who stands at each site that HR names.
struct Sites(BTreeMap<Finess, HashSet<IdNat>>);

impl Sites {
    fn read(staff: &[Staff], register: &dyn RegisterSearch) -> Result<Self, SearchFault> {
        let posts = staff.iter().flat_map(|one| &one.posts);
        let named: BTreeSet<Finess> = posts.filter_map(|post| post.finess_et.clone()).collect();
        let standing = named.into_iter().map(|site| {
            let people = register.at_places(&BTreeSet::from([site.clone()]))?;
            Ok((site, people.into_iter().map(|person| person.id_nat).collect()))
        });
        standing.collect::<Result<_, _>>().map(Self)
    }

    /// Who stands at each of hers.
    fn of(&self, ours: &Staff) -> Vec<&HashSet<IdNat>> {
        let sites = ours.posts.iter().filter_map(|post| post.finess_et.as_ref());
        sites.filter_map(|site| self.0.get(site)).filter(|there| !there.is_empty()).collect()
    }

    /// `None`: HR names no site of hers, or one where the register shows nobody.
    fn show_at_hers(&self, ours: &Staff, id_nat: &IdNat) -> Option<bool> {
        let hers = self.of(ours);
        (!hers.is_empty()).then(|| hers.iter().any(|there| there.contains(id_nat)))
    }
}

/// The register shows her under the name that HR shows.
fn is_name_in_use(ours: &Staff, pair: &Pair, here: &Here) -> bool {
    let Some(place) = pair.comparison.here else { return true };
    let shown = ours.names.family().map(FamilyKey::of);
    shown.is_some_and(|shown| shown.whole == FamilyKey::of(&here.at(place).person.family).whole)
}

fn borne_out(pair: &Pair) -> bool {
    pair.comparison.birth == BirthLevel::Exact
        || pair.comparison.birth_place_tells()
        || pair.comparison.declared == Agreement::Same
}
