//! Whole runs of the appliance against a domain controller of its own that holds 5 000 accounts: what changes there comes
//! out right here, on both databases, and a directory lost in the middle changes nothing.
//! `HYGIE_TEST_AD_LARGE` names a folder with `load.ldif` and the `hospital` that it was made of (`tests/run` makes both).
use crate::ad_source::{Lab, set};
use crate::program::{Program, path};
use directory::{Account, Person, Post, Run, RunState};
use identity::ExternalKey;
use kernel::SystemClock;
use ldap3::Ldap;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{Place, PostgresUrl, SourceRecord, Store};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

const HOSPITAL: &str = "OU=Hopital,DC=hopital,DC=test";
const ENOUGH: usize = 5_000;

/// A domain controller that is changed and stopped at will: no other test speaks to it.
struct Controller {
    dir: PathBuf,
    lab: Lab,
    large: PathBuf,
}

impl Controller {
    /// Nothing where none can be made, which is a failure where all must run.
    fn given(test: &str) -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "a test's own settings come from its runner")]
        let (large, ci) = (std::env::var("HYGIE_TEST_AD_LARGE"), std::env::var("CI"));
        let Ok(large) = large else {
            assert!(ci.is_err(), "HYGIE_TEST_AD_LARGE names no directory");
            println!("skipped: {test}: HYGIE_TEST_AD_LARGE names no directory");
            return None;
        };
        let large = PathBuf::from(large);
        let dir = large.join("running");
        let free = Command::new(lab_script("free-address")).output().expect("an address");
        let address = String::from_utf8(free.stdout).expect("an address").trim().to_owned();
        ad_script(&dir, "up", &[&address, &path(&large.join("load.ldif"))]);
        let lab = Lab::of(&dir);
        Some(Self { dir, lab, large })
    }
}

impl Drop for Controller {
    fn drop(&mut self) {
        ad_script(&self.dir, "down", &[]);
    }
}

fn lab_script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("lab").join(name)
}

fn ad_script(dir: &Path, verb: &str, more: &[&str]) {
    let done = Command::new(lab_script("ad.sh")).arg(verb).arg(dir).args(more).status();
    assert!(done.expect("ad.sh runs").success(), "ad.sh {verb}");
}

/// How a connection to the directory ends, after so many bytes of its answers.
#[derive(Clone)]
enum Mode {
    Whole,
    HangsUp(usize),
    FallsSilent(usize),
    /// The domain controller itself is stopped.
    Stops(usize, PathBuf),
}

impl Mode {
    fn limit(&self) -> usize {
        match self {
            Self::Whole => usize::MAX,
            Self::HangsUp(limit) | Self::FallsSilent(limit) | Self::Stops(limit, _) => *limit,
        }
    }
}

/// The appliance reaches the directory through this.
struct Link {
    port: u16,
    mode: Arc<Mutex<Mode>>,
    /// Bytes of answers on the last connection.
    carried: Arc<AtomicUsize>,
}

impl Link {
    async fn to(address: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let port = listener.local_addr().expect("address").port();
        let link = Self { port, mode: Arc::new(Mutex::new(Mode::Whole)), carried: Arc::default() };
        let (address, mode, carried) =
            (address.to_owned(), link.mode.clone(), link.carried.clone());
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.expect("accept");
                // A directory that is down: the client finds its connection closed.
                let Ok(server) = TcpStream::connect((address.as_str(), 636)).await else {
                    continue;
                };
                let mode = mode.lock().await.clone();
                carried.store(0, Ordering::Relaxed);
                tokio::spawn(carry(client, server, mode, carried.clone()));
            }
        });
        link
    }

    async fn set(&self, mode: Mode) {
        *self.mode.lock().await = mode;
    }
}

