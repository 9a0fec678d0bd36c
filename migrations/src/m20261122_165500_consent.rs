use sea_orm_migration::{prelude::*, schema::*};

/// What a person agreed that an application of somebody else hears of her.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("consent")
            .col(uuid("person_id"))
            .col(uuid("client"))
            .col(text("granted"))
            .col(timestamp_with_time_zone("given_at"))
            .primary_key(Index::create().col("person_id").col("client"))
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("consent").to_owned()).await
    }
}
