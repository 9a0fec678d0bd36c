use crate::by_place::{ByPlace, Columns};
use crate::entity::{client, session, token};
use crate::error::Attempted;
use crate::{StoreError, clients, sessions};
use ::sessions::Session;
use chrono::{DateTime, Utc};
use kernel::{ClientId, HandleHash, PersonId, SessionId};
use oidc::{AccessToken, Client, RefreshToken, TokenDetails};
use sea_orm::sea_query::{Expr, ExprTrait, LockType, Order, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement, prelude::Uuid,
};
use std::sync::LazyLock;

/// What stands in `kind`.
const ACCESS: &str = "access";
const REFRESH: &str = "refresh";

/// Tokens, by the hash of their handle.
pub struct Tokens<'a, C: ConnectionTrait>(pub(crate) &'a C);

static INSERTION: LazyLock<String> = LazyLock::new(|| token::Model::insertion("token"));
static BY_HASH: LazyLock<String> = LazyLock::new(|| {
    let columns = token::Model::listed("t");
    format!("SELECT {columns} FROM token t WHERE t.token_hash = $1 AND t.kind = $2")
});
static AROUND: LazyLock<String> = LazyLock::new(|| {
    let (token, client) = (token::Model::listed("t"), client::Model::listed("c"));
    let session = session::Model::listed("s");
    format!(
        "SELECT {token}, {client}, {session} FROM token t LEFT JOIN client c ON c.id = t.client \
         LEFT JOIN session s ON s.id = t.session_id WHERE t.token_hash = $1 AND t.kind = $2"
    )
});
const USE_ONCE: &str = "UPDATE token SET used_at = $1 WHERE token_hash = $2 AND kind = $3 \
                        AND used_at IS NULL AND revoked_at IS NULL";
/// Where the columns of the client begin in [`AROUND`], and those of the session.
const CLIENT_AT: usize = token::Model::NAMES.len();
const SESSION_AT: usize = CLIENT_AT + client::Model::NAMES.len();

/// A token with whom and what it leans on, read at one moment.
#[derive(Debug, Clone)]
pub struct Around<T> {
    pub token: T,
    pub client: Option<Client>,
    pub session: Option<Session>,
}

impl<C: ByPlace> Tokens<'_, C> {
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
        self.0.write(&INSERTION, row.values()).await.attempted("keep a token")?;
        Ok(())
    }

    /// An access token, revoked and expired ones too; a token of another kind is none (threats OP-04).
    pub async fn find_access(&self, hash: &HandleHash) -> Result<Option<AccessToken>, StoreError> {
        self.row(hash, ACCESS).await?.map(read).transpose()
    }

    /// The same with its client and its session, in one read.
    pub async fn around_access(
        &self,
        hash: &HandleHash,
    ) -> Result<Option<Around<AccessToken>>, StoreError> {
        let found = self.around(hash, ACCESS).await?;
        found
            .map(|(row, client, session)| Ok(Around { token: read(row)?, client, session }))
            .transpose()
    }

    pub async fn around_refresh(
        &self,
        hash: &HandleHash,
    ) -> Result<Option<Around<RefreshToken>>, StoreError> {
        let found = self.around(hash, REFRESH).await?;
        let whole =
            |(row, client, session)| Ok(Around { token: read_refresh(row)?, client, session });
        found.map(whole).transpose()
    }

    async fn row(
        &self,
        hash: &HandleHash,
        kind: &'static str,
    ) -> Result<Option<token::Model>, StoreError> {
        let values = vec![hash.0.to_vec().into(), kind.into()];
        let rows = self.0.rows(&BY_HASH, values, token::Model::first).await;
        Ok(rows.attempted("read a token")?.pop())
    }

    async fn around(
        &self,
        hash: &HandleHash,
        kind: &'static str,
    ) -> Result<Option<(token::Model, Option<Client>, Option<Session>)>, StoreError> {
        let values = vec![hash.0.to_vec().into(), kind.into()];
        let rows = self.0.rows(&AROUND, values, |row| {
            let client = row.get::<Option<Uuid>>(CLIENT_AT)?;
            let session = row.get::<Option<Uuid>>(SESSION_AT)?;
            Ok((
                token::Model::first(row)?,
                client.map(|_| client::Model::at(row, CLIENT_AT)).transpose()?,
                session.map(|_| session::Model::at(row, SESSION_AT)).transpose()?,
            ))
        });
        let Some((token, client, session)) = rows.await.attempted("read a token")?.pop() else {
            return Ok(None);
        };
        let client = client.map(clients::read).transpose()?;
        Ok(Some((token, client, session.map(sessions::read).transpose()?)))
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
        self.0.write(&INSERTION, row.values()).await.attempted("keep a refresh token")?;
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
        self.row(hash, REFRESH).await?.map(read_refresh).transpose()
    }

    /// Marks a refresh token used. False: it was, or is revoked: of many attempts at once one alone marks it.
    pub async fn use_refresh(
        &self,
        hash: &HandleHash,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let values = vec![now.into(), hash.0.to_vec().into(), REFRESH.into()];
        let used = self.0.write(USE_ONCE, values).await.attempted("use a refresh token")?;
        Ok(used == 1)
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

    /// Revokes all that came from one code, found by its session: no index of families is written at each login for what
    /// comes so rarely. How many were alive.
    pub async fn revoke_family(
        &self,
        family: [u8; 32],
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        self.hold_family(family).await?;
        let of_session = token::Column::SessionId.eq(session.uuid());
        let which = ExprTrait::and(of_session, token::Column::Family.eq(family.to_vec()));
        self.revoke(which, now).await
    }

    pub async fn revoke_of_session(
        &self,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        self.revoke(token::Column::SessionId.eq(session.uuid()), now).await
    }

    /// What one client holds of one person.
    pub async fn revoke_of_client(
        &self,
        person: PersonId,
        client: ClientId,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let openings = Query::select()
            .column(session::Column::Id)
            .from(session::Entity)
            .and_where(session::Column::PersonId.eq(person.uuid()))
            .to_owned();
        let theirs = token::Column::SessionId.in_subquery(openings);
        self.revoke(ExprTrait::and(theirs, token::Column::Client.eq(client.uuid())), now).await
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

fn read_refresh(row: token::Model) -> Result<RefreshToken, StoreError> {
    let used_at = row.used_at;
    let read = read(row)?;
    Ok(RefreshToken {
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
    })
}
