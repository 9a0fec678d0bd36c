use sea_orm_migration::{prelude::*, schema::*};

/// Acts of the console that wait for a second person, and closings that somebody planned.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(accord()).await?;
        let waiting = Index::create()
            .name("accord_expires")
            .table("accord")
            .col("answered_at")
            .col("expires_at")
            .to_owned();
        manager.create_index(waiting).await?;
        let planned =
            Index::create().name("person_closed_at").table("person").col("closed_at").to_owned();
        manager.create_index(planned).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let planned = Index::drop().name("person_closed_at").table("person").to_owned();
        manager.drop_index(planned).await?;
        manager.drop_table(Table::drop().table("accord").to_owned()).await
    }
}

fn accord() -> TableCreateStatement {
    Table::create()
        .table("accord")
        .col(uuid("id").primary_key())
        .col(text("act"))
        .col(text("payload"))
        .col(uuid("asked_by"))
        .col(timestamp_with_time_zone("asked_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(uuid_null("answered_by"))
        .col(timestamp_with_time_zone_null("answered_at"))
        .col(boolean("given"))
        .foreign_key(ForeignKey::create().from("accord", "asked_by").to("person", "id"))
        .to_owned()
}
