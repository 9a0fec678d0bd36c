//! What lists are sorted by, when a statement touched one person: PostgreSQL counts for her alone, by a plan that it
//! keeps, and writes her row only if it says something else. A run changes people one by one; for each of them the
//! query of four joins was planned anew. And the links of one person are found by her: whoever read them (a login, a
//! page, the count above) walked through everybody's.
use crate::m20261122_195500_listing_at_once::{IDENTITY, POSTS, TOLD, at_once};
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let of_person = Index::create()
            .name("national_identity_person")
            .table("national_identity")
            .col("person_id")
            .to_owned();
        manager.create_index(of_person).await?;
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        tell(manager, ONE).await?;
        let posts = "(person.listed_end, person.listed_unit, person.listed_function, \
                      person.listed_matricule) IS DISTINCT FROM \
                     (told.ends, told.unit, told.function, told.matricule)";
        let both = format!("({posts} OR {OTHER_IDENTITY})");
        tell(manager, &one_or_all("person_listed_posts", &format!("{POSTS}, {IDENTITY}"), &both))
            .await?;
        tell(manager, &one_or_all("person_listed_identity", IDENTITY, OTHER_IDENTITY)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let of_person =
            Index::drop().name("national_identity_person").table("national_identity").to_owned();
        manager.drop_index(of_person).await?;
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        tell(manager, &at_once("person_listed_posts", &format!("{POSTS}, {IDENTITY}"))).await?;
        tell(manager, &at_once("person_listed_identity", IDENTITY)).await?;
        tell(manager, "DROP FUNCTION person_listed_one(uuid)").await
    }
}

async fn tell(manager: &SchemaManager<'_>, statement: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(statement).await?;
    Ok(())
}

const OTHER_IDENTITY: &str = "person.listed_identity IS DISTINCT FROM CASE \
    WHEN told.link IS NOT NULL THEN '1' || told.link \
    WHEN told.asked THEN '2' \
    WHEN person.declared_rpps IS NOT NULL THEN '3' \
    WHEN told.regulated THEN '4' \
    ELSE '5' END";

/// The kept plan may be from the day when the tables were empty: it goes by the indexes all the same. `MIN` stands
/// beside `COUNT`, so that it is of the rows of one person and not of an index of everybody's.
const ONE: &str = "CREATE FUNCTION person_listed_one(who uuid) RETURNS void LANGUAGE plpgsql \
    SET enable_seqscan = off AS $$ \
    DECLARE posts record; links record; asked boolean; stands text; BEGIN \
    SELECT CASE WHEN COUNT(*) = COUNT(post.ends_on) \
        THEN to_char(MAX(post.ends_on), 'YYYY-MM-DD') END AS ends, \
      MIN(post.unit_code) AS unit, MIN(post.function_label) AS function, \
      MIN(post.matricule) AS matricule, \
      COALESCE(bool_or(post.profession IS NOT NULL), FALSE) AS regulated \
    INTO posts FROM post WHERE post.person_id = who; \
    SELECT COUNT(*) AS held, to_char(MIN(link.next_check), 'YYYY-MM-DD') AS next \
    INTO links FROM national_identity link WHERE link.person_id = who AND link.ended_at IS NULL; \
    asked := EXISTS (SELECT 1 FROM doubt WHERE doubt.person_id = who \
      AND doubt.kind = 'national_identity' AND doubt.state <> 'decided'); \
    stands := CASE WHEN links.held > 0 THEN '1' || links.next WHEN asked THEN '2' \
      WHEN posts.regulated THEN '4' ELSE '5' END; \
    UPDATE person SET listed_end = posts.ends, listed_unit = posts.unit, \
      listed_function = posts.function, listed_matricule = posts.matricule, \
      listed_identity = CASE WHEN person.declared_rpps IS NOT NULL AND stands > '3' \
        THEN '3' ELSE stands END \
    WHERE person.id = who AND (person.listed_end, person.listed_unit, person.listed_function, \
      person.listed_matricule, person.listed_identity) IS DISTINCT FROM \
      (posts.ends, posts.unit, posts.function, posts.matricule, \
       CASE WHEN person.declared_rpps IS NOT NULL AND stands > '3' THEN '3' ELSE stands END); \
    END $$";

/// Several people are counted together, by a plan for as many as there are.
fn one_or_all(name: &str, set: &str, differs: &str) -> String {
    format!(
        "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ \
         DECLARE who uuid; BEGIN \
         SELECT person_id INTO who FROM changed WHERE person_id IS NOT NULL LIMIT 1; \
         IF NOT FOUND THEN RETURN NULL; END IF; \
         IF EXISTS (SELECT 1 FROM changed WHERE person_id <> who) THEN \
           EXECUTE $told$ UPDATE person SET {set} FROM ({TOLD}) told \
             WHERE person.id = told.person_id AND {differs} $told$; \
         ELSE PERFORM person_listed_one(who); END IF; \
         RETURN NULL; END $$"
    )
}
