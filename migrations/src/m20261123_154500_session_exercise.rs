use sea_orm_migration::{prelude::*, schema::*};

/// The exercise that a person chose to work under, for the session that she chose it in.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = blob_null("exercise").to_owned();
        manager.alter_table(Table::alter().table("session").add_column(column).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(Table::alter().table("session").drop_column("exercise").to_owned())
            .await
    }
}
