use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub source_id: Uuid,
    pub external_key: String,
    pub person_id: Option<Uuid>,
    pub login: String,
    pub login_key: String,
    pub upn: Option<String>,
    pub distinguished_name: String,
    pub enabled: bool,
    pub deleted: bool,
    pub expires_at: Option<DateTime<Utc>>,
    pub must_change_password: bool,
    pub mail: Option<String>,
    pub first_seen: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
