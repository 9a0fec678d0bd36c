use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(source()).await?;
        manager.create_table(source_version()).await?;
        manager.create_table(source_record()).await?;
        manager.create_table(staged_record()).await?;
        manager.create_table(run()).await?;
        manager.create_table(plan_item()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in
            ["plan_item", "run", "staged_record", "source_record", "source_version", "source"]
        {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn source() -> TableCreateStatement {
    Table::create()
        .table("source")
        .col(uuid("id").primary_key())
        .col(text("name"))
        .col(text("kind"))
        .col(boolean("enabled"))
        .col(text("definition"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .to_owned()
}

fn source_version() -> TableCreateStatement {
    Table::create()
        .table("source_version")
        .col(uuid("source_id"))
        .col(big_integer("version"))
        .col(text("definition"))
        .col(timestamp_with_time_zone("at"))
        .col(text("by_actor"))
        .primary_key(Index::create().col("source_id").col("version"))
        .foreign_key(ForeignKey::create().from("source_version", "source_id").to("source", "id"))
        .to_owned()
}

fn source_record() -> TableCreateStatement {
    Table::create()
        .table("source_record")
        .col(uuid("source_id"))
        .col(text("external_key"))
        .col(uuid_null("person_id"))
        .col(uuid_null("account_id"))
        .col(blob("content_hash"))
        .col(text("identity"))
        .col(uuid("last_seen_run"))
        .col(timestamp_with_time_zone_null("absent_since"))
        .primary_key(Index::create().col("source_id").col("external_key"))
        .foreign_key(ForeignKey::create().from("source_record", "source_id").to("source", "id"))
        .to_owned()
}

fn staged_record() -> TableCreateStatement {
    Table::create()
        .table("staged_record")
        .col(uuid("id").primary_key())
        .col(uuid("source_id"))
        .col(uuid("run_id"))
        .col(text("external_key"))
        .col(blob("hash"))
        .col(text("lines"))
        .col(text("columns"))
        .col(timestamp_with_time_zone("at"))
        .to_owned()
}

fn run() -> TableCreateStatement {
    Table::create()
        .table("run")
        .col(uuid("id").primary_key())
        .col(uuid_null("source_id"))
        .col(text("kind"))
        .col(text("state"))
        .col(timestamp_with_time_zone("started_at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .col(big_integer("lines"))
        .col(text("counts"))
        .col(text("brakes"))
        .col(text("faults"))
        .col(text("warnings"))
        .col(big_integer("data_version"))
        .col(text_null("error"))
        .col(text("by_actor"))
        .to_owned()
}

fn plan_item() -> TableCreateStatement {
    Table::create()
        .table("plan_item")
        .col(uuid("id").primary_key())
        .col(uuid("run_id"))
        .col(big_integer("ordinal"))
        .col(text("kind"))
        .col(uuid_null("person_id"))
        .col(text("external_key"))
        .col(text("pattern_key"))
        .col(text("sort_key"))
        .col(text_null("unit_code"))
        .col(text("item"))
        .col(boolean("selected"))
        .col(text_null("result"))
        .col(timestamp_with_time_zone_null("applied_at"))
        .foreign_key(ForeignKey::create().from("plan_item", "run_id").to("run", "id"))
        .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        Index::create().name("source_name").table("source").col("name").unique().to_owned(),
        Index::create()
            .name("source_record_person")
            .table("source_record")
            .col("person_id")
            .to_owned(),
        Index::create()
            .name("staged_content")
            .table("staged_record")
            .col("source_id")
            .col("external_key")
            .col("hash")
            .unique()
            .to_owned(),
        Index::create()
            .name("run_source")
            .table("run")
            .col("source_id")
            .col("started_at")
            .to_owned(),
        Index::create()
            .name("plan_item_run")
            .table("plan_item")
            .col("run_id")
            .col("ordinal")
            .unique()
            .to_owned(),
        Index::create()
            .name("plan_item_kind")
            .table("plan_item")
            .col("run_id")
            .col("kind")
            .col("ordinal")
            .to_owned(),
    ]
}
