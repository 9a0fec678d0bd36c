use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub state: String,
    pub birth_family: Option<String>,
    pub usage_family: Option<String>,
    pub given: Option<String>,
    pub usual_given: Option<String>,
    pub sort_key: String,
    pub search_key: String,
    pub homonym_key: String,
    pub sex: Option<String>,
    pub birth_date: Option<NaiveDate>,
    pub birth_insee: Option<String>,
    pub birth_label: Option<String>,
    pub mail: Option<String>,
    pub declared_rpps: Option<String>,
    pub closed_at: Option<DateTime<Utc>>,
    pub close_motive: Option<String>,
    pub created_at: DateTime<Utc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
