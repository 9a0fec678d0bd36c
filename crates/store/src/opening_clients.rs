use crate::by_place::{ByPlace, Columns, columns};
use crate::entity::{client_use, opening_client, session};
use crate::error::Attempted;
use crate::{StoreError, Upkeep};
use chrono::{DateTime, Utc};
use kernel::{ClientId, OpeningId, PersonId, SessionId};
use sea_orm::sea_query::{self, Expr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationDef, Select,
};
use std::sync::LazyLock;

/// Which clients were opened in which opening of a session. Written when a code is given, or
/// when a login that was approved elsewhere is: whatever ends the session
/// later, those to tell are already there, and none is forgotten.
pub struct OpeningClients<'a, C: ConnectionTrait>(pub(crate) &'a C);

static NOTE: LazyLock<String> = LazyLock::new(|| {
    let insertion = opening_client::Model::insertion("opening_client");
    format!("{insertion} ON CONFLICT (sid, client) DO NOTHING")
});
const NOTE_USE: &str = "INSERT INTO client_use (person_id, client, last_at) \
     SELECT person_id, $1, $2 FROM session WHERE id = $3 \
     ON CONFLICT (person_id, client) DO UPDATE SET last_at = excluded.last_at";

columns! {
    opening_client::Model { sid, client, session_id, at, told_at, attempts, next_attempt_at, failure, sent_at }
}

/// A client that is to be told of an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueLogout {
    pub sid: OpeningId,
    pub client: ClientId,
    pub session: SessionId,
    pub person: PersonId,
    pub attempts: u32,
    /// When the session ended, as far as is known.
    pub ended_at: DateTime<Utc>,
}

/// An end that somebody wants told once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToldAgain {
    pub session: SessionId,
    pub person: PersonId,
    /// It was not due, and is now.
    pub now_due: bool,
}

/// A session is over when it was closed by somebody, is over by age, unseen since `idle_since`, of before the restoration
/// that began `epoch`, or moved on to another opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueWhen {
    pub now: DateTime<Utc>,
    pub idle_since: DateTime<Utc>,
    pub epoch: i64,
}

