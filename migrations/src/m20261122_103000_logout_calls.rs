use sea_orm_migration::{prelude::*, schema::*};

/// Who was told of the end of a session, and who still is to be.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "opening_client";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column a statement: SQLite adds no more at once.
        for column in columns() {
            let alter = Table::alter().table(TABLE).add_column(column).to_owned();
            manager.alter_table(alter).await?;
        }
        let due = Index::create().name("opening_client_due").table(TABLE).col("told_at").to_owned();
        manager.create_index(due).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(Index::drop().name("opening_client_due").table(TABLE).to_owned())
            .await?;
        for column in ["told_at", "attempts", "next_attempt_at", "failure"] {
            let alter = Table::alter().table(TABLE).drop_column(column).to_owned();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}

fn columns() -> [ColumnDef; 4] {
    [
        timestamp_with_time_zone_null("told_at"),
        big_integer("attempts").default(0).to_owned(),
        timestamp_with_time_zone_null("next_attempt_at"),
        text_null("failure"),
    ]
}
