//! Rules about people that the database keeps too: an IdNat has at most one person, a person at most one RPPS,
//! a question is open once.
use sea_orm_migration::prelude::*;

pub async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    for statement in [
        "CREATE UNIQUE INDEX one_person_an_id_nat ON national_identity (id_nat) WHERE ended_at IS NULL",
        "CREATE UNIQUE INDEX one_rpps_a_person ON national_identity (person_id) \
         WHERE ended_at IS NULL AND is_rpps",
        "CREATE UNIQUE INDEX one_open_doubt ON doubt (dedupe_key) WHERE decided_at IS NULL",
    ] {
        connection.execute_unprepared(statement).await?;
    }
    Ok(())
}
