use chrono::NaiveDate;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "post")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub person_id: Uuid,
    pub source_id: Uuid,
    pub matricule: String,
    pub finess_ej: Option<String>,
    pub finess_et: Option<String>,
    pub unit_code: Option<String>,
    pub unit_label: Option<String>,
    pub function_label: Option<String>,
    pub profession: Option<String>,
    pub contract_kind: Option<String>,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
