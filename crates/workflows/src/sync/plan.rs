use super::SyncError;
use super::resolve::Resolver;
use crate::Workflows;
use directory::planning::{
    Known, KnownRecord, PlanRules, Planned, Reading, plan_accounts, plan_people,
};
use directory::{PlanItem, Run, RunState};
use identity::mapping::{Mapping, Reader};
use kernel::{Actor, RunId, SourceId};
use std::collections::HashMap;
use store::Counter;

/// Lines of a plan stored in one upkeep transaction.
const STORED_AT_ONCE: usize = 1_000;

impl Workflows {
    pub(super) async fn plan(
        &self,
        actor: &Actor,
        source: SourceId,
        mapping: &Mapping,
        reading: Reading,
        run: &mut Run,
    ) -> Result<(), SyncError> {
        run.data_version = self.store().read().counters().read(Counter::Directory).await?;
        let known = self.known(source).await?;
        let resolver = Resolver::of(self, &known).await?;
        let rules = PlanRules {
            now: self.now(),
            today: self.today(),
            grace_days: mapping.grace_days,
            brakes: mapping.brakes,
            is_first: self.store().read().runs().last_applied(source).await?.is_none(),
        };
        let is_directory = !matches!(mapping.reader, Reader::HrCsv(_));
        let hashes: HashMap<_, _> = reading
            .records
            .iter()
            .map(|record| (record.identity.key.clone(), record.hash))
            .collect();
        // Comparing tens of thousands of people must not hold the threads that answer logins.
        let planned = tokio::task::spawn_blocking(move || match is_directory {
            true => plan_accounts(&reading, &known, &rules, &|identity| resolver.account(identity)),
            false => plan_people(&reading, &known, &rules, &|identity| resolver.agent(identity)),
        })
        .await
        .map_err(|_| SyncError::Unreadable("plan"))?;
        self.store_plan(run, &planned, &hashes).await?;
        run.counts = planned.counts;
        run.brakes = planned.brakes.clone();
        run.state = if planned.is_held() { RunState::Waiting } else { RunState::Planned };
        let event = self.planned_event(actor, source, run).await;
        let tx = self.store().begin().await?;
        tx.runs().save(run).await?;
        tx.commit(event).await?;
        Ok(())
    }

    pub(super) async fn store_plan(
        &self,
        run: &Run,
        planned: &Planned,
        hashes: &HashMap<identity::ExternalKey, [u8; 32]>,
    ) -> Result<(), SyncError> {
        self.store().upkeep().clear_plan(run.id).await?;
        let mut items = Vec::with_capacity(STORED_AT_ONCE);
        for (ordinal, draft) in planned.drafts.iter().enumerate() {
            items.push(self.item(run.id, ordinal as u64, draft, hashes.get(&draft.key).copied()));
            if items.len() == STORED_AT_ONCE {
                self.store().upkeep().store_plan(&items).await?;
                items.clear();
            }
        }
        self.store().upkeep().store_plan(&items).await?;
        Ok(())
    }

    fn item(
        &self,
        run: RunId,
        ordinal: u64,
        draft: &directory::planning::Draft,
        hash: Option<[u8; 32]>,
    ) -> PlanItem {
        PlanItem {
            id: self.id(),
            run,
            ordinal,
            kind: draft.kind,
            person: draft.person,
            external_key: draft.key.clone(),
            pattern_key: draft.pattern_key(),
            label: draft.label.clone(),
            unit: draft.unit.clone(),
            act: draft.act.clone(),
            content_hash: hash,
            changes: draft.changes.clone(),
            reason: draft.reason.clone(),
            lines: draft.lines.clone(),
            selected: true,
            outcome: None,
            applied_at: None,
        }
    }

    /// Everything that a plan is computed against, read at once.
    pub(super) async fn known(&self, source: SourceId) -> Result<Known, SyncError> {
        let reader = self.store().read();
        let mut known = Known::default();
        // A record that another one took in is found by nothing: its own records are the other's now.
        let absorbed = reader.merges().absorbed().await?;
        let everybody = reader.people().all().await?;
        for person in everybody.into_iter().filter(|person| !absorbed.contains(&person.id)) {
            known.people.insert(person.id, (person, Vec::new()));
        }
        for post in reader.posts().all().await? {
            if let Some((_, posts)) = known.people.get_mut(&post.person) {
                posts.push(post);
            }
        }
        known.accounts = reader
            .accounts()
            .all()
            .await?
            .into_iter()
            .map(|account| (account.id, account))
            .collect();
        for record in reader.records().of(source).await? {
            let value = KnownRecord {
                person: record.person,
                account: record.account,
                hash: record.content_hash,
                identity: record.identity,
                absent_since: record.absent_since,
            };
            known.records.insert(record.key, value);
        }
        known.asked = reader.cases().all_keys().await?.into_iter().map(|(key, _)| key).collect();
        Ok(known)
    }
}
