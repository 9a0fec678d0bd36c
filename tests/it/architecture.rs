//! The direction of imports is data: every manifest is read against this table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What each crate may import of ours, a line a crate, in the order of the pipeline.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("audit", &["kernel"]),
    ("identity", &["kernel", "audit"]),
    ("reconciliation", &["kernel", "audit", "identity"]),
    ("directory", &["kernel", "audit", "identity", "reconciliation"]),
    ("cards", &["kernel"]),
    ("seat", &["kernel"]),
    ("authentication", &["kernel", "audit", "identity", "reconciliation", "directory", "cards"]),
    (
        "sessions",
        &[
            "kernel",
            "audit",
            "identity",
            "reconciliation",
            "directory",
            "cards",
            "authentication",
            "seat",
        ],
    ),
    (
        "oidc",
        &[
            "kernel",
            "audit",
            "identity",
            "reconciliation",
            "directory",
            "cards",
            "authentication",
            "seat",
            "sessions",
        ],
    ),
    ("store", DOMAIN),
    ("keystore", &["kernel"]),
    ("outbound", &["kernel"]),
    ("sources", &["kernel", "audit", "identity", "outbound"]),
    ("federation", &["kernel", "audit", "authentication", "outbound"]),
    ("targets", &with("outbound")),
    ("workflows", &with("store")),
    ("web", &with("workflows")),
    ("agent", &["kernel", "cards", "seat"]),
    ("pam", &["kernel", "seat"]),
    ("demo", &["kernel"]),
    ("migrations", &[]),
    ("databases", &["store"]),
];

/// These wire or watch the whole and may import all but programs.
const SEES_ALL: &[&str] = &["appliance", "tests"];

/// Programs: nobody imports them.
const PROGRAMS: &[&str] = &["appliance", "agent", "pam"];

/// `kernel` and what decides, pure.
const DOMAIN: &[&str] = &[
    "kernel",
    "audit",
    "identity",
    "reconciliation",
    "directory",
    "cards",
    "seat",
    "authentication",
    "sessions",
    "oidc",
];

const fn with(one: &'static str) -> [&'static str; DOMAIN.len() + 1] {
    let mut all = [one; DOMAIN.len() + 1];
    let mut at = 0;
    while at < DOMAIN.len() {
        all[at] = DOMAIN[at];
        at += 1;
    }
    all
}

/// Crates from outside that only these of ours may name: each is a way to the world that has its keeper.
/// `demo` plays an application of another editor: it has that editor's libraries and none of our rules.
const KEPT_BY: &[(&str, &[&str])] = &[
    ("sea-orm", &["store"]),
    ("sea-orm-migration", &["migrations", "store"]),
    ("sqlx", &["store", "migrations", "databases"]),
    ("rusqlite", &["store", "migrations"]),
    ("axum", &["web", "demo"]),
    ("axum-server", &[]),
    ("tower-http", &["web"]),
    ("hyper", &["outbound", "demo"]),
    ("hyper-util", &["outbound", "demo"]),
    ("reqwest", &["outbound", "demo"]),
    ("ureq", &[]),
    ("isahc", &[]),
    ("ldap3", &["outbound", "sources", "federation", "targets"]),
    ("anyhow", &["agent", "pam"]),
    (
        "tokio",
        &[
            "store",
            "keystore",
            "outbound",
            "sources",
            "federation",
            "targets",
            "workflows",
            "web",
            "agent",
            "demo",
            "migrations",
        ],
    ),
    // A domain crate may take its types, without default features (checked apart).
    ("openidconnect", &["federation", "oidc", "authentication", "demo"]),
];

/// One crate's manifest, reduced to what the table speaks of.
#[derive(Debug, Default, PartialEq)]
struct Manifest {
    name: String,
    imports: BTreeSet<String>,
    dev_imports: BTreeSet<String>,
}

#[test]
fn every_import_is_in_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let manifests = read_members(&root);
    assert!(manifests.len() > 15, "the workspace was not found: {} manifests", manifests.len());
    let faults: Vec<String> = manifests.iter().flat_map(faults).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn openidconnect_brings_no_http_client() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let workspace = parse(&root.join("Cargo.toml"));
    let entry = &workspace["workspace"]["dependencies"]["openidconnect"];
    assert_eq!(entry["default-features"].as_bool(), Some(false), "{entry}");
}

