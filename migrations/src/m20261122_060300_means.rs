use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(means()).await?;
        manager.create_table(enrolment_code()).await?;
        manager.create_table(operator()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["operator", "enrolment_code", "means"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn means() -> TableCreateStatement {
    Table::create()
        .table("means")
        .col(uuid("id").primary_key())
        .col(uuid("person_id"))
        .col(uuid_null("operator_id"))
        .col(text("kind"))
        .col(text("label"))
        .col(text_null("serial"))
        .col(text("status"))
        .col(text_null("secret"))
        .col(blob_null("credential_id"))
        .col(text("enrolment"))
        .col(timestamp_with_time_zone("issued_at"))
        .col(timestamp_with_time_zone_null("activated_at"))
        .col(timestamp_with_time_zone_null("expires_at"))
        .col(timestamp_with_time_zone_null("last_used_at"))
        .col(big_integer("version"))
        .foreign_key(ForeignKey::create().from("means", "person_id").to("person", "id"))
        .to_owned()
}

fn enrolment_code() -> TableCreateStatement {
    Table::create()
        .table("enrolment_code")
        .col(uuid("id").primary_key())
        .col(uuid("person_id"))
        .col(uuid_null("operator_id"))
        .col(text("kind"))
        .col(blob("code_hash"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(big_integer("attempts"))
        .col(timestamp_with_time_zone_null("used_at"))
        .col(text("issued_by"))
        .col(timestamp_with_time_zone("created_at"))
        .to_owned()
}

fn operator() -> TableCreateStatement {
    Table::create()
        .table("operator")
        .col(uuid("id").primary_key())
        .col(uuid("person_id"))
        .col(text("roles"))
        .col(boolean("enabled"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(ForeignKey::create().from("operator", "person_id").to("person", "id"))
        .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        Index::create().name("means_person").table("means").col("person_id").to_owned(),
        Index::create()
            .name("means_credential")
            .table("means")
            .col("credential_id")
            .unique()
            .to_owned(),
        Index::create()
            .name("enrolment_code_hash")
            .table("enrolment_code")
            .col("code_hash")
            .unique()
            .to_owned(),
        Index::create()
            .name("enrolment_code_person")
            .table("enrolment_code")
            .col("person_id")
            .to_owned(),
        Index::create()
            .name("operator_person")
            .table("operator")
            .col("person_id")
            .unique()
            .to_owned(),
    ]
}
