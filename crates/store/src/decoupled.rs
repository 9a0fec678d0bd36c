use crate::entity::decoupled_request::{Column, Entity, Model};
use crate::error::Attempted;
use crate::{StoreError, Upkeep};
use chrono::{DateTime, Utc};
use kernel::{ClientId, HandleHash, PersonId};
use oidc::{DecoupledDetails, DecoupledKind, DecoupledRequest, DecoupledState};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

/// Requests that are approved elsewhere, by the hash of the handle that their client holds.
pub struct DecoupledRequests<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> DecoupledRequests<'_, C> {
    pub async fn insert(
        &self,
        hash: &HandleHash,
        request: &DecoupledRequest,
    ) -> Result<(), StoreError> {
        Entity::insert(row(hash, request).into_active_model())
            .exec_without_returning(self.0)
            .await
            .attempted("keep a request")?;
        Ok(())
    }

    /// Held until the act ends: approved once, redeemed once.
    pub async fn lock(&self, hash: &HandleHash) -> Result<Option<DecoupledRequest>, StoreError> {
        let row = Entity::find_by_id(hash.0.to_vec())
            .lock(LockType::Update)
            .one(self.0)
            .await
            .attempted("read a request")?;
        row.map(|row| read(row).map(|(_, request)| request)).transpose()
    }

    pub async fn find(&self, hash: &HandleHash) -> Result<Option<DecoupledRequest>, StoreError> {
        let row = Entity::find_by_id(hash.0.to_vec()).one(self.0).await;
        let row = row.attempted("read a request")?;
        row.map(|row| read(row).map(|(_, request)| request)).transpose()
    }

    /// What came of it, whose word it was, and the session that it leans on.
    pub async fn save(
        &self,
        hash: &HandleHash,
        request: &DecoupledRequest,
    ) -> Result<(), StoreError> {
        let row = row(hash, request);
        Entity::update_many()
            .col_expr(Column::State, Expr::value(row.state))
            .col_expr(Column::PersonId, Expr::value(row.person_id))
            .col_expr(Column::SessionId, Expr::value(row.session_id))
            .col_expr(Column::Sid, Expr::value(row.sid))
            .filter(Column::HandleHash.eq(row.handle_hash))
            .exec(self.0)
            .await
            .attempted("save a request")?;
        Ok(())
    }

    /// How many of a client wait for somebody's word.
    pub async fn pending(&self, client: ClientId, now: DateTime<Utc>) -> Result<u64, StoreError> {
        Entity::find()
            .filter(Column::Client.eq(client.uuid()))
            .filter(Column::State.eq(DecoupledState::Pending.name()))
            .filter(Column::ExpiresAt.gt(now))
            .count(self.0)
            .await
            .attempted("count requests")
    }

    /// The client asks this person again: what it asked before waits no more.
    pub async fn replace(&self, person: PersonId, client: ClientId) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(DecoupledState::Replaced.name()))
            .filter(Column::PersonId.eq(person.uuid()))
            .filter(Column::Client.eq(client.uuid()))
            .filter(Column::Kind.eq(DecoupledKind::Backchannel.name()))
            .filter(Column::State.eq(DecoupledState::Pending.name()))
            .exec(self.0)
            .await
            .attempted("replace a request")?;
        Ok(())
    }

    /// What waits under a code that somebody typed.
    pub async fn by_user_code(
        &self,
        code: &[u8; 32],
        now: DateTime<Utc>,
    ) -> Result<Option<(HandleHash, DecoupledRequest)>, StoreError> {
        let found = Entity::find()
            .filter(Column::UserCode.eq(code.to_vec()))
            .filter(Column::State.eq(DecoupledState::Pending.name()))
            .filter(Column::ExpiresAt.gt(now))
            .one(self.0)
            .await
            .attempted("read a request by its code")?;
        found.map(read).transpose()
    }

    /// What waits for a person, oldest first.
    pub async fn waiting_for(
        &self,
        person: PersonId,
        now: DateTime<Utc>,
    ) -> Result<Vec<(HandleHash, DecoupledRequest)>, StoreError> {
        let rows = Entity::find()
            .filter(Column::PersonId.eq(person.uuid()))
            .filter(Column::Kind.eq(DecoupledKind::Backchannel.name()))
            .filter(Column::State.eq(DecoupledState::Pending.name()))
            .filter(Column::ExpiresAt.gt(now))
            .order_by_asc(Column::AskedAt)
            .all(self.0)
            .await
            .attempted("read what waits for a person")?;
        rows.into_iter().map(read).collect()
    }

    /// How often a person who was asked said no to a client since then.
    pub async fn refusals(
        &self,
        person: PersonId,
        client: ClientId,
        since: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        Entity::find()
            .filter(Column::PersonId.eq(person.uuid()))
            .filter(Column::Client.eq(client.uuid()))
            .filter(Column::Kind.eq(DecoupledKind::Backchannel.name()))
            .filter(Column::State.eq(DecoupledState::Denied.name()))
            .filter(Column::AskedAt.gte(since))
            .count(self.0)
            .await
            .attempted("count refusals")
    }
}

