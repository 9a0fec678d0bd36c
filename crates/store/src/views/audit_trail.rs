//! The journal: filtered pages, one entry, and the leaf hashes that a proof needs.
use crate::audit_log::read;
use crate::entity::{audit_checkpoint, audit_entry};
use crate::error::Attempted;
use crate::{AuditEntry, Reader, StoreError};
use audit::{Category, Digest, Outcome, Reference};
use chrono::{DateTime, Utc};
use kernel::{ClientId, PersonId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

/// What the journal is narrowed to; empty lists and `None` narrow nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    pub categories: Vec<Category>,
    pub outcomes: Vec<Outcome>,
    /// Names of events.
    pub events: Vec<String>,
    /// The person who acted.
    pub actor: Option<PersonId>,
    /// The person it was done to.
    pub subject: Option<PersonId>,
    /// People whom it is not to be about.
    pub not_about: Vec<PersonId>,
    pub reference: Option<Reference>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    /// What a typed text may mean; an entry that mentions any of it answers.
    pub mentions: Option<Mentions>,
    /// The application that was part of it.
    pub client: Option<ClientId>,
}

/// What a typed text was found to mean.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mentions {
    /// Who acted, or was acted on.
    pub people: Vec<PersonId>,
    /// Names of events.
    pub events: Vec<String>,
    /// Ids of applications and sources.
    pub things: Vec<String>,
}

impl Mentions {
    // Ids are letters, digits and hyphens: nothing that LIKE would read otherwise.
    fn condition(&self) -> Condition {
        use audit_entry::Column;
        let mut any = Condition::any();
        if !self.people.is_empty() {
            any = any.add(Column::PersonId.is_in(self.people.iter().map(|id| id.uuid())));
        }
        if !self.events.is_empty() {
            any = any.add(Column::Event.is_in(self.events.iter().map(String::as_str)));
        }
        for person in &self.people {
            any = any.add(Column::Actor.contains(person.to_string()));
        }
        for thing in &self.things {
            any = any.add(Column::Body.contains(thing));
        }
        if any.is_empty() { any.add(Column::Seq.lt(0)) } else { any }
    }
}

