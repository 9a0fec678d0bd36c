use crate::StoreError;
use crate::entity::{source_record, staged_record};
use crate::error::Attempted;
use chrono::{DateTime, Utc};
use identity::{ExternalKey, Identity};
use kernel::{AccountId, PersonId, RunId, SourceId, StagedId};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use std::collections::BTreeMap;

/// What a source last said under one key, and whom it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRecord {
    pub source: SourceId,
    pub key: ExternalKey,
    pub person: Option<PersonId>,
    pub account: Option<AccountId>,
    /// Hash of the columns as they were applied last.
    pub content_hash: [u8; 32],
    pub identity: Identity,
    pub last_seen_run: RunId,
    /// Since when complete readings lack it.
    pub absent_since: Option<DateTime<Utc>>,
}

/// One content, verbatim, kept once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    pub id: StagedId,
    pub source: SourceId,
    pub run: RunId,
    pub key: ExternalKey,
    pub hash: [u8; 32],
    /// Line numbers and columns as JSON, verbatim.
    pub lines: String,
    pub columns: String,
    pub at: DateTime<Utc>,
}

/// Records of sources: staged contents (never edited) and what each key says now.
pub struct SourceRecords<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> SourceRecords<'_, C> {
    /// All records of one source. For runs.
    pub async fn of(&self, source: SourceId) -> Result<Vec<SourceRecord>, StoreError> {
        let rows = source_record::Entity::find()
            .filter(source_record::Column::SourceId.eq(source.uuid()))
            .all(self.0)
            .await
            .attempted("read the records of a source")?;
        rows.into_iter().map(read).collect()
    }

    /// Records of one source after a key, at most `limit`, by key. For walks, a part at a time.
    pub async fn of_after(
        &self,
        source: SourceId,
        after: Option<&ExternalKey>,
        limit: u64,
    ) -> Result<Vec<SourceRecord>, StoreError> {
        let mut query = source_record::Entity::find()
            .filter(source_record::Column::SourceId.eq(source.uuid()))
            .order_by_asc(source_record::Column::ExternalKey)
            .limit(limit);
        if let Some(after) = after {
            query = query.filter(source_record::Column::ExternalKey.gt(after.0.as_str()));
        }
        let rows = query.all(self.0).await.attempted("read the records of a source")?;
        rows.into_iter().map(read).collect()
    }

    /// Those of the given keys that are known, in any order.
    pub async fn of_keys(
        &self,
        source: SourceId,
        keys: &[ExternalKey],
    ) -> Result<Vec<SourceRecord>, StoreError> {
        let mut records = Vec::with_capacity(keys.len());
        for chunk in keys.chunks(500) {
            let rows = source_record::Entity::find()
                .filter(source_record::Column::SourceId.eq(source.uuid()))
                .filter(
                    source_record::Column::ExternalKey.is_in(chunk.iter().map(|key| key.0.clone())),
                )
                .all(self.0)
                .await
                .attempted("read records by key")?;
            for row in rows {
                records.push(read(row)?);
            }
        }
        Ok(records)
    }

    /// What each source says of one person.
    pub async fn about(&self, person: PersonId) -> Result<Vec<SourceRecord>, StoreError> {
        let rows = source_record::Entity::find()
            .filter(source_record::Column::PersonId.eq(person.uuid()))
            .all(self.0)
            .await
            .attempted("read the records of a person")?;
        rows.into_iter().map(read).collect()
    }

    /// Writes what each key says now.
    pub async fn put_all(&self, records: &[SourceRecord]) -> Result<(), StoreError> {
        use source_record::Column;
        for chunk in records.chunks(500) {
            let replace = OnConflict::columns([Column::SourceId, Column::ExternalKey])
                .update_columns([
                    Column::PersonId,
                    Column::AccountId,
                    Column::ContentHash,
                    Column::Identity,
                    Column::LastSeenRun,
                    Column::AbsentSince,
                ])
                .to_owned();
            source_record::Entity::insert_many(
                chunk.iter().map(|record| row(record).into_active_model()),
            )
            .on_conflict(replace)
            .exec_without_returning(self.0)
            .await
            .attempted("write the records of a source")?;
        }
        Ok(())
    }

    /// Keeps contents that are new; a content seen before is kept once.
    pub async fn stage_all(&self, staged: &[Staged]) -> Result<(), StoreError> {
        for chunk in staged.chunks(500) {
            let rows = chunk.iter().map(|content| {
                staged_record::Model {
                    id: content.id.uuid(),
                    source_id: content.source.uuid(),
                    run_id: content.run.uuid(),
                    external_key: content.key.0.clone(),
                    hash: content.hash.to_vec(),
                    lines: content.lines.clone(),
                    columns: content.columns.clone(),
                    at: content.at,
                }
                .into_active_model()
            });
            let skip = OnConflict::new().do_nothing().to_owned();
            staged_record::Entity::insert_many(rows)
                .on_conflict(skip)
                .exec_without_returning(self.0)
                .await
                .attempted("stage records")?;
        }
        Ok(())
    }

    /// What the records that a source said last are made of, verbatim: their lines, column by column. For a look.
    pub async fn samples(
        &self,
        source: SourceId,
        records: u64,
    ) -> Result<Vec<BTreeMap<String, String>>, StoreError> {
        // Ids are drawn in the order of time.
        let staged: Vec<String> = staged_record::Entity::find()
            .select_only()
            .column(staged_record::Column::Columns)
            .filter(staged_record::Column::SourceId.eq(source.uuid()))
            .order_by_desc(staged_record::Column::Id)
            .limit(records)
            .into_tuple()
            .all(self.0)
            .await
            .attempted("read what a source said last")?;
        let mut lines = Vec::new();
        for columns in staged {
            let read: Result<Vec<BTreeMap<String, String>>, _> = serde_json::from_str(&columns);
            lines.extend(read.map_err(|_| StoreError::Corrupt {
                table: "staged_record",
                row: source.to_string(),
                column: "columns",
            })?);
        }
        Ok(lines)
    }

    /// How many records one source has.
    pub async fn count(&self, source: SourceId) -> Result<u64, StoreError> {
        use sea_orm::QuerySelect;
        let counted: Option<i64> = source_record::Entity::find()
            .select_only()
            .column_as(Expr::col(source_record::Column::ExternalKey).count(), "n")
            .filter(source_record::Column::SourceId.eq(source.uuid()))
            .into_tuple()
            .one(self.0)
            .await
            .attempted("count the records of a source")?;
        Ok(counted.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }
}

fn row(record: &SourceRecord) -> source_record::Model {
    source_record::Model {
        source_id: record.source.uuid(),
        external_key: record.key.0.clone(),
        person_id: record.person.map(PersonId::uuid),
        account_id: record.account.map(AccountId::uuid),
        content_hash: record.content_hash.to_vec(),
        identity: crate::national_identities::to_json(&record.identity),
        last_seen_run: record.last_seen_run.uuid(),
        absent_since: record.absent_since,
    }
}

fn read(row: source_record::Model) -> Result<SourceRecord, StoreError> {
    let place = format!("{} {}", row.source_id, row.external_key);
    let bad = |column| StoreError::Corrupt { table: "source_record", row: place.clone(), column };
    Ok(SourceRecord {
        source: row.source_id.into(),
        key: ExternalKey(row.external_key.clone()),
        person: row.person_id.map(Into::into),
        account: row.account_id.map(Into::into),
        content_hash: row.content_hash.try_into().map_err(|_| bad("content_hash"))?,
        identity: serde_json::from_str(&row.identity).map_err(|_| bad("identity"))?,
        last_seen_run: row.last_seen_run.into(),
        absent_since: row.absent_since,
    })
}
