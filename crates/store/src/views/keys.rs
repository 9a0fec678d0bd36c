//! Signing keys as « Système » lists them, without anything secret.
use crate::entity::signing_key;
use crate::error::Attempted;
use crate::{Reader, StoreError};
use chrono::{DateTime, Utc};
use sea_orm::{EntityTrait, QueryOrder};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLine {
    pub kid: String,
    pub algorithm: String,
    pub state: String,
    /// Published before; signs from then on.
    pub active_from: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub retire_after: Option<DateTime<Utc>>,
}

pub async fn all(reader: &Reader<'_>) -> Result<Vec<KeyLine>, StoreError> {
    let rows = signing_key::Entity::find()
        .order_by_desc(signing_key::Column::CreatedAt)
        .all(reader)
        .await
        .attempted("read signing keys")?;
    let line = |row: signing_key::Model| KeyLine {
        kid: row.kid,
        algorithm: row.algorithm,
        state: row.state,
        active_from: row.active_from,
        created_at: row.created_at,
        retire_after: row.retire_after,
    };
    Ok(rows.into_iter().map(line).collect())
}
