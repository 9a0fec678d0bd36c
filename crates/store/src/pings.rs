use crate::entity::backchannel_ping::{Column, Entity, Model};
use crate::error::Attempted;
use crate::{StoreError, Upkeep};
use chrono::{DateTime, Utc};
use kernel::{ClientId, HandleHash};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

/// Calls that tell clients that somebody whom they had asked has answered (CIBA, ping). Kept when they ask, due when she
/// answers, gone when told.
pub struct Pings<'a, C: ConnectionTrait>(pub(crate) &'a C);

/// A call, due or not yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ping {
    pub hash: HandleHash,
    pub client: ClientId,
    /// What is said to whom, under the master key.
    pub sealed: Vec<u8>,
    pub attempts: u32,
    /// Later, there is nothing to fetch.
    pub expires_at: DateTime<Utc>,
}

impl<C: ConnectionTrait> Pings<'_, C> {
    pub async fn insert(&self, ping: &Ping) -> Result<(), StoreError> {
        let row = Model {
            handle_hash: ping.hash.0.to_vec(),
            client: ping.client.uuid(),
            sealed: ping.sealed.clone(),
            due_at: None,
            attempts: i64::from(ping.attempts),
            expires_at: ping.expires_at,
        };
        Entity::insert(row.into_active_model())
            .exec_without_returning(self.0)
            .await
            .attempted("keep a call for later")?;
        Ok(())
    }

    /// She answered: her client is to be called, if it asked for that.
    pub async fn fall_due(&self, hash: &HandleHash, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.put_off(hash, now, 0).await
    }

    /// Told, or given up. False: another node did meanwhile.
    pub async fn settle(&self, hash: &HandleHash) -> Result<bool, StoreError> {
        let gone =
            Entity::delete_by_id(hash.0.to_vec()).exec(self.0).await.attempted("settle a call")?;
        Ok(gone.rows_affected == 1)
    }

    /// The clients that are to be called now.
    pub async fn due_clients(&self, now: DateTime<Utc>) -> Result<Vec<ClientId>, StoreError> {
        let clients: Vec<uuid::Uuid> = Entity::find()
            .select_only()
            .column(Column::Client)
            .filter(Column::DueAt.lte(now))
            .distinct()
            .into_tuple()
            .all(self.0)
            .await
            .attempted("read which clients to call")?;
        Ok(clients.into_iter().map(ClientId::from).collect())
    }

    /// The calls of one client, what has waited longest first.
    pub async fn due(
        &self,
        client: ClientId,
        now: DateTime<Utc>,
        most: u64,
    ) -> Result<Vec<Ping>, StoreError> {
        let rows = Entity::find()
            .filter(Column::Client.eq(client.uuid()))
            .filter(Column::DueAt.lte(now))
            .order_by_asc(Column::DueAt)
            .limit(most)
            .all(self.0)
            .await
            .attempted("read which calls are due")?;
        rows.into_iter().map(read).collect()
    }

    async fn put_off(
        &self,
        hash: &HandleHash,
        until: DateTime<Utc>,
        attempts: u32,
    ) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::DueAt, Expr::value(until))
            .col_expr(Column::Attempts, Expr::value(i64::from(attempts)))
            .filter(Column::HandleHash.eq(hash.0.to_vec()))
            .exec(self.0)
            .await
            .attempted("put a call off")?;
        Ok(())
    }
}

impl Upkeep<'_> {
    /// An attempt that failed: when to try again.
    pub async fn ping_failed(
        &self,
        hash: &HandleHash,
        next: DateTime<Utc>,
        attempts: u32,
    ) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        tx.pings().put_off(hash, next, attempts).await?;
        tx.finish().await
    }
}

fn read(row: Model) -> Result<Ping, StoreError> {
    let client = row.client;
    let bad =
        |column| StoreError::Corrupt { table: "backchannel_ping", row: client.to_string(), column };
    Ok(Ping {
        hash: HandleHash(row.handle_hash.try_into().map_err(|_| bad("handle_hash"))?),
        client: client.into(),
        sealed: row.sealed,
        attempts: u32::try_from(row.attempts).map_err(|_| bad("attempts"))?,
        expires_at: row.expires_at,
    })
}
