use sea_orm_migration::{prelude::*, schema::*};

/// When each person last opened each application: kept for good, where openings are forgotten once told.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(client_use()).await?;
        let newest = Index::create()
            .name("client_use_newest")
            .table("client_use")
            .col("client")
            .col("last_at")
            .to_owned();
        manager.create_index(newest).await?;
        let known = "INSERT INTO client_use (client, person_id, last_at) \
             SELECT opening_client.client, session.person_id, MAX(opening_client.at) \
             FROM opening_client JOIN session ON session.id = opening_client.session_id \
             GROUP BY opening_client.client, session.person_id";
        manager.get_connection().execute_unprepared(known).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("client_use").to_owned()).await
    }
}

fn client_use() -> TableCreateStatement {
    Table::create()
        .table("client_use")
        .col(uuid("client"))
        .col(uuid("person_id"))
        .col(timestamp_with_time_zone("last_at"))
        .primary_key(Index::create().col("person_id").col("client"))
        .foreign_key(ForeignKey::create().from("client_use", "client").to("client", "id"))
        .foreign_key(ForeignKey::create().from("client_use", "person_id").to("person", "id"))
        .to_owned()
}
