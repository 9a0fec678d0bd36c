use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(person()).await?;
        manager.create_table(post()).await?;
        manager.create_table(account()).await?;
        manager.create_table(national_identity()).await?;
        manager.create_table(doubt()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        super::only_one::create(manager).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["doubt", "national_identity", "account", "post", "person"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn person() -> TableCreateStatement {
    Table::create()
        .table("person")
        .col(uuid("id").primary_key())
        .col(text("state"))
        .col(text_null("birth_family"))
        .col(text_null("usage_family"))
        .col(text_null("given"))
        .col(text_null("usual_given"))
        .col(text("sort_key"))
        .col(text("search_key"))
        .col(text("homonym_key"))
        .col(text_null("sex"))
        .col(date_null("birth_date"))
        .col(text_null("birth_insee"))
        .col(text_null("birth_label"))
        .col(text_null("mail"))
        .col(text_null("declared_rpps"))
        .col(timestamp_with_time_zone_null("closed_at"))
        .col(text_null("close_motive"))
        .col(timestamp_with_time_zone("created_at"))
        .col(big_integer("version"))
        .to_owned()
}

fn post() -> TableCreateStatement {
    Table::create()
        .table("post")
        .col(uuid("id").primary_key())
        .col(uuid("person_id"))
        .col(uuid("source_id"))
        .col(text("matricule"))
        .col(text_null("finess_ej"))
        .col(text_null("finess_et"))
        .col(text_null("unit_code"))
        .col(text_null("unit_label"))
        .col(text_null("function_label"))
        .col(text_null("profession"))
        .col(text_null("contract_kind"))
        .col(date_null("starts_on"))
        .col(date_null("ends_on"))
        .foreign_key(ForeignKey::create().from("post", "person_id").to("person", "id"))
        .to_owned()
}

fn account() -> TableCreateStatement {
    Table::create()
        .table("account")
        .col(uuid("id").primary_key())
        .col(uuid("source_id"))
        .col(text("external_key"))
        .col(uuid_null("person_id"))
        .col(text("login"))
        .col(text("login_key"))
        .col(text_null("upn"))
        .col(text("distinguished_name"))
        .col(boolean("enabled"))
        .col(boolean("deleted"))
        .col(timestamp_with_time_zone_null("expires_at"))
        .col(boolean("must_change_password"))
        .col(text_null("mail"))
        .col(timestamp_with_time_zone("first_seen"))
        .foreign_key(ForeignKey::create().from("account", "person_id").to("person", "id"))
        .to_owned()
}

fn national_identity() -> TableCreateStatement {
    Table::create()
        .table("national_identity")
        .col(uuid("id").primary_key())
        .col(uuid("person_id"))
        .col(text("id_nat"))
        .col(boolean("is_rpps"))
        .col(text("channel"))
        .col(text("evidence"))
        .col(text("decided_by"))
        .col(timestamp_with_time_zone("verified_at"))
        .col(date("next_check"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .foreign_key(ForeignKey::create().from("national_identity", "person_id").to("person", "id"))
        .to_owned()
}

fn doubt() -> TableCreateStatement {
    Table::create()
        .table("doubt")
        .col(uuid("id").primary_key())
        .col(text("kind"))
        .col(text("state"))
        .col(uuid_null("person_id"))
        .col(uuid_null("source_id"))
        .col(text_null("external_key"))
        .col(text("dedupe_key"))
        .col(text("payload"))
        .col(big_integer("priority"))
        .col(timestamp_with_time_zone("opened_at"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(text_null("decided_by"))
        .col(text_null("decision"))
        .col(text_null("note"))
        .col(big_integer("version"))
        .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        Index::create().name("person_sort").table("person").col("sort_key").col("id").to_owned(),
        Index::create().name("person_state").table("person").col("state").to_owned(),
        Index::create().name("person_mail").table("person").col("mail").to_owned(),
        Index::create().name("person_homonym").table("person").col("homonym_key").to_owned(),
        Index::create().name("post_person").table("post").col("person_id").to_owned(),
        Index::create().name("post_matricule").table("post").col("matricule").to_owned(),
        Index::create().name("post_unit").table("post").col("unit_code").to_owned(),
        Index::create().name("post_ends").table("post").col("ends_on").to_owned(),
        Index::create()
            .name("account_record")
            .table("account")
            .col("source_id")
            .col("external_key")
            .unique()
            .to_owned(),
        Index::create().name("account_person").table("account").col("person_id").to_owned(),
        Index::create().name("account_login").table("account").col("login_key").to_owned(),
        Index::create().name("doubt_state").table("doubt").col("state").col("kind").to_owned(),
        Index::create().name("doubt_person").table("doubt").col("person_id").to_owned(),
    ]
}
