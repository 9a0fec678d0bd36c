use sea_orm_migration::prelude::*;

/// The lines of a plan that are still to be applied: each chunk of an apply asked for them by walking over all those
/// that were applied before it.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = "CREATE INDEX plan_item_pending ON plan_item (run_id, ordinal) WHERE applied_at IS NULL";
        manager.get_connection().execute_unprepared(index).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop().name("plan_item_pending").table("plan_item").to_owned();
        manager.drop_index(index).await
    }
}
