use crate::StoreError;
use crate::by_place::ByPlace;
use crate::entity::{counter, meta};
use crate::error::Attempted;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// Numbers that only rise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// Raised by every act on people, posts, accounts and national identities: a plan computed before refuses.
    Directory,
    /// Raised by a restore: older handles are refused (design §8).
    RestoreEpoch,
}

impl Counter {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::RestoreEpoch => "restore_epoch",
        }
    }
}

const LATEST_TIME: &str = "latest_time";

/// Counters and the few facts about the appliance itself.
pub struct Counters<'a, C: ConnectionTrait>(pub(crate) &'a C);

const READ: &str = "SELECT value FROM counter WHERE name = $1";

impl<C: ByPlace> Counters<'_, C> {
    /// 0 before the first raise.
    pub async fn read(&self, which: Counter) -> Result<i64, StoreError> {
        let rows = self.0.rows(READ, vec![which.name().into()], |row| row.get(0)).await;
        Ok(rows.attempted("read a counter")?.pop().unwrap_or(0))
    }

    /// Raises by one; the value after.
    pub async fn raise(&self, which: Counter) -> Result<i64, StoreError> {
        let first = counter::ActiveModel { name: Set(which.name().to_owned()), value: Set(0) };
        let skip = OnConflict::column(counter::Column::Name).do_nothing().to_owned();
        counter::Entity::insert(first)
            .on_conflict(skip)
            .exec_without_returning(self.0)
            .await
            .attempted("make a counter")?;
        counter::Entity::update_many()
            .col_expr(counter::Column::Value, Expr::col(counter::Column::Value).add(1))
            .filter(counter::Column::Name.eq(which.name()))
            .exec(self.0)
            .await
            .attempted("raise a counter")?;
        self.read(which).await
    }

    /// The latest time that any node has seen.
    pub async fn latest_time(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let Some(text) = self.fact(LATEST_TIME).await? else { return Ok(None) };
        let parsed = DateTime::parse_from_rfc3339(&text);
        let bad =
            |_| StoreError::Corrupt { table: "meta", row: LATEST_TIME.to_owned(), column: "value" };
        Ok(Some(parsed.map_err(bad)?.with_timezone(&Utc)))
    }

    pub async fn set_latest_time(&self, time: DateTime<Utc>) -> Result<(), StoreError> {
        self.set_fact(LATEST_TIME, &time.to_rfc3339()).await
    }

    /// A fact about the appliance (hospital's name, time of `init`…).
    pub async fn fact(&self, key: &str) -> Result<Option<String>, StoreError> {
        let row = meta::Entity::find_by_id(key).one(self.0).await.attempted("read a fact")?;
        Ok(row.map(|row| row.value))
    }

    /// Unless it is said already. False: it was, and stays.
    pub async fn insert_fact(&self, key: &str, value: &str) -> Result<bool, StoreError> {
        let row = meta::ActiveModel { key: Set(key.to_owned()), value: Set(value.to_owned()) };
        let skip = OnConflict::column(meta::Column::Key).do_nothing().to_owned();
        let written = meta::Entity::insert(row)
            .on_conflict(skip)
            .exec_without_returning(self.0)
            .await
            .attempted("write a fact")?;
        Ok(written > 0)
    }

    /// Says another thing, where the fact still says what was seen. False: somebody was first.
    pub async fn move_fact(&self, key: &str, seen: &str, value: &str) -> Result<bool, StoreError> {
        let moved = meta::Entity::update_many()
            .col_expr(meta::Column::Value, Expr::value(value))
            .filter(meta::Column::Key.eq(key))
            .filter(meta::Column::Value.eq(seen))
            .exec(self.0)
            .await
            .attempted("move a fact on")?;
        Ok(moved.rows_affected == 1)
    }

    /// Forgets a fact, where it still says this.
    pub async fn delete_fact(&self, key: &str, value: &str) -> Result<(), StoreError> {
        meta::Entity::delete_many()
            .filter(meta::Column::Key.eq(key))
            .filter(meta::Column::Value.eq(value))
            .exec(self.0)
            .await
            .attempted("forget a fact")?;
        Ok(())
    }

    pub async fn set_fact(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let row = meta::ActiveModel { key: Set(key.to_owned()), value: Set(value.to_owned()) };
        let replace =
            OnConflict::column(meta::Column::Key).update_column(meta::Column::Value).to_owned();
        meta::Entity::insert(row)
            .on_conflict(replace)
            .exec_without_returning(self.0)
            .await
            .attempted("write a fact")?;
        Ok(())
    }
}
