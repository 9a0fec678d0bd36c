//! The Active Directory view: an export as AD makes it, and a form that a test AD can load.
use super::personas::PERSONAS;
use super::places::SITES;
use super::spelling::{DIRECTORY, without_accents};
use super::staff::Agent;
use super::world::{Version, World};
use super::{DemoError, Output, chance::Chance, person::first_day};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{Duration, NaiveDate};

const DOMAIN: &str = "DC=hopital,DC=test";
const PEOPLE: &str = "OU=Personnel,OU=Hopital,DC=hopital,DC=test";
const CLOSED: &str = "OU=Desactives,OU=Hopital,DC=hopital,DC=test";
const SERVICES: &str = "OU=Services,OU=Hopital,DC=hopital,DC=test";
const UNITS: [(&str, &str); 4] = [
    ("OU=Hopital,DC=hopital,DC=test", "Hopital"),
    (PEOPLE, "Personnel"),
    (CLOSED, "Desactives"),
    (SERVICES, "Services"),
];

/// Accounts of machines and programs: nobody in HR.
const PROGRAMS: [(&str, &str); 8] = [
    ("svc-sauvegarde", "Sauvegarde"),
    ("svc-dpi", "Connecteur DPI"),
    ("svc-pacs", "PACS"),
    ("svc-impression", "Impression"),
    ("svc-supervision", "Supervision"),
    ("svc-labo", "Automates laboratoire"),
    ("borne-accueil", "Borne accueil"),
    ("formation", "Poste de formation"),
];

/// userAccountControl: normal account, and the bits set on it.
const NORMAL: u32 = 512;
const DISABLED: u32 = 2;
const NO_PASSWORD_ASKED: u32 = 32;

