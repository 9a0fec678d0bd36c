//! A database put back to an older state, or to another past: nothing starts on it before a human said so.
use crate::program::Program;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

impl Program {
    /// The database as one file, with nothing left beside it.
    fn copied(&self) -> Vec<u8> {
        let database = self.database();
        database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").expect("checkpoint");
        drop(database);
        std::fs::read(self.folder.join("hygie.db")).expect("database")
    }

    fn put_back(&self, copy: &[u8]) {
        for file in ["hygie.db-wal", "hygie.db-shm"] {
            let gone = std::fs::remove_file(self.folder.join(file));
            assert!(gone.is_ok() || !self.folder.join(file).exists(), "{gone:?}");
        }
        std::fs::write(self.folder.join("hygie.db"), copy).expect("put back");
    }

    fn anchor(&self) -> std::path::PathBuf {
        self.folder.join("keys/audit.anchor")
    }
}

fn refuses(program: &Program, says: &str) {
    for command in [&["status"][..], &["serve"], &["source", "list"], &["person", "list"]] {
        let said = program.refused(command);
        assert!(
            said.contains(says) && said.contains("hygie audit restored"),
            "{command:?}: {said}"
        );
    }
    let output = program.run(&["audit", "verify"]);
    assert_eq!(output.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(told["holds"], false);
    assert!(told["faults"].to_string().contains(says), "{told}");
}

#[test]
fn lg_02_st_04_a_database_put_back_starts_only_after_a_human_said_so() {
    let Some(program) = Program::init() else { return };
    program.add_hr();
    let old = program.copied();
    assert_eq!(program.done(&["source", "sync", "rh"])["state"], "applied");
    let seen = program.done(&["audit", "verify"])["entries"].as_u64().expect("a number");

    program.put_back(&old);
    refuses(&program, "older state");
    let said = program.refused(&["audit", "restored", "--motive", " "]);
    assert!(said.contains("say why"), "{said}");
    refuses(&program, "older state");

    let restored = program.done(&["audit", "restored", "--motive", "disque changé"]);
    assert_eq!(restored["epoch"], 1);
    assert!(restored["seen"].as_u64() >= Some(seen) && restored["kept"].as_u64() < Some(seen));
    program.done(&["status"]);
    assert_eq!(program.done(&["audit", "verify"])["holds"], true);
    let database = program.database();
    let begun = "SELECT body FROM audit_entry WHERE event = 'restore_epoch_begun'";
    let body: String = database.query_row(begun, [], |row| row.get(0)).expect("one event");
    let event: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    for head in ["kept", "kept_root", "seen", "seen_root", "motive"] {
        assert!(!event[head].is_null(), "{event}");
    }
    assert!(!body.contains("disque"), "what a human typed stays out of the log: {body}");
    // The work that was lost is done again.
    assert_eq!(program.done(&["source", "sync", "rh"])["state"], "applied");
}

#[test]
fn lg_02_two_pasts_of_one_log_are_told_apart_however_long_each_became() {
    let Some(program) = Program::init() else { return };
    let old = program.copied();
    program.done(&["audit", "verify"]);
    let anchor = std::fs::read(program.anchor()).expect("anchor");
    // Put back, its trace wiped out, and gone on beyond what was seen: every signature of it is ours.
    program.put_back(&old);
    std::fs::remove_file(program.anchor()).expect("wiped");
    for _ in 0..3 {
        program.done(&["audit", "verify"]);
    }
    std::fs::write(program.anchor(), &anchor).expect("anchor");
    refuses(&program, "another one");
    // A text that is no checkpoint of ours stands for nothing, and is no way around.
    std::fs::write(program.anchor(), "hygie.hopital.test\n3\nAAAA\n").expect("anchor");
    let said = program.refused(&["status"]);
    assert!(said.contains("not signed"), "{said}");
}

#[test]
fn lg_02_a_database_put_back_under_a_running_node_ends_it() {
    let Some(program) = Program::init() else { return };
    program.add_hr();
    let old = program.copied();
    assert_eq!(program.done(&["source", "sync", "rh"])["state"], "applied");
    let anchor = std::fs::read(program.anchor()).expect("anchor");
    program.put_back(&old);
    std::fs::remove_file(program.anchor()).expect("wiped, so that it starts");

    let mut server = program.command(&["serve"]).stderr(Stdio::piped()).spawn().expect("hygie");
    let mut traces = BufReader::new(server.stderr.take().expect("piped"));
    let (mut line, mut said) = (String::new(), String::new());
    while !line.contains("ready") {
        line.clear();
        assert_ne!(traces.read_line(&mut line).expect("traces"), 0, "it ended: {said}");
        said.push_str(&line);
    }
    // What this node saw, as if the database had been exchanged behind its back.
    std::fs::write(program.anchor(), &anchor).expect("anchor");
    traces.read_to_string(&mut said).expect("until it ends");
    assert!(!server.wait().expect("ended").success(), "{said}");
    assert!(said.contains("older state") && said.contains("hygie audit restored"), "{said}");
    assert_eq!(std::fs::read(program.anchor()).expect("anchor"), anchor, "what was seen is kept");
}
