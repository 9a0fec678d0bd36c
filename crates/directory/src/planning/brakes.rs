use super::{Known, PlanRules, Planned};
use crate::{Act, BrakeReading};
use identity::Identity;
use identity::mapping::Brake;
use std::collections::{BTreeMap, BTreeSet};

/// Every brake as it stands. Until a first plan of a source was applied, whole or cut off and begun again, nothing is known
/// that creations could be measured by.
pub fn readings(plan: &Planned, rules: &PlanRules, known: &Known) -> Vec<BrakeReading> {
    let before = known.records.len() as u64;
    let absences =
        plan.drafts.iter().filter(|draft| matches!(draft.act, Act::StartAbsence)).count() as u64;
    let closings = plan.counts.close;
    let changes = plan.counts.change + plan.counts.reopen - absences;
    let mut readings = Vec::new();
    if before > 0 && !rules.is_first {
        readings.push(reading("creations", plan.counts.create, rules.brakes.creations, before));
    }
    readings.push(reading("changes", changes, rules.brakes.changes, before));
    readings.push(reading("closings", closings, rules.brakes.closings, before));
    readings.push(reading("absences", absences, rules.brakes.absences, before));
    readings.extend(unit_readings(plan, rules, known));
    readings
}

fn reading(name: &str, value: u64, brake: Brake, known: u64) -> BrakeReading {
    BrakeReading {
        name: name.to_owned(),
        value,
        limit: limit(brake, known),
        unit: None,
        passed: brake.holds(value, known),
    }
}

/// The largest number that does not hold the run.
fn limit(brake: Brake, known: u64) -> u64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts of people stay far below 2^52"
    )]
    let share = (known as f64 * brake.share).floor().max(0.0) as u64;
    brake.count.max(share)
}

/// Units that would lose too many at once: by closings, absences, or posts taken away. Only those whose brake is passed.
fn unit_readings(plan: &Planned, rules: &PlanRules, known: &Known) -> Vec<BrakeReading> {
    let mut staff: BTreeMap<&str, u64> = BTreeMap::new();
    for record in known.records.values().filter(|record| record.absent_since.is_none()) {
        for unit in units(&record.identity) {
            *staff.entry(unit).or_default() += 1;
        }
    }
    let mut leaving: BTreeMap<&str, u64> = BTreeMap::new();
    for draft in &plan.drafts {
        let Some(record) = known.records.get(&draft.key) else { continue };
        let stays = match &draft.act {
            Act::ChangePerson { identity, .. } => units(identity),
            Act::StartAbsence | Act::ClosePerson { .. } => BTreeSet::new(),
            _ => continue,
        };
        for unit in units(&record.identity).difference(&stays) {
            *leaving.entry(unit).or_default() += 1;
        }
    }
    let brake = rules.brakes.unit_closings;
    leaving
        .into_iter()
        .filter_map(|(unit, value)| {
            let known = staff.get(unit).copied().unwrap_or(0);
            let mut reading = reading("unit_closings", value, brake, known);
            reading.unit = Some(unit.to_owned());
            reading.passed.then_some(reading)
        })
        .collect()
}

/// Every unit of a record, each once.
fn units(identity: &Identity) -> BTreeSet<&str> {
    identity.posts.iter().filter_map(|post| post.unit_code.as_deref()).collect()
}