impl AuditFilter {
    fn condition(&self) -> Condition {
        use audit_entry::Column;
        let some = |values: Vec<String>, column: Column| {
            (!values.is_empty()).then(|| column.is_in(values))
        };
        let names = |categories: &[Category]| {
            categories.iter().map(|category| category.name().to_owned()).collect()
        };
        let outcomes = self.outcomes.iter().map(|outcome| outcome.name().to_owned()).collect();
        Condition::all()
            .add_option(some(names(&self.categories), Column::Category))
            .add_option(some(outcomes, Column::Outcome))
            .add_option(some(self.events.clone(), Column::Event))
            .add_option(self.subject.map(|person| Column::PersonId.eq(person.uuid())))
            .add_option((!self.not_about.is_empty()).then(|| {
                let others = self.not_about.iter().map(|person| person.uuid());
                Condition::any()
                    .add(Column::PersonId.is_null())
                    .add(Column::PersonId.is_not_in(others))
            }))
            // The actor is kept as JSON; an id stands there whole or not at all.
            .add_option(self.actor.map(|person| Column::Actor.contains(person.to_string())))
            .add_option(self.reference.as_ref().map(|text| Column::Reference.eq(text.as_str())))
            .add_option(self.from.map(|from| Column::At.gte(from)))
            .add_option(self.to.map(|to| Column::At.lt(to)))
            .add_option(self.mentions.as_ref().map(Mentions::condition))
            .add_option(self.client.map(|client| Column::Body.contains(client.to_string())))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    pub entries: Vec<AuditEntry>,
    pub more: bool,
    pub total: u64,
    /// Entries that no checkpoint covers yet.
    pub waiting_seal: u64,
}

/// Newest first, from the entry before `before` on, with how many there are in all.
pub async fn page(
    reader: &Reader<'_>,
    filter: &AuditFilter,
    before: Option<i64>,
    limit: u64,
) -> Result<AuditPage, StoreError> {
    let unfiltered = *filter == AuditFilter::default();
    let waiting_seal = reader.audit().count_unsealed().await?;
    let total = match unfiltered {
        // Every entry is sealed or waits for it: counting a million rows would say the same.
        true => last_size(reader).await? + waiting_seal,
        false => count(reader, filter).await?,
    };
    Ok(AuditPage { total, waiting_seal, ..newest(reader, filter, before, limit).await? })
}

async fn last_size(reader: &Reader<'_>) -> Result<u64, StoreError> {
    let row = audit_checkpoint::Entity::find()
        .order_by_desc(audit_checkpoint::Column::Size)
        .one(reader)
        .await
        .attempted("read the last checkpoint")?;
    Ok(row.map_or(0, |row| u64::try_from(row.size).unwrap_or(0)))
}

pub async fn count(reader: &Reader<'_>, filter: &AuditFilter) -> Result<u64, StoreError> {
    let chosen = audit_entry::Entity::find().filter(filter.condition());
    chosen.count(reader).await.attempted("count the journal")
}

/// The same entries, uncounted.
pub async fn newest(
    reader: &Reader<'_>,
    filter: &AuditFilter,
    before: Option<i64>,
    limit: u64,
) -> Result<AuditPage, StoreError> {
    let mut query = audit_entry::Entity::find()
        .filter(filter.condition())
        .order_by_desc(audit_entry::Column::Seq)
        .limit(limit + 1);
    if let Some(before) = before {
        query = query.filter(audit_entry::Column::Seq.lt(before));
    }
    let rows = query.all(reader).await.attempted("read the journal")?;
    let more = rows.len() as u64 > limit;
    let kept = rows.into_iter().take(usize::try_from(limit).unwrap_or(usize::MAX));
    let entries = kept.map(read).collect::<Result<_, _>>()?;
    Ok(AuditPage { entries, more, total: 0, waiting_seal: 0 })
}

/// What an application was refused since then, newest first, from the entry before `before` on, and whether there is more.
/// Along the index of refusals: what went well is never read.
pub async fn refusals_of(
    reader: &Reader<'_>,
    client: ClientId,
    since: DateTime<Utc>,
    before: Option<i64>,
    limit: u64,
) -> Result<(Vec<AuditEntry>, bool), StoreError> {
    use audit_entry::Column;
    let rows = audit_entry::Entity::find()
        // As the index has it, word for word: a bound value would not be known for the same.
        .filter(Expr::cust("outcome = 'refused'"))
        .filter(Column::Body.contains(client.to_string()))
        .filter(Column::At.gte(since))
        .filter(Condition::all().add_option(before.map(|before| Column::Seq.lt(before))))
        .order_by_desc(Column::Seq)
        .limit(limit + 1)
        .all(reader)
        .await
        .attempted("read what an application was refused")?;
    let more = rows.len() as u64 > limit;
    let kept = rows.into_iter().take(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok((kept.map(read).collect::<Result<_, _>>()?, more))
}

/// What somebody did since then, the newest first, along the index of times.
pub async fn acts_of(
    reader: &Reader<'_>,
    person: PersonId,
    since: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<AuditEntry>, StoreError> {
    let rows = audit_entry::Entity::find()
        .filter(audit_entry::Column::At.gte(since))
        .filter(audit_entry::Column::Outcome.eq(Outcome::Accepted.name()))
        .filter(audit_entry::Column::Actor.contains(person.to_string()))
        .order_by_desc(audit_entry::Column::At)
        .order_by_desc(audit_entry::Column::Seq)
        .limit(limit)
        .all(reader)
        .await
        .attempted("read what somebody did")?;
    rows.into_iter().map(read).collect()
}

/// One sealed entry by its number in the tree.
pub async fn sealed_entry(
    reader: &Reader<'_>,
    index: u64,
) -> Result<Option<AuditEntry>, StoreError> {
    let row = audit_entry::Entity::find()
        .filter(audit_entry::Column::LeafIndex.eq(i64::try_from(index).unwrap_or(i64::MAX)))
        .one(reader)
        .await
        .attempted("read an entry of the journal")?;
    row.map(read).transpose()
}

/// The last signed checkpoint, and when it was made.
pub async fn last_checkpoint(
    reader: &Reader<'_>,
) -> Result<Option<(String, DateTime<Utc>)>, StoreError> {
    let row = audit_checkpoint::Entity::find()
        .order_by_desc(audit_checkpoint::Column::Size)
        .one(reader)
        .await
        .attempted("read the last checkpoint")?;
    Ok(row.map(|row| (row.note, row.at)))
}

/// The hashes of the leaves from `from` up to `to`, in order; fewer when some are missing.
pub async fn leaf_hashes(
    reader: &Reader<'_>,
    from: u64,
    to: u64,
) -> Result<Vec<Digest>, StoreError> {
    let rows: Vec<Vec<u8>> = audit_entry::Entity::find()
        .select_only()
        .column(audit_entry::Column::LeafHash)
        .filter(audit_entry::Column::LeafIndex.gte(i64::try_from(from).unwrap_or(i64::MAX)))
        .filter(audit_entry::Column::LeafIndex.lt(i64::try_from(to).unwrap_or(i64::MAX)))
        .order_by_asc(audit_entry::Column::LeafIndex)
        .into_tuple()
        .all(reader)
        .await
        .attempted("read leaf hashes")?;
    let hash = |(place, row): (usize, Vec<u8>)| {
        Digest::try_from(row.as_slice()).map_err(|_| StoreError::Corrupt {
            table: "audit_entry",
            row: format!("leaf {}", from + place as u64),
            column: "leaf_hash",
        })
    };
    rows.into_iter().enumerate().map(hash).collect()
}
