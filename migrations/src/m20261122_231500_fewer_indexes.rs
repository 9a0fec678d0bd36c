use sea_orm_migration::prelude::*;

/// Each index of a token is written at each login and each refresh. Those that only a rare withdrawal reads go: it finds the
/// same tokens by their session. What has no reference is in no index of references, and of pushed requests those alone are
/// counted that still wait.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table) in [
            ("token_family", "token"),
            ("token_person", "token"),
            ("audit_entry_reference", "audit_entry"),
            ("pushed_request_client", "pushed_request"),
        ] {
            manager.drop_index(Index::drop().name(name).table(table).to_owned()).await?;
        }
        for index in [
            "CREATE INDEX audit_entry_reference ON audit_entry (reference) WHERE reference IS NOT NULL",
            "CREATE INDEX pushed_request_client ON pushed_request (client, expires_at) WHERE used_at IS NULL",
        ] {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = |name: &'static str, table: &'static str, column: &'static str| {
            Index::create().name(name).table(table).col(column).to_owned()
        };
        for (name, table) in
            [("audit_entry_reference", "audit_entry"), ("pushed_request_client", "pushed_request")]
        {
            manager.drop_index(Index::drop().name(name).table(table).to_owned()).await?;
        }
        let pushed =
            index("pushed_request_client", "pushed_request", "client").col("expires_at").to_owned();
        manager.create_index(pushed).await?;
        manager.create_index(index("audit_entry_reference", "audit_entry", "reference")).await?;
        manager.create_index(index("token_family", "token", "family")).await?;
        manager.create_index(index("token_person", "token", "person_id")).await
    }
}
