//! What the page of one person shows beside the line of the list: means, sessions, names of those who acted.
use crate::entity::{client, client_use, means, opening_client, operator, person, session};
use crate::error::Attempted;
use crate::{Reader, StoreError};
use authentication::{Factor, MeansKind, MeansStatus, Proof};
use chrono::{DateTime, Utc};
use directory::Person;
use kernel::{ClientId, MeansId, OperatorId, PersonId, SessionId};
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};

/// One means, without what verifies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeansBrief {
    pub id: MeansId,
    pub person: PersonId,
    pub kind: MeansKind,
    pub status: MeansStatus,
    pub label: String,
    pub serial: Option<String>,
    pub issued_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub version: i64,
}

/// One session that is still open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionBrief {
    pub id: SessionId,
    pub console: bool,
    pub opened_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// How many different factors were proved.
    pub factors: i64,
    /// Names of the applications that were opened with it.
    pub applications: Vec<String>,
}

pub async fn means_of(
    reader: &Reader<'_>,
    person: PersonId,
) -> Result<Vec<MeansBrief>, StoreError> {
    let rows = means::Entity::find()
        .filter(means::Column::PersonId.eq(person.uuid()))
        .order_by_desc(means::Column::IssuedAt)
        .all(reader)
        .await
        .attempted("read the means of a person")?;
    rows.into_iter().map(read_means).collect()
}

pub async fn means_brief(
    reader: &Reader<'_>,
    id: MeansId,
) -> Result<Option<MeansBrief>, StoreError> {
    let row = means::Entity::find_by_id(id.uuid()).one(reader).await.attempted("read a means")?;
    row.map(read_means).transpose()
}

fn read_means(row: means::Model) -> Result<MeansBrief, StoreError> {
    let id = row.id.to_string();
    let bad = |column| StoreError::Corrupt { table: "means", row: id.clone(), column };
    Ok(MeansBrief {
        id: row.id.into(),
        person: row.person_id.into(),
        kind: MeansKind::from_name(&row.kind).ok_or_else(|| bad("kind"))?,
        status: MeansStatus::from_name(&row.status).ok_or_else(|| bad("status"))?,
        label: row.label,
        serial: row.serial,
        issued_at: row.issued_at,
        last_used_at: row.last_used_at,
        version: row.version,
    })
}

pub async fn open_sessions_of(
    reader: &Reader<'_>,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<SessionBrief>, StoreError> {
    let rows = session::Entity::find()
        .filter(session::Column::PersonId.eq(person.uuid()))
        .filter(session::Column::ClosedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now))
        .order_by_desc(session::Column::OpenedAt)
        .all(reader)
        .await
        .attempted("read the sessions of a person")?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let opened: Vec<String> = opening_client::Entity::find()
            .select_only()
            .column(client::Column::Name)
            .join(
                sea_orm::JoinType::InnerJoin,
                opening_client::Entity::belongs_to(client::Entity)
                    .from(opening_client::Column::Client)
                    .to(client::Column::Id)
                    .into(),
            )
            .filter(opening_client::Column::SessionId.eq(row.id))
            .distinct()
            .into_tuple()
            .all(reader)
            .await
            .attempted("read the applications of a session")?;
        let proofs = Proof::from_texts(&row.assurance).map_err(|_| StoreError::Corrupt {
            table: "session",
            row: row.id.to_string(),
            column: "assurance",
        })?;
        let factors: BTreeSet<Factor> =
            proofs.iter().flat_map(|proof| proof.factors().iter().copied()).collect();
        found.push(SessionBrief {
            id: row.id.into(),
            console: row.listener == "admin",
            opened_at: row.opened_at,
            last_seen_at: row.last_seen_at,
            expires_at: row.expires_at,
            factors: i64::try_from(factors.len()).unwrap_or(i64::MAX),
            applications: opened,
        });
    }
    Ok(found)
}

