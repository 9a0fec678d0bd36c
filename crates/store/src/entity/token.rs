use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// What was given at once: an access token, and mostly the refresh token beside it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token")]
pub struct Model {
    /// Given by the database, one after the other. Part of the texts of both.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// When the last of both ends: the row may leave a day later.
    pub ends_at: DateTime<Utc>,
    pub access_hash: Option<Vec<u8>>,
    pub access_ends_at: Option<DateTime<Utc>>,
    /// The access token alone was given back.
    pub access_revoked_at: Option<DateTime<Utc>>,
    pub refresh_hash: Option<Vec<u8>>,
    pub refresh_ends_at: Option<DateTime<Utc>>,
    /// The refresh token was.
    pub used_at: Option<DateTime<Utc>>,
    /// Both were revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    pub issued_at: DateTime<Utc>,
    pub session_id: Uuid,
    pub person_id: Uuid,
    pub client: Uuid,
    pub family: Vec<u8>,
    pub issuer: String,
    pub details: String,
    /// What the refresh token stands for, where that is another than `details`.
    pub refresh_details: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
