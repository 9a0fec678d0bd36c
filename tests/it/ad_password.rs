//! Passwords checked by a real domain controller (`HYGIE_TEST_AD_DIR`, made by `tests/lab/ad.sh`).
use authentication::{
    DirectoryAccount, DirectoryRefusal, DirectoryVerdict, Password, PasswordCheck,
};
use federation::DirectoryPasswords;
use kernel::{AccountId, FixedClock, SeededRandomness};
use ldap3::{Ldap, Mod, Scope, SearchEntry};
use outbound::ldap::LdapTarget;
use outbound::{AllowedHosts, Anchors, Timeouts};
use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

const DOMAIN: &str = "DC=hopital,DC=test";
const RIGHT: &str = "Cardio-3A-printemps!";
/// A moment of 2016, in 100 ns since 1601.
const PAST: &str = "131000000000000000";

struct Lab {
    target: LdapTarget,
    admin: Ldap,
    /// Its own: tests run side by side.
    unit: String,
}

impl Lab {
    /// Nothing when no controller was given, which is a failure where all must run.
    async fn given(test: &str) -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "a test's own settings come from its runner")]
        let (dir, ci) = (std::env::var("HYGIE_TEST_AD_DIR"), std::env::var("CI"));
        let Ok(dir) = dir else {
            assert!(ci.is_err(), "HYGIE_TEST_AD_DIR names no domain controller");
            println!("skipped: {test}: HYGIE_TEST_AD_DIR names no domain controller");
            return None;
        };
        let dir = PathBuf::from(dir);
        let read = |name: &str| std::fs::read_to_string(dir.join(name)).expect("lab folder");
        let anchors = Anchors::from_pem(read("ca.crt").as_bytes()).expect("anchors");
        let address = read("address").trim().to_owned();
        let url = format!("ldaps://{address}");
        let allowed = AllowedHosts::new([&address]);
        let target = LdapTarget::new(&url, &anchors, Timeouts::seconds(10, 30), &allowed);
        let target = target.expect("target");
        let mut admin = target.connect().await.expect("connection");
        let accounts = read("accounts");
        let line = accounts.lines().find(|line| line.starts_with("admin ")).expect("admin");
        let words: Vec<&str> = line.splitn(3, ' ').collect();
        let bound = admin.simple_bind(words[1], words[2]).await.expect("bind");
        bound.success().expect("admin");
        let unit = format!("OU={test},{DOMAIN}");
        let mut lab = Self { target, admin, unit: unit.clone() };
        lab.add(&unit, &[("objectClass", b"organizationalUnit")]).await;
        Some(lab)
    }

    async fn add(&mut self, dn: &str, attributes: &[(&'static str, &[u8])]) {
        let all = attributes
            .iter()
            .map(|(name, value)| (name.as_bytes().to_vec(), HashSet::from([value.to_vec()])))
            .collect();
        self.admin.add(dn, all).await.expect("add").success().expect("added");
    }

    async fn set(&mut self, dn: &str, name: &str, value: &[u8]) {
        let change = Mod::Replace(name.as_bytes().to_vec(), HashSet::from([value.to_vec()]));
        self.admin.modify(dn, vec![change]).await.expect("modify").success().expect("modified");
    }

    /// A person who can log in, then changed as the case wants.
    async fn user(&mut self, login: &str, changes: &[(&str, &[u8])]) -> DirectoryAccount {
        let dn = format!("CN={login},{}", self.unit);
        let quoted: Vec<u8> =
            format!("\"{RIGHT}\"").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let attributes: [(&str, &[u8]); 4] = [
            ("objectClass", b"user"),
            ("sAMAccountName", login.as_bytes()),
            ("userAccountControl", b"512"),
            ("unicodePwd", &quoted),
        ];
        self.add(&dn, &attributes).await;
        for (name, value) in changes {
            self.set(&dn, name, value).await;
        }
        DirectoryAccount { id: id(), external_key: self.guid(&dn).await, distinguished_name: dn }
    }

    async fn guid(&mut self, dn: &str) -> String {
        let found = self.admin.search(dn, Scope::Base, "(objectClass=*)", ["objectGUID"]).await;
        let (entries, _) = found.expect("search").success().expect("found");
        let entry = SearchEntry::construct(entries.into_iter().next().expect("one"));
        let binary = entry.bin_attrs.get("objectGUID").and_then(|values| values.first().cloned());
        let text = entry.attrs.get("objectGUID").and_then(|values| values.first().cloned());
        let bytes = binary.or_else(|| text.map(String::into_bytes)).expect("a GUID");
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    async fn end(mut self) {
        let found = self.admin.search(&self.unit, Scope::OneLevel, "(objectClass=*)", ["cn"]).await;
        let (entries, _) = found.expect("search").success().expect("found");
        for entry in entries {
            let dn = SearchEntry::construct(entry).dn;
            self.admin.delete(&dn).await.expect("delete").success().expect("deleted");
        }
        self.admin.delete(&self.unit).await.expect("delete").success().expect("deleted");
    }
}

fn id() -> AccountId {
    AccountId::new(&FixedClock::at("2026-11-22T08:00:00Z"), &SeededRandomness::new(1))
}

async fn check(lab: &Lab, account: &DirectoryAccount, password: &str) -> Option<DirectoryRefusal> {
    let check = DirectoryPasswords::new(lab.target.clone(), Duration::from_secs(30));
    let password = Password::typed(password).expect("typed");
    match check.check(account, &password).await.expect("an answer") {
        DirectoryVerdict::Right(_) => None,
        DirectoryVerdict::Refused(refusal) => Some(refusal),
    }
}

#[tokio::test]
async fn ad_09_a_real_directory_says_yes_and_why_not() {
    let Some(mut lab) = Lab::given("ad_09_a_real_directory_says_yes_and_why_not").await else {
        return;
    };
    use DirectoryRefusal as No;
    type Changes<'a> = &'a [(&'a str, &'a [u8])];
    let cases: [(&str, Changes<'_>, Option<No>); 6] = [
        ("mdp-bon", &[], None),
        ("mdp-inactif", &[("userAccountControl", b"514")], Some(No::Disabled)),
        ("mdp-achanger", &[("pwdLastSet", b"0")], Some(No::MustChangePassword)),
        ("mdp-expire", &[("accountExpires", PAST.as_bytes())], Some(No::AccountExpired)),
        ("mdp-poste", &[("userWorkstations", b"PC001")], Some(No::WorkstationNotAllowed)),
        ("mdp-heures", &[("logonHours", &[0; 21])], Some(No::OutsideHours)),
    ];
    for (login, changes, expected) in cases {
        let account = lab.user(login, changes).await;
        assert_eq!(check(&lab, &account, RIGHT).await, expected, "{login}");
        // State leaks only to who knows the password.
        assert_eq!(check(&lab, &account, "faux").await, Some(No::WrongPassword), "{login}");
    }
    lab.end().await;
}

#[tokio::test]
async fn ad_10_a_name_given_to_another_opens_nothing() {
    let Some(mut lab) = Lab::given("ad_10_a_name_given_to_another_opens_nothing").await else {
        return;
    };
    let left = lab.user("mdp-repris", &[]).await;
    let gone = lab.admin.delete(&left.distinguished_name).await.expect("delete");
    gone.success().expect("deleted");
    assert_eq!(check(&lab, &left, RIGHT).await, Some(DirectoryRefusal::WrongPassword));
    let newcomer = lab.user("mdp-repris", &[]).await;
    assert_ne!(newcomer.external_key, left.external_key);
    assert_eq!(check(&lab, &left, RIGHT).await, Some(DirectoryRefusal::OtherObject));
    assert_eq!(check(&lab, &newcomer, RIGHT).await, None);
    lab.end().await;
}