/// One account as AD holds it in one version.
struct Account {
    rid: u32,
    login: String,
    common_name: String,
    surname: String,
    first_name: String,
    mail: Option<String>,
    employee_id: Option<String>,
    department: String,
    title: String,
    company: &'static str,
    container: &'static str,
    disabled: bool,
    created: NaiveDate,
    changed: NaiveDate,
    password: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct AccountCounts {
    pub accounts: u64,
    pub disabled: u64,
}

/// All accounts of one version, in the order of their creation.
fn accounts(world: &World, staff: &[Agent<'_>], version: Version) -> Vec<Account> {
    let mut accounts: Vec<Account> =
        staff.iter().filter_map(|agent| account(world, agent, version)).collect();
    distinct_common_names(&mut accounts);
    accounts.extend(PROGRAMS.iter().zip(900_000..).map(|((login, name), rid)| Account {
        rid,
        login: (*login).to_owned(),
        common_name: (*name).to_owned(),
        surname: (*name).to_owned(),
        first_name: String::new(),
        mail: None,
        employee_id: None,
        department: String::new(),
        title: String::new(),
        company: "",
        container: SERVICES,
        disabled: false,
        created: first_day() - Duration::days(2_000),
        changed: first_day() - Duration::days(400),
        password: None,
    }));
    accounts
}

/// None: no account, not yet, or deleted by now (the leavers of the second week are, in the third).
fn account(world: &World, agent: &Agent<'_>, version: Version) -> Option<Account> {
    let chance = &mut world.chance("ad account", agent.number);
    let has_one = chance.hits(world.figures.ad_account) || agent.persona.is_some();
    let gone = version > agent.until;
    if !has_one || agent.since > version || (gone && chance.hits(50_000)) {
        return None;
    }
    let (surname, first_name) = names(world, agent, version);
    let figures = &world.figures;
    let known = agent.persona.is_some();
    let employee_id = known || chance.hits(figures.ad_employee_id);
    let mail = known || chance.hits(figures.ad_mail);
    let left = agent.until <= version;
    // Somebody on long leave: disabled, and still in HR.
    let asleep = chance.hits(1_000) && !known;
    let post = &agent.posts[0];
    let created = post.from.max(first_day() - Duration::days(4_000));
    let age = if left || agent.change.is_some() { 0 } else { i64::from(chance.between(3, 300)) };
    Some(Account {
        rid: 10_000 + u32::try_from(agent.number).expect("a few thousand staff"),
        login: agent.login.clone(),
        common_name: format!("{first_name} {surname}"),
        surname,
        first_name,
        mail: mail.then(|| agent.mail.clone()),
        employee_id: employee_id.then(|| agent.matricule.clone()),
        department: post.unit(version).label.to_owned(),
        title: title_case(agent.job.function),
        company: SITES[post.site].name,
        container: if left { CLOSED } else { PEOPLE },
        disabled: left || asleep,
        created,
        changed: day_of(version) - Duration::days(age),
        password: agent.persona.map(|persona| persona.demo_password),
    })
}

fn names(world: &World, agent: &Agent<'_>, version: Version) -> (String, String) {
    let chance = &mut world.chance("ad spelling", agent.number);
    let (civil, in_use) = (&agent.civil, agent.usage_in_ad(version));
    let mut first_name = DIRECTORY.first_name(civil.usual_first_name(), chance);
    if agent.persona.is_some() {
        civil.usual_first_name().clone_into(&mut first_name);
        return (civil.surname(in_use).into_owned(), first_name);
    }
    (DIRECTORY.surname(&civil.surname(in_use), chance), first_name)
}

fn title_case(function: &str) -> String {
    let lower = function.to_lowercase();
    let mut letters = lower.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}

fn day_of(version: Version) -> NaiveDate {
    first_day() + Duration::days(7 * (i64::from(version) - 1) - 1)
}

/// A container holds each common name once: the second bearer shows their login too.
fn distinct_common_names(accounts: &mut [Account]) {
    let mut taken = std::collections::HashSet::new(); // its order is never read
    for account in accounts {
        let folded = without_accents(&account.common_name).to_lowercase();
        if !taken.insert(folded) {
            account.common_name = format!("{} ({})", account.common_name, account.login);
        }
    }
}

/// As AD exports it, with the attributes that only AD itself can give.
pub fn write_export(
    world: &World,
    staff: &[Agent<'_>],
    version: Version,
    out: &mut Output,
) -> Result<AccountCounts, DemoError> {
    let mut text = String::from("# extended LDIF\n#\n# LDAPv3\n\nversion: 1\n\n");
    let mut counts = AccountCounts::default();
    for account in accounts(world, staff, version) {
        let mut record = Record(&mut text);
        common_part(&mut record, &account);
        let control = NORMAL + if account.disabled { DISABLED } else { 0 };
        let stamp = |date: NaiveDate| date.format("%Y%m%d061500.0Z").to_string();
        let mut own: Chance = world.chance("ad numbers", account.rid.into());
        let usn = 12_000
            + u64::from(account.rid)
            + 700_000 * u64::from(version > 1 && account.changed > day_of(1));
        for (name, value) in [
            ("distinguishedName", account.dn()),
            ("instanceType", "4".to_owned()),
            ("whenCreated", stamp(account.created)),
            ("whenChanged", stamp(account.changed)),
            ("uSNCreated", (12_000 + account.rid).to_string()),
            ("uSNChanged", usn.to_string()),
            ("name", account.common_name.clone()),
            ("userAccountControl", control.to_string()),
            ("pwdLastSet", file_time(account.changed.min(day_of(1)) - Duration::days(30))),
            ("primaryGroupID", "513".to_owned()),
            ("accountExpires", "9223372036854775807".to_owned()),
            ("sAMAccountType", "805306368".to_owned()),
            ("objectCategory", format!("CN=Person,CN=Schema,CN=Configuration,{DOMAIN}")),
        ] {
            record.put(name, &value);
        }
        let guid: Vec<u8> =
            [own.next(), own.next()].into_iter().flat_map(u64::to_le_bytes).collect();
        record.put_bytes("objectGUID", &guid);
        record.put_bytes("objectSid", &sid(world, account.rid));
        text.push('\n');
        counts.accounts += 1;
        counts.disabled += u64::from(account.disabled);
    }
    out.text(&text)?;
    Ok(counts)
}

/// As `ldbadd` loads it into a test AD: containers first, no number that AD gives by itself. Only
/// the personas get a password; the others are enabled accounts that ask for none.
pub fn write_load(world: &World, staff: &[Agent<'_>], out: &mut Output) -> Result<(), DemoError> {
    let mut text = String::new();
    for (dn, name) in UNITS {
        let mut record = Record(&mut text);
        for (attribute, value) in [("dn", dn), ("objectClass", "organizationalUnit"), ("ou", name)]
        {
            record.put(attribute, value);
        }
        text.push('\n');
    }
    for account in accounts(world, staff, 1) {
        let mut record = Record(&mut text);
        common_part(&mut record, &account);
        let asks = if account.password.is_some() { 0 } else { NO_PASSWORD_ASKED };
        let control = NORMAL + asks + if account.disabled { DISABLED } else { 0 };
        record.put("userAccountControl", &control.to_string());
        if let Some(password) = account.password {
            let quoted: Vec<u8> =
                format!("\"{password}\"").encode_utf16().flat_map(u16::to_le_bytes).collect();
            record.put_bytes("unicodePwd", &quoted);
        }
        text.push('\n');
    }
    out.text(&text)
}

/// Demo passwords of the personas, for whoever plays with the test AD.
pub fn users_note(staff: &[Agent<'_>]) -> String {
    let mut note = String::from(
        "# Comptes de démonstration du domaine hopital.test : identifiant, mot de passe, rôle\n",
    );
    for (persona, agent) in PERSONAS.iter().zip(staff) {
        note.push_str(&format!("{}\t{}\t{}\n", agent.login, persona.demo_password, persona.part));
    }
    note
}

fn common_part(record: &mut Record<'_>, account: &Account) {
    record.put("dn", &account.dn());
    for class in ["top", "person", "organizationalPerson", "user"] {
        record.put("objectClass", class);
    }
    let mail = account.mail.as_deref().unwrap_or_default();
    for (name, value) in [
        ("cn", account.common_name.as_str()),
        ("sn", &account.surname),
        ("givenName", &account.first_name),
        ("displayName", &format!("{} {}", account.surname.to_uppercase(), account.first_name)),
        ("sAMAccountName", &account.login),
        ("userPrincipalName", &format!("{}@hopital.test", account.login)),
        ("mail", mail),
        ("employeeID", account.employee_id.as_deref().unwrap_or_default()),
        ("department", &account.department),
        ("title", &account.title),
        ("company", account.company),
    ] {
        if !value.trim().is_empty() {
            record.put(name, value.trim());
        }
    }
}

impl Account {
    fn dn(&self) -> String {
        format!("CN={},{}", self.common_name.replace(',', "\\,"), self.container)
    }
}

/// Attributes of one LDIF record (RFC 2849): base64 where the text is not safe, lines folded.
struct Record<'t>(&'t mut String);

impl Record<'_> {
    fn put(&mut self, name: &str, value: &str) {
        let starts_safe = !value.starts_with([' ', ':', '<']);
        let safe = starts_safe && !value.ends_with(' ');
        if safe && value.bytes().all(|byte| (32..127).contains(&byte)) {
            self.fold(&format!("{name}: {value}"));
        } else {
            self.put_bytes(name, value.as_bytes());
        }
    }

    fn put_bytes(&mut self, name: &str, value: &[u8]) {
        self.fold(&format!("{name}:: {}", BASE64.encode(value)));
    }

    /// All text is ASCII here: any place is good to cut.
    fn fold(&mut self, line: &str) {
        const WIDTH: usize = 76;
        let (first, mut rest) = line.split_at(line.len().min(WIDTH));
        self.0.push_str(first);
        while !rest.is_empty() {
            let (next, later) = rest.split_at(rest.len().min(WIDTH - 1));
            self.0.push_str("\n ");
            self.0.push_str(next);
            rest = later;
        }
        self.0.push('\n');
    }
}

/// Windows time: units of 100 ns since 1601.
fn file_time(date: NaiveDate) -> String {
    let start = NaiveDate::from_ymd_opt(1601, 1, 1).expect("a day of the calendar");
    ((date - start).num_days() * 864_000_000_000).to_string()
}

/// S-1-5-21-a-b-c-rid in its binary form.
fn sid(world: &World, rid: u32) -> Vec<u8> {
    let mut domain = world.chance("domain sid", 0);
    let mut bytes = vec![1, 5, 0, 0, 0, 0, 0, 5];
    bytes.extend(21_u32.to_le_bytes());
    for _ in 0..3 {
        let part = u32::try_from(domain.below(u64::from(u32::MAX))).expect("below 2^32");
        bytes.extend(part.to_le_bytes());
    }
    bytes.extend(rid.to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_values_go_as_base64_and_long_lines_are_folded() {
        let put = |name: &str, value: &str| {
            let mut text = String::new();
            Record(&mut text).put(name, value);
            text
        };
        assert_eq!(put("sn", "Martin"), "sn: Martin\n");
        assert_eq!(put("sn", "Zoé"), "sn:: Wm/DqQ==\n");
        assert_eq!(put("sn", " x"), "sn:: IHg=\n");
        let folded = put("description", &"a".repeat(200));
        assert!(folded.lines().all(|line| line.len() <= 76) && folded.lines().count() == 3);
    }
}
