use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "backchannel_ping")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub handle_hash: Vec<u8>,
    pub client: Uuid,
    pub sealed: Vec<u8>,
    pub due_at: Option<DateTime<Utc>>,
    pub attempts: i64,
    pub expires_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
