//! What each way to SQLite costs (decision 0002): sea-orm over sqlx-sqlite, sea-orm's proxy port over rusqlite as
//! `store` does it (its very file is compiled here), and rusqlite alone. One row of six columns by a 32-byte key in a
//! table of 100 000; WAL and `synchronous=FULL` everywhere. Prints processor time of the process and wall time, in
//! microseconds an operation: median of the rounds [least, most].
//!
//! From this folder, a way a build (sea-orm 2.0.4 does not compile with both); FOLDER is on the disk to measure:
//! `cargo run --release --features proxy FOLDER` then `cargo run --release --features sqlx FOLDER`.
//! rusqlite alone is measured in both, so that two runs can be held against each other.

#[cfg(feature = "proxy")]
#[path = "../../../../crates/store/src/sqlite/proxy.rs"]
mod proxy;

#[cfg(feature = "proxy")]
mod proxy_way;
#[cfg(feature = "sqlx")]
mod sqlx_way;

use sea_orm::{ActiveValue::Set, DatabaseConnection, EntityTrait};
use std::error::Error;
use std::path::Path;
use std::time::Instant;

mod token {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "token")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: Vec<u8>,
        pub person: Uuid,
        pub session: Uuid,
        pub issued_at: DateTimeUtc,
        pub scope: String,
        pub used: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

const ROWS: u64 = 100_000;
const ROUNDS: usize = 5;
const READS: u64 = 20_000;
const COMMITS: u64 = 2_000;
const GROUPS: u64 = 300;
const IN_A_GROUP: u64 = 16;
/// Types are declared as the migrations of Hygie declare them, so that each way reads the same file.
const TABLE: &str = "CREATE TABLE token (hash blob PRIMARY KEY NOT NULL, person uuid_text NOT NULL, \
    session uuid_text NOT NULL, issued_at timestamp_with_timezone_text NOT NULL, scope text NOT NULL, \
    used boolean NOT NULL)";
const DURABLE: &str =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000;";
const INSERT: &str = "INSERT INTO token VALUES (?,?,?,?,?,?)";

type Anything<T> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Anything<()> {
    let base = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let folder = tempfile::Builder::new().prefix("compare-sqlite-").tempdir_in(base)?;
    let mut table = Table::default();
    // In turns, so that what else the machine does falls on each.
    for round in 0..ROUNDS {
        let file = |way: &str| folder.path().join(format!("{way}-{round}.db"));
        #[cfg(feature = "sqlx")]
        sqlx_way::measure(&file("sqlx"), &mut table).await?;
        #[cfg(feature = "proxy")]
        proxy_way::measure(&file("proxy"), &mut table).await?;
        bare_way(&file("bare"), &mut table)?;
    }
    table.print();
    Ok(())
}

/// The key of row `n`: spread as a hash is.
fn key(n: u64) -> Vec<u8> {
    let mut state = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03;
    let mut bytes = Vec::with_capacity(32);
    for _ in 0..4 {
        state ^= state >> 30;
        state = state.wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state ^= state >> 27;
        bytes.extend_from_slice(&state.to_le_bytes());
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    }
    bytes
}

fn model(n: u64) -> token::ActiveModel {
    token::ActiveModel {
        hash: Set(key(n)),
        person: Set(sea_orm::prelude::Uuid::from_u128(u128::from(n))),
        session: Set(sea_orm::prelude::Uuid::from_u128(u128::from(n) << 64)),
        issued_at: Set(chrono::DateTime::UNIX_EPOCH),
        scope: Set("openid scope_all".to_owned()),
        used: Set(false),
    }
}

fn fill(path: &Path) -> Anything<rusqlite::Connection> {
    let mut connection = rusqlite::Connection::open(path)?;
    connection.execute_batch(DURABLE)?;
    connection.execute_batch(TABLE)?;
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare(INSERT)?;
        for n in 0..ROWS {
            insert.execute(bare_values(n))?;
        }
    }
    transaction.commit()?;
    Ok(connection)
}

fn bare_values(n: u64) -> (Vec<u8>, Vec<u8>, Vec<u8>, &'static str, &'static str, bool) {
    let person = u128::from(n).to_be_bytes().to_vec();
    let session = (u128::from(n) << 64).to_be_bytes().to_vec();
    (key(n), person, session, "1970-01-01T00:00:00.000000Z", "openid scope_all", false)
}

