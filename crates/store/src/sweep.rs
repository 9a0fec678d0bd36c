//! Rows that time has ended leave by the sweep: in small steps, each followed by a rest three times as long as it took, so
//! that a login never waits long for its turn to write and a busy house is swept slower, never stopped.
use crate::StoreError;
use crate::by_place::ByPlace;
use crate::entity::{
    attempt, authorization_code, backchannel_ping, card_hand_over, confirmation, connector_check,
    decoupled_request, login_transaction, opening_client, pushed_request, spent_id, token,
};
use crate::error::Attempted;
use crate::upkeep::Upkeep;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, LockBehavior, LockType, Order, Query, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Rows that one step removes at most: a thousand in one step held every login up for a quarter of a second, when each stood
/// in five indexes.
const AT_ONCE: u64 = 100;
/// How long one sweep goes on in one table, so that none waits for another; what is left goes with the next one.
const SWEEP: Duration = Duration::from_secs(20);
/// The rest after a step, in times of what the step took, and its bound.
const REST: u32 = 3;
const LONGEST_REST: Duration = Duration::from_secs(1);

/// How far one sweep walks among the tokens.
pub(crate) struct TokenWalk {
    /// Rows that it looks at in one read.
    pub rows: u16,
    /// How many times it reads.
    pub looks: u32,
}

/// Five million tokens: a million is read in a second or two.
const TOKEN_WALK: TokenWalk = TokenWalk { rows: 1_000, looks: 5_000 };
const TOKENS_AFTER: &str =
    "SELECT t.number, t.ends_at FROM token t WHERE t.number > $1 ORDER BY t.number LIMIT $2";

/// One sweep of one table.
pub(crate) struct Pace {
    until: Instant,
    step: Instant,
}

impl Pace {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Self { until: now + SWEEP, step: now }
    }

    /// One that has no time left.
    #[cfg(test)]
    pub(crate) fn over() -> Self {
        let now = Instant::now();
        Self { until: now, step: now }
    }

    /// Rests after a step. False: this sweep has gone on for long enough.
    async fn goes_on(&mut self) -> bool {
        tokio::time::sleep((self.step.elapsed() * REST).min(LONGEST_REST)).await;
        self.step = Instant::now();
        self.step < self.until
    }
}

