//! What a search by keys leaves out, told by the truth: those who are in the register and share no key with their own
//! line there. They are found by the number that HR declares, among those who practise here, or not at all.
use kernel::PersonId;
use reconciliation::{
    Decision, NameForms, Outcome, RegisterSearch, SearchFault, Staff, Truth, name_forms,
    register_keys, staff_keys,
};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Keys {
    /// Of the truth, and in this register.
    pub registered: u64,
    pub without_key: u64,
    /// Of them, by outcome: found all the same, asked about, lost.
    pub linked: u64,
    pub doubts: u64,
    pub unmatched: u64,
}

pub fn measure(
    staff: &[Staff],
    register: &dyn RegisterSearch,
    truth: &BTreeMap<PersonId, Truth>,
    decisions: &[Decision],
) -> Result<Keys, SearchFault> {
    let outcomes: HashMap<PersonId, &Outcome> =
        decisions.iter().map(|decision| (decision.person, &decision.outcome)).collect();
    let mut keys = Keys::default();
    for one in staff {
        let Some(id_nat) = truth.get(&one.person).and_then(|known| known.id_nat.as_ref()) else {
            continue;
        };
        let Some(line) = register.by_id_nat(id_nat)? else { continue };
        keys.registered += 1;
        let birth = line.birth.as_ref().and_then(|birth| birth.date);
        let theirs = register_keys(&name_forms(&line), birth);
        let ours = staff_keys(&forms_of(one), one.birth_date);
        if ours.iter().any(|key| theirs.contains(key)) {
            continue;
        }
        keys.without_key += 1;
        match outcomes.get(&one.person) {
            Some(Outcome::Linked { .. }) => keys.linked += 1,
            Some(Outcome::Doubt { .. }) => keys.doubts += 1,
            Some(Outcome::Unmatched { .. }) | None => keys.unmatched += 1,
        }
    }
    Ok(keys)
}

/// As the search writes her names.
fn forms_of(one: &Staff) -> NameForms {
    let names = &one.names;
    let double = match (&names.birth_family, &names.usage_family) {
        (Some(birth), Some(usage)) if birth != usage => Some(format!("{birth} {usage}")),
        _ => None,
    };
    let families = [&names.usage_family, &names.birth_family, &double];
    let givens = [&names.usual_given, &names.given];
    NameForms::new(
        families.into_iter().flatten().map(String::as_str),
        givens.into_iter().flatten().map(String::as_str),
    )
}
