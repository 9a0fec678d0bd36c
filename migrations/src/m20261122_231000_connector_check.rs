use sea_orm_migration::{prelude::*, schema::*};

/// Connector checks of a sandbox: they outlive the process, and any node goes on with them.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("connector_check")
            .col(text("id").primary_key())
            .col(blob("sealed"))
            .col(timestamp_with_time_zone("begun_at"))
            .to_owned();
        manager.create_table(table).await?;
        let index = Index::create()
            .name("connector_check_begun")
            .table("connector_check")
            .col("begun_at")
            .to_owned();
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("connector_check").to_owned()).await
    }
}