impl<C: ByPlace> OpeningClients<'_, C> {
    /// Once for each client and opening, however many codes it takes.
    pub async fn note(
        &self,
        sid: OpeningId,
        client: ClientId,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let row = opening_client::Model {
            sid: sid.uuid(),
            client: client.uuid(),
            session_id: session.uuid(),
            at: now,
            told_at: None,
            attempts: 0,
            next_attempt_at: None,
            failure: None,
            sent_at: None,
        };
        self.0.write(&NOTE, row.values()).await.attempted("note a client of a session")?;
        self.note_use(client, session, now).await
    }

    /// The last time that this person opened it: stays when the opening itself is forgotten.
    async fn note_use(
        &self,
        client: ClientId,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let values = vec![client.uuid().into(), now.into(), session.uuid().into()];
        self.0.write(NOTE_USE, values).await.attempted("note the last use of a client")?;
        Ok(())
    }

    /// The session that this client was opened in.
    pub async fn session_of(
        &self,
        sid: OpeningId,
        client: ClientId,
    ) -> Result<Option<SessionId>, StoreError> {
        let row = opening_client::Entity::find_by_id((sid.uuid(), client.uuid()))
            .one(self.0)
            .await
            .attempted("read which session a client was opened in")?;
        Ok(row.map(|row| row.session_id.into()))
    }

    /// Those who ever opened this client, so many, from one on.
    pub async fn users_after(
        &self,
        client: ClientId,
        after: Option<PersonId>,
        most: u64,
    ) -> Result<Vec<PersonId>, StoreError> {
        let after = after.map(|after| client_use::Column::PersonId.gt(after.uuid()));
        let people: Vec<uuid::Uuid> = client_use::Entity::find()
            .select_only()
            .column(client_use::Column::PersonId)
            .filter(client_use::Column::Client.eq(client.uuid()))
            .filter(Condition::all().add_option(after))
            .order_by_asc(client_use::Column::PersonId)
            .limit(most)
            .into_tuple()
            .all(self.0)
            .await
            .attempted("read who opened a client")?;
        Ok(people.into_iter().map(PersonId::from).collect())
    }

    pub async fn of(&self, sid: OpeningId) -> Result<Vec<ClientId>, StoreError> {
        let rows = opening_client::Entity::find()
            .filter(opening_client::Column::Sid.eq(sid.uuid()))
            .all(self.0)
            .await
            .attempted("read the clients of a session")?;
        Ok(rows.into_iter().map(|row| row.client.into()).collect())
    }

    /// The clients that have somebody to be told of now.
    pub async fn due_clients(&self, when: &DueWhen) -> Result<Vec<ClientId>, StoreError> {
        let clients: Vec<uuid::Uuid> = due_rows(when)
            .select_only()
            .column(opening_client::Column::Client)
            .distinct()
            .into_tuple()
            .all(self.0)
            .await
            .attempted("read which clients to tell of a logout")?;
        Ok(clients.into_iter().map(ClientId::from).collect())
    }

    /// What one client is to be told now, what has waited longest first.
    pub async fn due(
        &self,
        client: ClientId,
        when: &DueWhen,
        most: u64,
    ) -> Result<Vec<DueLogout>, StoreError> {
        let waits_since = sea_query::Func::coalesce([
            Expr::col((opening_client::Entity, opening_client::Column::NextAttemptAt)),
            Expr::col((opening_client::Entity, opening_client::Column::At)),
        ]);
        let rows = due_rows(when)
            .filter(opening_client::Column::Client.eq(client.uuid()))
            .order_by_asc(sea_query::SimpleExpr::from(waits_since))
            .limit(most)
            .select_also(session::Entity)
            .all(self.0)
            .await
            .attempted("read whom to tell of a logout")?;
        Ok(rows.into_iter().filter_map(|(row, session)| due(row, session?, when.now)).collect())
    }

    /// Told, or given up: not tried again by itself. `sent`: when it was called for the last time; never, when nobody is to be.
    pub async fn settle(
        &self,
        due: &DueLogout,
        now: DateTime<Utc>,
        sent: Option<DateTime<Utc>>,
        failure: Option<&str>,
    ) -> Result<(), StoreError> {
        let attempts = due.attempts.saturating_add(u32::from(sent.is_some()));
        opening_client::Entity::update_many()
            .col_expr(opening_client::Column::ToldAt, Expr::value(now))
            .col_expr(opening_client::Column::Attempts, Expr::value(i64::from(attempts)))
            .col_expr(opening_client::Column::SentAt, Expr::value(sent))
            .col_expr(opening_client::Column::Failure, Expr::value(failure.map(str::to_owned)))
            .filter(opening_client::Column::Sid.eq(due.sid.uuid()))
            .filter(opening_client::Column::Client.eq(due.client.uuid()))
            .exec(self.0)
            .await
            .attempted("settle a logout")?;
        Ok(())
    }

    /// To be told again at the next turn, whatever came of it before. One that is due already is left as it is: it may be
    /// being told. `None`: this client was not opened there, or the session goes on.
    pub async fn tell_again(
        &self,
        sid: OpeningId,
        client: ClientId,
        when: &DueWhen,
    ) -> Result<Option<ToldAgain>, StoreError> {
        let found = openings()
            .filter(opening_client::Column::Sid.eq(sid.uuid()))
            .filter(opening_client::Column::Client.eq(client.uuid()))
            .filter(over(when))
            .select_also(session::Entity)
            .one(self.0)
            .await
            .attempted("read a logout")?;
        let Some((_, Some(session))) = found else { return Ok(None) };
        let never: Option<DateTime<Utc>> = None;
        let not_due = Condition::any()
            .add(opening_client::Column::ToldAt.is_not_null())
            .add(opening_client::Column::NextAttemptAt.gt(when.now));
        let changed = opening_client::Entity::update_many()
            .col_expr(opening_client::Column::ToldAt, Expr::value(never))
            .col_expr(opening_client::Column::NextAttemptAt, Expr::value(never))
            .filter(opening_client::Column::Sid.eq(sid.uuid()))
            .filter(opening_client::Column::Client.eq(client.uuid()))
            .filter(not_due)
            .exec(self.0)
            .await
            .attempted("have a client told again")?;
        Ok(Some(ToldAgain {
            session: session.id.into(),
            person: session.person_id.into(),
            now_due: changed.rows_affected == 1,
        }))
    }
}

