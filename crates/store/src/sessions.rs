use crate::by_place::{ByPlace, Columns, Row};
use crate::entity::session;
use crate::error::Attempted;
use crate::{Counter, Store, StoreError, Upkeep};
use audit::AccessKind;
use authentication::Proof;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{HandleHash, OperatorId, PersonId, SessionId};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use sessions::{CloseReason, ClosedSession, ExerciseMark, Session};
use std::sync::LazyLock;

static BY_ID: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT {} FROM session s WHERE s.id = $1", session::Model::listed("s"))
});
static HELD: LazyLock<String> = LazyLock::new(|| format!("{} FOR SHARE", *BY_ID));
static INSERTION: LazyLock<String> = LazyLock::new(|| session::Model::insertion("session"));
static UNCLOSED_IN: LazyLock<String> = LazyLock::new(|| {
    let columns = session::Model::listed("s");
    format!(
        "SELECT {columns} FROM session s WHERE s.browser_hash = $1 AND s.listener = $2 \
         AND s.closed_at IS NULL ORDER BY s.opened_at"
    )
});
static UNCLOSED_HELD: LazyLock<String> = LazyLock::new(|| format!("{} FOR UPDATE", *UNCLOSED_IN));
static BY_HANDLE: LazyLock<String> = LazyLock::new(|| {
    let columns = session::Model::listed("s");
    format!(
        "SELECT {columns}, (SELECT c.value FROM counter c WHERE c.name = $1) FROM session s \
         WHERE s.handle_hash = $2 AND s.listener = $3"
    )
});

/// Open sessions that stand on something that time has ended: no post that runs now (an operator may have none at all), or
/// an account or a means that was good when the session was opened and is over. In the order of their own ends, so that
/// what is closed or over already is not walked through.
const MAY_BE_OVER: &str = "SELECT s.expires_at, s.id, s.person_id FROM session s \
     WHERE s.expires_at >= $1 AND (s.expires_at > $1 OR s.id > $2) AND s.closed_at IS NULL AND ( \
       (NOT EXISTS (SELECT 1 FROM post p WHERE p.person_id = s.person_id \
          AND (p.starts_on IS NULL OR p.starts_on <= $3) \
          AND (p.ends_on IS NULL OR p.ends_on >= $3)) \
        AND (s.operator_id IS NULL \
          OR EXISTS (SELECT 1 FROM post p WHERE p.person_id = s.person_id))) \
       OR EXISTS (SELECT 1 FROM account a WHERE a.person_id = s.person_id \
          AND a.expires_at > s.opened_at AND a.expires_at <= $4) \
       OR EXISTS (SELECT 1 FROM means m WHERE m.person_id = s.person_id \
          AND m.expires_at > s.opened_at AND m.expires_at <= $4)) \
     ORDER BY s.expires_at, s.id LIMIT $5";

/// An open session to ask the choke point about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MayBeOver {
    pub expires_at: DateTime<Utc>,
    pub id: SessionId,
    pub person: PersonId,
}

