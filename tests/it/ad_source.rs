//! The Active Directory source against a real domain controller (`HYGIE_TEST_AD_DIR`, made by `tests/lab/ad.sh`).
use identity::{AccountFields, Identity, Mapping, SourceError, SourceOpener, Stager, normalise};
use kernel::Secret;
use ldap3::{Ldap, Mod};
use outbound::ldap::LdapTarget;
use outbound::{AllowedHosts, Anchors, Timeouts};
use sources::{Opener, OpenerSettings};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const DOMAIN: &str = "DC=hopital,DC=test";

/// A running domain controller, and a folder with what a source needs to read it.
pub struct Lab {
    pub address: String,
    pub folder: tempfile::TempDir,
    pub accounts: BTreeMap<String, (String, Secret<String>)>,
}

impl Lab {
    /// Nothing when no controller was given, which is a failure where all must run.
    fn given(test: &str) -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "a test's own settings come from its runner")]
        let (dir, ci) = (std::env::var("HYGIE_TEST_AD_DIR"), std::env::var("CI"));
        let Ok(dir) = dir else {
            assert!(ci.is_err(), "HYGIE_TEST_AD_DIR names no domain controller");
            println!("skipped: {test}: HYGIE_TEST_AD_DIR names no domain controller");
            return None;
        };
        Some(Self::of(&PathBuf::from(dir)))
    }

    /// What `tests/lab/ad.sh` left in its folder.
    pub fn of(dir: &Path) -> Self {
        let read = |name: &str| std::fs::read_to_string(dir.join(name)).expect("lab folder");
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join("ca.crt"), read("ca.crt")).expect("authority");
        let mut accounts = BTreeMap::new();
        for line in read("accounts").lines() {
            let words: Vec<&str> = line.splitn(3, ' ').collect();
            let [name, upn, password] = words[..] else { panic!("accounts of the lab") };
            std::fs::write(folder.path().join(name), password).expect("password");
            let secret = Secret::new(password.to_owned());
            accounts.insert(name.to_owned(), (upn.to_owned(), secret));
        }
        Self { address: read("address").trim().to_owned(), folder, accounts }
    }

    pub fn definition(&self, account: &str, base: &str, more: &str) -> String {
        let Self { address, .. } = self;
        let upn = &self.accounts[account].0;
        format!(
            "[source]\nname = \"ad\"\nkind = \"active_directory\"\nurl = \"ldaps://{address}\"\n\
             base = \"{base}\"\nbind_dn = \"{upn}\"\npassword_file = \"{account}\"\n\
             ca_file = \"ca.crt\"\n{more}\n"
        )
    }

    async fn read(&self, definition: &str) -> Result<Read, SourceError> {
        let settings = OpenerSettings {
            folders: vec![self.folder.path().to_owned()],
            allowed_hosts: AllowedHosts::new([self.address.as_str(), "localhost"]),
            anchors_pem: Vec::new(),
        };
        let mapping = Mapping::parse(definition).expect("definition");
        let mut reading = Opener::new(settings).open(definition)?.read().await?;
        let (mut stager, mut largest) = (Stager::new(&mapping), 0);
        while let Some(batch) = reading.next_batch().await? {
            largest = largest.max(batch.len());
            stager.push(batch);
        }
        let staged = stager.finish();
        assert!(staged.faults.is_empty(), "{:?}", staged.faults);
        let today = "2026-11-22".parse().expect("date");
        let identities = staged.records.iter().map(|record| {
            let read = normalise(&mapping, record, today);
            (record.key.0.clone(), read.expect("an account of the lab is well formed").identity)
        });
        Ok(Read { identities: identities.collect(), largest, warnings: reading.warnings() })
    }

    /// A connection that may do all.
    pub async fn admin(&self) -> Ldap {
        let pem = std::fs::read(self.folder.path().join("ca.crt")).expect("authority");
        let anchors = Anchors::from_pem(&pem).expect("anchors");
        let url = format!("ldaps://{}", self.address);
        let allowed = AllowedHosts::new([&self.address]);
        let target = LdapTarget::new(&url, &anchors, Timeouts::seconds(10, 30), &allowed);
        let mut ldap = target.expect("target").connect().await.expect("connection");
        let (upn, password) = &self.accounts["admin"];
        let bound = ldap.simple_bind(upn, password.expose()).await.expect("bind");
        bound.success().expect("admin");
        ldap
    }
}