/// Who these people are, to name whoever acted; unknown ids are left out.
pub async fn named(
    reader: &Reader<'_>,
    ids: &[PersonId],
) -> Result<BTreeMap<PersonId, Person>, StoreError> {
    let rows = person::Entity::find()
        .filter(person::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
        .all(reader)
        .await
        .attempted("read who acted")?;
    let read = |row: person::Model| Ok((row.id.into(), crate::people::read(row)?));
    rows.into_iter().map(read).collect()
}

#[derive(FromQueryResult)]
struct ClientRow {
    id: sea_orm::prelude::Uuid,
    client_id: String,
    name: String,
}

/// Names of applications by their rows' ids.
pub async fn client_names(
    reader: &Reader<'_>,
) -> Result<BTreeMap<ClientId, (String, String)>, StoreError> {
    let rows: Vec<ClientRow> = client::Entity::find()
        .select_only()
        .columns([client::Column::Id, client::Column::ClientId, client::Column::Name])
        .into_model::<ClientRow>()
        .all(reader)
        .await
        .attempted("read the names of applications")?;
    Ok(rows.into_iter().map(|row| (row.id.into(), (row.client_id, row.name))).collect())
}

// By name: columns of SQLite come in no order of their own.
#[derive(FromQueryResult)]
struct UseRow {
    client: Uuid,
    last_at: Option<DateTime<Utc>>,
}

/// When each application was last opened: by this person, or by anybody.
pub async fn last_openings(
    reader: &Reader<'_>,
    person: Option<PersonId>,
) -> Result<BTreeMap<ClientId, DateTime<Utc>>, StoreError> {
    let rows: Vec<UseRow> = match person {
        Some(person) => client_use::Entity::find()
            .select_only()
            .columns([client_use::Column::Client, client_use::Column::LastAt])
            .filter(client_use::Column::PersonId.eq(person.uuid()))
            .into_model::<UseRow>()
            .all(reader)
            .await
            .attempted("read when applications were opened")?,
        None => newest_openings(reader).await?,
    };
    let known = rows.into_iter().filter_map(|row| Some((row.client.into(), row.last_at?)));
    Ok(known.collect())
}

/// The newest of each is the end of an index: applications are few, their users are not.
async fn newest_openings(reader: &Reader<'_>) -> Result<Vec<UseRow>, StoreError> {
    let clients: Vec<Uuid> = client::Entity::find()
        .select_only()
        .column(client::Column::Id)
        .into_tuple()
        .all(reader)
        .await
        .attempted("read applications")?;
    let mut rows = Vec::new();
    for id in clients {
        let newest = client_use::Entity::find()
            .filter(client_use::Column::Client.eq(id))
            .order_by_desc(client_use::Column::LastAt)
            .limit(1)
            .one(reader)
            .await
            .attempted("read when an application was opened")?;
        rows.extend(newest.map(|row| UseRow { client: row.client, last_at: Some(row.last_at) }));
    }
    Ok(rows)
}

/// When this operator's session before this one was last seen; `None` on a first visit.
pub async fn last_visit(
    reader: &Reader<'_>,
    operator: OperatorId,
    current: SessionId,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let row = session::Entity::find()
        .filter(session::Column::OperatorId.eq(operator.uuid()))
        .filter(session::Column::Id.ne(current.uuid()))
        .order_by_desc(session::Column::LastSeenAt)
        .one(reader)
        .await
        .attempted("read the visit before this one")?;
    Ok(row.map(|row| row.last_seen_at))
}

/// Who holds which roles: operator, person, roles as they are kept (JSON), enabled or not.
pub async fn operators(
    reader: &Reader<'_>,
) -> Result<Vec<(OperatorId, PersonId, String, bool)>, StoreError> {
    let rows = operator::Entity::find()
        .order_by_asc(operator::Column::CreatedAt)
        .all(reader)
        .await
        .attempted("read operators")?;
    let read = |row: operator::Model| (row.id.into(), row.person_id.into(), row.roles, row.enabled);
    Ok(rows.into_iter().map(read).collect())
}