impl Upkeep<'_> {
    /// Removes rows that time has ended; how many went. What is left of a table after its time goes with the next
    /// sweep.
    pub async fn sweep(&self) -> Result<u64, StoreError> {
        let now = self.0.clock().now();
        // Codes and tokens stay a day after their end, so that a late replay is still recognised.
        let late = now - chrono::Duration::days(1);
        let mut gone = 0;
        {
            use login_transaction::{Column, Entity};
            gone += self.sweep_of::<Entity>(Column::HandleHash, Column::ExpiresAt, now).await?;
        }
        {
            use card_hand_over::{Column, Entity};
            gone += self.sweep_of::<Entity>(Column::CodeHash, Column::ExpiresAt, now).await?;
        }
        {
            use authorization_code::{Column, Entity};
            gone += self.sweep_of::<Entity>(Column::CodeHash, Column::ExpiresAt, late).await?;
        }
        gone += self.sweep_tokens(&mut Pace::new(), late, &TOKEN_WALK).await?;
        {
            use opening_client::{Column, Entity};
            gone += self.sweep_of::<Entity>(Column::Sid, Column::ToldAt, late).await?;
        }
        {
            use pushed_request::{Column, Entity};
            gone += self.sweep_of::<Entity>(Column::HandleHash, Column::ExpiresAt, late).await?;
        }
        {
            use spent_id::{Column, Entity};
            gone += self.sweep_of::<Entity>(Column::IdHash, Column::ExpiresAt, now).await?;
        }
        {
            use attempt::{Column, Entity};
            gone += self.sweep_of::<Entity>(Column::Key, Column::NextAllowed, late).await?;
        }
        {
            use confirmation::{Column, Entity};
            gone += self.sweep_of::<Entity>(Column::Id, Column::BegunAt, late).await?;
        }
        {
            // Those that are due leave when they are told or given up, which is written down.
            use backchannel_ping::{Column, Entity};
            let idle = Column::DueAt.is_null();
            gone += self
                .sweep_those::<Entity>((Column::HandleHash, idle), Column::ExpiresAt, late)
                .await?;
        }
        {
            use decoupled_request::{Column, Entity};
            gone += self.sweep_of::<Entity>(Column::HandleHash, Column::ExpiresAt, late).await?;
        }
        {
            use connector_check::{Column, Entity};
            let month = now - chrono::Duration::days(30);
            gone += self.sweep_of::<Entity>(Column::Id, Column::BegunAt, month).await?;
        }
        Ok(gone)
    }

    /// Tokens stand in no index of their ends, which each refresh would write: a sweep looks at the rows themselves, from
    /// where the last one stopped to the end of the table.
    pub(crate) async fn sweep_tokens(
        &self,
        pace: &mut Pace,
        before: DateTime<Utc>,
        walk: &TokenWalk,
    ) -> Result<u64, StoreError> {
        let mut gone = 0;
        for _ in 0..walk.looks {
            let after = self.0.swept_to().load(Ordering::Relaxed);
            let values = vec![after.into(), i64::from(walk.rows).into()];
            let found: Vec<(i64, DateTime<Utc>)> = self
                .0
                .read()
                .rows(TOKENS_AFTER, values, |row| Ok((row.get(0)?, row.get(1)?)))
                .await
                .attempted("look for expired tokens")?;
            let last = found.last().map(|(number, _)| *number);
            let is_end = found.len() < usize::from(walk.rows);
            let ended = found.into_iter().filter(|(_, ends_at)| *ends_at < before);
            let ended: Vec<i64> = ended.map(|(number, _)| number).collect();
            for some in ended.chunks(usize::try_from(AT_ONCE).unwrap_or(usize::MAX)) {
                let tx = self.0.begin().await?;
                // In the order in which a withdrawal takes them, and none that somebody else holds: no circle of two.
                let free = Query::select()
                    .column(token::Column::Number)
                    .from(token::Entity)
                    .and_where(token::Column::Number.is_in(some.iter().copied()))
                    .and_where(token::Column::EndsAt.lt(before))
                    .order_by(token::Column::Number, Order::Asc)
                    .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
                    .to_owned();
                let went = token::Entity::delete_many()
                    .filter(token::Column::Number.in_subquery(free))
                    .exec(&tx)
                    .await
                    .attempted("sweep expired tokens")?;
                tx.finish().await?;
                gone += went.rows_affected;
                // Those found that are left now are met again by the next sweep, which begins before them.
                if !pace.goes_on().await {
                    return Ok(gone);
                }
            }
            let next = last.filter(|_| !is_end).unwrap_or(i64::MIN);
            self.0.swept_to().store(next, Ordering::Relaxed);
            if is_end || !pace.goes_on().await {
                break;
            }
        }
        Ok(gone)
    }

    /// Of one table, in acts of its own: rows named by `key` whose `ended` is before this time.
    async fn sweep_of<E: EntityTrait>(
        &self,
        key: E::Column,
        ended: E::Column,
        before: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        self.sweep_those::<E>((key, Expr::value(true)), ended, before).await
    }

    /// The same, of those alone that `which` names.
    async fn sweep_those<E: EntityTrait>(
        &self,
        (key, which): (E::Column, SimpleExpr),
        ended: E::Column,
        before: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let (mut gone, mut pace) = (0, Pace::new());
        loop {
            let some = Query::select()
                .column(key)
                .from(E::default())
                .and_where(ended.lt(before))
                .and_where(which.clone())
                .limit(AT_ONCE)
                .to_owned();
            let tx = self.0.begin().await?;
            let went = E::delete_many()
                .filter(key.in_subquery(some))
                .filter(ended.lt(before))
                .exec(&tx)
                .await
                .attempted("sweep expired rows")?;
            tx.finish().await?;
            gone += went.rows_affected;
            if went.rows_affected < AT_ONCE || !pace.goes_on().await {
                return Ok(gone);
            }
        }
    }
}
