//! Acts of the console that wait for a second person (console, section 4.3: level 4).
use crate::StoreError;
use crate::entity::accord;
use crate::error::Attempted;
use chrono::{DateTime, Utc};
use kernel::{AccordId, PersonId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

/// An act that somebody asked for and that somebody else may let happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accord {
    pub id: AccordId,
    /// The kind of act.
    pub act: String,
    /// All that the act needs, as its workflow wrote it.
    pub payload: String,
    pub asked_by: PersonId,
    pub asked_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub answered_by: Option<PersonId>,
    pub answered_at: Option<DateTime<Utc>>,
    pub given: bool,
}

impl Accord {
    pub fn waits(&self, now: DateTime<Utc>) -> bool {
        self.answered_at.is_none() && now < self.expires_at
    }
}

pub struct Accords<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> Accords<'_, C> {
    pub async fn find(&self, id: AccordId) -> Result<Option<Accord>, StoreError> {
        let row = accord::Entity::find_by_id(id.uuid());
        Ok(row.one(self.0).await.attempted("read an accord")?.map(read))
    }

    /// Those that wait for an answer, those that end first before the others; a thousand at most.
    pub async fn waiting(&self, now: DateTime<Utc>) -> Result<Vec<Accord>, StoreError> {
        let rows = accord::Entity::find()
            .filter(accord::Column::AnsweredAt.is_null())
            .filter(accord::Column::ExpiresAt.gt(now))
            .order_by_asc(accord::Column::ExpiresAt)
            .order_by_asc(accord::Column::Id)
            .limit(1_000)
            .all(self.0)
            .await
            .attempted("read accords")?;
        Ok(rows.into_iter().map(read).collect())
    }

    pub async fn ask(&self, accord: &Accord) -> Result<(), StoreError> {
        let row = accord::Model {
            id: accord.id.uuid(),
            act: accord.act.clone(),
            payload: accord.payload.clone(),
            asked_by: accord.asked_by.uuid(),
            asked_at: accord.asked_at,
            expires_at: accord.expires_at,
            answered_by: accord.answered_by.map(|person| person.uuid()),
            answered_at: accord.answered_at,
            given: accord.given,
        };
        accord::Entity::insert(row.into_active_model())
            .exec_without_returning(self.0)
            .await
            .attempted("ask for an accord")?;
        Ok(())
    }

    /// One answer, the first; false: somebody answered before, or it is too late.
    pub async fn answer(
        &self,
        id: AccordId,
        by: PersonId,
        given: bool,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let answered = accord::Entity::update_many()
            .col_expr(accord::Column::AnsweredBy, Expr::value(by.uuid()))
            .col_expr(accord::Column::AnsweredAt, Expr::value(now))
            .col_expr(accord::Column::Given, Expr::value(given))
            .filter(accord::Column::Id.eq(id.uuid()))
            .filter(accord::Column::AnsweredAt.is_null())
            .filter(accord::Column::ExpiresAt.gt(now))
            .exec(self.0)
            .await
            .attempted("answer an accord")?;
        Ok(answered.rows_affected == 1)
    }
}

fn read(row: accord::Model) -> Accord {
    Accord {
        id: row.id.into(),
        act: row.act,
        payload: row.payload,
        asked_by: row.asked_by.into(),
        asked_at: row.asked_at,
        expires_at: row.expires_at,
        answered_by: row.answered_by.map(Into::into),
        answered_at: row.answered_at,
        given: row.given,
    }
}