struct Read {
    identities: BTreeMap<String, Identity>,
    largest: usize,
    warnings: Vec<String>,
}

impl Read {
    fn account(&self, login: &str) -> (&str, &AccountFields) {
        let mut found = self.identities.iter().filter_map(|(key, identity)| {
            let account = identity.account.as_ref()?;
            (account.login == login).then_some((key.as_str(), account))
        });
        found.next().unwrap_or_else(|| panic!("no account {login}"))
    }
}

/// An empty unit of its own for each test, made anew.
async fn unit(ldap: &mut Ldap, name: &str) -> String {
    const TREE_DELETE: &str = "1.2.840.113556.1.4.805";
    const NO_SUCH_OBJECT: u32 = 32;
    let dn = format!("OU={name},{DOMAIN}");
    let control =
        ldap3::controls::RawControl { ctype: TREE_DELETE.to_owned(), crit: true, val: None };
    let gone = ldap.with_controls(control).delete(&dn).await.expect("delete");
    assert!(gone.rc == 0 || gone.rc == NO_SUCH_OBJECT, "{gone:?}");
    add(ldap, &dn, "organizationalUnit", &[]).await;
    dn
}

async fn add(ldap: &mut Ldap, dn: &str, class: &str, attributes: &[(&str, &str)]) {
    let mut all = vec![("objectClass", HashSet::from([class]))];
    all.extend(attributes.iter().map(|(name, value)| (*name, HashSet::from([*value]))));
    ldap.add(dn, all).await.expect("add").success().expect("add");
}

/// Enabled, with no password.
async fn user(ldap: &mut Ldap, unit: &str, login: &str, matricule: &str) -> String {
    let dn = format!("CN={login},{unit}");
    let attributes = [
        ("sAMAccountName", login),
        ("employeeID", matricule),
        ("userAccountControl", "544"),
        ("sn", "L'Hôte"),
    ];
    add(ldap, &dn, "user", &attributes).await;
    dn
}

pub async fn set(ldap: &mut Ldap, dn: &str, name: &str, value: &[u8]) {
    let change = Mod::Replace(name.as_bytes().to_vec(), HashSet::from([value.to_vec()]));
    ldap.modify(dn, vec![change]).await.expect("modify").success().expect("modify");
}

#[tokio::test]
async fn ad_every_account_is_read_whatever_the_size_of_a_page() {
    let Some(lab) = Lab::given("ad_every_account_is_read_whatever_the_size_of_a_page") else {
        return;
    };
    let base = format!("OU=Hopital,{DOMAIN}");
    let read = async |size: usize| {
        let definition = lab.definition("read", &base, &format!("page_size = {size}"));
        lab.read(&definition).await.expect("read")
    };
    let (small, large) = (read(17).await, read(1000).await);
    assert!(small.largest <= 17 && large.largest <= 1000, "a page beyond what was asked");
    assert!(large.identities.len() > 100, "{} accounts", large.identities.len());
    assert_eq!(small.identities, large.identities);
    assert!(large.warnings.is_empty(), "{:?}", large.warnings);
    println!("{} accounts read", large.identities.len());
}

