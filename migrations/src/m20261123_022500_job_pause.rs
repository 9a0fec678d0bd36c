use sea_orm_migration::{prelude::*, schema::*};

/// A job is asked to pause, which keeps it to be taken up, or to end for good.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = boolean("pause_requested").default(false).to_owned();
        manager.alter_table(Table::alter().table("job").add_column(column).to_owned()).await?;
        // Those that were stopped until now could all be taken up again.
        let jobs = manager.get_connection();
        jobs.execute_unprepared("UPDATE job SET state = 'paused' WHERE state = 'stopped'").await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let jobs = manager.get_connection();
        jobs.execute_unprepared("UPDATE job SET state = 'stopped' WHERE state = 'paused'").await?;
        let alter = Table::alter().table("job").drop_column("pause_requested").to_owned();
        manager.alter_table(alter).await
    }
}
