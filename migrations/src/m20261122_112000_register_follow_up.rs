use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(standing()).await?;
        manager.create_table(change()).await?;
        manager.create_table(alias()).await?;
        for column in ["person_id", "settled_at"] {
            let index = Index::create()
                .name(format!("register_change_{column}"))
                .table("register_change")
                .col(column)
                .to_owned();
            manager.create_index(index).await?;
        }
        let due = Index::create()
            .name("national_identity_next_check")
            .table("national_identity")
            .col("next_check")
            .to_owned();
        manager.create_index(due).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let due = Index::drop()
            .name("national_identity_next_check")
            .table("national_identity")
            .to_owned();
        manager.drop_index(due).await?;
        for table in ["national_alias", "register_change", "register_standing"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// What the register last said of a national identity in force.
fn standing() -> TableCreateStatement {
    Table::create()
        .table("register_standing")
        .col(text("id_nat").primary_key())
        .col(text("standing"))
        .col(text("told_by"))
        .col(timestamp_with_time_zone("as_of"))
        .col(big_integer("absences"))
        .col(timestamp_with_time_zone_null("missed_at"))
        .to_owned()
}

fn change() -> TableCreateStatement {
    Table::create()
        .table("register_change")
        .col(uuid("id").primary_key())
        .col(uuid("person_id"))
        .col(uuid("national_identity_id"))
        .col(text("kind"))
        .col(text("was"))
        .col(text("became"))
        .col(text("told_by"))
        .col(timestamp_with_time_zone("seen_at"))
        .col(timestamp_with_time_zone_null("settled_at"))
        .col(text_null("settled_by"))
        .foreign_key(ForeignKey::create().from("register_change", "person_id").to("person", "id"))
        .foreign_key(
            ForeignKey::create()
                .from("register_change", "national_identity_id")
                .to("national_identity", "id"),
        )
        .to_owned()
}

/// Two numbers of one person, found later: the old one leads to the new one for ever.
fn alias() -> TableCreateStatement {
    Table::create()
        .table("national_alias")
        .col(text("former").primary_key())
        .col(text("id_nat"))
        .col(text("told_by"))
        .col(timestamp_with_time_zone("seen_at"))
        .to_owned()
}