async fn carry(client: TcpStream, server: TcpStream, mode: Mode, carried: Arc<AtomicUsize>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let asks = tokio::spawn(async move {
        // The controller or the reader hangs up: the end of this link either way.
        let _end = tokio::io::copy(&mut from_client, &mut to_server).await;
    });
    let (mut limit, mut piece) = (mode.limit(), vec![0; 4096]);
    loop {
        let room = piece.len().min(limit - carried.load(Ordering::Relaxed));
        if room == 0 {
            match &mode {
                Mode::Stops(_, dir) => {
                    let dir = dir.clone();
                    let stop = tokio::task::spawn_blocking(move || ad_script(&dir, "stop", &[]));
                    stop.await.expect("stopped");
                    limit = usize::MAX;
                    continue;
                }
                Mode::FallsSilent(_) => drop(asks.await),
                Mode::HangsUp(_) | Mode::Whole => asks.abort(),
            }
            return;
        }
        match from_server.read(&mut piece[..room]).await {
            Ok(0) | Err(_) => break,
            Ok(read) => {
                if to_client.write_all(&piece[..read]).await.is_err() {
                    break;
                }
                carried.fetch_add(read, Ordering::Relaxed);
            }
        }
    }
    asks.abort();
}

/// One appliance, made and worked by its commands, on its own database.
struct Appliance {
    what: &'static str,
    program: Program,
    store: Store,
    link: Link,
    /// The file that names its PostgreSQL.
    _address: tempfile::NamedTempFile,
}

/// Everything that a sync could touch.
#[derive(Clone, PartialEq)]
struct Picture {
    people: Vec<Person>,
    posts: Vec<Post>,
    accounts: BTreeMap<ExternalKey, Account>,
    records: BTreeMap<ExternalKey, SourceRecord>,
    cases: usize,
    links: usize,
}

impl Appliance {
    /// After its first reading of HR, with the directory as a source that was never read.
    async fn made(
        what: &'static str,
        controller: &Controller,
        postgres: Option<String>,
    ) -> Option<Self> {
        let link = Link::to(&controller.lab.address).await;
        let mut more = vec!["--allowed-host".to_owned(), "localhost".to_owned()];
        let address = tempfile::NamedTempFile::new().expect("file");
        if let Some(url) = &postgres {
            std::fs::write(address.path(), url).expect("address");
            more.extend(["--postgres-url-file".to_owned(), path(address.path())]);
        }
        let program = Program::init_with(&more)?;
        let feeds = program.feeds();
        for name in ["ca.crt", "read", "admin"] {
            std::fs::copy(controller.lab.folder.path().join(name), feeds.join(name)).expect(name);
        }
        for name in ["mapping.toml", "hr-v1.csv"] {
            let from = controller.large.join("hospital/hr").join(name);
            std::fs::copy(from, feeds.join(name)).expect(name);
        }
        program.done(&["source", "add", &path(&feeds.join("mapping.toml"))]);
        assert_eq!(program.done(&["source", "sync", "rh"])["state"], "applied", "{what}");
        let place = match postgres {
            Some(url) => Place::Postgres(PostgresUrl(url)),
            None => Place::Sqlite(program.folder.join("hygie.db")),
        };
        let store = Store::open(&place, Arc::new(SystemClock), "test").await.expect("store");
        let appliance = Self { what, program, store, link, _address: address };
        appliance.read_as(controller, "read", "");
        Some(appliance)
    }

    /// The next version of the source: read by this account of the directory.
    fn read_as(&self, controller: &Controller, account: &str, more: &str) {
        let definition = controller.lab.definition(account, HOSPITAL, more);
        let through = format!("localhost:{}", self.link.port);
        let definition = definition.replace(&controller.lab.address, &through);
        let file = self.program.feeds().join("ad.toml");
        std::fs::write(&file, definition + "timeout_seconds = 5\n").expect("definition");
        self.program.done(&["source", "add", &path(&file)]);
    }

