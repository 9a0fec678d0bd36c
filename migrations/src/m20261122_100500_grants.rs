use sea_orm_migration::{prelude::*, schema::*};

/// Refresh tokens, pushed requests, and the ids of signed tokens that served once.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let used_at = timestamp_with_time_zone_null("used_at");
        manager.alter_table(Table::alter().table("token").add_column(used_at).to_owned()).await?;
        manager.create_table(pushed_request()).await?;
        manager.create_table(spent_id()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["spent_id", "pushed_request"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        manager.alter_table(Table::alter().table("token").drop_column("used_at").to_owned()).await
    }
}

fn pushed_request() -> TableCreateStatement {
    Table::create()
        .table("pushed_request")
        .col(blob("handle_hash").primary_key())
        .col(text("issuer"))
        .col(uuid("client"))
        .col(text("parameters"))
        .col(boolean("signed"))
        .col(timestamp_with_time_zone("pushed_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("used_at"))
        .to_owned()
}

fn spent_id() -> TableCreateStatement {
    Table::create()
        .table("spent_id")
        .col(blob("id_hash").primary_key())
        .col(timestamp_with_time_zone("expires_at"))
        .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        Index::create()
            .name("pushed_request_client")
            .table("pushed_request")
            .col("client")
            .col("expires_at")
            .to_owned(),
        Index::create()
            .name("pushed_request_expiry")
            .table("pushed_request")
            .col("expires_at")
            .to_owned(),
        Index::create().name("spent_id_expiry").table("spent_id").col("expires_at").to_owned(),
    ]
}
