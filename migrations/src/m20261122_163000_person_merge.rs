//! Two records of one person become one, and back.
use crate::m20261122_124500_listing::{of_identity, of_login};
use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

/// Two records that turned out to be one person: which stays, and all that moved, so that there is a way back.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(merge()).await?;
        for column in ["kept", "absorbed"] {
            let index = Index::create()
                .name(format!("person_merge_{column}"))
                .table("person_merge")
                .col(column)
                .to_owned();
            manager.create_index(index).await?;
        }
        for statement in moved(manager.get_database_backend()) {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statements: &[&str] = match manager.get_database_backend() {
            DbBackend::Sqlite => &[
                "DROP TRIGGER national_identity_listed_moved",
                "DROP TRIGGER doubt_listed_moved",
                "DROP TRIGGER means_listed_moved",
            ],
            _ => &[
                "DROP FUNCTION person_listed_identity_moved CASCADE",
                "DROP FUNCTION person_listed_login_moved CASCADE",
            ],
        };
        for statement in statements {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        manager.drop_table(Table::drop().table("person_merge").to_owned()).await
    }
}

/// What goes from one person to another changes where both stand in lists.
fn moved(backend: DbBackend) -> Vec<String> {
    let identity = of_identity(backend);
    let login = format!("listed_login = {}", of_login(backend));
    let tables = [("national_identity", &identity), ("doubt", &identity), ("means", &login)];
    let both = "id IN (OLD.person_id, NEW.person_id)";
    if backend == DbBackend::Sqlite {
        let trigger = |(table, set): &(&str, &String)| {
            format!(
                "CREATE TRIGGER {table}_listed_moved AFTER UPDATE OF person_id ON {table} \
                 WHEN OLD.person_id IS NOT NEW.person_id \
                 BEGIN UPDATE person SET {set} WHERE {both}; END"
            )
        };
        return tables.iter().map(trigger).collect();
    }
    let function = |name: &str, set: &str| {
        format!(
            "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ \
             BEGIN UPDATE person SET {set} WHERE {both}; RETURN NULL; END $$"
        )
    };
    let (of_identity, of_login) = ("person_listed_identity_moved", "person_listed_login_moved");
    let mut statements = vec![function(of_identity, &identity), function(of_login, &login)];
    let called = [("national_identity", of_identity), ("doubt", of_identity), ("means", of_login)];
    statements.extend(called.map(|(table, function)| {
        format!(
            "CREATE TRIGGER {table}_listed_moved AFTER UPDATE OF person_id ON {table} FOR EACH ROW \
             WHEN (OLD.person_id IS DISTINCT FROM NEW.person_id) EXECUTE FUNCTION {function}()"
        )
    }));
    statements
}

fn merge() -> TableCreateStatement {
    Table::create()
        .table("person_merge")
        .col(uuid("id").primary_key())
        .col(uuid("kept"))
        .col(uuid("absorbed"))
        .col(timestamp_with_time_zone("merged_at"))
        .col(text("merged_by"))
        .col(text("evidence"))
        .col(text("motive"))
        .col(text("moved"))
        .col(timestamp_with_time_zone_null("undone_at"))
        .col(text_null("undone_by"))
        .foreign_key(ForeignKey::create().from("person_merge", "kept").to("person", "id"))
        .foreign_key(ForeignKey::create().from("person_merge", "absorbed").to("person", "id"))
        .to_owned()
}
