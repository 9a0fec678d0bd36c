use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "register_standing")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id_nat: String,
    pub standing: String,
    pub told_by: String,
    pub as_of: DateTime<Utc>,
    pub absences: i64,
    pub missed_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
