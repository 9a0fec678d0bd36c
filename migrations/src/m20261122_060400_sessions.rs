use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(session()).await?;
        manager.create_table(login_transaction()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["login_transaction", "session"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn session() -> TableCreateStatement {
    Table::create()
        .table("session")
        .col(uuid("id").primary_key())
        .col(text("listener"))
        .col(blob("handle_hash"))
        .col(uuid("person_id"))
        .col(uuid_null("operator_id"))
        .col(text("assurance"))
        .col(timestamp_with_time_zone("auth_time"))
        .col(timestamp_with_time_zone("opened_at"))
        .col(timestamp_with_time_zone("last_seen_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("closed_at"))
        .col(text_null("close_reason"))
        .col(big_integer("epoch"))
        .col(uuid("sid"))
        .col(blob("browser_hash"))
        .foreign_key(ForeignKey::create().from("session", "person_id").to("person", "id"))
        .to_owned()
}

fn login_transaction() -> TableCreateStatement {
    Table::create()
        .table("login_transaction")
        .col(blob("handle_hash").primary_key())
        .col(blob("browser_hash"))
        .col(text("listener"))
        .col(text("purpose"))
        .col(text("state"))
        .col(uuid_null("person_id"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(big_integer("version"))
        .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        Index::create()
            .name("session_handle")
            .table("session")
            .col("handle_hash")
            .unique()
            .to_owned(),
        Index::create().name("session_browser").table("session").col("browser_hash").to_owned(),
        Index::create().name("session_person").table("session").col("person_id").to_owned(),
        Index::create().name("session_expiry").table("session").col("expires_at").to_owned(),
        Index::create()
            .name("login_transaction_expiry")
            .table("login_transaction")
            .col("expires_at")
            .to_owned(),
    ]
}
