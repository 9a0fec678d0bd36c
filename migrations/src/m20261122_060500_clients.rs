use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(client()).await?;
        manager.create_table(authorization_code()).await?;
        manager.create_table(token()).await?;
        manager.create_table(opening_client()).await?;
        manager.create_table(signing_key()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["signing_key", "opening_client", "token", "authorization_code", "client"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn client() -> TableCreateStatement {
    Table::create()
        .table("client")
        .col(uuid("id").primary_key())
        .col(text("client_id"))
        .col(text("issuer"))
        .col(text("name"))
        .col(boolean("enabled"))
        .col(text("profile"))
        .col(text("settings"))
        .col(blob_null("secret_hash"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .to_owned()
}

fn authorization_code() -> TableCreateStatement {
    Table::create()
        .table("authorization_code")
        .col(blob("code_hash").primary_key())
        .col(text("issuer"))
        .col(uuid("client"))
        .col(uuid("person_id"))
        .col(uuid("session_id"))
        .col(uuid("sid"))
        .col(text("details"))
        .col(timestamp_with_time_zone("issued_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("used_at"))
        .to_owned()
}

fn token() -> TableCreateStatement {
    Table::create()
        .table("token")
        .col(blob("token_hash").primary_key())
        .col(text("kind"))
        .col(text("issuer"))
        .col(blob("family"))
        .col(uuid("client"))
        .col(uuid_null("person_id"))
        .col(uuid_null("session_id"))
        .col(text("details"))
        .col(timestamp_with_time_zone("issued_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("revoked_at"))
        .to_owned()
}

fn opening_client() -> TableCreateStatement {
    Table::create()
        .table("opening_client")
        .col(uuid("sid"))
        .col(uuid("client"))
        .col(uuid("session_id"))
        .col(timestamp_with_time_zone("at"))
        .primary_key(Index::create().col("sid").col("client"))
        .to_owned()
}

fn signing_key() -> TableCreateStatement {
    Table::create()
        .table("signing_key")
        .col(uuid("id").primary_key())
        .col(text("kid"))
        .col(text("issuer"))
        .col(text("algorithm"))
        .col(blob("sealed"))
        .col(text("public_jwk"))
        .col(text("state"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("active_from"))
        .col(timestamp_with_time_zone_null("retire_after"))
        .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        Index::create().name("client_name").table("client").col("client_id").unique().to_owned(),
        Index::create()
            .name("authorization_code_expiry")
            .table("authorization_code")
            .col("expires_at")
            .to_owned(),
        Index::create().name("token_family").table("token").col("family").to_owned(),
        Index::create().name("token_person").table("token").col("person_id").to_owned(),
        Index::create().name("token_session").table("token").col("session_id").to_owned(),
        Index::create().name("token_expiry").table("token").col("expires_at").to_owned(),
        Index::create().name("signing_key_kid").table("signing_key").col("kid").unique().to_owned(),
    ]
}
