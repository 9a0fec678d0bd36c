use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "login_transaction")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub handle_hash: Vec<u8>,
    pub browser_hash: Vec<u8>,
    pub listener: String,
    pub purpose: String,
    pub state: String,
    pub person_id: Option<Uuid>,
    pub expires_at: DateTime<Utc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
