//! The words of each name, one row each, so that a search enters an index by the beginning of a word instead of reading
//! everybody. The database keeps them, whoever writes a name.
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statements = match manager.get_database_backend() {
            DbBackend::Sqlite => sqlite(),
            _ => postgres(),
        };
        for statement in &statements {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statements: &[&str] = match manager.get_database_backend() {
            DbBackend::Sqlite => {
                &["DROP TRIGGER person_word_new", "DROP TRIGGER person_word_changed"]
            }
            _ => &[
                "DROP FUNCTION person_word_keep CASCADE",
                "DROP FUNCTION person_word_keep_again CASCADE",
            ],
        };
        for statement in statements {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        manager.drop_table(Table::drop().table("person_word").to_owned()).await
    }
}

// Folded names hold letters, digits and spaces alone; the family name as one word is what a sort key begins with.
fn sqlite() -> Vec<String> {
    let words = |who: &str| {
        format!(
            "SELECT value AS word FROM \
             json_each('[\"' || replace(trim({who}.search_key), ' ', '\",\"') || '\"]') \
             UNION SELECT substr({who}.sort_key, 1, instr({who}.sort_key || ' ', ' ') - 1)"
        )
    };
    let (new, old) = (words("NEW"), words("OLD"));
    let keep = format!(
        "INSERT INTO person_word (word, person_id) \
         SELECT word, NEW.id FROM ({new}) WHERE word <> ''"
    );
    vec![
        "CREATE TABLE person_word (word text NOT NULL, person_id uuid_text NOT NULL, \
         PRIMARY KEY (word, person_id)) WITHOUT ROWID"
            .to_owned(),
        "INSERT INTO person_word (word, person_id) \
         SELECT word, id FROM (SELECT one.value AS word, person.id AS id FROM person, \
           json_each('[\"' || replace(trim(person.search_key), ' ', '\",\"') || '\"]') one \
           UNION SELECT substr(sort_key, 1, instr(sort_key || ' ', ' ') - 1), id FROM person) \
         WHERE word <> ''"
            .to_owned(),
        format!("CREATE TRIGGER person_word_new AFTER INSERT ON person BEGIN {keep}; END"),
        format!(
            "CREATE TRIGGER person_word_changed AFTER UPDATE OF search_key, sort_key ON person \
             WHEN OLD.search_key <> NEW.search_key OR OLD.sort_key <> NEW.sort_key \
             BEGIN DELETE FROM person_word WHERE person_id = OLD.id AND word IN ({old}); \
             {keep}; END"
        ),
    ]
}

// Compared byte by byte, whatever the database's language: the beginning of a word is then a range of the index.
fn postgres() -> Vec<String> {
    let keep = |who: &str| {
        format!(
            "INSERT INTO person_word (word, person_id) SELECT DISTINCT word, id FROM \
             (SELECT unnest(string_to_array(search_key, ' ')) AS word, id FROM {who} \
              UNION ALL SELECT split_part(sort_key, ' ', 1), id FROM {who}) named WHERE word <> ''"
        )
    };
    let function = |name: &str, body: &str| {
        format!(
            "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ \
             BEGIN {body}; RETURN NULL; END $$"
        )
    };
    let again = format!(
        "DELETE FROM person_word WHERE person_id = NEW.id; {}",
        keep("(SELECT NEW.id, NEW.search_key, NEW.sort_key) one")
    );
    vec![
        "CREATE TABLE person_word (word text COLLATE \"C\" NOT NULL, person_id uuid NOT NULL, \
         PRIMARY KEY (word, person_id))"
            .to_owned(),
        "CREATE INDEX person_word_person ON person_word (person_id)".to_owned(),
        keep("person"),
        function("person_word_keep", &keep("added")),
        function("person_word_keep_again", &again),
        "CREATE TRIGGER person_word_new AFTER INSERT ON person REFERENCING NEW TABLE AS added \
         FOR EACH STATEMENT EXECUTE FUNCTION person_word_keep()"
            .to_owned(),
        "CREATE TRIGGER person_word_changed AFTER UPDATE ON person FOR EACH ROW \
         WHEN (OLD.search_key <> NEW.search_key OR OLD.sort_key <> NEW.sort_key) \
         EXECUTE FUNCTION person_word_keep_again()"
            .to_owned(),
    ]
}
