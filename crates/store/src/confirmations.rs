//! Acts that an operator confirmed with the key again. Begun and spent outside any act, confirmed within one.
use crate::entity::confirmation;
use crate::error::Attempted;
use crate::{StoreError, Upkeep};
use chrono::{DateTime, Utc};
use kernel::{ConfirmationId, MeansId, SessionId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

/// One confirmation, asked for or given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    pub id: ConfirmationId,
    pub session: SessionId,
    /// The kind of act.
    pub act: String,
    /// The challenge's state, until it is answered.
    pub ceremony: Option<String>,
    pub begun_at: DateTime<Utc>,
    pub confirmed_at: Option<DateTime<Utc>>,
    /// What answered.
    pub means: Option<MeansId>,
}

pub struct Confirmations<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> Confirmations<'_, C> {
    pub async fn find(&self, id: ConfirmationId) -> Result<Option<Confirmation>, StoreError> {
        let row = confirmation::Entity::find_by_id(id.uuid());
        Ok(row.one(self.0).await.attempted("read a confirmation")?.map(read))
    }

    /// How this session confirmed this kind of act last, if it did since `since`.
    pub async fn last(
        &self,
        session: SessionId,
        act: &str,
        since: DateTime<Utc>,
    ) -> Result<Option<Confirmation>, StoreError> {
        let found = confirmation::Entity::find()
            .filter(confirmation::Column::SessionId.eq(session.uuid()))
            .filter(confirmation::Column::Act.eq(act))
            .filter(confirmation::Column::ConfirmedAt.gt(since))
            .order_by_desc(confirmation::Column::ConfirmedAt);
        Ok(found.one(self.0).await.attempted("look for a confirmation")?.map(read))
    }

    pub async fn confirm(
        &self,
        id: ConfirmationId,
        means: MeansId,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        confirmation::Entity::update_many()
            .col_expr(confirmation::Column::MeansId, Expr::value(means.uuid()))
            .col_expr(confirmation::Column::ConfirmedAt, Expr::value(at))
            .filter(confirmation::Column::Id.eq(id.uuid()))
            .exec(self.0)
            .await
            .attempted("keep a confirmation")?;
        Ok(())
    }

    async fn insert(&self, asked: &Confirmation) -> Result<(), StoreError> {
        let row = confirmation::Model {
            id: asked.id.uuid(),
            session_id: asked.session.uuid(),
            act: asked.act.clone(),
            ceremony: asked.ceremony.clone(),
            begun_at: asked.begun_at,
            confirmed_at: asked.confirmed_at,
            means_id: asked.means.map(|means| means.uuid()),
        };
        confirmation::Entity::insert(row.into_active_model())
            .exec_without_returning(self.0)
            .await
            .attempted("begin a confirmation")?;
        Ok(())
    }

    async fn spend(&self, id: ConfirmationId) -> Result<bool, StoreError> {
        let spent = confirmation::Entity::update_many()
            .col_expr(confirmation::Column::Ceremony, Expr::value(None::<String>))
            .filter(confirmation::Column::Id.eq(id.uuid()))
            .filter(confirmation::Column::Ceremony.is_not_null())
            .exec(self.0)
            .await
            .attempted("spend a challenge")?;
        Ok(spent.rows_affected == 1)
    }
}

impl Upkeep<'_> {
    pub async fn begin_confirmation(&self, asked: &Confirmation) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        tx.confirmations().insert(asked).await?;
        tx.finish().await
    }

    /// The challenge serves once, before its answer is looked at. False: it was spent already.
    pub async fn spend_confirmation(&self, id: ConfirmationId) -> Result<bool, StoreError> {
        let tx = self.0.begin().await?;
        let spent = tx.confirmations().spend(id).await?;
        tx.finish().await?;
        Ok(spent)
    }
}

fn read(row: confirmation::Model) -> Confirmation {
    Confirmation {
        id: row.id.into(),
        session: row.session_id.into(),
        act: row.act,
        ceremony: row.ceremony,
        begun_at: row.begun_at,
        confirmed_at: row.confirmed_at,
        means: row.means_id.map(Into::into),
    }
}
