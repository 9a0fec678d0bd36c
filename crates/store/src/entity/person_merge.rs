use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person_merge")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kept: Uuid,
    pub absorbed: Uuid,
    pub merged_at: DateTime<Utc>,
    pub merged_by: String,
    pub evidence: String,
    pub motive: String,
    pub moved: String,
    pub undone_at: Option<DateTime<Utc>>,
    pub undone_by: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
