use crate::StoreError;
use crate::entity::token;
use crate::error::Attempted;
use chrono::{DateTime, Utc};
use kernel::{HandleHash, PersonId, SessionId};
use oidc::{AccessToken, TokenDetails};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

/// What stands in `kind` for an access token.
const ACCESS: &str = "access";

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

    /// Revokes all that came from one code; how many were alive.
    pub async fn revoke_family(
        &self,
        family: [u8; 32],
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        self.revoke(token::Column::Family.eq(family.to_vec()), now).await
    }

    pub async fn revoke_of_session(
        &self,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        self.revoke(token::Column::SessionId.eq(session.uuid()), now).await
    }

    pub async fn revoke_of_person(
        &self,
        person: PersonId,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        self.revoke(token::Column::PersonId.eq(person.uuid()), now).await
    }

    async fn revoke(&self, which: SimpleExpr, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let revoked = token::Entity::update_many()
            .col_expr(token::Column::RevokedAt, Expr::value(now))
            .filter(which)
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
