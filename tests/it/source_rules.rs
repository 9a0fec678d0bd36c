//! What no source file may hold: rules of the threat model that are kept by absence.
use std::path::{Path, PathBuf};

/// A source file without its tests: its path below `crates/`, and the text.
struct Source {
    path: String,
    text: String,
}

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests have a parent").join("crates")
}

fn walk(folder: &Path, root: &Path, found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the tree") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_test = ["tests", "tests.rs", "testing.rs", "lab.rs", "house.rs"].contains(&name)
            || name.ends_with("_tests.rs");
        if is_test {
            continue;
        }
        if path.is_dir() {
            walk(&path, root, found);
        } else if name.ends_with(".rs") {
            let text = std::fs::read_to_string(&path).expect("a source file");
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let path = path.strip_prefix(root).expect("below").display().to_string();
            found.push(Source { path, text: text.to_owned() });
        }
    }
}

fn product() -> Vec<Source> {
    let mut found = Vec::new();
    walk(&crates(), &crates(), &mut found);
    assert!(found.len() > 200, "{} files: the tree is not where it was", found.len());
    // The made-up hospital and the demo application are no part of what a hospital runs.
    found.retain(|source| !source.path.starts_with("demo/"));
    found
}

/// The text without comments, in lower case.
fn code(source: &Source) -> String {
    let kept = source.text.lines().filter(|line| !line.trim_start().starts_with("//"));
    kept.collect::<Vec<_>>().join("\n").to_lowercase()
}

fn holding(words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in product() {
        let code = code(&source);
        let held = words.iter().filter(|word| code.contains(**word));
        found.extend(held.map(|word| format!("{}: {word}", source.path)));
    }
    found
}

/// Who asks is told by the connection: no header says an address, a host or a certificate here.
#[test]
fn wb_07_wb_08_wb_10_no_header_says_who_asks() {
    let found = holding(&[
        "x-forwarded",
        "\"forwarded\"",
        "header::forwarded",
        "x-real-ip",
        "x-client-ip",
        "true-client-ip",
        "x-original-",
        "x-rewrite-url",
        "x-ssl-",
        "ssl_client",
        "ssl-client",
        "x-client-cert",
        "client-cert\"",
        "x-arr-clientcert",
        "x-tls-client",
    ]);
    assert!(found.is_empty(), "{found:?}");
}

/// The directory is read. What writes to it comes with its own guards, or not at all.
#[test]
fn ad_05_nothing_writes_to_a_directory() {
    let users: Vec<Source> = product()
        .into_iter()
        .filter(|source| source.text.contains("ldap3::") || source.path.starts_with("outbound/"))
        .collect();
    assert!(!users.is_empty(), "ldap3 is used somewhere");
    for source in users {
        let code = code(&source);
        for write in [".modify(", ".modifydn(", ".add(vec", "ldap.add(", "ldap.delete(", "modop"] {
            assert!(!code.contains(write), "{}: {write}", source.path);
        }
    }
}

