use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub category: String,
    pub event: String,
    pub outcome: String,
    pub actor: String,
    pub person_id: Option<Uuid>,
    pub reference: Option<String>,
    pub body: String,
    pub leaf_hash: Vec<u8>,
    pub leaf_index: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
