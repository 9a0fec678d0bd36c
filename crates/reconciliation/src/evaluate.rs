//! How good decisions are against a known truth, by population, with Wilson 95 % intervals.
use crate::link::{Decision, Outcome};
use kernel::{IdNat, PersonId};
use serde::Serialize;
use std::collections::BTreeMap;

/// A population whose figures are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Population {
    All,
    WithBirthDate,
    WithoutBirthDate,
    ChangedName,
    AbsentFromRegister,
    RppsFromHr,
}

/// The truth of one member of staff, and what else is known of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// `None`: not in the register, must stay unmatched.
    pub id_nat: Option<IdNat>,
    pub has_birth_date: bool,
    pub changed_name: bool,
    pub rpps_from_hr: bool,
}

/// A share with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub n: u64,
}

impl Share {
    /// Wilson's score interval; of nothing, everything is possible.
    pub fn wilson(hits: u64, n: u64) -> Self {
        if n == 0 {
            return Self { value: 1.0, low: 0.0, high: 1.0, n };
        }
        const Z: f64 = 1.959_964;
        let (hits, all) = (hits as f64, n as f64);
        let share = hits / all;
        let scale = 1.0 + Z * Z / all;
        let centre = (share + Z * Z / (2.0 * all)) / scale;
        let half = Z * (share * (1.0 - share) / all + Z * Z / (4.0 * all * all)).sqrt() / scale;
        Self { value: share, low: (centre - half).max(0.0), high: (centre + half).min(1.0), n }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figures {
    pub staff: u64,
    pub registered: u64,
    pub linked: u64,
    pub doubts: u64,
    pub unmatched: u64,
    pub wrong_links: u64,
    /// Right links among the links.
    pub precision: Share,
    /// Right links among those truly registered.
    pub recall: Share,
    /// Sent to a human, among all staff.
    pub asked: Share,
}

#[derive(Default)]
struct Counted {
    staff: u64,
    registered: u64,
    linked: u64,
    doubts: u64,
    wrong: u64,
}

/// Judges decisions; those whose person is not in `truth` are left out.
pub fn evaluate(
    decisions: &[Decision],
    truth: &BTreeMap<PersonId, Truth>,
) -> BTreeMap<Population, Figures> {
    let mut counted: BTreeMap<Population, Counted> = BTreeMap::new();
    for decision in decisions {
        let Some(known) = truth.get(&decision.person) else { continue };
        for population in populations(known) {
            let counted = counted.entry(population).or_default();
            counted.staff += 1;
            counted.registered += u64::from(known.id_nat.is_some());
            match &decision.outcome {
                Outcome::Linked { id_nat, .. } => {
                    counted.linked += 1;
                    counted.wrong += u64::from(known.id_nat.as_ref() != Some(id_nat));
                }
                Outcome::Doubt { .. } => counted.doubts += 1,
                Outcome::Unmatched { .. } => {}
            }
        }
    }
    counted.into_iter().map(|(population, counted)| (population, figures(&counted))).collect()
}

fn populations(known: &Truth) -> impl Iterator<Item = Population> {
    let dated =
        if known.has_birth_date { Population::WithBirthDate } else { Population::WithoutBirthDate };
    [
        (true, Population::All),
        (true, dated),
        (known.changed_name, Population::ChangedName),
        (known.id_nat.is_none(), Population::AbsentFromRegister),
        (known.rpps_from_hr, Population::RppsFromHr),
    ]
    .into_iter()
    .filter_map(|(belongs, population)| belongs.then_some(population))
}

fn figures(counted: &Counted) -> Figures {
    let right = counted.linked - counted.wrong;
    Figures {
        staff: counted.staff,
        registered: counted.registered,
        linked: counted.linked,
        doubts: counted.doubts,
        unmatched: counted.staff - counted.linked - counted.doubts,
        wrong_links: counted.wrong,
        precision: Share::wilson(right, counted.linked),
        recall: Share::wilson(right, counted.registered),
        asked: Share::wilson(counted.doubts, counted.staff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of the usual tables for Wilson's interval.
    #[test]
    fn wilson_intervals() {
        for (hits, n, low, high) in [
            (0, 10, 0.0, 0.2775),
            (10, 10, 0.7225, 1.0),
            (8, 10, 0.4902, 0.9433),
            (50, 100, 0.4038, 0.5962),
            (0, 0, 0.0, 1.0),
        ] {
            let share = Share::wilson(hits, n);
            assert!(
                (share.low - low).abs() < 1e-3 && (share.high - high).abs() < 1e-3,
                "{share:?}"
            );
        }
    }
}