#[test]
fn a_breach_is_named_with_its_edge() {
    for (name, table, dependency, expected) in [
        ("identity", "dependencies", "directory", Some("identity imports directory")),
        ("identity", "dependencies", "tokio", Some("identity imports tokio")),
        ("web", "dependencies", "store", Some("web imports store")),
        ("web", "dependencies", "sea-orm", Some("web imports sea-orm")),
        ("web", "dependencies", "sources", Some("web imports sources")),
        ("sources", "dependencies", "federation", Some("sources imports federation")),
        ("store", "dependencies", "migrations", Some("store imports migrations")),
        ("store", "dev-dependencies", "migrations", None),
        ("web", "dev-dependencies", "appliance", Some("web imports appliance")),
        ("workflows", "build-dependencies", "web", Some("workflows imports web")),
        ("workflows", "dependencies", "anyhow", Some("workflows imports anyhow")),
        ("utils", "dependencies", "kernel", Some("utils is not in the table")),
        ("appliance", "dependencies", "migrations", None),
        ("oidc", "dependencies", "sessions", None),
    ] {
        let text = format!("[package]\nname = \"{name}\"\n[{table}]\n{dependency} = \"1\"\n");
        let found = faults(&manifest(&text.parse().expect("a manifest")));
        match expected {
            None => assert!(found.is_empty(), "{name} -> {dependency}: {found:?}"),
            Some(words) => {
                assert!(found[0].starts_with(words), "{name} -> {dependency}: {found:?}")
            }
        }
    }
}

#[test]
fn a_renamed_or_targeted_dependency_does_not_hide() {
    let text = "[package]\nname = \"audit\"\n[dependencies]\nrows = { package = \"sea-orm\", version = \"2\" }\n\
                [target.'cfg(unix)'.dependencies]\nstore = { path = \"../store\" }\n";
    let found = faults(&manifest(&text.parse().expect("a manifest")));
    assert_eq!(found.len(), 2, "{found:?}");
}

fn faults(manifest: &Manifest) -> Vec<String> {
    let name = manifest.name.as_str();
    let sees_all = SEES_ALL.contains(&name);
    let table: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let Some(allowed) = table.get(name).copied().or(sees_all.then_some(&[] as &[&str])) else {
        return vec![format!("{name} is not in the table: which step of the pipeline is it?")];
    };
    let ours = |import: &str| table.contains_key(import) || SEES_ALL.contains(&import);
    let mut faults = Vec::new();
    for import in manifest.imports.iter().map(String::as_str) {
        if PROGRAMS.contains(&import) {
            faults.push(format!("{name} imports {import}, a program: nobody does"));
        } else if ours(import) && !sees_all && !allowed.contains(&import) {
            faults.push(format!("{name} imports {import}; it may import {allowed:?}"));
        }
        let keepers = KEPT_BY.iter().find(|(kept, _)| *kept == import);
        if let Some((_, keepers)) = keepers.filter(|(_, list)| !sees_all && !list.contains(&name)) {
            faults.push(format!("{name} imports {import}, which is kept by {keepers:?}"));
        }
    }
    for import in manifest.dev_imports.iter().filter(|import| PROGRAMS.contains(&import.as_str())) {
        faults.push(format!("{name} imports {import}, a program: nobody does, tests neither"));
    }
    faults
}

fn read_members(root: &Path) -> Vec<Manifest> {
    let crates = std::fs::read_dir(root.join("crates")).expect("the folder crates");
    let mut folders: Vec<PathBuf> = crates.map(|entry| entry.expect("an entry").path()).collect();
    folders.extend(["migrations", "tests", "tests/databases"].map(|folder| root.join(folder)));
    let files = folders.iter().map(|folder| folder.join("Cargo.toml")).filter(|path| path.exists());
    files.map(|path| manifest(&parse(&path))).collect()
}

fn parse(path: &Path) -> toml::Table {
    let text = std::fs::read_to_string(path).expect("a readable manifest");
    text.parse().unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

fn manifest(table: &toml::Table) -> Manifest {
    let mut found = Manifest {
        name: table["package"]["name"].as_str().expect("a name").to_owned(),
        ..Manifest::default()
    };
    let targets = table.get("target").and_then(toml::Value::as_table);
    let scopes = targets.into_iter().flat_map(|all| all.values().filter_map(toml::Value::as_table));
    for scope in std::iter::once(table).chain(scopes) {
        found.imports.extend(names(scope, "dependencies"));
        found.imports.extend(names(scope, "build-dependencies"));
        found.dev_imports.extend(names(scope, "dev-dependencies"));
    }
    found
}

/// The packages of one table of dependencies, under their own names where they were given another.
fn names(scope: &toml::Table, table: &str) -> Vec<String> {
    let entries = scope.get(table).and_then(toml::Value::as_table).into_iter().flatten();
    let package = |(key, value): (&String, &toml::Value)| {
        value.get("package").and_then(toml::Value::as_str).unwrap_or(key).to_owned()
    };
    entries.map(package).collect()
}
