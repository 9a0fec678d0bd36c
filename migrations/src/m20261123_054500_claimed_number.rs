use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

/// The number that a card claimed against what is kept, beside the question about it: whoever bears it is not named by it until a
/// human has answered. Whoever HR says it of is found along an index.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let alter = Table::alter().table("doubt").add_column(text_null("claims")).to_owned();
        manager.alter_table(alter).await?;
        // A question that a credential put is named `credential|person|number|reason`.
        let claimed = match manager.get_database_backend() {
            DbBackend::Sqlite => {
                "UPDATE doubt SET claims = \
                   substr(dedupe_key, 49, instr(substr(dedupe_key, 49), '|') - 1) \
                 WHERE dedupe_key LIKE 'credential|%|%|%'"
            }
            _ => {
                "UPDATE doubt SET claims = split_part(dedupe_key, '|', 3) \
                 WHERE dedupe_key LIKE 'credential|%|%|%'"
            }
        };
        for statement in [
            claimed,
            "CREATE INDEX doubt_claims ON doubt (claims) WHERE claims IS NOT NULL",
            "CREATE INDEX person_declared ON person (declared_rpps) \
             WHERE declared_rpps IS NOT NULL",
        ] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table) in [("person_declared", "person"), ("doubt_claims", "doubt")] {
            manager.drop_index(Index::drop().name(name).table(table).to_owned()).await?;
        }
        let alter = Table::alter().table("doubt").drop_column("claims").to_owned();
        manager.alter_table(alter).await
    }
}