async fn read_all(database: &DatabaseConnection) -> Anything<()> {
    for n in 0..READS {
        let wanted = key(n * 7919 % ROWS);
        let row = token::Entity::find_by_id(wanted).one(database).await?.ok_or("no such row")?;
        std::hint::black_box(row);
    }
    Ok(())
}

fn bare_way(path: &Path, table: &mut Table) -> Anything<()> {
    let connection = fill(path)?;
    connection.set_prepared_statement_cache_capacity(256);
    let way = "rusqlite alone";
    let measure = Measure::begin();
    for n in 0..READS {
        let mut select = connection.prepare_cached(
            "SELECT hash, person, session, issued_at, scope, used FROM token WHERE hash = ?",
        )?;
        let row: (Vec<u8>, Vec<u8>, Vec<u8>, String, String, bool) =
            select.query_row([key(n * 7919 % ROWS)], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
            })?;
        std::hint::black_box(row);
    }
    table.keep(way, POINT_READ, measure.end(READS));

    let measure = Measure::begin();
    for n in ROWS..ROWS + COMMITS {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        connection.prepare_cached(INSERT)?.execute(bare_values(n))?;
        connection.execute_batch("COMMIT")?;
    }
    table.keep(way, COMMIT, measure.end(COMMITS));

    let measure = Measure::begin();
    let mut next = ROWS + COMMITS;
    for _ in 0..GROUPS {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for _ in 0..IN_A_GROUP {
            connection.execute_batch("SAVEPOINT act")?;
            connection.prepare_cached(INSERT)?.execute(bare_values(next))?;
            connection.prepare_cached(INSERT)?.execute(bare_values(next + 1))?;
            connection.execute_batch("RELEASE act")?;
            next += 2;
        }
        connection.execute_batch("COMMIT")?;
    }
    table.keep(way, GROUPED, measure.end(GROUPS * IN_A_GROUP));
    Ok(())
}

const POINT_READ: &str = "point read";
const COMMIT: &str = "insert and durable commit";
const GROUPED: &str = "act of two inserts, 16 acts a commit";

/// Processor time of the whole process and time on the wall, from one moment to another.
struct Measure {
    cpu_us: f64,
    wall: Instant,
}

impl Measure {
    fn begin() -> Self {
        Self { cpu_us: cpu_us(), wall: Instant::now() }
    }

    /// Microseconds an operation: processor, wall.
    fn end(self, operations: u64) -> (f64, f64) {
        let operations = operations as f64;
        let wall = self.wall.elapsed().as_secs_f64() * 1e6;
        ((cpu_us() - self.cpu_us) / operations, wall / operations)
    }
}

/// All threads of this process, user and system, in steps of 10 ms.
fn cpu_us() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux tells it");
    let after_name = stat.rsplit_once(") ").expect("its form is fixed").1;
    let fields: Vec<&str> = after_name.split(' ').collect();
    let ticks = |place: usize| fields[place].parse::<f64>().expect("a number of ticks");
    (ticks(11) + ticks(12)) * 10_000.0
}

#[derive(Default)]
struct Table(Vec<(&'static str, &'static str, Vec<(f64, f64)>)>);

impl Table {
    fn keep(&mut self, way: &'static str, what: &'static str, measured: (f64, f64)) {
        match self.0.iter_mut().find(|line| (line.0, line.1) == (way, what)) {
            Some(line) => line.2.push(measured),
            None => self.0.push((way, what, vec![measured])),
        }
    }

    fn print(&self) {
        for what in [POINT_READ, COMMIT, GROUPED] {
            println!("{what}");
            for (way, _, measures) in self.0.iter().filter(|line| line.1 == what) {
                let cpu = spread(measures.iter().map(|measured| measured.0).collect());
                let wall = spread(measures.iter().map(|measured| measured.1).collect());
                println!("  {way:36} processor {cpu}  wall {wall}  (microseconds)");
            }
        }
    }
}

fn spread(mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    let (least, most) = (values[0], values[values.len() - 1]);
    format!("{:7.1} [{least:.1}, {most:.1}]", values[values.len() / 2])
}
