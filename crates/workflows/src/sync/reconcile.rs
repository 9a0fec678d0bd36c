use super::SyncError;
use super::declared::{self, Aliases};
use crate::credential::URGENT;
use crate::{JobContext, Workflows};
use directory::planning::{Draft, Planned};
use directory::{Act, CaseKind, Channel, ItemKind, Person, PersonState, Post, Run, RunState};
use identity::ExternalKey;
use kernel::{Actor, IdNat, PersonId, RunId};
use reconciliation::{
    Candidate, Decision, LinkChannel, LinkError, LinkPolicy, Outcome, Staff, link,
};
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use store::Counter;

impl Workflows {
    /// Compares everybody who has no RPPS with the register: sure links are made, doubts become cases.
    pub(crate) async fn run_reconcile(
        &self,
        actor: &Actor,
        run: RunId,
        context: &JobContext,
    ) -> Result<String, SyncError> {
        let mut run =
            self.store().read().runs().find(run).await?.ok_or(SyncError::UnknownRun(run))?;
        if matches!(run.state, RunState::Reading | RunState::Deciding)
            && let Err(error) = self.decide_links(actor, &mut run, context).await
        {
            let stopped = matches!(error, SyncError::Stopped);
            run.state = if stopped { RunState::Stopped } else { RunState::Failed };
            (run.error, run.ended_at) = (Some(error.french()), Some(self.now()));
            self.store().upkeep().save_run(&run).await?;
            return Err(error);
        }
        self.run_apply(actor, run.id, context).await?;
        // From here on, what the register says of the newly linked is followed.
        self.follow_register(actor).await?;
        Ok(format!("{} liens, {} doutes.", run.counts.link, run.counts.doubt))
    }

