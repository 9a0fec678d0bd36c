//! Where several sites of ours are told apart, by HR and by the register: whom the register shows at another site than hers,
//! under a name that is not the one she uses, may be somebody who left and was never struck off.
use crate::compare::{Agreement, BirthLevel};
use crate::here::Here;
use crate::link::Staff;
use crate::register::{RegisterSearch, SearchFault};
use crate::rules::Obstacle;
use crate::search::{Pair, Searched};
use identity::names::FamilyKey;
use kernel::{Finess, IdNat};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Of those who are shown here under the name that they use, so many must stand at the site of their post before a site
/// tells anything: elsewhere HR, or the register, names one site for all.
const TELLING: f64 = 0.75;

/// Takes from such pairs the link that nothing else bears out: neither a birth date, nor a commune of birth, nor a number.
pub(crate) fn doubt_other_sites(
    searched: &mut [Searched],
    staff: &[Staff],
    here: &Here,
    register: &dyn RegisterSearch,
) -> Result<(), SearchFault> {
    let sites = Sites::read(staff, register)?;
    let (mut right, mut all) = (0_u32, 0_u32);
    let mut doubtful = Vec::new();
    for (number, (one, ours)) in searched.iter().zip(staff).enumerate() {
        for (place, pair) in one.pairs.iter().enumerate() {
            if pair.obstacle.is_some() || pair.comparison.structure != Agreement::Same {
                continue;
            }
            let Some(at_hers) = sites.show_at_hers(ours, &pair.id_nat) else { continue };
            if is_name_in_use(ours, pair, here) {
                (right, all) = (right + u32::from(at_hers), all + 1);
            } else if !at_hers && !borne_out(pair) {
                doubtful.push((number, place));
            }
        }
    }
    if f64::from(right) >= TELLING * f64::from(all.max(1)) {
        for (number, place) in doubtful {
            searched[number].pairs[place].obstacle = Some(Obstacle::AtAnotherSite);
        }
    }
    Ok(())
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

    /// `None`: HR names no site of hers, or one where the register shows nobody.
    fn show_at_hers(&self, ours: &Staff, id_nat: &IdNat) -> Option<bool> {
        let sites = ours.posts.iter().filter_map(|post| post.finess_et.as_ref());
        let known: Vec<_> =
            sites.filter_map(|site| self.0.get(site)).filter(|there| !there.is_empty()).collect();
        (!known.is_empty()).then(|| known.iter().any(|there| there.contains(id_nat)))
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
