//! The audit is append-only for the database too: rows are never deleted, and only the place in the tree is
//! written afterwards, once.
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

pub async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let statements: &[&str] = match manager.get_database_backend() {
        DbBackend::Sqlite => &[
            "CREATE TRIGGER audit_entry_keeps BEFORE DELETE ON audit_entry \
             BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
            "CREATE TRIGGER audit_entry_stays BEFORE UPDATE ON audit_entry \
             WHEN OLD.leaf_index IS NOT NULL OR NEW.body <> OLD.body OR NEW.leaf_hash <> OLD.leaf_hash \
               OR NEW.seq <> OLD.seq OR NEW.at <> OLD.at \
             BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
            "CREATE TRIGGER audit_checkpoint_keeps BEFORE DELETE ON audit_checkpoint \
             BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
            "CREATE TRIGGER audit_checkpoint_stays BEFORE UPDATE ON audit_checkpoint \
             BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
        ],
        _ => &[
            "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ \
             BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$",
            "CREATE TRIGGER audit_entry_keeps BEFORE DELETE ON audit_entry \
             FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
            "CREATE TRIGGER audit_entry_stays BEFORE UPDATE ON audit_entry FOR EACH ROW \
             WHEN (OLD.leaf_index IS NOT NULL OR NEW.body <> OLD.body OR NEW.leaf_hash <> OLD.leaf_hash \
               OR NEW.seq <> OLD.seq OR NEW.at <> OLD.at) EXECUTE FUNCTION audit_append_only()",
            "CREATE TRIGGER audit_checkpoint_keeps BEFORE DELETE OR UPDATE ON audit_checkpoint \
             FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
        ],
    };
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}
