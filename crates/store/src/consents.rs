use crate::StoreError;
use crate::entity::consent::{Column, Entity, Model};
use crate::error::Attempted;
use chrono::{DateTime, Utc};
use kernel::{ClientId, PersonId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use std::collections::BTreeSet;

/// What people agreed that applications hear of them: one line a person and application.
pub struct Consents<'a, C: ConnectionTrait>(pub(crate) &'a C);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    pub person: PersonId,
    pub client: ClientId,
    /// Scopes, and claims asked one by one.
    pub granted: BTreeSet<String>,
    pub given_at: DateTime<Utc>,
}

impl<C: ConnectionTrait> Consents<'_, C> {
    pub async fn find(
        &self,
        person: PersonId,
        client: ClientId,
    ) -> Result<Option<Consent>, StoreError> {
        let row = Entity::find_by_id((person.uuid(), client.uuid())).one(self.0).await;
        row.attempted("read a consent")?.map(read).transpose()
    }

    /// Those of a person, the newest first.
    pub async fn of(&self, person: PersonId) -> Result<Vec<Consent>, StoreError> {
        let rows = Entity::find()
            .filter(Column::PersonId.eq(person.uuid()))
            .order_by_desc(Column::GivenAt)
            .all(self.0)
            .await
            .attempted("read consents")?;
        rows.into_iter().map(read).collect()
    }

    /// In the place of what was agreed before.
    pub async fn save(&self, consent: &Consent) -> Result<(), StoreError> {
        let words: Vec<&str> = consent.granted.iter().map(String::as_str).collect();
        let row = Model {
            person_id: consent.person.uuid(),
            client: consent.client.uuid(),
            granted: words.join(" "),
            given_at: consent.given_at,
        };
        let again = OnConflict::columns([Column::PersonId, Column::Client])
            .update_columns([Column::Granted, Column::GivenAt])
            .to_owned();
        Entity::insert(row.into_active_model())
            .on_conflict(again)
            .exec_without_returning(self.0)
            .await
            .attempted("keep a consent")?;
        Ok(())
    }

    /// False: there was none.
    pub async fn delete(&self, person: PersonId, client: ClientId) -> Result<bool, StoreError> {
        let gone = Entity::delete_by_id((person.uuid(), client.uuid())).exec(self.0).await;
        Ok(gone.attempted("take a consent back")?.rows_affected == 1)
    }
}

fn read(row: Model) -> Result<Consent, StoreError> {
    Ok(Consent {
        person: row.person_id.into(),
        client: row.client.into(),
        granted: row
            .granted
            .split(' ')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect(),
        given_at: row.given_at,
    })
}
