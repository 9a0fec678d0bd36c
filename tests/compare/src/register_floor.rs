//! The floors of a register import, on the same file: reading it once, and a plain import of its columns in SQLite as
//! texts, one table, one index, as anybody would write it. Prints one JSON document.
use rusqlite::Connection;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::time::Instant;

fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("stat");
    let fields: Vec<&str> = stat.rsplit_once(") ").expect("fields").1.split(' ').collect();
    let ticks: f64 =
        fields[11].parse::<f64>().expect("user") + fields[12].parse::<f64>().expect("system");
    ticks * 10.0
}

fn measure(act: impl FnOnce()) -> String {
    let (wall, cpu) = (Instant::now(), cpu_ms());
    act();
    format!("{{\"cpu_ms\":{},\"wall_ms\":{}}}", cpu_ms() - cpu, wall.elapsed().as_millis())
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (file, database) = (arguments.next().expect("FILE"), arguments.next().expect("DATABASE"));
    let mut total = 0;
    let read = measure(|| {
        let mut opened = File::open(&file).expect("file");
        let mut block = vec![0; 1 << 20];
        loop {
            let read = opened.read(&mut block).expect("read");
            if read == 0 {
                break;
            }
            // A look at each byte, or the compiler would not read them.
            total += block[..read].iter().filter(|byte| **byte == b'\n').count();
        }
    });
    drop(std::fs::remove_file(&database));
    let plain = measure(|| plain_import(&file, &database));
    println!("{{\"lines\":{},\"read\":{read},\"plain_sqlite\":{plain}}}", total.saturating_sub(1));
}

fn plain_import(file: &str, database: &str) {
    let mut lines = BufReader::with_capacity(1 << 20, File::open(file).expect("file")).lines();
    let header = lines.next().expect("header").expect("header");
    let width = header.trim_end_matches('|').split('|').count();
    let database = Connection::open(database).expect("database");
    database
        .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;")
        .expect("set up");
    let columns: Vec<String> = (0..width).map(|place| format!("c{place} TEXT")).collect();
    let marks: Vec<String> = (1..=width).map(|place| format!("?{place}")).collect();
    database.execute_batch(&format!("CREATE TABLE line ({})", columns.join(","))).expect("table");
    {
        let sql = format!("INSERT INTO line VALUES ({})", marks.join(","));
        let mut insert = database.prepare(&sql).expect("insert");
        for line in lines {
            let line = line.expect("line");
            for (place, field) in line.split('|').take(width).enumerate() {
                insert.raw_bind_parameter(place + 1, field).expect("bind");
            }
            insert.raw_execute().expect("insert");
        }
    }
    database.execute_batch("CREATE INDEX by_number ON line (c2); COMMIT;").expect("index");
}
