//! The list beside the figures of `reconcile evaluate`: what became of each member of staff, and why.
use anyhow::Context;
use kernel::{IdNat, PersonId};
use reconciliation::{Candidate, Decision, Outcome, Truth, Why};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// `matricule;truth;outcome;answer;why;weights`, the weights being those of the true person where she is a
/// candidate, of the one linked otherwise.
pub fn write(
    file: &Path,
    ids: &HashMap<String, PersonId>,
    decisions: &[Decision],
    truth: &BTreeMap<PersonId, Truth>,
) -> anyhow::Result<()> {
    let matricules: HashMap<PersonId, &str> =
        ids.iter().map(|(matricule, person)| (*person, matricule.as_str())).collect();
    let mut text = "matricule;truth;outcome;answer;why;weights\n".to_owned();
    for decision in decisions {
        let Some(known) = truth.get(&decision.person) else { continue };
        let matricule = matricules.get(&decision.person).copied().unwrap_or_default();
        let truth = known.id_nat.as_ref().map_or("", IdNat::as_str);
        let (outcome, answer, why, weights) = told(&decision.outcome, known.id_nat.as_ref());
        let cells = [matricule, truth, outcome, answer, &why.sentence.replace(';', ","), &weights];
        text.push_str(&cells.join(";"));
        text.push('\n');
    }
    std::fs::write(file, text).with_context(|| format!("writing {}", file.display()))
}

fn told<'a>(
    outcome: &'a Outcome,
    truth: Option<&IdNat>,
) -> (&'static str, &'a str, &'a Why, String) {
    match outcome {
        Outcome::Linked { id_nat, why, .. } => {
            let right = truth == Some(id_nat);
            (if right { "linked" } else { "wrong" }, id_nat.as_str(), why, weights(why))
        }
        Outcome::Doubt { candidates, why } => {
            let is_true = |one: &&Candidate| truth == Some(&one.id_nat);
            let best = candidates.iter().find(is_true).or(candidates.first());
            let weights = best.map_or(String::new(), |best| weights(&best.why));
            ("doubt", best.map_or("", |best| best.id_nat.as_str()), why, weights)
        }
        Outcome::Unmatched { why } => ("unmatched", "", why, String::new()),
    }
}

fn weights(why: &Why) -> String {
    let told =
        why.contributions.iter().map(|one| format!("{} {:+.1}", one.field.french(), one.weight));
    told.collect::<Vec<_>>().join(", ")
}