/// Sessions of people, open and closed.
pub struct Sessions<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ByPlace> Sessions<'_, C> {
    pub async fn find(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let rows = self.0.rows(&BY_ID, vec![id.uuid().into()], session::Model::first).await;
        rows.attempted("read a session")?.pop().map(read).transpose()
    }

    /// Locked for this act: whoever closes it meanwhile comes before or after, never between.
    pub async fn lock(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let row = session::Entity::find_by_id(id.uuid())
            .lock(LockType::Update)
            .one(self.0)
            .await
            .attempted("lock a session")?;
        row.map(read).transpose()
    }

    /// Read for an issuance: a closing waits for its commit, so that what it gives is seen by what takes back.
    pub async fn hold(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let sql: &str = match self.0.get_database_backend() {
            DbBackend::Postgres => &HELD,
            _ => &BY_ID, // one writer at a time there
        };
        let rows = self.0.rows(sql, vec![id.uuid().into()], session::Model::first).await;
        rows.attempted("hold a session")?.pop().map(read).transpose()
    }

    /// The session of this cookie on this listener, and the restore epoch in force: a cookie of one is never read by the other.
    pub async fn by_handle(
        &self,
        listener: AccessKind,
        handle: &HandleHash,
    ) -> Result<Option<(Session, u64)>, StoreError> {
        let epoch = Counter::RestoreEpoch.name();
        let values = vec![epoch.into(), handle.0.to_vec().into(), listener_name(listener).into()];
        let both = |row: &Row<'_>| {
            let epoch: Option<i64> = row.get(session::Model::NAMES.len())?;
            Ok((session::Model::first(row)?, epoch.unwrap_or(0)))
        };
        let rows = self.0.rows(&BY_HANDLE, values, both).await;
        let found = rows.attempted("find a session")?.pop();
        found.map(|(row, epoch)| Ok((read(row)?, u64::try_from(epoch).unwrap_or(0)))).transpose()
    }

    /// Sessions of a person that nobody closed; some may be over by age.
    pub async fn unclosed_of(&self, person: PersonId) -> Result<Vec<Session>, StoreError> {
        let rows = session::Entity::find()
            .filter(session::Column::PersonId.eq(person.uuid()))
            .filter(session::Column::ClosedAt.is_null())
            .order_by_asc(session::Column::OpenedAt)
            .lock(LockType::Update)
            .all(self.0)
            .await
            .attempted("read sessions")?;
        rows.into_iter().map(read).collect()
    }

    /// The same for a page: nothing is held.
    pub async fn list_of(&self, person: PersonId) -> Result<Vec<Session>, StoreError> {
        let rows = session::Entity::find()
            .filter(session::Column::PersonId.eq(person.uuid()))
            .filter(session::Column::ClosedAt.is_null())
            .order_by_asc(session::Column::OpenedAt)
            .all(self.0)
            .await
            .attempted("read sessions")?;
        rows.into_iter().map(read).collect()
    }

    /// Open sessions that may carry nothing more, by what ends with time alone; after one, so many.
    pub async fn may_be_over(
        &self,
        now: DateTime<Utc>,
        today: NaiveDate,
        after: Option<&MayBeOver>,
        most: u16,
    ) -> Result<Vec<MayBeOver>, StoreError> {
        // What is over by its age at this moment needs no end.
        let (from, id) = after.map_or((now, uuid::Uuid::max()), |at| (at.expires_at, at.id.uuid()));
        let most = i64::from(most);
        let values = vec![from.into(), id.into(), today.into(), now.into(), most.into()];
        let read = |row: &Row<'_>| {
            Ok(MayBeOver {
                expires_at: row.get(0)?,
                id: row.get::<uuid::Uuid>(1)?.into(),
                person: row.get::<uuid::Uuid>(2)?.into(),
            })
        };
        let found = self.0.rows(MAY_BE_OVER, values, read).await;
        found.attempted("look for sessions that time has ended")
    }

    /// Sessions of one browser that nobody closed, whoever's they are.
    pub async fn unclosed_in(
        &self,
        listener: AccessKind,
        browser: &HandleHash,
    ) -> Result<Vec<Session>, StoreError> {
        let sql: &str = match self.0.get_database_backend() {
            DbBackend::Postgres => &UNCLOSED_HELD,
            _ => &UNCLOSED_IN, // one writer at a time there
        };
        let values = vec![browser.0.to_vec().into(), listener_name(listener).into()];
        let rows = self.0.rows(sql, values, session::Model::first).await;
        rows.attempted("read the sessions of a browser")?.into_iter().map(read).collect()
    }

    pub async fn insert(&self, session: &Session) -> Result<(), StoreError> {
        self.0.write(&INSERTION, row(session).values()).await.attempted("open a session")?;
        Ok(())
    }

    /// Saves a session that is still open in the database: what is closed stays so (threats I-24).
    pub async fn save(&self, session: &Session) -> Result<(), StoreError> {
        let next = row(session);
        let result = session::Entity::update_many()
            .col_expr(session::Column::HandleHash, Expr::value(next.handle_hash))
            .col_expr(session::Column::Assurance, Expr::value(next.assurance))
            .col_expr(session::Column::AuthTime, Expr::value(next.auth_time))
            .col_expr(session::Column::LastSeenAt, Expr::value(next.last_seen_at))
            .col_expr(session::Column::ClosedAt, Expr::value(next.closed_at))
            .col_expr(session::Column::CloseReason, Expr::value(next.close_reason))
            .filter(session::Column::Id.eq(session.id.uuid()))
            .filter(session::Column::ClosedAt.is_null())
            .exec(self.0)
            .await
            .attempted("save a session")?;
        if result.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale { table: "session" }) }
    }

    /// Notes the exercise that she works under from here on, in a session that is still open. By itself: what else is
    /// saved of a session meanwhile leaves it alone.
    pub async fn choose_exercise(
        &self,
        id: SessionId,
        mark: ExerciseMark,
    ) -> Result<bool, StoreError> {
        let result = session::Entity::update_many()
            .col_expr(session::Column::Exercise, Expr::value(mark.0.to_vec()))
            .filter(session::Column::Id.eq(id.uuid()))
            .filter(session::Column::ClosedAt.is_null())
            .exec(self.0)
            .await
            .attempted("note an exercise")?;
        Ok(result.rows_affected == 1)
    }
}

