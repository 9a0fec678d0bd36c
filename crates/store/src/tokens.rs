use crate::by_place::{ByPlace, Columns, columns};
use crate::entity::{client, session, token};
use crate::error::Attempted;
use crate::{StoreError, clients, sessions};
use ::sessions::Session;
use chrono::{DateTime, Utc};
use kernel::{ClientId, HandleHash, PersonId, SessionId, TokenName};
use oidc::{AccessToken, Client, RefreshToken, TokenDetails};
use sea_orm::sea_query::{Expr, ExprTrait, LockType, Order, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement, prelude::Uuid,
};
use std::sync::LazyLock;

/// Tokens, by the number of their row and the hash of their handle.
pub struct Tokens<'a, C: ConnectionTrait>(pub(crate) &'a C);

static INSERTION: LazyLock<String> =
    LazyLock::new(|| format!("{} RETURNING number", NewRow::insertion("token")));

/// Of one kind of token, which is found by its own hash alone.
struct Kind {
    by_name: LazyLock<String>,
    around: LazyLock<String>,
}

static ACCESS: Kind = Kind {
    by_name: LazyLock::new(|| by_name("access_hash")),
    around: LazyLock::new(|| around("access_hash")),
};
static REFRESH: Kind = Kind {
    by_name: LazyLock::new(|| by_name("refresh_hash")),
    around: LazyLock::new(|| around("refresh_hash")),
};

fn by_name(hash: &str) -> String {
    let columns = token::Model::listed("t");
    format!("SELECT {columns} FROM token t WHERE t.number = $1 AND t.{hash} = $2")
}

fn around(hash: &str) -> String {
    let (token, client) = (token::Model::listed("t"), client::Model::listed("c"));
    let session = session::Model::listed("s");
    format!(
        "SELECT {token}, {client}, {session} FROM token t LEFT JOIN client c ON c.id = t.client \
         LEFT JOIN session s ON s.id = t.session_id WHERE t.number = $1 AND t.{hash} = $2"
    )
}

const USE_ONCE: &str = "UPDATE token SET used_at = $1 WHERE number = $2 AND refresh_hash = $3 \
                        AND used_at IS NULL AND revoked_at IS NULL";
const REVOKE_ACCESS: &str = "UPDATE token SET access_revoked_at = $1 WHERE number = $2 \
                             AND access_hash = $3 AND access_revoked_at IS NULL AND revoked_at IS NULL";
/// Where the columns of the client begin in [`around`], and those of the session.
const CLIENT_AT: usize = token::Model::NAMES.len();
const SESSION_AT: usize = CLIENT_AT + client::Model::NAMES.len();

/// A row before the database numbers it.
struct NewRow {
    ends_at: DateTime<Utc>,
    access_hash: Vec<u8>,
    access_ends_at: DateTime<Utc>,
    access_revoked_at: Option<DateTime<Utc>>,
    refresh_hash: Option<Vec<u8>>,
    refresh_ends_at: Option<DateTime<Utc>>,
    used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    issued_at: DateTime<Utc>,
    session_id: Uuid,
    person_id: Uuid,
    client: Uuid,
    family: Vec<u8>,
    issuer: String,
    details: String,
    refresh_details: Option<String>,
}

columns! {
    NewRow {
        ends_at, access_hash, access_ends_at, access_revoked_at, refresh_hash, refresh_ends_at, used_at, revoked_at,
        issued_at, session_id, person_id, client, family, issuer, details, refresh_details,
    }
}

/// A token with whom and what it leans on, read at one moment.
#[derive(Debug, Clone)]
pub struct Around<T> {
    pub token: T,
    pub client: Option<Client>,
    pub session: Option<Session>,
}