    async fn decide_links(
        &self,
        actor: &Actor,
        run: &mut Run,
        context: &JobContext,
    ) -> Result<(), SyncError> {
        let register = self.register()?.ok_or(SyncError::NoRegister)?;
        run.data_version = self.store().read().counters().read(Counter::Directory).await?;
        let (mut staff, policy, people) = self.staff_to_link().await?;
        let aliases = Aliases::read(self).await?;
        run.counts.records = staff.len() as u64;
        run.state = RunState::Deciding;
        self.store().upkeep().save_run(run).await?;
        let progress = context.clone();
        let (followed, decisions, taken) = tokio::task::spawn_blocking(move || {
            let followed = declared::follow(&mut staff, &aliases, &register)?;
            let searcher = register.searcher()?;
            let decisions = link(&staff, &searcher, &policy, &mut |done, all| {
                progress.set(done, all);
                if progress.is_stopped() {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            });
            let decisions = decisions.map_err(|error| match error {
                LinkError::Stopped => SyncError::Stopped,
                LinkError::Search(fault) => SyncError::Search(fault.cause),
            })?;
            Ok::<_, SyncError>((followed, decisions, policy.taken))
        })
        .await
        .map_err(|_| SyncError::Unreadable("reconciliation"))??;
        let asked = self.store().read().cases().all_keys().await?;
        let asked = asked.into_iter().map(|(key, _)| key).collect();
        let mut planned = planned(decisions, &people, &asked, &taken);
        declared::say(&mut planned, &followed);
        self.keep_followed(actor, &followed).await?;
        self.store_plan(run, &planned, &HashMap::new()).await?;
        run.counts = directory::RunCounts { records: run.counts.records, ..planned.counts };
        run.state = RunState::Planned;
        self.store().upkeep().save_run(run).await?;
        Ok(())
    }

    async fn staff_to_link(
        &self,
    ) -> Result<(Vec<Staff>, LinkPolicy, HashMap<PersonId, Person>), SyncError> {
        let reader = self.store().read();
        let mut posts: HashMap<PersonId, Vec<Post>> = HashMap::new();
        for post in reader.posts().all().await? {
            posts.entry(post.person).or_default().push(post);
        }
        let mut policy = LinkPolicy::default();
        for identity in reader.national_identities().all().await? {
            policy.taken.insert(identity.id_nat, identity.person);
        }
        policy.refused = self.refused_pairs().await?;
        let has_rpps: std::collections::HashSet<PersonId> = policy
            .taken
            .iter()
            .filter(|(id_nat, _)| id_nat.rpps().is_some())
            .map(|(_, person)| *person)
            .collect();
        let (mut staff, mut people) = (Vec::new(), HashMap::new());
        for person in reader.people().all().await? {
            let posts = posts.remove(&person.id).unwrap_or_default();
            if person.state == PersonState::Closed
                || posts.is_empty()
                || has_rpps.contains(&person.id)
            {
                continue;
            }
            staff.push(Staff {
                person: person.id,
                names: person.names.clone(),
                sex: person.sex,
                birth_date: person.birth_date,
                birth_place: person.birth_place.clone(),
                declared_rpps: person.declared_rpps.clone(),
                posts: posts.into_iter().map(|post| post.fields).collect(),
            });
            people.insert(person.id, person);
        }
        Ok((staff, policy, people))
    }

    /// Pairs that a human said no to: never asked again.
    async fn refused_pairs(
        &self,
    ) -> Result<std::collections::BTreeSet<(PersonId, kernel::IdNat)>, SyncError> {
        let mut pairs = std::collections::BTreeSet::new();
        for case in self.store().read().cases().decided(CaseKind::NationalIdentity).await? {
            let Some(person) =
                case.person.filter(|_| case.decision.as_deref() == Some("none_fits"))
            else {
                continue;
            };
            let payload: serde_json::Value =
                serde_json::from_str(&case.payload).map_err(|_| SyncError::Unreadable("case"))?;
            for candidate in payload["candidates"].as_array().into_iter().flatten() {
                let id_nat = candidate["id_nat"].as_str().and_then(|text| text.parse().ok());
                pairs.extend(id_nat.map(|id_nat| (person, id_nat)));
            }
        }
        Ok(pairs)
    }
}

/// Somebody is not told of by her number while HR says it of this one too (threats DA-12): it comes before what harms nobody.
fn priority(
    person: Option<&Person>,
    candidates: &[Candidate],
    taken: &BTreeMap<IdNat, PersonId>,
) -> i64 {
    let declared = person.and_then(|person| person.declared_rpps.as_ref());
    let holds_back = candidates
        .iter()
        .any(|one| one.id_nat.rpps().as_ref() == declared && taken.contains_key(&one.id_nat));
    if declared.is_some() && holds_back { URGENT } else { 0 }
}

/// Sure links and questions as lines of a plan; those without a match are counted as unchanged.
fn planned(
    decisions: Vec<Decision>,
    people: &HashMap<PersonId, Person>,
    asked: &std::collections::HashSet<String>,
    taken: &BTreeMap<IdNat, PersonId>,
) -> Planned {
    let mut planned = Planned::default();
    for decision in decisions {
        let person = decision.person;
        let (kind, act, reason) = match decision.outcome {
            Outcome::Linked { id_nat, channel, why } => {
                let channel = match channel {
                    LinkChannel::HrDeclaredChecked => Channel::HrDeclaredChecked,
                    LinkChannel::RegisterMatch => Channel::RegisterMatch,
                };
                planned.counts.link += 1;
                let act = Act::LinkNational {
                    person,
                    id_nat: id_nat.to_string(),
                    channel: channel.name().to_owned(),
                    evidence: serde_json::to_string(&why).expect("an explanation serialises"),
                };
                (ItemKind::Link, act, why.sentence)
            }
            Outcome::Doubt { candidates, why } => {
                let ids: Vec<&str> =
                    candidates.iter().map(|candidate| candidate.id_nat.as_str()).collect();
                let dedupe_key = format!("national_identity|{person}|{}", ids.join(","));
                if asked.contains(&dedupe_key) {
                    planned.counts.unchanged += 1;
                    continue;
                }
                planned.counts.doubt += 1;
                let shown: Vec<serde_json::Value> = candidates
                    .iter()
                    .map(|candidate| {
                        serde_json::json!({
                            "id_nat": candidate.id_nat.as_str(), "score": candidate.score, "why": candidate.why,
                        })
                    })
                    .collect();
                let payload = serde_json::json!({ "sentence": why.sentence, "why": why, "candidates": shown });
                let act = Act::OpenCase {
                    case_kind: CaseKind::NationalIdentity.name().to_owned(),
                    dedupe_key,
                    payload: payload.to_string(),
                    priority: priority(people.get(&person), &candidates, taken),
                };
                (ItemKind::Doubt, act, why.sentence)
            }
            Outcome::Unmatched { .. } => {
                planned.counts.unchanged += 1;
                continue;
            }
        };
        planned.drafts.push(Draft {
            kind,
            person: Some(person),
            key: ExternalKey(person.to_string()),
            label: people.get(&person).map(Person::display_name).unwrap_or_default(),
            unit: None,
            act,
            changes: Vec::new(),
            reason,
            lines: Vec::new(),
        });
    }
    planned
}

#[cfg(test)]
mod tests {
    use super::*;
    use directory::PersonState;
    use kernel::{FixedClock, SeededRandomness};
    use reconciliation::Why;

    #[test]
    fn da_12_a_question_that_holds_a_number_back_comes_before_the_others() {
        let (clock, chance) = (FixedClock::at("2026-11-22T08:00:00Z"), SeededRandomness::new(1));
        let [asked, bearer] = [(); 2].map(|()| PersonId::new(&clock, &chance));
        let candidate = |number: &str| Candidate {
            id_nat: number.parse().expect("IdNat"),
            score: 1.0,
            why: Why::sentence("?"),
        };
        let candidates = [candidate("899900004567"), candidate("899900001233")];
        let taken = |number: &str| BTreeMap::from([(number.parse().expect("IdNat"), bearer)]);
        for (declared, borne, expected) in [
            (Some("99900001233"), "899900001233", URGENT),
            (Some("99900001233"), "899900004567", 0),
            (Some("99900007890"), "899900007890", 0),
            (None, "899900001233", 0),
        ] {
            let person = Person {
                id: asked,
                state: PersonState::Active,
                names: identity::Names::default(),
                sex: None,
                birth_date: None,
                birth_place: identity::BirthPlace::default(),
                mail: None,
                declared_rpps: declared.map(|number| number.parse().expect("RPPS")),
                closing: None,
                created_at: kernel::Clock::now(&clock),
                version: 1,
            };
            let given = priority(Some(&person), &candidates, &taken(borne));
            assert_eq!(given, expected, "{declared:?} {borne}");
        }
    }
}
