//! Connector checks of a sandbox, each one sealed value under its name. No acts: nobody real is in them.
use crate::entity::connector_check::{Column, Entity, Model};
use crate::error::Attempted;
use crate::{StoreError, Upkeep};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, Order, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QuerySelect,
};

pub struct ConnectorChecks<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> ConnectorChecks<'_, C> {
    pub async fn find(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = Entity::find_by_id(id).one(self.0).await.attempted("read a check")?;
        Ok(row.map(|row| row.sealed))
    }
}

impl Upkeep<'_> {
    /// Keeps a new check; where there are `most` of them, the oldest leave for it. False: those were begun since `before`, and
    /// stay.
    pub async fn keep_check(
        &self,
        id: &str,
        sealed: Vec<u8>,
        begun_at: DateTime<Utc>,
        (most, before): (u64, DateTime<Utc>),
    ) -> Result<bool, StoreError> {
        let tx = self.0.begin().await?;
        let held = Entity::find().count(&tx).await.attempted("count checks")?;
        if held >= most {
            let oldest = Query::select()
                .column(Column::Id)
                .from(Entity)
                .and_where(Column::BegunAt.lt(before))
                .order_by(Column::BegunAt, Order::Asc)
                .limit(held + 1 - most)
                .to_owned();
            let gone = Entity::delete_many().filter(Column::Id.in_subquery(oldest));
            let gone = gone.exec(&tx).await.attempted("make room for a check")?;
            if gone.rows_affected < held + 1 - most {
                return Ok(false);
            }
        }
        let row = Model { id: id.to_owned(), sealed, begun_at };
        Entity::insert(row.into_active_model())
            .exec_without_returning(&tx)
            .await
            .attempted("keep a check")?;
        tx.finish().await?;
        Ok(true)
    }

    /// Changes a check while nobody else does. `change` answers what stands from here on, or nothing when it stays.
    /// `None`: there is no such check.
    pub async fn change_check<T: Send>(
        &self,
        id: &str,
        change: impl FnOnce(&[u8]) -> (Option<Vec<u8>>, T) + Send,
    ) -> Result<Option<T>, StoreError> {
        let tx = self.0.begin().await?;
        let row =
            Entity::find_by_id(id).lock_exclusive().one(&tx).await.attempted("read a check")?;
        let Some(row) = row else { return Ok(None) };
        let (next, answer) = change(&row.sealed);
        if let Some(sealed) = next {
            Entity::update_many()
                .col_expr(Column::Sealed, Expr::value(sealed))
                .filter(Column::Id.eq(id))
                .exec(&tx)
                .await
                .attempted("change a check")?;
            tx.finish().await?;
        }
        Ok(Some(answer))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::on_each;
    use chrono::Duration;
    use kernel::Clock;

    #[tokio::test]
    async fn a_check_is_changed_by_one_at_a_time_and_leaves_after_a_month() {
        on_each(async |at| {
            let now = at.clock.now();
            let keep = async |name: &str, begun, before| {
                let kept = at.store.upkeep().keep_check(name, vec![1], begun, (2, before)).await;
                kept.expect("tried")
            };
            let kept = at.store.upkeep().keep_check("a", vec![0], now, (2, now)).await;
            assert!(kept.expect("kept"));
            let mut turns = tokio::task::JoinSet::new();
            for _ in 0..20 {
                let store = at.store.clone();
                turns.spawn(async move {
                    let more = |held: &[u8]| (Some(vec![held[0] + 1]), held[0]);
                    store.upkeep().change_check("a", more).await.expect("changed").expect("there")
                });
            }
            let mut seen = turns.join_all().await;
            seen.sort_unstable();
            assert_eq!(seen, (0..20).collect::<Vec<u8>>(), "each saw what the one before left");
            let held = at.store.read().connector_checks().find("a").await.expect("read");
            assert_eq!(held, Some(vec![20]));
            let untouched = at.store.upkeep().change_check("a", |_| (None, ())).await;
            assert_eq!(untouched.expect("looked"), Some(()));
            let nobody = at.store.upkeep().change_check("b", |_| (Some(vec![]), ())).await;
            assert_eq!(nobody.expect("looked"), None);
            // The oldest leaves for a third, and time ends the others.
            for (name, after) in [("b", 1), ("c", 2)] {
                let begun = now + Duration::seconds(after);
                assert!(keep(name, begun, begun).await);
            }
            assert_eq!(at.store.read().connector_checks().find("a").await.expect("read"), None);
            // Those of this hour stay, and whoever comes is told so.
            let late = now + Duration::seconds(3);
            assert!(!keep("d", late, now).await);
            assert_eq!(at.store.read().connector_checks().find("d").await.expect("read"), None);
            at.clock.advance(Duration::days(29));
            at.store.upkeep().sweep().await.expect("swept");
            let reader = at.store.read();
            assert!(reader.connector_checks().find("b").await.expect("read").is_some());
            at.clock.advance(Duration::days(2));
            at.store.upkeep().sweep().await.expect("swept");
            for name in ["b", "c"] {
                assert_eq!(reader.connector_checks().find(name).await.expect("read"), None);
            }
        })
        .await;
    }

    #[tokio::test]
    async fn of_many_who_say_a_fact_first_one_is_believed() {
        on_each(async |at| {
            let mut turns = tokio::task::JoinSet::new();
            for turn in 0..20 {
                let store = at.store.clone();
                turns.spawn(async move {
                    let said = turn.to_string();
                    store.upkeep().first_fact("which", &said).await.expect("said")
                });
            }
            let stood = turns.join_all().await;
            let kept = at.store.read().counters().fact("which").await.expect("read");
            assert!(stood.iter().all(|fact| Some(fact) == kept.as_ref()), "{stood:?} {kept:?}");
        })
        .await;
    }
}