    async fn sync(&self) -> Value {
        let output = self.program.run(&["source", "sync", "ad"]);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
            panic!("{}: {}", self.what, String::from_utf8_lossy(&output.stderr))
        })
    }

    /// A sync that ends well, and changes so many accounts.
    async fn applies(&self, items: u64) -> Value {
        let run = self.sync().await;
        assert_eq!(run["state"], "applied", "{}: {run}", self.what);
        let kinds = ["create", "change", "close", "reopen", "link", "conflict", "doubt"];
        let planned: u64 = kinds.iter().filter_map(|kind| run["counts"][kind].as_u64()).sum();
        assert_eq!(planned, items, "{}: {run}", self.what);
        run
    }

    async fn picture(&self) -> Picture {
        let reader = self.store.read();
        let source = reader.sources().by_name("ad").await.expect("source").expect("source").id;
        let (mut accounts, mut records) = (BTreeMap::new(), BTreeMap::new());
        for account in reader.accounts().all().await.expect("accounts") {
            accounts.insert(account.external_key.clone(), account);
        }
        for record in reader.records().of(source).await.expect("records") {
            records.insert(record.key.clone(), record);
        }
        Picture {
            people: reader.people().all().await.expect("people"),
            posts: reader.posts().all().await.expect("posts"),
            accounts,
            records,
            cases: reader.cases().all_keys().await.expect("cases").len(),
            links: reader.national_identities().all().await.expect("links").len(),
        }
    }

    /// Names of the audit's events from this entry on, with the account of each.
    async fn events(&self, from: u64) -> Vec<(String, Option<String>)> {
        let entries = self.store.read().audit().entries(from, 50_000).await.expect("audit");
        let mut events: Vec<_> = entries
            .iter()
            .map(|entry| {
                let event: Value = serde_json::from_slice(&entry.bytes).expect("JSON");
                let text = |name: &str| event[name].as_str().map(str::to_owned);
                (text("event").expect("a name"), text("account"))
            })
            .collect();
        events.sort();
        events
    }

    async fn sealed(&self) -> u64 {
        self.store.read().audit().sealed().await.expect("audit").frontier.size()
    }

    async fn last_run(&self) -> Run {
        self.store.read().runs().recent(None, 1).await.expect("runs").pop().expect("a run")
    }
}

