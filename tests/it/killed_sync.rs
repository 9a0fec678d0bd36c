//! A sync killed at any point: the next one finishes, nothing is doubled, the audit holds.
use crate::program::Program;
use kernel::{Randomness, SeededRandomness};
use std::time::Duration;

/// Kills in one test; the issue of a kill depends on where it falls, so the delays are spread over a whole run.
const KILLS: u64 = 10;

fn count(program: &Program, sql: &str) -> i64 {
    program.database().query_row(sql, [], |row| row.get(0)).expect(sql)
}

#[tokio::test]
async fn a_sync_killed_ten_times_is_finished_once() {
    let (Some(program), Some(quiet)) = (Program::init(), Program::init()) else { return };
    for appliance in [&program, &quiet] {
        appliance.add_hr();
    }
    let started = std::time::Instant::now();
    assert_eq!(quiet.done(&["source", "sync", "rh"])["state"], "applied");
    let whole = u64::try_from(started.elapsed().as_millis()).expect("short").max(50);

    let chance = SeededRandomness::new(42);
    let mut killed = 0;
    for _ in 0..KILLS {
        let mut bytes = [0; 8];
        chance.fill(&mut bytes);
        let delay = Duration::from_millis(u64::from_le_bytes(bytes) % whole);
        let mut sync = program.command(&["source", "sync", "rh"]).spawn().expect("hygie runs");
        tokio::time::sleep(delay).await;
        killed += u32::from(sync.try_wait().expect("status").is_none());
        sync.kill().expect("kill");
        sync.wait().expect("end");
    }
    assert!(killed > 0, "every run ended before its kill");

    // What killed runs left is taken up once their lease is over, and does nothing twice.
    tokio::time::sleep(Duration::from_secs(9)).await;
    assert_eq!(program.done(&["source", "sync", "rh"])["state"], "applied");
    let again = program.done(&["source", "sync", "rh"]);
    assert_eq!(
        (&again["counts"]["create"], &again["counts"]["change"]),
        (&0.into(), &0.into()),
        "{again}"
    );

    for sql in [
        "SELECT count(*) FROM person",
        "SELECT count(*) FROM post",
        "SELECT count(*) FROM source_record",
        "SELECT count(*) FROM doubt",
        "SELECT count(*) FROM staged_record",
    ] {
        assert_eq!(count(&program, sql), count(&quiet, sql), "{sql}");
    }
    let created = "SELECT count(*) FROM audit_entry WHERE event = 'person_created'";
    assert_eq!(count(&program, created), count(&quiet, created));
    assert_eq!(program.done(&["audit", "verify"])["holds"], true);
}