/// Rename, disable, move, delete, and a name given again to another (threats AD-10), between two readings.
#[tokio::test]
async fn ad_what_happens_between_two_readings_is_seen_under_the_same_keys() {
    let Some(lab) = Lab::given("ad_what_happens_between_two_readings_is_seen_under_the_same_keys")
    else {
        return;
    };
    let mut ldap = lab.admin().await;
    let base = unit(&mut ldap, "Essai changements").await;
    add(&mut ldap, &format!("OU=Interne,{base}"), "organizationalUnit", &[]).await;
    let mut dns = BTreeMap::new();
    for (login, matricule) in [
        ("chg-nom", "9001"),
        ("chg-off", "9002"),
        ("chg-ou", "9003"),
        ("chg-fin", "9004"),
        ("chg-bis", "9005"),
    ] {
        dns.insert(login, user(&mut ldap, &base, login, matricule).await);
    }
    let definition = lab.definition("read", &base, "page_size = 2");
    let before = lab.read(&definition).await.expect("first reading");
    assert_eq!(before.identities.len(), 5);
    assert!(before.identities.values().all(|identity| identity.names.family() == Some("L'Hôte")));

    let renamed = ldap.modifydn(&dns["chg-nom"], "CN=chg-renomme", true, None).await;
    renamed.expect("rename").success().expect("rename");
    let renamed = format!("CN=chg-renomme,{base}");
    set(&mut ldap, &renamed, "sAMAccountName", b"chg-renomme").await;
    set(&mut ldap, &dns["chg-off"], "userAccountControl", b"546").await;
    let moved =
        ldap.modifydn(&dns["chg-ou"], "CN=chg-ou", true, Some(&format!("OU=Interne,{base}"))).await;
    moved.expect("move").success().expect("move");
    for login in ["chg-fin", "chg-bis"] {
        ldap.delete(&dns[login]).await.expect("delete").success().expect("delete");
    }
    user(&mut ldap, &base, "chg-bis", "9006").await;

    let after = lab.read(&definition).await.expect("second reading");
    assert_eq!(after.identities.len(), 4);
    for (old, new) in [("chg-nom", "chg-renomme"), ("chg-off", "chg-off"), ("chg-ou", "chg-ou")] {
        assert_eq!(before.account(old).0, after.account(new).0, "{old} kept its key");
    }
    assert!(!after.account("chg-off").1.enabled && before.account("chg-off").1.enabled);
    assert_eq!(
        after.account("chg-ou").1.distinguished_name,
        format!("CN=chg-ou,OU=Interne,{base}")
    );
    assert_ne!(
        before.account("chg-bis").0,
        after.account("chg-bis").0,
        "same name, another account"
    );
    assert!(
        !after.identities.contains_key(before.account("chg-fin").0),
        "absent from a whole reading"
    );

    // An account that may read them sees tombstones, by the keys that the living had.
    let definition = lab.definition("admin", &base, "read_tombstones = true");
    let seen = lab.read(&definition).await.expect("reading with tombstones");
    for login in ["chg-fin", "chg-bis"] {
        let account = seen.identities[before.account(login).0].account.as_ref().expect("account");
        assert!(account.deleted && !account.enabled, "{login}");
    }
    assert_eq!(seen.identities.values().filter(|identity| is_living(identity)).count(), 4);
    assert!(!seen.warnings.is_empty(), "an administrator's account is told");
}

fn is_living(identity: &Identity) -> bool {
    identity.account.as_ref().is_some_and(|account| !account.deleted)
}

/// Carries bytes to the controller; after `limit` bytes of answers it hangs up, or falls silent.
async fn weak_link(
    address: String,
    limit: usize,
    silent: bool,
) -> (u16, tokio::task::JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let port = listener.local_addr().expect("address").port();
    let carried = tokio::spawn(async move {
        let (client, _) = listener.accept().await.expect("accept");
        let server = TcpStream::connect((address.as_str(), 636)).await.expect("controller");
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = server.into_split();
        let asks = tokio::spawn(async move {
            // The controller or the reader hangs up: the end of this link either way.
            let _end = tokio::io::copy(&mut from_client, &mut to_server).await;
        });
        let (mut carried, mut piece) = (0, vec![0; 4096]);
        loop {
            let room = piece.len().min(limit - carried);
            if room == 0 {
                break;
            }
            match from_server.read(&mut piece[..room]).await {
                Ok(0) | Err(_) => break,
                Ok(read) => {
                    if to_client.write_all(&piece[..read]).await.is_err() {
                        break;
                    }
                    carried += read;
                }
            }
        }
        if !silent {
            asks.abort();
            return carried;
        }
        // Kept open, saying nothing, until the reader leaves.
        let _end = asks.await;
        carried
    });
    (port, carried)
}

