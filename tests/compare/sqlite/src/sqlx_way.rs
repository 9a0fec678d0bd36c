//! sea-orm over sqlx-sqlite, as most programs use it.
use crate::{
    Anything, COMMIT, COMMITS, GROUPED, GROUPS, IN_A_GROUP, Measure, POINT_READ, READS, ROWS,
    Table, fill, model, read_all, token,
};
use sea_orm::{ActiveModelTrait, ConnectionTrait, Database, EntityTrait, TransactionTrait};
use std::path::Path;

pub async fn measure(path: &Path, table: &mut Table) -> Anything<()> {
    drop(fill(path)?);
    let mut options = sea_orm::ConnectOptions::new(format!("sqlite://{}", path.display()));
    options.max_connections(1).sqlx_logging(false).test_before_acquire(false);
    let database = Database::connect(options).await?;
    database.execute_unprepared("PRAGMA journal_mode=WAL").await?;
    database.execute_unprepared("PRAGMA synchronous=FULL").await?;
    database.execute_unprepared("PRAGMA wal_autocheckpoint=4000").await?;
    let way = "sea-orm over sqlx-sqlite";
    let measure = Measure::begin();
    read_all(&database).await?;
    table.keep(way, POINT_READ, measure.end(READS));

    let measure = Measure::begin();
    for n in ROWS..ROWS + COMMITS {
        let transaction = database.begin().await?;
        model(n).insert(&transaction).await?;
        transaction.commit().await?;
    }
    table.keep(way, COMMIT, measure.end(COMMITS));

    let measure = Measure::begin();
    let mut next = ROWS + COMMITS;
    for _ in 0..GROUPS {
        let group = database.begin().await?;
        for _ in 0..IN_A_GROUP {
            let act = group.begin().await?; // a savepoint
            token::Entity::insert(model(next)).exec(&act).await?;
            token::Entity::insert(model(next + 1)).exec(&act).await?;
            act.commit().await?;
            next += 2;
        }
        group.commit().await?;
    }
    table.keep(way, GROUPED, measure.end(GROUPS * IN_A_GROUP));
    database.close().await?;
    Ok(())
}