impl Upkeep<'_> {
    /// Its client asks; false: it asked since then already. Of many that ask at once one alone is told to wait, and only
    /// that one is written down.
    pub async fn decoupled_polled(
        &self,
        hash: &HandleHash,
        (since, now): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<bool, StoreError> {
        let tx = self.0.begin().await?;
        let earlier = Column::PolledAt.is_null();
        let noted = Entity::update_many()
            .col_expr(Column::PolledAt, Expr::value(now))
            .filter(Column::HandleHash.eq(hash.0.to_vec()))
            .filter(Condition::any().add(earlier).add(Column::PolledAt.lte(since)))
            .exec(&tx)
            .await
            .attempted("note a question")?;
        if noted.rows_affected == 0 {
            return Ok(false); // dropped: no commit for nothing
        }
        tx.finish().await?;
        Ok(true)
    }
}

fn row(hash: &HandleHash, request: &DecoupledRequest) -> Model {
    Model {
        handle_hash: hash.0.to_vec(),
        kind: request.kind.name().to_owned(),
        issuer: request.issuer.as_str().to_owned(),
        client: request.client.uuid(),
        person_id: request.person.map(PersonId::uuid),
        user_code: request.user_code.map(|code| code.to_vec()),
        details: request.details.to_text(),
        state: request.state.name().to_owned(),
        session_id: request.session.map(|(session, _)| session.uuid()),
        sid: request.session.map(|(_, sid)| sid.uuid()),
        asked_at: request.asked_at,
        expires_at: request.expires_at,
        polled_at: request.polled_at,
    }
}

fn read(row: Model) -> Result<(HandleHash, DecoupledRequest), StoreError> {
    let client = row.client;
    let bad = |column| StoreError::Corrupt {
        table: "decoupled_request",
        row: client.to_string(),
        column,
    };
    let hash = row.handle_hash.try_into().map_err(|_| bad("handle_hash"))?;
    let code = row.user_code.map(<[u8; 32]>::try_from).transpose();
    let request = DecoupledRequest {
        kind: DecoupledKind::from_name(&row.kind).ok_or_else(|| bad("kind"))?,
        issuer: row.issuer.parse().map_err(|_| bad("issuer"))?,
        client: client.into(),
        person: row.person_id.map(PersonId::from),
        user_code: code.map_err(|_| bad("user_code"))?,
        details: DecoupledDetails::from_text(&row.details).map_err(|_| bad("details"))?,
        state: DecoupledState::from_name(&row.state).ok_or_else(|| bad("state"))?,
        session: row.session_id.zip(row.sid).map(|(session, sid)| (session.into(), sid.into())),
        asked_at: row.asked_at,
        expires_at: row.expires_at,
        polled_at: row.polled_at,
    };
    Ok((HandleHash(hash), request))
}