impl<C: ByPlace> Tokens<'_, C> {
    /// Keeps an access token, and the refresh token that is given with it: of the same family, session and client. Their
    /// number, which both texts bear.
    pub async fn insert(
        &self,
        (access_hash, access): (&HandleHash, &AccessToken),
        refresh: Option<(&HandleHash, &RefreshToken)>,
    ) -> Result<i64, StoreError> {
        let details = access.details.to_text();
        let its_own = |token: &RefreshToken| {
            (token.details != access.details).then(|| token.details.to_text())
        };
        let (refresh_hash, refresh) = refresh.unzip();
        let refresh_ends_at = refresh.map(|token| token.expires_at);
        let row = NewRow {
            ends_at: refresh_ends_at
                .map_or(access.expires_at, |end| Ord::max(end, access.expires_at)),
            access_hash: access_hash.0.to_vec(),
            access_ends_at: access.expires_at,
            access_revoked_at: access.revoked_at,
            refresh_hash: refresh_hash.map(|hash| hash.0.to_vec()),
            refresh_ends_at,
            used_at: None,
            revoked_at: None,
            issued_at: access.issued_at,
            session_id: access.session.uuid(),
            person_id: access.person.uuid(),
            client: access.client.uuid(),
            family: access.family.to_vec(),
            issuer: access.issuer.as_str().to_owned(),
            details,
            refresh_details: refresh.and_then(its_own),
        };
        let numbers = self.0.rows(&INSERTION, row.values(), |row| row.get::<i64>(0)).await;
        let number = numbers.attempted("keep tokens")?.pop();
        number.ok_or(StoreError::Stale { table: "token" })
    }

    /// An access token, revoked and expired ones too; a token of another kind is none (threats OP-04).
    pub async fn find_access(&self, name: &TokenName) -> Result<Option<AccessToken>, StoreError> {
        self.row(name, &ACCESS).await?.map(read).transpose()
    }

    /// The same with its client and its session, in one read.
    pub async fn around_access(
        &self,
        name: &TokenName,
    ) -> Result<Option<Around<AccessToken>>, StoreError> {
        let found = self.around(name, &ACCESS).await?;
        found
            .map(|(row, client, session)| Ok(Around { token: read(row)?, client, session }))
            .transpose()
    }

    pub async fn around_refresh(
        &self,
        name: &TokenName,
    ) -> Result<Option<Around<RefreshToken>>, StoreError> {
        let found = self.around(name, &REFRESH).await?;
        let whole =
            |(row, client, session)| Ok(Around { token: read_refresh(row)?, client, session });
        found.map(whole).transpose()
    }

    async fn row(&self, name: &TokenName, kind: &Kind) -> Result<Option<token::Model>, StoreError> {
        let values = vec![name.number.into(), name.hash.0.to_vec().into()];
        let rows = self.0.rows(&kind.by_name, values, token::Model::first).await;
        Ok(rows.attempted("read a token")?.pop())
    }

    async fn around(
        &self,
        name: &TokenName,
        kind: &Kind,
    ) -> Result<Option<(token::Model, Option<Client>, Option<Session>)>, StoreError> {
        let values = vec![name.number.into(), name.hash.0.to_vec().into()];
        let rows = self.0.rows(&kind.around, values, |row| {
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

    /// Whoever uses or ends a family comes one after the other: what a rotation adds is seen by the revocation that
    /// comes after it, and none waits for another in a circle. Taken before any token of the family is touched.
    /// Whether another may have changed them before it was this one's turn.
    pub async fn hold_family(&self, family: [u8; 32]) -> Result<bool, StoreError> {
        if self.0.get_database_backend() != DbBackend::Postgres {
            return Ok(false); // one writer at a time there
        }
        let hold = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 0))",
            [family.to_vec().into()],
        );
        self.0.execute_raw(hold).await.attempted("hold a family of tokens")?;
        Ok(true)
    }

    /// A refresh token, used, revoked and expired ones too.
    pub async fn find_refresh(&self, name: &TokenName) -> Result<Option<RefreshToken>, StoreError> {
        self.row(name, &REFRESH).await?.map(read_refresh).transpose()
    }

    /// Marks a refresh token used. False: it was, or is revoked: of many attempts at once one alone marks it.
    pub async fn use_refresh(
        &self,
        name: &TokenName,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let values = vec![now.into(), name.number.into(), name.hash.0.to_vec().into()];
        let used = self.0.write(USE_ONCE, values).await.attempted("use a refresh token")?;
        Ok(used == 1)
    }

    /// Revokes one access token, and nothing of what was given with it; whether it was alive.
    pub async fn revoke_access(
        &self,
        name: &TokenName,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let values = vec![now.into(), name.number.into(), name.hash.0.to_vec().into()];
        let one = self.0.write(REVOKE_ACCESS, values).await.attempted("revoke an access token")?;
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

    /// How many of what was given had something alive.
    async fn revoke(&self, which: SimpleExpr, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let alive = || {
            let something = token::Column::AccessRevokedAt.is_null();
            let something = ExprTrait::or(something, token::Column::RefreshHash.is_not_null());
            ExprTrait::and(token::Column::RevokedAt.is_null(), something)
        };
        let some = Query::select()
            .column(token::Column::Number)
            .from(token::Entity)
            .and_where(which)
            .and_where(alive())
            .order_by(token::Column::Number, Order::Asc)
            .lock(LockType::Update)
            .to_owned();
        let revoked = token::Entity::update_many()
            .col_expr(token::Column::RevokedAt, Expr::value(now))
            .filter(token::Column::Number.in_subquery(some))
            .filter(alive())
            .exec(self.0)
            .await
            .attempted("revoke tokens")?;
        Ok(revoked.rows_affected)
    }
}

fn bad(number: i64, column: &'static str) -> StoreError {
    StoreError::Corrupt { table: "token", row: number.to_string(), column }
}

fn read(row: token::Model) -> Result<AccessToken, StoreError> {
    let bad = |column| bad(row.number, column);
    Ok(AccessToken {
        issuer: row.issuer.parse().map_err(|_| bad("issuer"))?,
        client: row.client.into(),
        person: row.person_id.into(),
        session: row.session_id.into(),
        family: row.family.try_into().map_err(|_| bad("family"))?,
        details: TokenDetails::from_text(&row.details).map_err(|_| bad("details"))?,
        issued_at: row.issued_at,
        expires_at: row.access_ends_at.ok_or_else(|| bad("access_ends_at"))?,
        revoked_at: row.access_revoked_at.or(row.revoked_at),
    })
}

fn read_refresh(row: token::Model) -> Result<RefreshToken, StoreError> {
    let bad = |column| bad(row.number, column);
    let details = row.refresh_details.as_ref().unwrap_or(&row.details);
    Ok(RefreshToken {
        details: TokenDetails::from_text(details).map_err(|_| bad("refresh_details"))?,
        issuer: row.issuer.parse().map_err(|_| bad("issuer"))?,
        client: row.client.into(),
        person: row.person_id.into(),
        session: row.session_id.into(),
        family: row.family.try_into().map_err(|_| bad("family"))?,
        issued_at: row.issued_at,
        expires_at: row.refresh_ends_at.ok_or_else(|| bad("refresh_ends_at"))?,
        used_at: row.used_at,
        revoked_at: row.revoked_at,
    })
}
