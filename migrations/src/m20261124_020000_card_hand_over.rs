use sea_orm_migration::{prelude::*, schema::*};

/// What the card listener read, until the login that waits for it comes back for it.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("card_hand_over")
            .col(blob("code_hash").primary_key())
            .col(blob("login_hash"))
            .col(text("card"))
            .col(timestamp_with_time_zone("read_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .to_owned();
        manager.create_table(table).await?;
        for (name, column) in
            [("card_hand_over_login", "login_hash"), ("card_hand_over_expiry", "expires_at")]
        {
            let index = Index::create().name(name).table("card_hand_over").col(column).to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("card_hand_over").to_owned()).await
    }
}
