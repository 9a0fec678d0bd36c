//! sea-orm's proxy port over rusqlite, by the code of `store`.
use crate::proxy::SqliteProxy;
use crate::{
    Anything, COMMIT, COMMITS, GROUPED, GROUPS, IN_A_GROUP, Measure, POINT_READ, READS, ROWS,
    Table, fill, model, read_all, token,
};
use sea_orm::{
    ActiveModelTrait, DatabaseConnection, DatabaseConnectionType, DbBackend, DbErr, EntityTrait,
    ProxyDatabaseConnection, ProxyDatabaseTrait, ProxyExecResult, ProxyRow, Statement,
};
use std::path::Path;
use std::sync::Arc;

pub async fn measure(path: &Path, table: &mut Table) -> Anything<()> {
    let proxy = Arc::new(SqliteProxy::new(fill(path)?));
    let database: DatabaseConnection = DatabaseConnectionType::ProxyDatabaseConnection(Arc::new(
        ProxyDatabaseConnection::new(DbBackend::Sqlite, Arc::new(Box::new(Shared(proxy.clone())))),
    ))
    .into();
    let way = "sea-orm's proxy port over rusqlite";
    let measure = Measure::begin();
    read_all(&database).await?;
    table.keep(way, POINT_READ, measure.end(READS));

    let measure = Measure::begin();
    for n in ROWS..ROWS + COMMITS {
        proxy.batch("BEGIN IMMEDIATE")?;
        model(n).insert(&database).await?;
        proxy.batch("COMMIT")?;
    }
    table.keep(way, COMMIT, measure.end(COMMITS));

    let measure = Measure::begin();
    let mut next = ROWS + COMMITS;
    for _ in 0..GROUPS {
        proxy.batch("BEGIN IMMEDIATE")?;
        for _ in 0..IN_A_GROUP {
            proxy.batch("SAVEPOINT act")?;
            token::Entity::insert(model(next)).exec(&database).await?;
            token::Entity::insert(model(next + 1)).exec(&database).await?;
            proxy.batch("RELEASE act")?;
            next += 2;
        }
        proxy.batch("COMMIT")?;
    }
    table.keep(way, GROUPED, measure.end(GROUPS * IN_A_GROUP));
    Ok(())
}

#[derive(Debug)]
struct Shared(Arc<SqliteProxy>);

#[async_trait::async_trait]
impl ProxyDatabaseTrait for Shared {
    async fn query(&self, statement: Statement) -> Result<Vec<ProxyRow>, DbErr> {
        self.0.query(statement).await
    }
    async fn execute(&self, statement: Statement) -> Result<ProxyExecResult, DbErr> {
        self.0.execute(statement).await
    }
}