/// Statements are written in `store` alone, and values travel as parameters. The places where a statement is put
/// together take words of ours only, and are named here.
#[test]
fn st_01_sql_is_in_the_store_alone_and_made_of_no_value() {
    let verbs = ["\"select ", "\"insert into ", "\"update ", "\"delete from ", "\"(select "];
    let put_together = [
        ("store/src/views/people.rs", "format!(\"(select {value} from post"),
        ("store/src/audit_log.rs", "format!(\"select {columns} {rest} order by e.seq limit $1"),
        (
            "store/src/audit_log.rs",
            "format!(\"select e.seq, e.leaf_hash {rest} order by e.seq limit",
        ),
        ("store/src/audit_log.rs", "format!(\"select count(*) {rest}"),
        ("store/src/audit_log.rs", "format!(\"select e.seq from audit_entry e where {passed}"),
        ("store/src/register/import.rs", "format!(\"select count(*) from {table}\")"),
        // The columns are those of the entity, in their order.
        ("store/src/by_place.rs", "format!(\"insert into {table} ({}) values ({})"),
        ("store/src/clients.rs", "format!(\"select {} from client c where c.{column} = $1"),
        ("store/src/codes.rs", "format!(\"select {columns} from authorization_code a where"),
        (
            "store/src/national_identities.rs",
            "format!( \"select {columns} from national_identity n where",
        ),
        // Beside them, whether each stands: words of the program's own types.
        (
            "store/src/national_identities.rs",
            "format!( \"select {columns}, cast(case when n.channel = '{by_card}'",
        ),
        ("store/src/pushed.rs", "format!(\"select {columns} from pushed_request p where"),
        ("store/src/sessions.rs", "format!(\"select {} from session s where s.id = $1"),
        ("store/src/logins.rs", "format!(\"select {columns} from login_transaction l where"),
        ("store/src/means.rs", "format!(\"select {} from means m where"),
        ("store/src/sessions.rs", "format!( \"select {columns}, (select c.value from counter c"),
        ("store/src/sessions.rs", "format!( \"select {columns} from session s where"),
        ("store/src/signing_keys.rs", "format!(\"select {columns} from signing_key k where"),
        ("store/src/signing_keys.rs", "format!( \"select {columns} from signing_key k where"),
        ("store/src/standings/parts.rs", "format!(\"select {} from {}\""),
        // By the one or the other of two hashes.
        ("store/src/tokens.rs", "format!(\"select {columns} from token t where"),
        ("store/src/tokens.rs", "format!( \"select {token}, {client}, {session} from token t"),
    ];
    let mut seen = 0;
    for source in product() {
        let code = code(&source);
        let statements = verbs.iter().map(|verb| code.matches(verb).count()).sum::<usize>();
        if !source.path.starts_with("store/") {
            assert_eq!(statements, 0, "{} writes SQL", source.path);
            continue;
        }
        seen += statements;
        let squeezed: String = code.split_whitespace().collect::<Vec<_>>().join(" ");
        for verb in verbs {
            for macro_call in ["format!(", "format!( ", "write!(", "+ "] {
                let shape = format!("{macro_call}{verb}");
                let known = put_together.iter().filter(|(path, text)| {
                    *path == source.path && text.starts_with(&shape) && squeezed.contains(text)
                });
                let allowed: usize = known.count();
                assert_eq!(squeezed.matches(&shape).count(), allowed, "{}: {shape}", source.path);
            }
        }
    }
    assert!(seen > 10, "{seen} statements: the search finds nothing any more");
}

/// Private RSA keys are used by aws-lc-rs alone (RUSTSEC-2023-0071).
#[test]
fn ky_02_no_crate_of_ours_leans_on_rsa() {
    for entry in std::fs::read_dir(crates()).expect("crates") {
        let manifest = entry.expect("an entry").path().join("Cargo.toml");
        let Ok(text) = std::fs::read_to_string(&manifest) else { continue };
        let table: toml::Table = text.parse().expect("a manifest");
        for kind in ["dependencies", "build-dependencies"] {
            let has_rsa = table
                .get(kind)
                .and_then(toml::Value::as_table)
                .is_some_and(|table| table.keys().any(|name| name == "rsa" || name == "ring"));
            assert!(!has_rsa, "{}", manifest.display());
        }
    }
    assert!(holding(&["use rsa::", " rsa::rsaprivatekey"]).is_empty());
}

/// A national identity is proved where a credential was verified, by the authentication of that person: no form, no file
/// and no command of an operator leads there.
#[test]
fn da_12_no_operator_forges_the_proof_of_a_credential() {
    let may = ["authentication/src/", "workflows/src/credential.rs", "workflows/src/login/"];
    let found = holding(&["credential_proved(", "credentialproof::verified"]);
    assert!(
        found.iter().any(|place| place.contains("workflows/src/credential.rs: credential_proved("))
    );
    let forged: Vec<&String> =
        found.iter().filter(|place| !may.iter().any(|folder| place.starts_with(folder))).collect();
    assert!(forged.is_empty(), "{forged:?}");
}
