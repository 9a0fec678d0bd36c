use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan_item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub run_id: Uuid,
    pub ordinal: i64,
    pub kind: String,
    pub person_id: Option<Uuid>,
    pub external_key: String,
    pub pattern_key: String,
    pub sort_key: String,
    pub unit_code: Option<String>,
    pub item: String,
    pub selected: bool,
    pub result: Option<String>,
    pub applied_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
