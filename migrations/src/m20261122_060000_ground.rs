use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(meta()).await?;
        manager.create_table(counter()).await?;
        manager.create_table(lease()).await?;
        manager.create_table(attempt()).await?;
        manager.create_table(job()).await?;
        manager.create_table(idempotency()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["idempotency", "job", "attempt", "lease", "counter", "meta"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn meta() -> TableCreateStatement {
    Table::create().table("meta").col(text("key").primary_key()).col(text("value")).to_owned()
}

fn counter() -> TableCreateStatement {
    Table::create()
        .table("counter")
        .col(text("name").primary_key())
        .col(big_integer("value"))
        .to_owned()
}

fn lease() -> TableCreateStatement {
    Table::create()
        .table("lease")
        .col(text("name").primary_key())
        .col(text("holder"))
        .col(timestamp_with_time_zone("until"))
        .to_owned()
}

fn attempt() -> TableCreateStatement {
    Table::create()
        .table("attempt")
        .col(text("key").primary_key())
        .col(big_integer("count"))
        .col(timestamp_with_time_zone("window_start"))
        .col(timestamp_with_time_zone("next_allowed"))
        .to_owned()
}

fn job() -> TableCreateStatement {
    Table::create()
        .table("job")
        .col(uuid("id").primary_key())
        .col(text("kind"))
        .col(text("state"))
        .col(big_integer("done"))
        .col(big_integer("total"))
        .col(text("unit"))
        .col(text("params"))
        .col(text("started_by"))
        .col(timestamp_with_time_zone("started_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .col(text_null("result"))
        .col(boolean("stop_requested"))
        .col(text_null("holder"))
        .to_owned()
}

fn idempotency() -> TableCreateStatement {
    Table::create()
        .table("idempotency")
        .col(text("key").primary_key())
        .col(text("actor"))
        .col(text("response"))
        .col(timestamp_with_time_zone("at"))
        .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![Index::create().name("job_state").table("job").col("state").col("started_at").to_owned()]
}
