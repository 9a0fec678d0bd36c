//! One accord waits about a question at a time, found by its question; and what each of the two people was proved by.
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: [(&str, &str); 3] =
    [("accord", "case_id"), ("accord", "asked_with"), ("confirmation", "means_id")];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in COLUMNS {
            let added = Table::alter().table(table).add_column(uuid_null(column)).to_owned();
            manager.alter_table(added).await?;
        }
        let one = "CREATE UNIQUE INDEX accord_waits_for_case ON accord (case_id) \
                   WHERE answered_at IS NULL";
        manager.get_connection().execute_unprepared(one).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let one = Index::drop().name("accord_waits_for_case").table("accord").to_owned();
        manager.drop_index(one).await?;
        for (table, column) in COLUMNS {
            let dropped = Table::alter().table(table).drop_column(column).to_owned();
            manager.alter_table(dropped).await?;
        }
        Ok(())
    }
}
