use sea_orm_migration::{prelude::*, schema::*};

/// Calls that tell an application that the person whom it had asked has answered. What is said is sealed.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("backchannel_ping")
            .col(blob("handle_hash").primary_key())
            .col(uuid("client"))
            .col(blob("sealed"))
            .col(timestamp_with_time_zone_null("due_at"))
            .col(big_integer("attempts"))
            .col(timestamp_with_time_zone("expires_at"))
            .to_owned();
        manager.create_table(table).await?;
        for (name, column) in
            [("backchannel_ping_due", "due_at"), ("backchannel_ping_expiry", "expires_at")]
        {
            let index = Index::create().name(name).table("backchannel_ping").col(column).to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("backchannel_ping").to_owned()).await
    }
}