impl Upkeep<'_> {
    /// A sign of life of an open session.
    pub async fn session_seen(&self, id: SessionId, at: DateTime<Utc>) -> Result<(), StoreError> {
        let tx = self.store().begin().await?;
        session::Entity::update_many()
            .col_expr(session::Column::LastSeenAt, Expr::value(at))
            .filter(session::Column::Id.eq(id.uuid()))
            .filter(session::Column::ClosedAt.is_null())
            .exec(&tx)
            .await
            .attempted("note a sign of life")?;
        tx.finish().await
    }
}

fn listener_name(listener: AccessKind) -> &'static str {
    match listener {
        AccessKind::Public => "public",
        AccessKind::Admin => "admin",
    }
}

pub(crate) fn listener_from(name: &str) -> Option<AccessKind> {
    [AccessKind::Public, AccessKind::Admin].into_iter().find(|kind| listener_name(*kind) == name)
}

pub(crate) fn listener_text(listener: AccessKind) -> String {
    listener_name(listener).to_owned()
}

fn row(session: &Session) -> session::Model {
    session::Model {
        id: session.id.uuid(),
        listener: listener_text(session.listener),
        handle_hash: session.handle.0.to_vec(),
        person_id: session.person.uuid(),
        operator_id: session.operator.map(OperatorId::uuid),
        assurance: Proof::texts(&session.proofs),
        auth_time: session.auth_time,
        opened_at: session.opened_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at,
        closed_at: session.closed.map(|closed| closed.at),
        close_reason: session.closed.map(|closed| closed.reason.name().to_owned()),
        epoch: i64::try_from(session.epoch).unwrap_or(i64::MAX),
        sid: session.sid.uuid(),
        browser_hash: session.browser.0.to_vec(),
        exercise: session.exercise.map(|mark| mark.0.to_vec()),
    }
}

pub(crate) fn read(row: session::Model) -> Result<Session, StoreError> {
    let id = row.id;
    let bad = |column| StoreError::Corrupt { table: "session", row: id.to_string(), column };
    let hash =
        |bytes: Vec<u8>, column| bytes.try_into().map(HandleHash).map_err(|_: Vec<u8>| bad(column));
    let closed = match (row.closed_at, row.close_reason) {
        (None, _) => None,
        (Some(at), reason) => {
            let reason = reason.as_deref().and_then(CloseReason::from_name);
            Some(ClosedSession { at, reason: reason.ok_or_else(|| bad("close_reason"))? })
        }
    };
    let exercise = row.exercise.map(TryInto::try_into).transpose();
    Ok(Session {
        id: row.id.into(),
        listener: listener_from(&row.listener).ok_or_else(|| bad("listener"))?,
        handle: hash(row.handle_hash, "handle_hash")?,
        browser: hash(row.browser_hash, "browser_hash")?,
        person: row.person_id.into(),
        operator: row.operator_id.map(Into::into),
        proofs: Proof::from_texts(&row.assurance).map_err(|_| bad("assurance"))?,
        sid: row.sid.into(),
        opened_at: row.opened_at,
        last_seen_at: row.last_seen_at,
        expires_at: row.expires_at,
        closed,
        epoch: u64::try_from(row.epoch).map_err(|_| bad("epoch"))?,
        auth_time: row.auth_time,
        exercise: exercise.map_err(|_: Vec<u8>| bad("exercise"))?.map(ExerciseMark),
    })
}

impl Upkeep<'_> {
    fn store(&self) -> &Store {
        self.0
    }
}
