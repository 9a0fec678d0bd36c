use crate::StoreError;
use crate::entity::{source, source_version};
use crate::error::Attempted;
use crate::national_identities::to_json;
use chrono::{DateTime, Utc};
use identity::SourceKind;
use kernel::{ActorId, SourceId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};

/// A declared source, at its present version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceDefinition {
    pub id: SourceId,
    /// Unique, as the definition gives it.
    pub name: String,
    pub kind: SourceKind,
    pub enabled: bool,
    /// The whole TOML text.
    pub definition: String,
    pub version: i64,
    pub created_at: DateTime<Utc>,
}

/// One version of a definition, kept for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceVersion {
    pub version: i64,
    pub definition: String,
    pub at: DateTime<Utc>,
    pub by: ActorId,
}

/// Sources and the versions of their definitions.
pub struct SourceDefinitions<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> SourceDefinitions<'_, C> {
    pub async fn find(&self, id: SourceId) -> Result<Option<SourceDefinition>, StoreError> {
        let row =
            source::Entity::find_by_id(id.uuid()).one(self.0).await.attempted("read a source")?;
        row.map(read).transpose()
    }

    pub async fn by_name(&self, name: &str) -> Result<Option<SourceDefinition>, StoreError> {
        let query = source::Entity::find().filter(source::Column::Name.eq(name));
        query.one(self.0).await.attempted("read a source by name")?.map(read).transpose()
    }

    pub async fn all(&self) -> Result<Vec<SourceDefinition>, StoreError> {
        let query = source::Entity::find().order_by_asc(source::Column::Name);
        let rows = query.all(self.0).await.attempted("read sources")?;
        rows.into_iter().map(read).collect()
    }

    /// When this version of a definition was saved.
    pub async fn saved_at(
        &self,
        id: SourceId,
        version: i64,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let found = source_version::Entity::find_by_id((id.uuid(), version))
            .one(self.0)
            .await
            .attempted("read a version of a source")?;
        Ok(found.map(|row| row.at))
    }

    pub async fn versions(&self, id: SourceId) -> Result<Vec<SourceVersion>, StoreError> {
        let rows = source_version::Entity::find()
            .filter(source_version::Column::SourceId.eq(id.uuid()))
            .order_by_desc(source_version::Column::Version)
            .all(self.0)
            .await
            .attempted("read the versions of a source")?;
        rows.into_iter()
            .map(|row| {
                let by = serde_json::from_str(&row.by_actor).map_err(|_| StoreError::Corrupt {
                    table: "source_version",
                    row: format!("{} {}", row.source_id, row.version),
                    column: "by_actor",
                })?;
                Ok(SourceVersion {
                    version: row.version,
                    definition: row.definition,
                    at: row.at,
                    by,
                })
            })
            .collect()
    }

    /// Adds a source, or its next version when the id is known.
    pub async fn save(
        &self,
        source: &SourceDefinition,
        at: DateTime<Utc>,
        by: &ActorId,
    ) -> Result<(), StoreError> {
        let row = source::Model {
            id: source.id.uuid(),
            name: source.name.clone(),
            kind: source.kind.name().to_owned(),
            enabled: source.enabled,
            definition: source.definition.clone(),
            version: source.version,
            created_at: source.created_at,
        };
        if source.version == 1 {
            let insert = source::Entity::insert(row.into_active_model());
            insert.exec_without_returning(self.0).await.attempted("add a source")?;
        } else {
            let changed = source::Entity::update_many()
                .set(row.into_active_model().reset_all())
                .filter(source::Column::Id.eq(source.id.uuid()))
                .filter(source::Column::Version.eq(source.version - 1))
                .exec(self.0)
                .await
                .attempted("change a source")?;
            if changed.rows_affected != 1 {
                return Err(StoreError::Stale { table: "source" });
            }
        }
        let version = source_version::Model {
            source_id: source.id.uuid(),
            version: source.version,
            definition: source.definition.clone(),
            at,
            by_actor: to_json(by),
        };
        source_version::Entity::insert(version.into_active_model())
            .exec_without_returning(self.0)
            .await
            .attempted("keep the version of a source")?;
        Ok(())
    }
}

fn read(row: source::Model) -> Result<SourceDefinition, StoreError> {
    let id = row.id.to_string();
    let kind = SourceKind::from_name(&row.kind);
    Ok(SourceDefinition {
        id: row.id.into(),
        name: row.name,
        kind: kind.ok_or(StoreError::Corrupt { table: "source", row: id, column: "kind" })?,
        enabled: row.enabled,
        definition: row.definition,
        version: row.version,
        created_at: row.created_at,
    })
}