#[tokio::test]
async fn ad_a_directory_lost_in_the_middle_gives_no_reading() {
    let Some(lab) = Lab::given("ad_a_directory_lost_in_the_middle_gives_no_reading") else {
        return;
    };
    let base = format!("OU=Hopital,{DOMAIN}");
    let definition = lab.definition("read", &base, "page_size = 50\ntimeout_seconds = 5");
    let through = |port: u16| definition.replace(&lab.address, &format!("localhost:{port}"));
    let (port, carried) = weak_link(lab.address.clone(), usize::MAX, false).await;
    let whole = lab.read(&through(port)).await.expect("whole").identities.len();
    let total = carried.await.expect("link");
    assert!(whole > 100, "{whole} accounts");
    for (share, silent) in [(10, false), (50, false), (99, false), (50, true)] {
        let (port, carried) = weak_link(lab.address.clone(), total * share / 100, silent).await;
        let outcome = tokio::time::timeout(Duration::from_secs(60), lab.read(&through(port))).await;
        let error = outcome.expect("in time").err().expect("no whole reading");
        assert!(matches!(error, SourceError::Truncated { .. }), "{share} %: {error}");
        carried.abort();
    }
}

#[tokio::test]
async fn ad_what_is_wrong_with_the_account_or_the_certificate_is_told() {
    let Some(lab) = Lab::given("ad_what_is_wrong_with_the_account_or_the_certificate_is_told")
    else {
        return;
    };
    let mut ldap = lab.admin().await;
    let base = unit(&mut ldap, "Essai refus").await;
    let off = user(&mut ldap, &base, "refus-off", "9101").await;
    let password: Vec<u8> =
        "\"Refus-Passw0rd-1\"".encode_utf16().flat_map(u16::to_le_bytes).collect();
    set(&mut ldap, &off, "unicodePwd", &password).await;
    set(&mut ldap, &off, "userAccountControl", b"514").await;
    std::fs::write(lab.folder.path().join("off"), "Refus-Passw0rd-1\n").expect("password");
    std::fs::write(lab.folder.path().join("empty"), "\n").expect("password");
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("certificate");
    std::fs::write(lab.folder.path().join("other.crt"), other.cert.pem()).expect("authority");

    let good = lab.definition("read", &base, "");
    let upn = &lab.accounts["read"].0;
    for (definition, code, says) in [
        (
            good.replace("\"read\"", "\"admin\""),
            "source_refused",
            "identifiant ou mot de passe refusé",
        ),
        (
            good.replace(upn, &off).replace("\"read\"", "\"off\""),
            "source_refused",
            "compte désactivé",
        ),
        (good.replace("\"read\"", "\"empty\""), "source_settings", "vide"),
        (
            good.replace("\"read\"", "\"none\""),
            "source_settings",
            "password_file : aucun fichier « none »",
        ),
        (
            good.replace("ca.crt", "absent.crt"),
            "source_settings",
            "ca_file : aucun fichier « absent.crt »",
        ),
        (good.replace("ca.crt", "other.crt"), "source_unreachable", "did not prove who it is"),
        (good.replace(&lab.address, "127.0.0.250"), "source_settings", "not among the hosts"),
        (good.replace("Essai refus", "Inconnue"), "source_settings", "n’existe pas"),
    ] {
        let error = lab.read(&definition).await.err().expect(says);
        assert_eq!(error.code(), code, "{error}");
        assert!(error.message_fr().contains(says), "{error}");
    }
}
