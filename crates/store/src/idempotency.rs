//! Answers kept for a day, so that a call which the network sent twice is done once.
use crate::entity::idempotency;
use crate::error::Attempted;
use crate::{StoreError, Upkeep};
use chrono::Duration;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

/// What is known of a call by its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeated {
    /// Never seen: it is now claimed, and the caller goes on.
    First,
    /// Seen, and still being done.
    Running,
    /// Done; what was kept of its answer.
    Done(String),
}

/// A call that never ended is forgotten after this, so that its key may be used again.
const LONGEST_CALL: Duration = Duration::minutes(2);
const KEPT: Duration = Duration::hours(24);

impl Upkeep<'_> {
    /// Claims a key for one actor; the second claim learns what came of the first.
    pub async fn claim_call(&self, key: &str, actor: &str) -> Result<Repeated, StoreError> {
        let now = self.0.clock().now();
        let tx = self.0.begin().await?;
        idempotency::Entity::delete_many()
            .filter(idempotency::Column::At.lt(now - KEPT))
            .exec(&tx)
            .await
            .attempted("forget old answers")?;
        idempotency::Entity::delete_many()
            .filter(idempotency::Column::Key.eq(key))
            .filter(idempotency::Column::Response.eq(""))
            .filter(idempotency::Column::At.lt(now - LONGEST_CALL))
            .exec(&tx)
            .await
            .attempted("forget a lost call")?;
        let row = idempotency::Model {
            key: key.to_owned(),
            actor: actor.to_owned(),
            response: String::new(),
            at: now,
        };
        let skip = OnConflict::column(idempotency::Column::Key).do_nothing().to_owned();
        let claimed = idempotency::Entity::insert(row.into_active_model())
            .on_conflict(skip)
            .exec_without_returning(&tx)
            .await
            .attempted("claim a call")?;
        let known =
            idempotency::Entity::find_by_id(key).one(&tx).await.attempted("read an answer")?;
        tx.finish().await?;
        Ok(match known {
            _ if claimed == 1 => Repeated::First,
            Some(row) if !row.response.is_empty() => Repeated::Done(row.response),
            Some(_) | None => Repeated::Running,
        })
    }

    /// Keeps the answer of a claimed call.
    pub async fn keep_answer(&self, key: &str, response: &str) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        let change =
            idempotency::ActiveModel { response: Set(response.to_owned()), ..Default::default() };
        idempotency::Entity::update_many()
            .set(change)
            .filter(idempotency::Column::Key.eq(key))
            .exec(&tx)
            .await
            .attempted("keep an answer")?;
        tx.finish().await
    }

    /// The call came to nothing: its key may be used again.
    pub async fn forget_call(&self, key: &str) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        idempotency::Entity::delete_by_id(key).exec(&tx).await.attempted("forget a call")?;
        tx.finish().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::on_each;

    #[tokio::test]
    async fn a_call_sent_twice_is_done_once() {
        on_each(async |test| {
            let upkeep = test.store.upkeep();
            assert_eq!(upkeep.claim_call("k", "a").await.expect("claim"), Repeated::First);
            assert_eq!(upkeep.claim_call("k", "a").await.expect("claim"), Repeated::Running);
            upkeep.keep_answer("k", "201").await.expect("keep");
            let again = upkeep.claim_call("k", "a").await.expect("claim");
            assert_eq!(again, Repeated::Done("201".to_owned()));
            test.clock.advance(Duration::hours(25));
            assert_eq!(upkeep.claim_call("k", "a").await.expect("claim"), Repeated::First);
            test.clock.advance(Duration::minutes(3));
            let lost = upkeep.claim_call("k", "a").await.expect("claim");
            assert_eq!(lost, Repeated::First, "a call lost with its node");
            upkeep.forget_call("k").await.expect("forget");
            assert_eq!(upkeep.claim_call("k", "a").await.expect("claim"), Repeated::First);
        })
        .await;
    }
}
