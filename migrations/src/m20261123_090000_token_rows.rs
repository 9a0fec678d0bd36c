use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

/// What is given at once stands in one row, found by its number, which its tokens bear: rows come one after the other, and
/// neither their hashes nor their ends are in an index, of which each refresh would write other pages. Tokens that were
/// given before bear no number: theirs is made of the hash, below zero, so that they go on.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["token_session", "token_expiry"] {
            manager.drop_index(Index::drop().name(name).table("token").to_owned()).await?;
        }
        manager.rename_table(Table::rename().table("token", "token_before").to_owned()).await?;
        manager.create_table(token(manager.get_database_backend())).await?;
        // The first sixty bits of the hash. Of two tokens that share them, once in a million hospitals, one opens nothing.
        let first = match manager.get_database_backend() {
            DbBackend::Sqlite => sixty_bits(),
            _ => "('x0' || substr(encode(token_hash, 'hex'), 1, 15))::bit(64)::bigint".to_owned(),
        };
        let kept = format!(
            "INSERT INTO token (number, ends_at, access_hash, access_ends_at, refresh_hash, refresh_ends_at, used_at, \
               revoked_at, issued_at, session_id, person_id, client, family, issuer, details) \
             SELECT -1 - {first}, expires_at, \
               CASE kind WHEN 'access' THEN token_hash END, CASE kind WHEN 'access' THEN expires_at END, \
               CASE kind WHEN 'refresh' THEN token_hash END, CASE kind WHEN 'refresh' THEN expires_at END, used_at, \
               revoked_at, issued_at, session_id, person_id, client, family, issuer, details \
             FROM token_before WHERE person_id IS NOT NULL AND session_id IS NOT NULL ORDER BY 1 \
             ON CONFLICT DO NOTHING"
        );
        manager.get_connection().execute_unprepared(&kept).await?;
        manager.drop_table(Table::drop().table("token_before").to_owned()).await?;
        manager.create_index(session_index()).await
    }

    /// Tokens of here bear a number that the program of before does not read: none of them goes on there.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("token").to_owned()).await?;
        let before = Table::create()
            .table("token")
            .col(blob("token_hash").primary_key())
            .col(text("kind"))
            .col(text("issuer"))
            .col(blob("family"))
            .col(uuid("client"))
            .col(uuid_null("person_id"))
            .col(uuid_null("session_id"))
            .col(text("details"))
            .col(timestamp_with_time_zone("issued_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .col(timestamp_with_time_zone_null("revoked_at"))
            .col(timestamp_with_time_zone_null("used_at"))
            .to_owned();
        manager.create_table(before).await?;
        manager.create_index(session_index()).await?;
        let expiry =
            Index::create().name("token_expiry").table("token").col("expires_at").to_owned();
        manager.create_index(expiry).await
    }
}

fn token(database: DbBackend) -> TableCreateStatement {
    let mut number = ColumnDef::new("number");
    match database {
        // The row's own number there, with no index beside it.
        DbBackend::Sqlite => number.integer().not_null().primary_key(),
        _ => number.big_integer().not_null().auto_increment().primary_key(),
    };
    Table::create()
        .table("token")
        .col(number)
        .col(timestamp_with_time_zone("ends_at"))
        .col(blob_null("access_hash"))
        .col(timestamp_with_time_zone_null("access_ends_at"))
        .col(timestamp_with_time_zone_null("access_revoked_at"))
        .col(blob_null("refresh_hash"))
        .col(timestamp_with_time_zone_null("refresh_ends_at"))
        .col(timestamp_with_time_zone_null("used_at"))
        .col(timestamp_with_time_zone_null("revoked_at"))
        .col(timestamp_with_time_zone("issued_at"))
        .col(uuid("session_id"))
        .col(uuid("person_id"))
        .col(uuid("client"))
        .col(blob("family"))
        .col(text("issuer"))
        .col(text("details"))
        .col(text_null("refresh_details"))
        .to_owned()
}

fn session_index() -> IndexCreateStatement {
    Index::create().name("token_session").table("token").col("session_id").to_owned()
}

/// SQLite reads no hexadecimal number: digit by digit.
fn sixty_bits() -> String {
    let digit = |place: usize| {
        let shift = 4 * (15 - place);
        format!("(instr('123456789ABCDEF', substr(hex(token_hash), {place}, 1)) << {shift})")
    };
    format!("({})", (1..=15).map(digit).collect::<Vec<_>>().join(" + "))
}
