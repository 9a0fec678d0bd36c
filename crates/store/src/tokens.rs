use crate::StoreError;
use crate::entity::token;
use crate::error::Attempted;
use chrono::{DateTime, Utc};
use kernel::{HandleHash, SessionId};
use oidc::{AccessToken, RefreshToken, TokenDetails};
use sea_orm::sea_query::{Expr, LockType, Order, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter, Statement,
};

/// What stands in `kind`.
const ACCESS: &str = "access";
const REFRESH: &str = "refresh";

/// Tokens, by the hash of their handle.
pub struct Tokens<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> Tokens<'_, C> {
    pub async fn insert(&self, hash: &HandleHash, token: &AccessToken) -> Result<(), StoreError> {
        let row = token::Model {
            token_hash: hash.0.to_vec(),
            kind: ACCESS.to_owned(),
            issuer: token.issuer.as_str().to_owned(),
            family: token.family.to_vec(),
            client: token.client.uuid(),
            person_id: Some(token.person.uuid()),
            session_id: Some(token.session.uuid()),
            details: token.details.to_text(),
            issued_at: token.issued_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
            used_at: None,
        };
        token::Entity::insert(row.into_active_model())
            .exec_without_returning(self.0)
            .await
            .attempted("keep a token")?;
        Ok(())
    }

    /// An access token, revoked and expired ones too; a token of another kind is none (threats OP-04).
    pub async fn find_access(&self, hash: &HandleHash) -> Result<Option<AccessToken>, StoreError> {
        let row = token::Entity::find_by_id(hash.0.to_vec())
            .filter(token::Column::Kind.eq(ACCESS))
            .one(self.0)
            .await
            .attempted("read a token")?;
        row.map(read).transpose()
    }

    pub async fn insert_refresh(
        &self,
        hash: &HandleHash,
        token: &RefreshToken,
    ) -> Result<(), StoreError> {
        let row = token::Model {
            token_hash: hash.0.to_vec(),
            kind: REFRESH.to_owned(),
            issuer: token.issuer.as_str().to_owned(),
            family: token.family.to_vec(),
            client: token.client.uuid(),
            person_id: Some(token.person.uuid()),
            session_id: Some(token.session.uuid()),
            details: token.details.to_text(),
            issued_at: token.issued_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
            used_at: token.used_at,
        };
        token::Entity::insert(row.into_active_model())
            .exec_without_returning(self.0)
            .await
            .attempted("keep a refresh token")?;
        Ok(())
    }

    /// Whoever uses or ends a family comes one after the other: what a rotation adds is seen by the revocation that
    /// comes after it, and none waits for another in a circle. Taken before any token of the family is touched.
    pub async fn hold_family(&self, family: [u8; 32]) -> Result<(), StoreError> {
        if self.0.get_database_backend() != DbBackend::Postgres {
            return Ok(()); // one writer at a time there
        }
        let hold = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 0))",
            [family.to_vec().into()],
        );
        self.0.execute_raw(hold).await.attempted("hold a family of tokens")?;
        Ok(())
    }

    /// A refresh token, used, revoked and expired ones too.
    pub async fn find_refresh(
        &self,
        hash: &HandleHash,
    ) -> Result<Option<RefreshToken>, StoreError> {
        let row = token::Entity::find_by_id(hash.0.to_vec())
            .filter(token::Column::Kind.eq(REFRESH))
            .one(self.0)
            .await
            .attempted("read a refresh token")?;
        let Some(row) = row else { return Ok(None) };
        let used_at = row.used_at;
        let read = read(row)?;
        Ok(Some(RefreshToken {
            issuer: read.issuer,
            client: read.client,
            person: read.person,
            session: read.session,
            family: read.family,
            details: read.details,
            issued_at: read.issued_at,
            expires_at: read.expires_at,
            used_at,
            revoked_at: read.revoked_at,
        }))
    }

    /// Marks a refresh token used. False: it was, or is revoked: of many attempts at once one alone marks it.
    pub async fn use_refresh(
        &self,
        hash: &HandleHash,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let used = token::Entity::update_many()
            .col_expr(token::Column::UsedAt, Expr::value(now))
            .filter(token::Column::TokenHash.eq(hash.0.to_vec()))
            .filter(token::Column::Kind.eq(REFRESH))
            .filter(token::Column::UsedAt.is_null())
            .filter(token::Column::RevokedAt.is_null())
            .exec(self.0)
            .await
            .attempted("use a refresh token")?;
        Ok(used.rows_affected == 1)
    }

    /// Revokes one token; whether it was alive.
    pub async fn revoke_one(
        &self,
        hash: &HandleHash,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let one = self.revoke(token::Column::TokenHash.eq(hash.0.to_vec()), now).await?;
        Ok(one == 1)
    }

    /// Revokes all that came from one code; how many were alive.
    pub async fn revoke_family(
        &self,
        family: [u8; 32],
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        self.hold_family(family).await?;
        self.revoke(token::Column::Family.eq(family.to_vec()), now).await
    }

    pub async fn revoke_of_session(
        &self,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        self.revoke(token::Column::SessionId.eq(session.uuid()), now).await
    }

    async fn revoke(&self, which: SimpleExpr, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let alive = Query::select()
            .column(token::Column::TokenHash)
            .from(token::Entity)
            .and_where(which)
            .and_where(token::Column::RevokedAt.is_null())
            .order_by(token::Column::TokenHash, Order::Asc)
            .lock(LockType::Update)
            .to_owned();
        let revoked = token::Entity::update_many()
            .col_expr(token::Column::RevokedAt, Expr::value(now))
            .filter(token::Column::TokenHash.in_subquery(alive))
            .filter(token::Column::RevokedAt.is_null())
            .exec(self.0)
            .await
            .attempted("revoke tokens")?;
        Ok(revoked.rows_affected)
    }
}

fn read(row: token::Model) -> Result<AccessToken, StoreError> {
    let session = row.session_id.map(|id| id.to_string()).unwrap_or_default();
    let bad = |column| StoreError::Corrupt { table: "token", row: session.clone(), column };
    Ok(AccessToken {
        issuer: row.issuer.parse().map_err(|_| bad("issuer"))?,
        client: row.client.into(),
        person: row.person_id.ok_or_else(|| bad("person_id"))?.into(),
        session: row.session_id.ok_or_else(|| bad("session_id"))?.into(),
        family: row.family.try_into().map_err(|_| bad("family"))?,
        details: TokenDetails::from_text(&row.details).map_err(|_| bad("details"))?,
        issued_at: row.issued_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
    })
}
