//! What operators keep of the console: their lists, and what they confirmed with the key.
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(saved_view()).await?;
        manager.create_table(confirmation()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        let assigned =
            Table::alter().table("doubt").add_column(uuid_null("assigned_to")).to_owned();
        manager.alter_table(assigned).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let assigned = Table::alter().table("doubt").drop_column("assigned_to").to_owned();
        manager.alter_table(assigned).await?;
        for table in ["confirmation", "saved_view"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn saved_view() -> TableCreateStatement {
    Table::create()
        .table("saved_view")
        .col(uuid("id").primary_key())
        .col(uuid("operator_id"))
        .col(text("page"))
        .col(text("name"))
        .col(text("query"))
        .col(text("columns"))
        .col(boolean("shared"))
        .col(timestamp_with_time_zone("created_at"))
        .col(big_integer("version"))
        .foreign_key(ForeignKey::create().from("saved_view", "operator_id").to("operator", "id"))
        .to_owned()
}

fn confirmation() -> TableCreateStatement {
    Table::create()
        .table("confirmation")
        .col(uuid("id").primary_key())
        .col(uuid("session_id"))
        .col(text("act"))
        .col(text_null("ceremony"))
        .col(timestamp_with_time_zone("begun_at"))
        .col(timestamp_with_time_zone_null("confirmed_at"))
        .foreign_key(ForeignKey::create().from("confirmation", "session_id").to("session", "id"))
        .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        Index::create()
            .name("saved_view_name")
            .table("saved_view")
            .col("operator_id")
            .col("page")
            .col("name")
            .unique()
            .to_owned(),
        Index::create()
            .name("confirmation_session")
            .table("confirmation")
            .col("session_id")
            .col("act")
            .to_owned(),
    ]
}
