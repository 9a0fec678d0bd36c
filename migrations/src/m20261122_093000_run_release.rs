use sea_orm_migration::{prelude::*, schema::*};

/// Who gave the second accord on a plan that a brake holds, and when.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One change a statement: SQLite takes no more.
        for column in [text_null("released_by"), timestamp_with_time_zone_null("released_at")] {
            let change = Table::alter().table("run").add_column(column).to_owned();
            manager.alter_table(change).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["released_by", "released_at"] {
            let change = Table::alter().table("run").drop_column(column).to_owned();
            manager.alter_table(change).await?;
        }
        Ok(())
    }
}
