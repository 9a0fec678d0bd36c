use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(audit_entry()).await?;
        manager.create_table(audit_checkpoint()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        super::append_only::create(manager).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["audit_checkpoint", "audit_entry"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn audit_entry() -> TableCreateStatement {
    Table::create()
        .table("audit_entry")
        .col(big_integer("seq").auto_increment().primary_key())
        .col(timestamp_with_time_zone("at"))
        .col(text("category"))
        .col(text("event"))
        .col(text("outcome"))
        .col(text("actor"))
        .col(uuid_null("person_id"))
        .col(text_null("reference"))
        .col(text("body"))
        .col(blob("leaf_hash"))
        .col(big_integer_null("leaf_index"))
        .to_owned()
}

fn audit_checkpoint() -> TableCreateStatement {
    Table::create()
        .table("audit_checkpoint")
        .col(big_integer("size").primary_key())
        .col(blob("root"))
        .col(blob("frontier"))
        .col(text("note"))
        .col(timestamp_with_time_zone("at"))
        .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        Index::create()
            .name("audit_entry_leaf")
            .table("audit_entry")
            .col("leaf_index")
            .unique()
            .to_owned(),
        Index::create().name("audit_entry_at").table("audit_entry").col("at").to_owned(),
        Index::create()
            .name("audit_entry_person")
            .table("audit_entry")
            .col("person_id")
            .col("seq")
            .to_owned(),
        Index::create()
            .name("audit_entry_category")
            .table("audit_entry")
            .col("category")
            .col("seq")
            .to_owned(),
        Index::create()
            .name("audit_entry_reference")
            .table("audit_entry")
            .col("reference")
            .to_owned(),
    ]
}
