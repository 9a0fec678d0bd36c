use sea_orm_migration::{prelude::*, schema::*};

/// Logins that are approved elsewhere than where they were asked.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(decoupled_request()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("decoupled_request").to_owned()).await
    }
}

fn decoupled_request() -> TableCreateStatement {
    Table::create()
        .table("decoupled_request")
        .col(blob("handle_hash").primary_key())
        .col(text("kind"))
        .col(text("issuer"))
        .col(uuid("client"))
        .col(uuid_null("person_id"))
        .col(blob_null("user_code"))
        .col(text("details"))
        .col(text("state"))
        .col(uuid_null("session_id"))
        .col(uuid_null("sid"))
        .col(timestamp_with_time_zone("asked_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("polled_at"))
        .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let on = |name: &str, columns: &[&'static str]| {
        let mut index = Index::create().name(name).table("decoupled_request").to_owned();
        for column in columns {
            index.col(*column);
        }
        index
    };
    vec![
        on("decoupled_request_code", &["user_code"]),
        on("decoupled_request_person", &["person_id", "asked_at"]),
        on("decoupled_request_client", &["client", "expires_at"]),
        on("decoupled_request_expiry", &["expires_at"]),
    ]
}