fn postgres() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "a test's own settings come from its runner")]
    let (server, ci) = (std::env::var("HYGIE_TEST_PG"), std::env::var("CI"));
    let Ok(server) = server else {
        assert!(ci.is_err(), "HYGIE_TEST_PG names no server");
        println!("not run on PostgreSQL: HYGIE_TEST_PG names no server");
        return None;
    };
    let name = format!("ad_runs_{}", std::process::id());
    let made = Command::new("psql")
        .args(["-q", &format!("{server}postgres"), "-c", &format!("CREATE DATABASE {name}")])
        .status();
    assert!(made.expect("psql runs").success(), "CREATE DATABASE {name}");
    Some(format!("{server}{name}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn ad_five_thousand_accounts_come_out_right_through_changes_and_stops() {
    let test = "ad_five_thousand_accounts_come_out_right_through_changes_and_stops";
    let Some(controller) = Controller::given(test) else { return };
    let Some(sqlite) = Appliance::made("SQLite", &controller, None).await else { return };
    let mut appliances = vec![sqlite];
    if let Some(url) = postgres() {
        appliances.extend(Appliance::made("PostgreSQL", &controller, Some(url)).await);
    }
    let mut ldap = controller.lab.admin().await;
    for appliance in &appliances {
        first_sync(appliance, &mut ldap).await;
    }
    four_changes(&controller, &appliances, &mut ldap).await;
    tombstones(&controller, &appliances).await;
    lost_in_the_middle(&controller, &appliances, &mut ldap).await;
    for appliance in &appliances {
        assert_eq!(appliance.program.done(&["audit", "verify"])["holds"], true);
    }
}

/// Whose each account is, as the directory's administrators wrote it: login → matricule.
async fn declared(ldap: &mut Ldap) -> BTreeMap<String, Option<String>> {
    let attributes = ["sAMAccountName", "employeeID"];
    let mut search = ldap
        .streaming_search_with(
            ldap3::adapters::PagedResults::new(1_000),
            HOSPITAL,
            ldap3::Scope::Subtree,
            "(sAMAccountName=*)",
            attributes,
        )
        .await
        .expect("search");
    let mut declared = BTreeMap::new();
    while let Some(entry) = search.next().await.expect("entry") {
        let mut entry = ldap3::SearchEntry::construct(entry);
        let mut one =
            |name: &str| entry.attrs.remove(name).and_then(|values| values.into_iter().next());
        declared.insert(one(attributes[0]).expect("a login"), one(attributes[1]));
    }
    search.finish().await.success().expect("search");
    declared
}

async fn first_sync(appliance: &Appliance, ldap: &mut Ldap) {
    let what = appliance.what;
    let declared = declared(ldap).await;
    assert!(declared.len() >= ENOUGH, "{} accounts", declared.len());
    let started = std::time::Instant::now();
    let accounts = u64::try_from(declared.len()).expect("a count");
    let before = appliance.picture().await;
    let run = appliance.sync().await;
    println!("{what}: {accounts} accounts in {:?}: {}", started.elapsed(), run["counts"]);
    assert_eq!((&run["state"], &run["counts"]["create"]), (&"applied".into(), &accounts.into()));

    let picture = appliance.picture().await;
    // Accounts that the directory ties to nobody by a key are questions, and belong to nobody meanwhile.
    assert_eq!(run["counts"]["doubt"], picture.cases - before.cases, "{what}: {run}");
    assert_eq!((picture.accounts.len(), picture.records.len()), (declared.len(), declared.len()));
    assert!(picture.people == before.people && picture.posts == before.posts, "{what}");
    let bearers: BTreeMap<String, kernel::PersonId> =
        picture.posts.iter().map(|post| (post.fields.matricule.to_string(), post.person)).collect();
    let (mut linked, mut known) = (0, 0);
    for account in picture.accounts.values() {
        let login = &account.fields.login;
        let bearer = declared[login].as_ref().and_then(|matricule| bearers.get(matricule));
        if let Some(bearer) = bearer {
            known += 1;
            linked += usize::from(account.person == Some(*bearer));
            assert!(account.person.is_none_or(|person| person == *bearer), "{what}: {login}");
        }
    }
    let asked = picture.cases - before.cases;
    assert!(known > 4_000 && linked > 4_000, "{what}: {linked} of {known} linked");
    assert_eq!(linked + asked, known, "{what}: each number of HR is linked, or asked about");

    appliance.applies(0).await;
    assert!(appliance.picture().await == picture, "{what}: nothing was planned, something changed");
}

/// Accounts of people, enabled, in the order of their keys: `count` of them from the `from`th on.
fn some(picture: &Picture, from: usize, count: usize) -> Vec<&Account> {
    let usable = |account: &&Account| {
        let name = &account.fields.distinguished_name;
        account.person.is_some() && account.fields.enabled && name.contains("OU=Personnel")
    };
    picture.accounts.values().filter(usable).skip(from).take(count).collect()
}

/// The directory's own name of an account, and the part before its container.
fn names(account: &Account) -> (&str, &str) {
    let dn = account.fields.distinguished_name.as_str();
    (dn, dn.split_once(",OU=").expect("in a container").0)
}

const OFF: &[u8] = b"546";

/// A rename, a disable, a move and a delete between two syncs: exactly these four differ afterwards.
async fn four_changes(controller: &Controller, appliances: &[Appliance], ldap: &mut Ldap) {
    let before = appliances[0].picture().await;
    let chosen = some(&before, 100, 4);
    let [renamed, disabled, moved, deleted] = chosen[..] else { panic!("four accounts") };
    let done = ldap.modifydn(names(renamed).0, "CN=Nom Renommé", true, None).await;
    done.expect("rename").success().expect("rename");
    let new_name = format!("CN=Nom Renommé,OU=Personnel,{HOSPITAL}");
    set(ldap, &new_name, "sAMAccountName", b"nomrenomme").await;
    set(ldap, names(disabled).0, "userAccountControl", OFF).await;
    let (dn, own) = names(moved);
    let elsewhere = format!("OU=Interim,{HOSPITAL}");
    let done = ldap.modifydn(dn, own, true, Some(&elsewhere)).await;
    done.expect("move").success().expect("move");
    ldap.delete(names(deleted).0).await.expect("delete").success().expect("delete");

    for appliance in appliances {
        let (what, before, sealed) =
            (appliance.what, appliance.picture().await, appliance.sealed().await);
        let run = appliance.applies(4).await;
        assert_eq!(
            (&run["counts"]["change"], &run["counts"]["absent"]),
            (&4.into(), &1.into()),
            "{run}"
        );
        let after = appliance.picture().await;
        let mut expected = before.accounts.clone();
        let mut change = |account: &Account, change: &dyn Fn(&mut Account)| {
            change(expected.get_mut(&account.external_key).expect("known"));
        };
        change(renamed, &|account| {
            account.fields.login = "nomrenomme".to_owned();
            account.fields.distinguished_name.clone_from(&new_name);
        });
        change(disabled, &|account| account.fields.enabled = false);
        change(moved, &|account| account.fields.distinguished_name = format!("{own},{elsewhere}"));
        same_accounts(what, &after.accounts, &expected);
        only_records_of(what, &before, &after, &chosen);
        let absent = &after.records[&deleted.external_key];
        assert!(absent.absent_since.is_some(), "{what}: the clock of the absent runs");
        let id = |account: &Account| Some(before.accounts[&account.external_key].id.to_string());
        let mut events = vec![
            ("account_changed".to_owned(), id(renamed)),
            ("account_changed".to_owned(), id(disabled)),
            ("account_changed".to_owned(), id(moved)),
            ("account_disabled".to_owned(), id(disabled)),
            ("person_absent".to_owned(), None),
            ("run_applied".to_owned(), None),
            ("run_planned".to_owned(), None),
        ];
        events.sort();
        assert_eq!(appliance.events(sealed).await, events, "{what}");
        appliance.applies(0).await;
        assert!(appliance.picture().await == after, "{what}: read again, something changed");
    }
    println!("{}: four changes came out right", controller.lab.address);
}

/// Told account by account: pictures of thousands are no message.
fn same_accounts(
    what: &str,
    found: &BTreeMap<ExternalKey, Account>,
    expected: &BTreeMap<ExternalKey, Account>,
) {
    for (key, account) in expected {
        assert_eq!(found.get(key), Some(account), "{what}");
    }
    assert_eq!(found.len(), expected.len(), "{what}");
}

/// People, posts, links and questions as before, and the records of all accounts but these.
fn only_records_of(what: &str, before: &Picture, after: &Picture, touched: &[&Account]) {
    let mut rest = after.clone();
    rest.accounts.clone_from(&before.accounts);
    for account in touched {
        let key = &account.external_key;
        rest.records.insert(key.clone(), before.records[key].clone());
    }
    assert!(rest == *before, "{what}: more changed than what the directory changed");
}

/// An account that may see what was deleted closes it at once; nothing else moves.
async fn tombstones(controller: &Controller, appliances: &[Appliance]) {
    for appliance in appliances {
        let (what, before) = (appliance.what, appliance.picture().await);
        let absent = |record: &&SourceRecord| record.absent_since.is_some();
        let gone = before.records.values().find(absent).expect("the one deleted").key.clone();
        appliance.read_as(controller, "admin", "read_tombstones = true");
        let run = appliance.applies(1).await;
        assert_eq!(run["counts"]["close"], 1, "{what}: {run}");
        let mut expected = before.accounts.clone();
        let closed = expected.get_mut(&gone).expect("known");
        (closed.fields.deleted, closed.fields.enabled) = (true, false);
        let after = appliance.picture().await;
        same_accounts(what, &after.accounts, &expected);
        assert!(after.people == before.people, "{what}: a person does not end with an account");
        appliance.read_as(controller, "read", "page_size = 100");
        appliance.applies(0).await;
    }
}

/// Much changed there; the connection breaks, falls silent, or the controller itself stops: nothing changes here.
async fn lost_in_the_middle(controller: &Controller, appliances: &[Appliance], ldap: &mut Ldap) {
    let before = appliances[0].picture().await;
    let chosen = some(&before, 1_000, 6);
    for account in &chosen[..3] {
        set(ldap, names(account).0, "userAccountControl", OFF).await;
    }
    for account in &chosen[3..] {
        ldap.delete(names(account).0).await.expect("delete").success().expect("delete");
    }
    for appliance in appliances {
        appliance.program.done(&["source", "preview", "ad"]);
        let total = appliance.link.carried.load(Ordering::Relaxed);
        assert!(total > 500_000, "{total} bytes of {ENOUGH} accounts");
        let stops = Mode::Stops(total * 60 / 100, controller.dir.clone());
        // How a link breaks is the reader's matter: one database tells all ways, the other the stop.
        let mut modes = vec![stops];
        if appliance.what == "SQLite" {
            modes.splice(
                ..0,
                [
                    Mode::HangsUp(total * 10 / 100),
                    Mode::HangsUp(total * 99 / 100),
                    Mode::FallsSilent(total * 50 / 100),
                ],
            );
        }
        for mode in modes {
            appliance.link.set(mode).await;
            fails(appliance, "s’arrête avant la fin", "truncated").await;
        }
        appliance.link.set(Mode::Whole).await;
        fails(appliance, "est injoignable", "unreachable").await;
        ad_script(&controller.dir, "start", &[]);
        let before = appliance.picture().await;
        let run = appliance.applies(6).await;
        assert_eq!(run["counts"]["absent"], 3, "{}: {run}", appliance.what);
        let after = appliance.picture().await;
        only_records_of(appliance.what, &before, &after, &chosen);
        let off = |account: &&&Account| !after.accounts[&account.external_key].fields.enabled;
        assert_eq!(chosen.iter().filter(off).count(), 3, "{}", appliance.what);
        appliance.applies(0).await;
    }
}

/// A run that fails in words and leaves everything as it was.
async fn fails(appliance: &Appliance, says: &str, reason: &str) {
    let (what, before, sealed) =
        (appliance.what, appliance.picture().await, appliance.sealed().await);
    let run = appliance.sync().await;
    let told = run["error"].as_str().unwrap_or_default();
    assert_eq!(run["state"], "failed", "{what}: {run}");
    assert!(told.contains(says) && told.contains("Rien n’a été modifié."), "{what}: {told}");
    assert!(appliance.picture().await == before, "{what}: {told} changed something");
    let last = appliance.last_run().await;
    assert_eq!(last.state, RunState::Failed, "{what}");
    let plan = appliance.store.read().plans().page(last.id, None, None, 1).await.expect("plan");
    assert!(plan.is_empty(), "{what}: a part of a reading was planned: {plan:?}");
    let entries = appliance.store.read().audit().entries(sealed, 10).await.expect("audit");
    let [entry] = &entries[..] else { panic!("{what}: {} events", entries.len()) };
    let event: Value = serde_json::from_slice(&entry.bytes).expect("JSON");
    assert_eq!(
        (&event["event"], &event["reason"]),
        (&"run_failed".into(), &reason.into()),
        "{what}"
    );
}
