//! Bad input and bad moments, as an operator meets them: a clear word, exit code 1, and nothing lost.
use crate::program::{Program, path};

#[test]
fn lg_01_an_altered_removed_or_swapped_entry_is_named() {
    let Some(program) = Program::init() else { return };
    program.add_hr();
    program.done(&["source", "sync", "rh"]);
    assert_eq!(program.done(&["audit", "verify"])["holds"], true);
    let whole = std::fs::read(program.folder.join("hygie.db")).expect("database");
    let anchor = std::fs::read(program.folder.join("keys/audit.anchor")).expect("anchor");
    // An attacker with the database drops what forbids it.
    let open = "DROP TRIGGER audit_entry_keeps; DROP TRIGGER audit_entry_stays;";
    for (what, sql, named) in [
        (
            "altered",
            "UPDATE audit_entry SET body = replace(body, '\"event\":\"', '\"event\":\"x') WHERE leaf_index = 7",
            "entry 7",
        ),
        ("removed", "DELETE FROM audit_entry WHERE leaf_index = 9", "9"),
        (
            "swapped",
            "UPDATE audit_entry SET leaf_index = -1 WHERE leaf_index = 11; \
             UPDATE audit_entry SET leaf_index = 11 WHERE leaf_index = 12; \
             UPDATE audit_entry SET leaf_index = 12 WHERE leaf_index = -1",
            "11",
        ),
        (
            "slipped in before the last sealed one",
            "INSERT INTO audit_entry (seq, at, category, event, outcome, actor, leaf_hash, body) \
             SELECT 0, at, category, event, outcome, actor, leaf_hash, body FROM audit_entry WHERE leaf_index = 7",
            "row 0",
        ),
    ] {
        let database = program.database();
        database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").expect("checkpoint");
        database.execute_batch(open).expect("triggers");
        database.execute_batch(sql).expect(what);
        drop(database);
        let output = program.run(&["audit", "verify"]);
        assert_eq!(output.status.code(), Some(1), "{what}");
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(said["holds"], false, "{what}: {said}");
        assert!(
            said["faults"][0].as_str().is_some_and(|fault| fault.contains(named)),
            "{what}: {said}"
        );
        for file in ["hygie.db-wal", "hygie.db-shm"] {
            let _ = std::fs::remove_file(program.folder.join(file));
        }
        std::fs::write(program.folder.join("hygie.db"), &whole).expect("restore");
        std::fs::write(program.folder.join("keys/audit.anchor"), &anchor).expect("restore");
    }
}

#[test]
fn every_fault_of_the_settings_is_told_at_once_and_nothing_starts() {
    let Some(program) = Program::init() else { return };
    let text = std::fs::read_to_string(program.settings()).expect("settings");
    let bad = text.replace("name =", "nom =").replace("kind = \"sqlite\"", "kind = \"oracle\"");
    std::fs::write(program.settings(), bad).expect("write");
    for command in [&["settings", "check"][..], &["serve"], &["status"]] {
        let said = program.refused(command);
        for expected in ["node.name", "node.nom", "did you mean name?", "database.kind"] {
            assert!(said.contains(expected), "{command:?}: {said}");
        }
    }
}

#[test]
fn a_taken_port_a_wrong_certificate_and_an_open_key_each_have_their_word() {
    let Some(program) = Program::init() else { return };
    let text = std::fs::read_to_string(program.settings()).expect("settings");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("port");
    let address = taken.local_addr().expect("address").to_string();
    std::fs::write(program.settings(), text.replacen("127.0.0.1:0", &address, 1)).expect("write");
    let said = program.refused(&["serve"]);
    assert!(said.contains(&address) && said.contains("another program"), "{said}");

    std::fs::write(program.settings(), &text).expect("write");
    let certificate = program.folder.join("tls/cert.pem");
    let good = std::fs::read(&certificate).expect("certificate");
    std::fs::write(&certificate, "no certificate").expect("write");
    let said = program.refused(&["serve"]);
    assert!(said.contains("cert.pem"), "{said}");
    std::fs::write(&certificate, good).expect("write");

    let key = program.folder.join("keys/master.key");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&key, open).expect("mode");
    let said = program.refused(&["status"]);
    assert!(said.contains("master"), "{said}");
}

#[test]
fn a_database_that_is_locked_read_only_or_newer_is_refused_in_words() {
    let Some(program) = Program::init() else { return };
    program.add_hr();
    let database = program.database();
    database.execute_batch("BEGIN IMMEDIATE").expect("lock");
    let said = program.refused(&["source", "sync", "rh"]);
    assert!(said.contains("locked"), "{said}");
    database.execute_batch("ROLLBACK").expect("unlock");
    database
        .execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000000_later', 1)", [])
        .expect("insert");
    drop(database);
    let said = program.refused(&["status"]);
    assert!(said.contains("m20990101_000000_later") && said.contains("newer"), "{said}");
}

#[test]
fn a_register_without_a_column_is_refused_and_the_one_in_use_stays() {
    let Some(program) = Program::init() else { return };
    let version = &crate::house::hospital().1.versions[0];
    let good = program.deliver(&version.register, "good_202611020613.txt");
    assert!(
        program.done(&["register", "import", "--partial", &path(&good)])["lines"]
            .as_u64()
            .expect("lines")
            > 1_000
    );
    let text = std::fs::read_to_string(&good).expect("extract");
    let bad = program.feeds().join("bad_202611090613.txt");
    std::fs::write(&bad, text.replacen("Identification nationale PP", "Identifiant national", 1))
        .expect("write");
    let said = program.refused(&["register", "import", "--partial", &path(&bad)]);
    assert!(said.contains("Identification nationale PP"), "{said}");
    let cut = program.feeds().join("cut_202611090613.txt");
    std::fs::write(&cut, &text[..text.len() - 200]).expect("write");
    program.refused(&["register", "import", "--partial", &path(&cut)]);
    assert_eq!(program.done(&["register", "status"])["version"], 1);
}

#[test]
fn init_never_writes_over_what_is_there() {
    let Some(program) = Program::init() else { return };
    let before = std::fs::read(program.folder.join("keys/master.key")).expect("key");
    let folder = path(&program.folder);
    let said = program.refused(&[
        "init",
        "--folder",
        &folder,
        "--host",
        "autre.test",
        "--admin-family",
        "A",
        "--admin-given",
        "B",
    ]);
    assert!(said.contains("nothing was changed"), "{said}");
    assert_eq!(std::fs::read(program.folder.join("keys/master.key")).expect("key"), before);
}

#[test]
fn a_previewed_plan_is_applied_by_its_run_and_never_twice() {
    let Some(program) = Program::init() else { return };
    program.add_hr();
    let preview = program.done(&["source", "preview", "rh"]);
    assert_eq!(preview["state"], "planned");
    let run = preview["run"].as_str().expect("an id");
    let people = "SELECT count(*) FROM person";
    let count = || program.database().query_row(people, [], |row| row.get::<_, i64>(0));
    let before = count().expect("people");
    assert_eq!(program.done(&["source", "apply", run])["state"], "applied");
    assert!(count().expect("people") > before + 200, "the plan was applied");
    let said = program.refused(&["source", "apply", run]);
    assert!(said.contains("nothing to apply"), "{said}");
}
