//! One register person goes to one member of staff at most, and only where nobody else comes near.
use crate::link::LinkPolicy;
use crate::rules::Obstacle;
use crate::search::Searched;
use kernel::IdNat;
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of one member of staff; numbers are places in its pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Assignment {
    Linked(usize),
    Doubt(Vec<usize>, String),
    Unmatched(String),
}

/// Rounds are simultaneous, so the order of staff changes nothing. A round may free the next: a
/// namesake who is surely someone else no longer stands in the way.
pub(crate) fn assign(searched: &[Searched], policy: &LinkPolicy) -> Vec<Assignment> {
    let mut linked: BTreeMap<usize, usize> = BTreeMap::new();
    let mut gone: BTreeSet<&IdNat> = BTreeSet::new();
    loop {
        let claims = claims(searched, &linked);
        let round: Vec<(usize, usize)> = (0..searched.len())
            .filter(|staff| !linked.contains_key(staff))
            .filter_map(|staff| {
                sure(&searched[staff], staff, &claims, &gone, policy).map(|pair| (staff, pair))
            })
            .collect();
        if round.is_empty() {
            break;
        }
        for (staff, pair) in round {
            gone.insert(&searched[staff].pairs[pair].id_nat);
            linked.insert(staff, pair);
        }
    }
    let rest = |(staff, one): (usize, &Searched)| match linked.get(&staff) {
        Some(pair) => Assignment::Linked(*pair),
        None => ask_or_leave(one, &gone, policy),
    };
    searched.iter().enumerate().map(rest).collect()
}

/// For each register person, the scores of the staff not yet linked who could be it.
fn claims<'a>(
    searched: &'a [Searched],
    linked: &BTreeMap<usize, usize>,
) -> BTreeMap<&'a IdNat, Vec<(usize, f64)>> {
    let mut claims: BTreeMap<&IdNat, Vec<(usize, f64)>> = BTreeMap::new();
    for (staff, one) in searched.iter().enumerate() {
        if linked.contains_key(&staff) {
            continue;
        }
        for pair in &one.pairs {
            claims.entry(&pair.id_nat).or_default().push((staff, pair.score));
        }
    }
    claims
}

fn sure(
    one: &Searched,
    staff: usize,
    claims: &BTreeMap<&IdNat, Vec<(usize, f64)>>,
    gone: &BTreeSet<&IdNat>,
    policy: &LinkPolicy,
) -> Option<usize> {
    let mut free = one.pairs.iter().enumerate().filter(|(_, pair)| !gone.contains(&pair.id_nat));
    let (place, best) = free.next()?;
    if best.obstacle.is_some() {
        return None;
    }
    let alone = free.next().is_none_or(|(_, next)| best.score - next.score >= policy.lead);
    let unrivalled = claims.get(&best.id_nat).is_none_or(|claims| {
        claims
            .iter()
            .filter(|(other, _)| *other != staff)
            .all(|(_, score)| best.score - score >= policy.lead)
    });
    (alone && unrivalled).then_some(place)
}

fn ask_or_leave(one: &Searched, gone: &BTreeSet<&IdNat>, policy: &LinkPolicy) -> Assignment {
    let worth: Vec<usize> = one
        .pairs
        .iter()
        .enumerate()
        .filter(|(_, pair)| pair.is_worth_asking(policy) && !gone.contains(&pair.id_nat))
        .map(|(place, _)| place)
        .collect();
    let Some(first) = worth.first() else {
        if one.declared_elsewhere {
            let sentence = "Le numéro RPPS déclaré par les RH porte un autre nom dans le registre.";
            return Assignment::Doubt(Vec::new(), sentence.to_owned());
        }
        let sentence = "Aucune personne du registre n’approche assez.";
        return Assignment::Unmatched(sentence.to_owned());
    };
    let best = &one.pairs[*first];
    let sentence = match best.obstacle {
        Some(Obstacle::TooLittle) | None if worth.len() > 1 => {
            format!("{} personnes du registre conviennent presque autant.", worth.len())
        }
        None => "Un autre agent de l’établissement convient presque autant.".to_owned(),
        Some(_) => best.explain(),
    };
    Assignment::Doubt(worth, sentence)
}
