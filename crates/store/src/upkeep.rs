//! What is no act: leases, jobs' progress, attempt counters, seals, expired rows (`sweep`). Reaches those tables alone.
use crate::connection::{Store, Transaction};
use crate::entity::{attempt, lease};
use crate::error::Attempted;
use crate::{Job, JobState, LeftOff, StoreError};
use audit::{AuditEvent, Frontier};
use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, IntoActiveModel, QueryFilter, Statement,
};

/// By how much a node's clock may run ahead of the database's and still be believed.
const AHEAD_TOLERATED: Duration = Duration::seconds(5);

/// The handle of upkeep.
pub struct Upkeep<'a>(pub(crate) &'a Store);

/// A counter of attempts, as a policy of throttling reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempts {
    pub count: u64,
    pub window_start: DateTime<Utc>,
    pub next_allowed: DateTime<Utc>,
}

impl Store {
    pub fn upkeep(&self) -> Upkeep<'_> {
        Upkeep(self)
    }
}

impl Upkeep<'_> {
    /// Takes or renews a lease for this node. False: another node holds it.
    pub async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        life: Duration,
    ) -> Result<bool, StoreError> {
        let now = self.0.clock().now();
        let tx = self.0.begin().await?;
        let first =
            lease::Model { name: name.to_owned(), holder: holder.to_owned(), until: now + life };
        let skip = OnConflict::column(lease::Column::Name).do_nothing().to_owned();
        lease::Entity::insert(first.into_active_model())
            .on_conflict(skip)
            .exec_without_returning(&tx)
            .await
            .attempted("take a lease")?;
        let renewed = lease::Entity::update_many()
            .col_expr(lease::Column::Holder, Expr::value(holder))
            .col_expr(lease::Column::Until, Expr::value(now + life))
            .filter(lease::Column::Name.eq(name))
            .filter(
                Condition::any()
                    .add(lease::Column::Holder.eq(holder))
                    .add(lease::Column::Until.lt(now)),
            )
            .exec(&tx)
            .await
            .attempted("renew a lease")?;
        tx.finish().await?;
        Ok(renewed.rows_affected == 1)
    }

    pub async fn release_lease(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        lease::Entity::delete_many()
            .filter(lease::Column::Name.eq(name))
            .filter(lease::Column::Holder.eq(holder))
            .exec(&tx)
            .await
            .attempted("release a lease")?;
        tx.finish().await
    }

    /// What the register says of people we hold, when it says nothing new.
    pub async fn keep_told(&self, told: &[directory::RegisterTold]) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        crate::RegisterFollow(&tx).keep_told(told).await?;
        tx.finish().await
    }

    /// Moves a plan on to the state that it carries, if it still waits. False: it was set aside, or begun by another.
    pub async fn begin_run(&self, run: &directory::Run) -> Result<bool, StoreError> {
        let tx = self.0.begin().await?;
        let found = tx.runs().lock(run.id).await?;
        let waits = [directory::RunState::Planned, directory::RunState::Waiting];
        if !found.is_some_and(|found| waits.contains(&found.state)) {
            return Ok(false);
        }
        tx.runs().save(run).await?;
        tx.finish().await?;
        Ok(true)
    }

    /// A fact about how the appliance does its rounds, never about a person.
    pub async fn set_fact(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        crate::Counters(&tx).set_fact(key, value).await?;
        tx.finish().await
    }

    /// The same, for what all nodes must say alike: whoever says it first is believed. What stands.
    pub async fn first_fact(&self, key: &str, value: &str) -> Result<String, StoreError> {
        let tx = self.0.begin().await?;
        crate::Counters(&tx).insert_fact(key, value).await?;
        let stands = crate::Counters(&tx).fact(key).await?;
        tx.finish().await?;
        Ok(stands.unwrap_or_default())
    }

    /// Says another thing, where the fact still says what was seen. False: somebody was first.
    pub async fn move_fact(&self, key: &str, seen: &str, value: &str) -> Result<bool, StoreError> {
        let tx = self.0.begin().await?;
        let moved = crate::Counters(&tx).move_fact(key, seen, value).await?;
        tx.finish().await?;
        Ok(moved)
    }

    /// Forgets a fact, unless somebody has said something else since.
    pub async fn forget_fact(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        crate::Counters(&tx).delete_fact(key, value).await?;
        tx.finish().await
    }

    pub async fn queue_job(&self, job: &Job) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        crate::jobs::Jobs(&tx).insert(job).await?;
        tx.finish().await
    }

    /// Saves the progress of a job. True: somebody asked it to stop.
    pub async fn save_job(&self, job: &Job) -> Result<bool, StoreError> {
        let tx = self.0.begin().await?;
        crate::jobs::Jobs(&tx).save(job).await?;
        let stop = crate::jobs::Jobs(&tx).find(job.id).await?.is_some_and(|job| job.stop_requested);
        tx.finish().await?;
        Ok(stop)
    }

    /// The last word of a node on a job that it worked on. What somebody asked for since is heard; a run that was being
    /// applied for a job that is ended for good is left off, which is an act and has its event.
    pub async fn end_job(
        &self,
        job: &Job,
        run: Option<kernel::RunId>,
        event: impl FnOnce(kernel::RunId, &LeftOff) -> AuditEvent,
    ) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        let jobs = crate::jobs::Jobs(&tx);
        let wished = jobs.lock(job.id).await?;
        let state = wished.map_or(job.state, |wished| wished.ended_as(job.state));
        jobs.save(&Job { state, ..job.clone() }).await?;
        if let (JobState::Stopped, Some(run)) = (state, run)
            && let Some(left) = tx.runs().leave_off(run, self.0.clock().now()).await?
        {
            return tx.commit(event(run, &left)).await;
        }
        tx.finish().await
    }

    /// Counts an attempt before it is verified (AU-03): the counter as it was before this one, unless its window is over.
    /// `spend` decides, on what is read under the same lock, what the counter becomes.
    pub async fn count_attempt(
        &self,
        key: &str,
        spend: impl FnOnce(Option<Attempts>) -> Attempts + Send,
    ) -> Result<Option<Attempts>, StoreError> {
        let tx = self.0.begin().await?;
        let before = self.lock_attempt(&tx, key).await?;
        let after = spend(before.clone());
        let row = attempt::Model {
            key: key.to_owned(),
            count: i64::try_from(after.count).unwrap_or(i64::MAX),
            window_start: after.window_start,
            next_allowed: after.next_allowed,
        };
        let replace = OnConflict::column(attempt::Column::Key)
            .update_columns([
                attempt::Column::Count,
                attempt::Column::WindowStart,
                attempt::Column::NextAllowed,
            ])
            .to_owned();
        attempt::Entity::insert(row.into_active_model())
            .on_conflict(replace)
            .exec_without_returning(&tx)
            .await
            .attempted("count an attempt")?;
        tx.finish().await?;
        Ok(before)
    }

    async fn lock_attempt(
        &self,
        tx: &Transaction,
        key: &str,
    ) -> Result<Option<Attempts>, StoreError> {
        use sea_orm::QuerySelect;
        // A first attempt has no row to lock: two nodes must not both read none.
        self.hold_name(tx, key).await?;
        let row = attempt::Entity::find_by_id(key)
            .lock_exclusive()
            .one(tx)
            .await
            .attempted("read a counter of attempts")?;
        Ok(row.map(|row| Attempts {
            count: u64::try_from(row.count).unwrap_or(u64::MAX),
            window_start: row.window_start,
            next_allowed: row.next_allowed,
        }))
    }

    /// A success forgives what came before it.
    pub async fn forget_attempts(&self, key: &str) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        attempt::Entity::delete_by_id(key).exec(&tx).await.attempted("forget attempts")?;
        tx.finish().await
    }

    /// Numbers entries and keeps their checkpoint, in one transaction. The caller holds the sealing lease.
    pub async fn seal(
        &self,
        numbered: &[(i64, u64)],
        frontier: &Frontier,
        note: &str,
    ) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        tx.plan_anew().await?;
        tx.audit().write_seal(numbered, frontier, note, self.0.clock().now()).await?;
        tx.finish().await
    }

    /// Keeps the latest time that a node has seen; what it is then, which may be later than `now`. A node that runs
    /// ahead of the database's own clock raises it no further than that: it would shut all the others out.
    pub async fn raise_latest_time(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>, StoreError> {
        let tx = self.0.begin().await?;
        let now = match tx.server_time().await? {
            Some(server) => now.min(server + AHEAD_TOLERATED),
            None => now,
        };
        // Two nodes that look at once raise it one after the other, and never lower it.
        self.hold_name(&tx, "latest-time").await?;
        match tx.counters().latest_time().await? {
            Some(latest) if latest >= now => Ok(latest),
            _ => {
                tx.counters().set_latest_time(now).await?;
                tx.finish().await?;
                Ok(now)
            }
        }
    }

    /// On PostgreSQL, whoever asks for the same name waits for the end of this transaction.
    async fn hold_name(&self, tx: &Transaction, name: &str) -> Result<(), StoreError> {
        if self.0.backend() == "postgresql" {
            let lock = Statement::from_sql_and_values(
                DbBackend::Postgres,
                "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
                [name.into()],
            );
            sea_orm::ConnectionTrait::execute_raw(tx, lock).await.attempted("hold a name")?;
        }
        Ok(())
    }

    /// Saves where a run stands; what it does to people has events of its own.
    pub async fn save_run(&self, run: &directory::Run) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        match tx.runs().find(run.id).await? {
            Some(_) => tx.runs().save(run).await?,
            None => tx.runs().insert(run).await?,
        }
        tx.finish().await
    }

    /// Begins a reading that a schedule asks for: its run, its job, and the time that the next one counts from, at once.
    /// `seen`: that time before. False: another node began it.
    pub async fn begin_scheduled(
        &self,
        run: &directory::Run,
        job: &Job,
        (key, seen): (&str, Option<&str>),
    ) -> Result<bool, StoreError> {
        let tx = self.0.begin().await?;
        let now = run.started_at.to_rfc3339();
        let first = match seen {
            Some(seen) => tx.counters().move_fact(key, seen, &now).await?,
            None => tx.counters().insert_fact(key, &now).await?,
        };
        if !first {
            return Ok(false);
        }
        tx.runs().insert(run).await?;
        tx.jobs().insert(job).await?;
        tx.finish().await?;
        Ok(true)
    }

    /// Keeps what a source said, verbatim.
    pub async fn stage(&self, staged: &[crate::Staged]) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        tx.records().stage_all(staged).await?;
        tx.finish().await
    }

    /// Stores lines of a plan that is being made.
    pub async fn store_plan(&self, items: &[directory::PlanItem]) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        tx.plans().insert_all(items).await?;
        tx.finish().await
    }

    /// Forgets the lines of a plan that was not finished.
    pub async fn clear_plan(&self, run: kernel::RunId) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        tx.plans().clear(run).await?;
        tx.finish().await
    }

    /// Which lines of a plan a human keeps: these only, or all but those.
    pub async fn select_items(
        &self,
        run: kernel::RunId,
        (only, except): (Option<&[kernel::PlanItemId]>, &[kernel::PlanItemId]),
    ) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        tx.plans().select(run, only, except).await?;
        tx.finish().await
    }

    /// Marks lines that turned out to be done already.
    pub async fn mark_items(
        &self,
        done: &[(kernel::PlanItemId, &'static str)],
    ) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        tx.plans().mark(done, self.0.clock().now()).await?;
        tx.finish().await
    }
}
