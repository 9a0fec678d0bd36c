use super::changes::account_changes;
use super::{
    Draft, Known, KnownRecord, PlanRules, Planned, Reading, Resolution, french_date, label,
};
use crate::{Act, CaseKind, FieldChange, ItemKind};
use chrono::Duration;
use identity::{ExternalKey, Identity};
use kernel::{AccountId, PersonId};
use std::collections::HashSet;

/// The plan of a directory's reading. `resolve` answers for accounts that belong to nobody yet.
pub fn plan_accounts(
    reading: &Reading,
    known: &Known,
    rules: &PlanRules,
    resolve: &dyn Fn(&Identity) -> Resolution,
) -> Planned {
    let mut planner = Planner { known, rules, plan: Planned::default(), resolve };
    planner.plan.counts.records = (reading.records.len() + reading.faulty.len()) as u64;
    planner.plan.counts.faulty = reading.faulty.len() as u64;
    for record in &reading.records {
        let before = known.records.get(&record.identity.key);
        match before.and_then(|before| Some((before, before.account?))) {
            Some((before, account)) => {
                planner.known_account(
                    &record.identity,
                    before,
                    account,
                    record.hash != before.hash,
                );
            }
            None => planner.new_account(&record.identity),
        }
    }
    if !reading.has_strays {
        planner.absences(reading);
    }
    planner.plan.finish(rules, known)
}

struct Planner<'a> {
    known: &'a Known,
    rules: &'a PlanRules,
    plan: Planned,
    resolve: &'a dyn Fn(&Identity) -> Resolution,
}

impl Planner<'_> {
    fn add(&mut self, kind: ItemKind, identity: &Identity, act: Act, reason: &str) -> &mut Draft {
        self.plan.drafts.push(Draft {
            kind,
            person: None,
            key: identity.key.clone(),
            label: label(identity),
            unit: None,
            act,
            changes: Vec::new(),
            reason: reason.to_owned(),
            lines: Vec::new(),
        });
        self.plan.drafts.last_mut().expect("just pushed")
    }

    fn new_account(&mut self, identity: &Identity) {
        if identity.account.as_ref().is_none_or(|account| account.deleted) {
            self.plan.counts.unchanged += 1; // a tombstone of an account never seen
            return;
        }
        let (person, reason) = self.owner(identity);
        let act = Act::CreateAccount { identity: Box::new(identity.clone()), person };
        self.add(ItemKind::Create, identity, act, &reason).person = person;
    }

    /// Whose account it is; a doubt is asked, and the account waits without an owner.
    fn owner(&mut self, identity: &Identity) -> (Option<PersonId>, String) {
        match (self.resolve)(identity) {
            Resolution::Same(person, why) => (Some(person), why.sentence),
            Resolution::Nobody => (None, "Nouveau compte, à personne de connu.".to_owned()),
            Resolution::Doubt { candidates, why } => {
                let candidates: Vec<String> = candidates.iter().map(ToString::to_string).collect();
                let dedupe_key = format!("account|{}|{}", identity.key.0, candidates.join(","));
                if !self.known.asked.contains(&dedupe_key) {
                    let payload = serde_json::json!({
                        "sentence": why.sentence, "record": identity, "candidates": candidates, "evidence": why,
                    });
                    let act = Act::OpenCase {
                        case_kind: CaseKind::Account.name().to_owned(),
                        dedupe_key,
                        payload: payload.to_string(),
                        priority: 0,
                    };
                    self.add(ItemKind::Doubt, identity, act, &why.sentence);
                }
                (None, "Nouveau compte, propriétaire à arbitrer.".to_owned())
            }
        }
    }

    fn known_account(
        &mut self,
        identity: &Identity,
        before: &KnownRecord,
        id: AccountId,
        differs: bool,
    ) {
        let planned = self.plan.drafts.len();
        let Some(account) = self.known.accounts.get(&id) else { return };
        if identity.account.as_ref().is_some_and(|fields| fields.deleted) {
            if !account.fields.deleted {
                let act = Act::CloseAccount { account: id };
                self.add(
                    ItemKind::Close,
                    identity,
                    act,
                    "Le compte est supprimé dans l’annuaire.",
                )
                .person = account.person;
            } else {
                self.plan.counts.unchanged += 1;
            }
            return;
        }
        if before.absent_since.is_some() {
            self.add(ItemKind::Change, identity, Act::EndAbsence, "De retour dans l’annuaire.")
                .person = account.person;
        }
        let mut changes =
            if differs { account_changes(&before.identity, identity) } else { Vec::new() };
        let (mut person, mut kind, mut reason) =
            (account.person, ItemKind::Change, "L’annuaire a changé.".to_owned());
        if person.is_none() {
            let (owner, why) = self.owner(identity);
            if let Some(owner) = owner {
                person = Some(owner);
                (kind, reason) = (ItemKind::Link, why);
                changes.push(FieldChange {
                    field: "person".to_owned(),
                    before: None,
                    after: Some(owner.to_string()),
                });
            }
        }
        if !changes.is_empty() {
            let act =
                Act::ChangeAccount { account: id, identity: Box::new(identity.clone()), person };
            let draft = self.add(kind, identity, act, &reason);
            (draft.person, draft.changes) = (person, changes);
        }
        if self.plan.drafts.len() == planned {
            self.plan.counts.unchanged += 1;
        }
    }

    fn absences(&mut self, reading: &Reading) {
        let read: HashSet<&ExternalKey> = reading
            .records
            .iter()
            .map(|record| &record.identity.key)
            .chain(&reading.faulty)
            .collect();
        let grace = Duration::days(self.rules.grace_days.into());
        for (key, record) in &self.known.records {
            let Some(account) = record.account.and_then(|id| self.known.accounts.get(&id)) else {
                continue;
            };
            if read.contains(key) || account.fields.deleted {
                continue;
            }
            self.plan.counts.absent += 1;
            match record.absent_since {
                None => {
                    let until = french_date(self.rules.today + grace);
                    let reason =
                        format!("Absent de l’annuaire ; rien n’est fermé avant le {until}.");
                    self.add(ItemKind::Change, &record.identity, Act::StartAbsence, &reason)
                        .person = account.person;
                }
                Some(since) if self.rules.now - since >= grace => {
                    let reason = format!(
                        "Absent de l’annuaire depuis le {}.",
                        french_date(since.date_naive())
                    );
                    let act = Act::CloseAccount { account: account.id };
                    self.add(ItemKind::Close, &record.identity, act, &reason).person =
                        account.person;
                }
                Some(_) => {}
            }
        }
    }
}
