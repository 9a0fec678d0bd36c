use sea_orm_migration::{prelude::*, schema::*};

/// What an application's page tells: when it was last called of an end, and the report of its connector that somebody
/// handed in. Refusals of an application are read along an index of their own, which no other entry is written to.
#[derive(DeriveMigrationName)]
pub struct Migration;

const REPORT: &str = "connector_report";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sent = timestamp_with_time_zone_null("sent_at");
        let alter = Table::alter().table("opening_client").add_column(sent).to_owned();
        manager.alter_table(alter).await?;
        let table = Table::create()
            .table(REPORT)
            .col(uuid("client").primary_key())
            .col(timestamp_with_time_zone("at"))
            .col(uuid_null("person_id"))
            .col(blob("file_hash"))
            .col(text("document"))
            .to_owned();
        manager.create_table(table).await?;
        let refused =
            "CREATE INDEX audit_entry_refused ON audit_entry (seq) WHERE outcome = 'refused'";
        manager.get_connection().execute_unprepared(refused).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop().name("audit_entry_refused").table("audit_entry").to_owned();
        manager.drop_index(index).await?;
        manager.drop_table(Table::drop().table(REPORT).to_owned()).await?;
        let alter = Table::alter().table("opening_client").drop_column("sent_at").to_owned();
        manager.alter_table(alter).await
    }
}
