use super::changes::person_changes;
use super::{
    Draft, Known, KnownRecord, PlanRules, Planned, ReadRecord, Reading, Resolution, french_date,
    label, unit,
};
use crate::{Act, CaseKind, FieldChange, ItemKind, PersonState};
use chrono::{Duration, NaiveDate};
use identity::names::{name_key, sort_key};
use identity::{ExternalKey, Identity};
use kernel::PersonId;
use std::collections::{BTreeMap, HashMap};

/// The plan of an HR reading. `resolve` answers for records never seen before.
pub fn plan_people(
    reading: &Reading,
    known: &Known,
    rules: &PlanRules,
    resolve: &dyn Fn(&Identity) -> Resolution,
) -> Planned {
    let mut planner = Planner { known, rules, plan: Planned::default(), newcomers: HashMap::new() };
    planner.plan.counts.records = (reading.records.len() + reading.faulty.len()) as u64;
    planner.plan.counts.faulty = reading.faulty.len() as u64;
    let mails = Mails::of(reading, known);
    for record in &reading.records {
        match known.records.get(&record.identity.key) {
            Some(before) => planner.known_record(record, before, &mails),
            None => planner.new_record(record, resolve),
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
    /// Newcomers of this reading by name and birth date: the second of two is a question.
    newcomers: HashMap<(String, Option<NaiveDate>), ExternalKey>,
}

impl Planner<'_> {
    fn add(&mut self, kind: ItemKind, identity: &Identity, act: Act, reason: String) -> &mut Draft {
        self.plan.drafts.push(Draft {
            kind,
            person: None,
            key: identity.key.clone(),
            label: label(identity),
            unit: unit(identity),
            act,
            changes: Vec::new(),
            reason,
            lines: identity.lines.clone(),
        });
        self.plan.drafts.last_mut().expect("just pushed")
    }

    fn new_record(&mut self, record: &ReadRecord, resolve: &dyn Fn(&Identity) -> Resolution) {
        let identity = &record.identity;
        if last_day(identity).is_some_and(|end| end < self.rules.today) {
            self.plan.counts.unchanged += 1; // already gone when first read: nobody to create
            return;
        }
        match resolve(identity) {
            Resolution::Same(person, why) => self.joins(identity, person, why.sentence),
            Resolution::Doubt { candidates, why } => {
                let ids: Vec<String> = candidates.iter().map(ToString::to_string).collect();
                let evidence = serde_json::to_value(&why).unwrap_or_default();
                self.ask(CaseKind::Duplicate, identity, None, &ids, &why.sentence, &evidence);
            }
            Resolution::Nobody => {
                let family = identity.names.family().unwrap_or_default();
                let same = sort_key(family, identity.names.given().unwrap_or_default());
                let twin = self.newcomers.insert((same, identity.birth_date), identity.key.clone());
                match twin.filter(|_| identity.birth_date.is_some()) {
                    Some(twin) => {
                        let sentence = "Même nom et même date de naissance qu’une autre ligne du même fichier.";
                        let evidence = serde_json::json!({ "other_record": twin.0 });
                        self.ask(CaseKind::Duplicate, identity, None, &[], sentence, &evidence);
                    }
                    None => self.create(identity),
                }
            }
        }
    }

    fn create(&mut self, identity: &Identity) {
        let starts = identity.posts.iter().filter_map(|post| post.starts_on).min();
        let reason = match starts.filter(|start| *start > self.rules.today) {
            Some(start) => format!("Nouvelle personne, arrive le {}.", french_date(start)),
            None => "Nouvelle personne dans la source.".to_owned(),
        };
        let act = Act::CreatePerson { identity: Box::new(identity.clone()) };
        self.add(ItemKind::Create, identity, act, reason);
    }

    /// A record never seen, of somebody we know: a second matricule, or another source.
    fn joins(&mut self, identity: &Identity, person: PersonId, sentence: String) {
        let closed = self.state_of(person) == Some(PersonState::Closed);
        let kind = if closed { ItemKind::Reopen } else { ItemKind::Change };
        let act =
            Act::ChangePerson { person, identity: Box::new(identity.clone()), reopen: closed };
        let draft = self.add(kind, identity, act, sentence);
        draft.person = Some(person);
        draft.changes = vec![FieldChange {
            field: "record".to_owned(),
            before: None,
            after: Some(identity.key.0.clone()),
        }];
    }

    fn state_of(&self, person: PersonId) -> Option<PersonState> {
        self.known.people.get(&person).map(|(person, _)| person.state)
    }

    fn known_record(&mut self, record: &ReadRecord, before: &KnownRecord, mails: &Mails) {
        let Some(person) = before.person else {
            self.plan.counts.unchanged += 1; // its case is open
            return;
        };
        let planned = self.plan.drafts.len();
        let mut identity = record.identity.clone();
        if before.absent_since.is_some() {
            let draft = self.add(
                ItemKind::Change,
                &identity,
                Act::EndAbsence,
                "De retour dans la source.".to_owned(),
            );
            draft.person = Some(person);
        }
        if before.hash != record.hash {
            if reused(&before.identity, &identity) {
                let sentence = "Le matricule désigne maintenant quelqu’un d’autre : nom, prénom et naissance diffèrent.";
                let evidence = serde_json::json!({ "field": "matricule" });
                self.ask(CaseKind::Conflict, &identity, Some(person), &[], sentence, &evidence);
                return;
            }
            self.keep_mail_apart(&mut identity, before, person, mails);
            self.changed(&identity, before, person);
        }
        self.ended(&identity, person);
        if self.plan.drafts.len() == planned {
            self.plan.counts.unchanged += 1;
        }
    }

    fn changed(&mut self, identity: &Identity, before: &KnownRecord, person: PersonId) {
        let changes = person_changes(&before.identity, identity);
        if changes.is_empty() {
            return;
        }
        let back = self.state_of(person) == Some(PersonState::Closed)
            && last_day(identity).is_none_or(|end| end >= self.rules.today);
        let (kind, reason) = if back {
            (ItemKind::Reopen, "Une affectation court de nouveau.".to_owned())
        } else {
            (ItemKind::Change, "La source a changé.".to_owned())
        };
        let act = Act::ChangePerson { person, identity: Box::new(identity.clone()), reopen: back };
        let draft = self.add(kind, identity, act, reason);
        draft.person = Some(person);
        draft.changes = changes;
    }

    /// A mail that another keeps, or that two people would swap, is a question; the rest of the change goes on.
    fn keep_mail_apart(
        &mut self,
        identity: &mut Identity,
        before: &KnownRecord,
        person: PersonId,
        mails: &Mails,
    ) {
        if identity.mail == before.identity.mail {
            return;
        }
        let Some(other) = mails.contested(person, identity, before) else { return };
        let sentence = "L’adresse est celle d’une autre personne : elle n’est pas reprise tant que ce n’est pas tranché.";
        let evidence = serde_json::json!({
            "field": "mail", "before": before.identity.mail, "after": identity.mail,
        });
        self.ask(
            CaseKind::Conflict,
            identity,
            Some(person),
            &[other.to_string()],
            sentence,
            &evidence,
        );
        identity.mail = before.identity.mail.clone();
    }

    fn ended(&mut self, identity: &Identity, person: PersonId) {
        let Some(end) = last_day(identity).filter(|end| *end < self.rules.today) else { return };
        if self.state_of(person) != Some(PersonState::Active)
            || self.works_elsewhere(person, &identity.key)
        {
            return;
        }
        let reason = format!("La dernière affectation a pris fin le {}.", french_date(end));
        let act = Act::ClosePerson { person, motive: "contract_over".to_owned() };
        self.add(ItemKind::Close, identity, act, reason).person = Some(person);
    }

    /// Another record of this source still gives the person a post.
    fn works_elsewhere(&self, person: PersonId, key: &ExternalKey) -> bool {
        self.known.records.iter().any(|(other, record)| {
            other != key
                && record.person == Some(person)
                && record.absent_since.is_none()
                && last_day(&record.identity).is_none_or(|end| end >= self.rules.today)
        })
    }

    fn absences(&mut self, reading: &Reading) {
        let read: std::collections::HashSet<&ExternalKey> = reading
            .records
            .iter()
            .map(|record| &record.identity.key)
            .chain(&reading.faulty)
            .collect();
        let grace = Duration::days(self.rules.grace_days.into());
        let gone: Vec<(&ExternalKey, &KnownRecord)> =
            self.known.records.iter().filter(|(key, _)| !read.contains(key)).collect();
        for (key, record) in gone {
            self.plan.counts.absent += 1;
            let Some(person) = record.person else { continue };
            if self.state_of(person) != Some(PersonState::Active) {
                continue;
            }
            match record.absent_since {
                None => {
                    let until = french_date(self.rules.today + grace);
                    let reason =
                        format!("Absente de la source ; rien n’est fermé avant le {until}.");
                    self.add(ItemKind::Change, &record.identity, Act::StartAbsence, reason)
                        .person = Some(person);
                }
                Some(since)
                    if self.rules.now - since >= grace && !self.works_elsewhere(person, key) =>
                {
                    let reason = format!(
                        "Absente de la source depuis le {}.",
                        french_date(since.date_naive())
                    );
                    let act = Act::ClosePerson { person, motive: "absent_from_source".to_owned() };
                    self.add(ItemKind::Close, &record.identity, act, reason).person = Some(person);
                }
                Some(_) => {}
            }
        }
    }

    /// Puts a question, unless it was put before on the same facts.
    fn ask(
        &mut self,
        kind: CaseKind,
        identity: &Identity,
        person: Option<PersonId>,
        candidates: &[String],
        sentence: &str,
        evidence: &serde_json::Value,
    ) {
        let facts = serde_json::json!({ "candidates": candidates, "evidence": evidence });
        let dedupe_key = format!("{}|{}|{}", kind.name(), identity.key.0, facts);
        if self.known.asked.contains(&dedupe_key) {
            self.plan.counts.unchanged += 1;
            return;
        }
        let payload = serde_json::json!({
            "sentence": sentence, "record": identity, "candidates": candidates, "evidence": evidence,
        });
        let act = Act::OpenCase {
            case_kind: kind.name().to_owned(),
            dedupe_key,
            payload: payload.to_string(),
            priority: 0,
        };
        let kind = if kind == CaseKind::Conflict { ItemKind::Conflict } else { ItemKind::Doubt };
        self.add(kind, identity, act, sentence.to_owned()).person = person;
    }
}

/// The last day of the last post; `None` when one has no end, or when there is no post at all.
fn last_day(identity: &Identity) -> Option<NaiveDate> {
    let ends: Option<Vec<NaiveDate>> = identity.posts.iter().map(|post| post.ends_on).collect();
    ends?.into_iter().max()
}

/// A matricule given to somebody else: nothing of the civil identity stays.
fn reused(before: &Identity, after: &Identity) -> bool {
    let (Some(old), Some(new)) = (before.birth_date, after.birth_date) else { return false };
    let families = |identity: &Identity| -> Vec<String> {
        let names = &identity.names;
        [&names.birth_family, &names.usage_family]
            .into_iter()
            .flatten()
            .map(|name| name_key(name))
            .collect()
    };
    let given = |identity: &Identity| name_key(identity.names.given().unwrap_or_default());
    let kept = families(after).iter().any(|family| families(before).contains(family));
    old != new && !kept && given(before) != given(after)
}

/// Who held which address before, and who holds it now.
struct Mails {
    before: BTreeMap<String, PersonId>,
    now: BTreeMap<String, Vec<PersonId>>,
    now_of: HashMap<PersonId, Option<String>>,
}

impl Mails {
    fn of(reading: &Reading, known: &Known) -> Self {
        let mut mails =
            Self { before: BTreeMap::new(), now: BTreeMap::new(), now_of: HashMap::new() };
        for (person, _) in known.people.values() {
            if let Some(mail) = &person.mail {
                mails.before.insert(mail.clone(), person.id);
            }
        }
        for record in &reading.records {
            let before = known.records.get(&record.identity.key);
            let Some(person) = before.and_then(|before| before.person) else { continue };
            mails.now_of.insert(person, record.identity.mail.clone());
            if let Some(mail) = &record.identity.mail {
                mails.now.entry(mail.clone()).or_default().push(person);
            }
        }
        mails
    }

    /// Whoever else has a claim on the new address: keeps it, or would take ours in exchange.
    fn contested(
        &self,
        person: PersonId,
        identity: &Identity,
        before: &KnownRecord,
    ) -> Option<PersonId> {
        let wanted = identity.mail.as_ref()?;
        if let Some(other) = self.now.get(wanted)?.iter().find(|other| **other != person) {
            return Some(*other);
        }
        let holder = *self.before.get(wanted).filter(|holder| **holder != person)?;
        match self.now_of.get(&holder) {
            None => Some(holder), // not in this reading: keeps it
            Some(now) if *now == before.identity.mail && now.is_some() => Some(holder), // a swap
            Some(_) => None,      // gave it up
        }
    }
}
