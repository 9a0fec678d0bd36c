use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// The index of leaves holds sealed entries alone, so that an act writes none of it: SQLite finds those that wait after the last
/// sealed one, PostgreSQL along an index of their own.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let whole = Index::drop().name("audit_entry_leaf").table("audit_entry").to_owned();
        manager.drop_index(whole).await?;
        let entries = manager.get_connection();
        let sealed = "CREATE UNIQUE INDEX audit_entry_leaf ON audit_entry (leaf_index) \
                      WHERE leaf_index IS NOT NULL";
        entries.execute_unprepared(sealed).await?;
        if manager.get_database_backend() != DbBackend::Sqlite {
            let waiting = "CREATE INDEX audit_entry_unsealed ON audit_entry (seq) \
                           WHERE leaf_index IS NULL";
            entries.execute_unprepared(waiting).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop = |name| Index::drop().name(name).table("audit_entry").to_owned();
        manager.drop_index(drop("audit_entry_leaf")).await?;
        if manager.get_database_backend() != DbBackend::Sqlite {
            manager.drop_index(drop("audit_entry_unsealed")).await?;
        }
        let whole = Index::create()
            .name("audit_entry_leaf")
            .table("audit_entry")
            .col("leaf_index")
            .unique()
            .to_owned();
        manager.create_index(whole).await
    }
}
