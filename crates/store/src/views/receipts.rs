//! What came of the calls that tell an application of the end of a session.
use crate::entity::{opening_client, session};
use crate::error::Attempted;
use crate::opening_clients::{DueWhen, openings, over};
use crate::{Reader, StoreError};
use chrono::{DateTime, Utc};
use kernel::{ClientId, OpeningId, PersonId, SessionId};
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, Condition, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// Where the telling of one end stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptState {
    /// To be told, now or again.
    Waiting,
    Received,
    /// Tried in vain for a day.
    GivenUp,
    /// The application asked for no calls.
    Needless,
}

impl ReceiptState {
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Received, Self::GivenUp, Self::Needless];
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Received => "received",
            Self::GivenUp => "given_up",
            Self::Needless => "needless",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
    fn condition(self, when: &DueWhen) -> Condition {
        use opening_client::Column;
        let settled = Condition::all().add(Column::ToldAt.is_not_null());
        match self {
            Self::Waiting => Condition::all().add(Column::ToldAt.is_null()).add(over(when)),
            Self::Received => {
                settled.add(Column::Failure.is_null()).add(Column::SentAt.is_not_null())
            }
            Self::GivenUp => settled.add(Column::Failure.is_not_null()),
            Self::Needless => settled.add(Column::Failure.is_null()).add(Column::SentAt.is_null()),
        }
    }
}

/// One end of a session, and what the application knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub opening: OpeningId,
    pub session: SessionId,
    pub person: PersonId,
    pub state: ReceiptState,
    pub opened_at: DateTime<Utc>,
    /// When somebody closed the session, where somebody did.
    pub closed_at: Option<DateTime<Utc>>,
    /// When it was called last.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it answered, or was given up.
    pub settled_at: Option<DateTime<Utc>>,
    pub attempts: u32,
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Why the last call failed, in one word.
    pub failure: Option<String>,
}

/// Of one application, the newest openings first, from the one before `before` on; and whether there are more.
pub async fn receipts(
    reader: &Reader<'_>,
    client: ClientId,
    when: &DueWhen,
    wanted: Option<ReceiptState>,
    before: Option<OpeningId>,
    limit: u64,
) -> Result<(Vec<Receipt>, bool), StoreError> {
    use opening_client::Column;
    let wanted = match wanted {
        Some(state) => state.condition(when),
        None => Condition::any().add(Column::ToldAt.is_not_null()).add(over(when)),
    };
    let rows = openings()
        .filter(Column::Client.eq(client.uuid()))
        .filter(wanted)
        .filter(Condition::all().add_option(before.map(|before| Column::Sid.lt(before.uuid()))))
        .order_by_desc(Column::Sid)
        .limit(limit + 1)
        .select_also(session::Entity)
        .all(reader)
        .await
        .attempted("read what an application was told")?;
    let more = rows.len() as u64 > limit;
    let kept = rows.into_iter().take(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok((kept.filter_map(|(row, session)| Some(read(row, session?))).collect(), more))
}

// By name: columns of SQLite come in no order of their own.
#[derive(FromQueryResult)]
struct Count {
    client: Uuid,
    waiting: i64,
}

/// How many ends each application is still to be told of; none of those that know all.
pub async fn waiting(
    reader: &Reader<'_>,
    when: &DueWhen,
) -> Result<BTreeMap<ClientId, u64>, StoreError> {
    use opening_client::Column;
    let counts: Vec<Count> = openings()
        .select_only()
        .column(Column::Client)
        .column_as(Column::Sid.count(), "waiting")
        .filter(ReceiptState::Waiting.condition(when))
        .group_by(Column::Client)
        .into_model()
        .all(reader)
        .await
        .attempted("count what applications are to be told")?;
    let count = |count: Count| (count.client.into(), u64::try_from(count.waiting).unwrap_or(0));
    Ok(counts.into_iter().map(count).collect())
}

fn read(row: opening_client::Model, session: session::Model) -> Receipt {
    let state = match (row.told_at, &row.failure, row.sent_at) {
        (None, ..) => ReceiptState::Waiting,
        (Some(_), Some(_), _) => ReceiptState::GivenUp,
        (Some(_), None, Some(_)) => ReceiptState::Received,
        (Some(_), None, None) => ReceiptState::Needless,
    };
    Receipt {
        opening: row.sid.into(),
        session: row.session_id.into(),
        person: session.person_id.into(),
        state,
        opened_at: row.at,
        closed_at: session.closed_at,
        sent_at: row.sent_at,
        settled_at: row.told_at,
        attempts: u32::try_from(row.attempts).unwrap_or(0),
        next_attempt_at: row.next_attempt_at,
        failure: row.failure,
    }
}