/// Openings, each with its session.
pub(crate) fn openings() -> Select<opening_client::Entity> {
    let to_session: RelationDef = opening_client::Entity::belongs_to(session::Entity)
        .from(opening_client::Column::SessionId)
        .to(session::Column::Id)
        .into();
    opening_client::Entity::find().join(JoinType::InnerJoin, to_session)
}

/// The session of this opening is over, or moved on to another opening.
pub(crate) fn over(when: &DueWhen) -> Condition {
    let here = Expr::col((opening_client::Entity, opening_client::Column::Sid));
    let moved = sea_query::ExprTrait::ne(Expr::col((session::Entity, session::Column::Sid)), here);
    Condition::any()
        .add(session::Column::ClosedAt.is_not_null())
        .add(session::Column::ExpiresAt.lte(when.now))
        .add(session::Column::LastSeenAt.lte(when.idle_since))
        .add(session::Column::Epoch.ne(when.epoch))
        .add(moved)
}

/// Openings that are over and of which a client was not told yet.
fn due_rows(when: &DueWhen) -> Select<opening_client::Entity> {
    let waits = Condition::any()
        .add(opening_client::Column::NextAttemptAt.is_null())
        .add(opening_client::Column::NextAttemptAt.lte(when.now));
    openings().filter(opening_client::Column::ToldAt.is_null()).filter(waits).filter(over(when))
}

fn due(
    row: opening_client::Model,
    session: session::Model,
    now: DateTime<Utc>,
) -> Option<DueLogout> {
    Some(DueLogout {
        sid: row.sid.into(),
        client: row.client.into(),
        session: row.session_id.into(),
        person: session.person_id.into(),
        attempts: u32::try_from(row.attempts).ok()?,
        ended_at: session.closed_at.unwrap_or(session.expires_at).min(now),
    })
}

impl Upkeep<'_> {
    /// Nobody is to be called.
    pub async fn logout_needless(
        &self,
        due: &DueLogout,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let tx = self.0.begin().await?;
        tx.opening_clients().settle(due, now, None, None).await?;
        tx.finish().await
    }

    /// An attempt that failed: when it was made, when to try again, and why it failed, in one word.
    pub async fn logout_failed(
        &self,
        due: &DueLogout,
        sent: DateTime<Utc>,
        next: DateTime<Utc>,
        failure: &str,
    ) -> Result<(), StoreError> {
        let attempts = i64::from(due.attempts.saturating_add(1));
        let tx = self.0.begin().await?;
        opening_client::Entity::update_many()
            .col_expr(opening_client::Column::Attempts, Expr::value(attempts))
            .col_expr(opening_client::Column::NextAttemptAt, Expr::value(next))
            .col_expr(opening_client::Column::Failure, Expr::value(failure))
            .col_expr(opening_client::Column::SentAt, Expr::value(sent))
            .filter(opening_client::Column::Sid.eq(due.sid.uuid()))
            .filter(opening_client::Column::Client.eq(due.client.uuid()))
            .exec(&tx)
            .await
            .attempted("note a failed logout")?;
        tx.finish().await
    }
}
