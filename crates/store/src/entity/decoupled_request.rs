use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "decoupled_request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub handle_hash: Vec<u8>,
    pub kind: String,
    pub issuer: String,
    pub client: Uuid,
    pub person_id: Option<Uuid>,
    pub user_code: Option<Vec<u8>>,
    pub details: String,
    pub state: String,
    pub session_id: Option<Uuid>,
    pub sid: Option<Uuid>,
    pub asked_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub polled_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
