//! What lists of people are sorted by, kept beside each person so that an index answers: the end of her last contract,
//! her first unit, function and matricule, where she stands with the register, her last login. The database keeps
//! them, whoever writes posts, links, questions and means.
use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Texts, dates and moments as their ISO form: one kind of place in a list. The state of a person is there already.
const COLUMNS: [&str; 6] = [
    "listed_end",
    "listed_unit",
    "listed_function",
    "listed_matricule",
    "listed_identity",
    "listed_login",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in COLUMNS {
            let added = Table::alter().table("person").add_column(text_null(column)).to_owned();
            manager.alter_table(added).await?;
        }
        let backend = manager.get_database_backend();
        let mut statements = vec![format!(
            "UPDATE person SET {}, {}, listed_login = {}",
            of_posts(backend),
            of_identity(backend),
            of_login(backend)
        )];
        statements.extend(match backend {
            DbBackend::Sqlite => sqlite(),
            _ => postgres(),
        });
        for statement in &statements {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        for column in COLUMNS.iter().chain(&["state"]) {
            manager.create_index(index(column)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statements: &[&str] = match manager.get_database_backend() {
            DbBackend::Sqlite => &[
                "DROP TRIGGER person_listed_new",
                "DROP TRIGGER person_listed_declared",
                "DROP TRIGGER post_listed_new",
                "DROP TRIGGER post_listed_changed",
                "DROP TRIGGER post_listed_moved",
                "DROP TRIGGER post_listed_gone",
                "DROP TRIGGER national_identity_listed_new",
                "DROP TRIGGER national_identity_listed_changed",
                "DROP TRIGGER doubt_listed_new",
                "DROP TRIGGER doubt_listed_changed",
                "DROP TRIGGER means_listed_used",
            ],
            _ => &[
                "DROP FUNCTION person_listed_self CASCADE",
                "DROP FUNCTION person_listed_posts CASCADE",
                "DROP FUNCTION person_listed_identity CASCADE",
                "DROP FUNCTION person_listed_login CASCADE",
            ],
        };
        for statement in statements {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        for column in COLUMNS.iter().chain(&["state"]) {
            let name = format!("person_by_{column}");
            manager.drop_index(Index::drop().name(name).table("person").to_owned()).await?;
        }
        for column in COLUMNS {
            let dropped = Table::alter().table("person").drop_column(column).to_owned();
            manager.alter_table(dropped).await?;
        }
        Ok(())
    }
}

fn index(column: &str) -> IndexCreateStatement {
    Index::create()
        .name(format!("person_by_{column}"))
        .table("person")
        .col(column.to_owned())
        .col("sort_key")
        .col("id")
        .to_owned()
}

/// A day as text: SQLite keeps it so already.
fn day(backend: DbBackend, value: &str) -> String {
    match backend {
        DbBackend::Sqlite => value.to_owned(),
        _ => format!("to_char({value}, 'YYYY-MM-DD')"),
    }
}

pub(crate) fn of_posts(backend: DbBackend) -> String {
    let least = |column: &str| {
        format!("(SELECT MIN(post.{column}) FROM post WHERE post.person_id = person.id)")
    };
    let end = day(backend, "MAX(post.ends_on)");
    format!(
        "listed_end = (SELECT CASE WHEN COUNT(*) = COUNT(post.ends_on) THEN {end} END \
           FROM post WHERE post.person_id = person.id), \
         listed_unit = {}, listed_function = {}, listed_matricule = {}",
        least("unit_code"),
        least("function_label"),
        least("matricule")
    )
}

/// Linked, by the day of the next check; then to decide, declared, of a regulated profession, and the others.
pub(crate) fn of_identity(backend: DbBackend) -> String {
    let next = day(backend, "MIN(link.next_check)");
    format!(
        "listed_identity = CASE \
           WHEN EXISTS (SELECT 1 FROM national_identity link \
             WHERE link.person_id = person.id AND link.ended_at IS NULL) \
           THEN '1' || (SELECT {next} FROM national_identity link \
             WHERE link.person_id = person.id AND link.ended_at IS NULL) \
           WHEN EXISTS (SELECT 1 FROM doubt WHERE doubt.person_id = person.id \
             AND doubt.kind = 'national_identity' AND doubt.state <> 'decided') THEN '2' \
           WHEN person.declared_rpps IS NOT NULL THEN '3' \
           WHEN EXISTS (SELECT 1 FROM post WHERE post.person_id = person.id \
             AND post.profession IS NOT NULL) THEN '4' \
           ELSE '5' END"
    )
}

pub(crate) fn of_login(backend: DbBackend) -> String {
    let last = match backend {
        DbBackend::Sqlite => "MAX(means.last_used_at)",
        _ => {
            "to_char(MAX(means.last_used_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        }
    };
    format!("(SELECT {last} FROM means WHERE means.person_id = person.id)")
}

fn sqlite() -> Vec<String> {
    let backend = DbBackend::Sqlite;
    let (posts, identity, login) = (of_posts(backend), of_identity(backend), of_login(backend));
    let trigger = |name: &str, when: &str, set: &str, who: &str| {
        format!(
            "CREATE TRIGGER {name} AFTER {when} \
             BEGIN UPDATE person SET {set} WHERE id = {who}; END"
        )
    };
    let both = format!("{posts}, {identity}");
    let (new, old) = ("NEW.person_id", "OLD.person_id");
    vec![
        trigger("person_listed_new", "INSERT ON person", &identity, "NEW.id"),
        trigger(
            "person_listed_declared",
            "UPDATE OF declared_rpps ON person WHEN OLD.declared_rpps IS NOT NEW.declared_rpps",
            &identity,
            "NEW.id",
        ),
        trigger("post_listed_new", "INSERT ON post", &both, new),
        trigger("post_listed_changed", "UPDATE ON post", &both, new),
        trigger(
            "post_listed_moved",
            "UPDATE ON post WHEN OLD.person_id <> NEW.person_id",
            &both,
            old,
        ),
        trigger("post_listed_gone", "DELETE ON post", &both, old),
        trigger("national_identity_listed_new", "INSERT ON national_identity", &identity, new),
        trigger("national_identity_listed_changed", "UPDATE ON national_identity", &identity, new),
        trigger(
            "doubt_listed_new",
            "INSERT ON doubt WHEN NEW.person_id IS NOT NULL",
            &identity,
            new,
        ),
        trigger(
            "doubt_listed_changed",
            "UPDATE ON doubt WHEN NEW.person_id IS NOT NULL",
            &identity,
            new,
        ),
        trigger(
            "means_listed_used",
            "UPDATE ON means WHEN OLD.last_used_at IS NOT NEW.last_used_at",
            &format!("listed_login = {login}"),
            new,
        ),
    ]
}

// A statement at once, so that a chunk of posts is one update.
fn postgres() -> Vec<String> {
    let backend = DbBackend::Postgres;
    let (posts, identity, login) = (of_posts(backend), of_identity(backend), of_login(backend));
    let function = |name: &str, set: &str, who: &str| {
        format!(
            "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ \
             BEGIN UPDATE person SET {set} WHERE id {who}; RETURN NULL; END $$"
        )
    };
    let changed = "IN (SELECT person_id FROM changed)";
    let statement = |name: &str, act: &str, seen: &str, table: &str, function: &str| {
        format!(
            "CREATE TRIGGER {name} AFTER {act} ON {table} REFERENCING {seen} TABLE AS changed \
             FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )
    };
    let (of_posts, of_identity) = ("person_listed_posts", "person_listed_identity");
    vec![
        function("person_listed_self", &identity, "= NEW.id"),
        function(of_posts, &format!("{posts}, {identity}"), changed),
        function(of_identity, &identity, changed),
        function("person_listed_login", &format!("listed_login = {login}"), "= NEW.person_id"),
        "CREATE TRIGGER person_listed_new AFTER INSERT ON person \
         FOR EACH ROW EXECUTE FUNCTION person_listed_self()"
            .to_owned(),
        "CREATE TRIGGER person_listed_declared AFTER UPDATE OF declared_rpps ON person \
         FOR EACH ROW WHEN (OLD.declared_rpps IS DISTINCT FROM NEW.declared_rpps) \
         EXECUTE FUNCTION person_listed_self()"
            .to_owned(),
        statement("post_listed_new", "INSERT", "NEW", "post", of_posts),
        statement("post_listed_changed", "UPDATE", "NEW", "post", of_posts),
        statement("post_listed_moved", "UPDATE", "OLD", "post", of_posts),
        statement("post_listed_gone", "DELETE", "OLD", "post", of_posts),
        statement("link_listed_new", "INSERT", "NEW", "national_identity", of_identity),
        statement("link_listed_changed", "UPDATE", "NEW", "national_identity", of_identity),
        statement("doubt_listed_new", "INSERT", "NEW", "doubt", of_identity),
        statement("doubt_listed_changed", "UPDATE", "NEW", "doubt", of_identity),
        "CREATE TRIGGER means_listed_used AFTER UPDATE ON means FOR EACH ROW \
         WHEN (OLD.last_used_at IS DISTINCT FROM NEW.last_used_at) \
         EXECUTE FUNCTION person_listed_login()"
            .to_owned(),
    ]
}
