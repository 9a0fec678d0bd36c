//! What lists are sorted by is counted once a statement, for all of its people together. PostgreSQL answered `MIN` over
//! the posts of one person by walking an index of everybody's, and kept the plan made while the tables were small: a
//! statement of 50 000 posts did not end. SQLite does neither.
use crate::m20261122_124500_listing::{of_identity, of_posts};
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        tell(manager, &at_once("person_listed_posts", &format!("{POSTS}, {IDENTITY}"))).await?;
        tell(manager, &at_once("person_listed_identity", IDENTITY)).await?;
        // Who is new has no post, link or question yet: her own row says all.
        tell(manager, BORN).await?;
        tell(manager, "DROP TRIGGER person_listed_new ON person").await?;
        tell(
            manager,
            "CREATE TRIGGER person_listed_new BEFORE INSERT ON person \
             FOR EACH ROW EXECUTE FUNCTION person_listed_born()",
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        if backend != DbBackend::Postgres {
            return Ok(());
        }
        let (posts, identity) = (of_posts(backend), of_identity(backend));
        for (name, set) in [
            ("person_listed_posts", format!("{posts}, {identity}")),
            ("person_listed_identity", identity),
        ] {
            let function = format!(
                "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ \
                 BEGIN UPDATE person SET {set} WHERE id IN (SELECT person_id FROM changed); \
                 RETURN NULL; END $$"
            );
            tell(manager, &function).await?;
        }
        tell(manager, "DROP FUNCTION person_listed_born CASCADE").await?;
        tell(
            manager,
            "CREATE TRIGGER person_listed_new AFTER INSERT ON person \
             FOR EACH ROW EXECUTE FUNCTION person_listed_self()",
        )
        .await
    }
}

async fn tell(manager: &SchemaManager<'_>, statement: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(statement).await?;
    Ok(())
}

pub(crate) const POSTS: &str = "listed_end = told.ends, listed_unit = told.unit, \
    listed_function = told.function, listed_matricule = told.matricule";

/// Linked, by the day of the next check; then to decide, declared, of a regulated profession, and the others.
pub(crate) const IDENTITY: &str = "listed_identity = CASE \
    WHEN told.link IS NOT NULL THEN '1' || told.link \
    WHEN told.asked THEN '2' \
    WHEN person.declared_rpps IS NOT NULL THEN '3' \
    WHEN told.regulated THEN '4' \
    ELSE '5' END";

const BORN: &str = "CREATE FUNCTION person_listed_born() RETURNS trigger LANGUAGE plpgsql AS $$ \
    BEGIN NEW.listed_identity := CASE WHEN NEW.declared_rpps IS NOT NULL THEN '3' ELSE '5' END; \
    RETURN NEW; END $$";

/// Each part is one pass over the rows of the people whom the statement touched.
pub(crate) const TOLD: &str = "SELECT those.person_id, posts.ends, posts.unit, posts.function, \
      posts.matricule, COALESCE(posts.regulated, FALSE) AS regulated, links.link, \
      asked.person_id IS NOT NULL AS asked \
    FROM (SELECT DISTINCT person_id FROM changed WHERE person_id IS NOT NULL) those \
    LEFT JOIN (SELECT post.person_id, \
        CASE WHEN COUNT(*) = COUNT(post.ends_on) \
          THEN to_char(MAX(post.ends_on), 'YYYY-MM-DD') END AS ends, \
        MIN(post.unit_code) AS unit, MIN(post.function_label) AS function, \
        MIN(post.matricule) AS matricule, bool_or(post.profession IS NOT NULL) AS regulated \
      FROM post WHERE post.person_id IN (SELECT person_id FROM changed) \
      GROUP BY post.person_id) posts ON posts.person_id = those.person_id \
    LEFT JOIN (SELECT link.person_id, to_char(MIN(link.next_check), 'YYYY-MM-DD') AS link \
      FROM national_identity link WHERE link.ended_at IS NULL \
        AND link.person_id IN (SELECT person_id FROM changed) \
      GROUP BY link.person_id) links ON links.person_id = those.person_id \
    LEFT JOIN (SELECT DISTINCT doubt.person_id FROM doubt \
      WHERE doubt.kind = 'national_identity' AND doubt.state <> 'decided' \
        AND doubt.person_id IN (SELECT person_id FROM changed)) asked \
      ON asked.person_id = those.person_id";

/// By EXECUTE, so that each statement is planned for as many people as it touches.
pub(crate) fn at_once(name: &str, set: &str) -> String {
    format!(
        "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         EXECUTE $told$ UPDATE person SET {set} FROM ({TOLD}) told \
         WHERE person.id = told.person_id $told$; RETURN NULL; END $$"
    )
}
