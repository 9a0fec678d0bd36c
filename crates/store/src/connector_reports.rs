use crate::StoreError;
use crate::entity::connector_report::{Column, Entity, Model};
use crate::error::Attempted;
use audit::Digest;
use chrono::{DateTime, Utc};
use kernel::{ClientId, PersonId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

/// The report of a connector check that was handed in for an application: the last one alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorReport {
    pub client: ClientId,
    pub at: DateTime<Utc>,
    /// Who handed it in; absent for the command line.
    pub person: Option<PersonId>,
    /// Of the file as it came.
    pub file: Digest,
    /// What was taken of it: an older version of the product may have taken other lines.
    pub document: String,
}

pub struct ConnectorReports<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl ConnectorReport {
    /// What tells it from the one before: the instant at which it was handed in.
    pub fn version(&self) -> i64 {
        self.at.timestamp_micros()
    }
}

impl<C: ConnectionTrait> ConnectorReports<'_, C> {
    pub async fn find(&self, client: ClientId) -> Result<Option<ConnectorReport>, StoreError> {
        let row = Entity::find()
            .filter(Column::Client.eq(client.uuid()))
            .one(self.0)
            .await
            .attempted("read the report of a connector")?;
        row.map(read).transpose()
    }

    /// The same, held until the act ends: two who hand one in see each other.
    pub async fn lock(&self, client: ClientId) -> Result<Option<ConnectorReport>, StoreError> {
        let row = Entity::find()
            .filter(Column::Client.eq(client.uuid()))
            .lock_exclusive()
            .one(self.0)
            .await
            .attempted("hold the report of a connector")?;
        row.map(read).transpose()
    }

    /// Of all applications: one each at most, and a hospital has tens.
    pub async fn all(&self) -> Result<Vec<ConnectorReport>, StoreError> {
        let rows = Entity::find().all(self.0).await.attempted("read the reports of connectors")?;
        rows.into_iter().map(read).collect()
    }

    /// In the place of the one before, if there is one.
    pub async fn keep(&self, report: &ConnectorReport) -> Result<(), StoreError> {
        let row = Model {
            client: report.client.uuid(),
            at: report.at,
            person_id: report.person.map(PersonId::uuid),
            file_hash: report.file.as_bytes().to_vec(),
            document: report.document.clone(),
        };
        let replaced = [Column::At, Column::PersonId, Column::FileHash, Column::Document];
        let again = OnConflict::column(Column::Client).update_columns(replaced).to_owned();
        Entity::insert(row.into_active_model())
            .on_conflict(again)
            .exec_without_returning(self.0)
            .await
            .attempted("keep the report of a connector")?;
        Ok(())
    }
}

fn read(row: Model) -> Result<ConnectorReport, StoreError> {
    let id = row.client.to_string();
    let bad = |column| StoreError::Corrupt { table: "connector_report", row: id.clone(), column };
    Ok(ConnectorReport {
        client: row.client.into(),
        at: row.at,
        person: row.person_id.map(PersonId::from),
        file: Digest::try_from(row.file_hash.as_slice()).map_err(|_| bad("file_hash"))?,
        document: row.document,
    })
}
