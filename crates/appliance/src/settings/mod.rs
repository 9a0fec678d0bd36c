//! The settings file: what a node needs to start and to reach the world. Every fault is told at once.
//! What people change while it runs is data, not here (design §10).
mod card;
mod register;
mod walk;

pub use card::CardListener;
pub use register::RegisterSettings;
pub use walk::SettingsFault;

use kernel::Zone;
use oidc::{CALLS_PER_SECOND, Pace};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use store::{Place, PostgresUrl};
use url::Url;
use walk::{Faults, Section};

/// Everything, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    pub node: String,
    pub database: Place,
    pub master_key_file: PathBuf,
    /// Where `init` makes keys.
    pub keys_folder: PathBuf,
    /// Where the system hands this process what it keeps for it (systemd.exec(5), `LoadCredential=`).
    pub credentials: Option<PathBuf>,
    pub public: Listener,
    pub admin: Listener,
    /// For applications that show a certificate.
    pub mtls: Option<MtlsListener>,
    /// Where browsers show the certificate of a card.
    pub card: Option<CardListener>,
    pub health: Option<SocketAddr>,
    pub rp_id: String,
    pub register: RegisterSettings,
    /// `[cases] second_person`: a link that somebody decides waits for somebody else.
    pub links_take_two: bool,
    pub source_folders: Vec<PathBuf>,
    pub allowed_hosts: Vec<String>,
    /// PEM of authorities for directories, beside those that a source names.
    pub anchors_file: Option<PathBuf>,
    /// Where applications are called (logout): their hosts, and the authorities of their certificates.
    pub applications: ApplicationCalls,
    pub directory_passwords: Option<DirectoryPasswordSettings>,
    /// This appliance is for editors, and knows nobody real.
    pub sandbox: Option<SandboxSettings>,
    pub zone: Zone,
    pub log_filter: String,
    pub log_json: bool,
    /// SHA-256 source of what was accepted, for the audit.
    pub text: String,
}

/// One listener that browsers reach.
#[derive(Debug, Clone)]
pub struct Listener {
    pub bind: SocketAddr,
    /// `https://host[:port]`, without a trailing slash; `http://localhost:PORT` in the demo alone.
    pub origin: String,
    pub host: String,
    /// Certificate chain and key (PEM files); none in the demo alone.
    pub tls: Option<(PathBuf, PathBuf)>,
    pub tls12: bool,
    pub tls13: bool,
}

/// The directory that checks passwords.
#[derive(Debug, Clone)]
pub struct DirectoryPasswordSettings {
    pub url: String,
    pub ca_file: PathBuf,
    pub timeout_seconds: u64,
}

/// `[sandbox]`: what `hygie sandbox` made.
#[derive(Debug, Clone)]
pub struct SandboxSettings {
    /// Opens dynamic registration.
    pub registration_token_file: PathBuf,
    /// Its made-up people, as its pages show them.
    pub people_file: PathBuf,
}

/// The file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("{}: cannot be read: {cause}", path.display())]
    Unreadable { path: PathBuf, cause: std::io::Error },
    #[error("{}: {} to mend:\n{}", path.display(), faults.len(), list(faults))]
    Faulty { path: PathBuf, faults: Vec<SettingsFault> },
}

fn list(faults: &[SettingsFault]) -> String {
    faults.iter().map(|fault| format!("  - {fault}")).collect::<Vec<_>>().join("\n")
}

impl Settings {
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let unreadable = |cause| SettingsError::Unreadable { path: path.to_owned(), cause };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        let base =
            path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let settings = Self::parse(&text, base)
            .map_err(|faults| SettingsError::Faulty { path: path.to_owned(), faults })?;
        let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        Ok(Self { credentials, ..settings })
    }

    /// `base`: where relative paths start.
    pub fn parse(text: &str, base: &Path) -> Result<Self, Vec<SettingsFault>> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            vec![SettingsFault { place: "file".to_owned(), message: error.to_string() }]
        })?;
        let faults = Faults::default();
        let settings = Self::walk(&table, &faults, base, text);
        let faults = faults.into_vec();
        if faults.is_empty() { Ok(settings) } else { Err(faults) }
    }

    fn walk(table: &toml::Table, faults: &Faults, base: &Path, text: &str) -> Self {
        let root = Section::root(table, faults);
        let node = root.section("node");
        let name = node.needed_text("name", "the audit names the node that acted");
        let data = base.join(node.text("data").unwrap_or_else(|| ".".to_owned()));
        node.finish();
        let keys = root.section("keys");
        let master_key_file =
            data.join(keys.needed_text("master_key_file", "all secrets hang under it"));
        keys.finish();
        let (public, admin) = (
            Listener::walk(root.section("public"), &data, true),
            Listener::walk(root.section("admin"), &data, false),
        );
        let mtls = MtlsListener::walk(root.section("mtls"), &data);
        let health = root.section("health");
        let health_bind = health.text("bind").and_then(|text| address(&health, "bind", &text));
        health.finish();
        let webauthn = root.section("webauthn");
        let rp_id = webauthn
            .needed_text("rp_id", "keys are bound to it for ever: choose a suffix of both hosts");
        for listener in [&public, &admin] {
            let suffix = listener.host == rp_id || listener.host.ends_with(&format!(".{rp_id}"));
            if !suffix && !rp_id.is_empty() && !listener.host.is_empty() {
                webauthn.fault("rp_id", format!("{rp_id} is not a suffix of {}", listener.host));
            }
        }
        webauthn.finish();
        let sources = root.section("sources");
        let source_folders =
            sources.texts("folders").into_iter().map(|folder| data.join(folder)).collect();
        let allowed_hosts = sources.texts("allowed_hosts");
        let anchors_file = sources.text("anchors_file").map(|file| data.join(file));
        sources.finish();
        let applications = ApplicationCalls::walk(root.section("applications"), &data);
        let register = RegisterSettings::walk(root.section("register"), &data);
        let cases = root.section("cases");
        let links_take_two = cases.flag("second_person");
        cases.finish();
        let time = root.section("time");
        let zone = zone(&time);
        time.finish();
        let log = root.section("log");
        let log_filter =
            log.text("filter").unwrap_or_else(|| "info,sea_orm_migration=warn".to_owned());
        let log_json = log.flag("json");
        log.finish();
        let database = database(root.section("database"), &data);
        let directory_passwords = directory_passwords(root.section("directory_passwords"), &data);
        let sandbox = sandbox(root.section("sandbox"), &data);
        let card =
            CardListener::walk(root.section("card"), &data, ([&public, &admin], sandbox.is_some()));
        root.finish();
        Self {
            node: name,
            database,
            master_key_file,
            keys_folder: data.join("keys"),
            credentials: None,
            public,
            admin,
            mtls,
            card,
            health: health_bind,
            rp_id,
            register,
            links_take_two,
            source_folders,
            allowed_hosts,
            anchors_file,
            applications,
            directory_passwords,
            sandbox,
            zone,
            log_filter,
            log_json,
            text: text.to_owned(),
        }
    }
}

/// The listener that asks applications for their certificate.
#[derive(Debug, Clone)]
pub struct MtlsListener {
    pub listener: Listener,
    /// PEM of the authorities whose certificates are believed (`tls_client_auth`).
    pub client_anchors_file: Option<PathBuf>,
}

impl MtlsListener {
    fn walk(section: Section<'_>, data: &Path) -> Option<Self> {
        if !section.is_there() {
            return None;
        }
        let client_anchors_file = section.text("client_anchors_file").map(|file| data.join(file));
        if section.text("origin").is_some_and(|origin| !origin.starts_with("https://")) {
            section.fault("origin", "certificates are shown over https alone");
        }
        Some(Self { listener: Listener::walk(section, data, true), client_anchors_file })
    }
}

/// Calls to applications.
#[derive(Debug, Clone, Default)]
pub struct ApplicationCalls {
    pub allowed_hosts: Vec<String>,
    pub anchors_file: Option<PathBuf>,
    /// They may be on this machine (a demonstration, a sidecar).
    pub local_addresses: bool,
    /// `calls_per_second`: how often each of them may call this node; none where it is 0.
    pub pace: Option<Pace>,
}

impl ApplicationCalls {
    fn walk(section: Section<'_>, data: &Path) -> Self {
        let calls = Self {
            allowed_hosts: section.texts("allowed_hosts"),
            anchors_file: section.text("anchors_file").map(|file| data.join(file)),
            local_addresses: section.flag("local_addresses"),
            pace: {
                let calls =
                    section.integer("calls_per_second", i64::from(CALLS_PER_SECOND), 0..=100_000);
                u32::try_from(calls).ok().and_then(NonZeroU32::new).map(Pace)
            },
        };
        section.finish();
        calls
    }
}

impl Listener {
    fn walk(section: Section<'_>, data: &Path, may_tls12: bool) -> Self {
        let bind = section.needed_text("bind", "an address and a port, for example 10.1.2.3:443");
        let bind =
            address(&section, "bind", &bind).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0)));
        let origin = section
            .needed_text("origin", "what browsers type, for example https://hygie.hopital.test");
        let host = origin_host(&section, &origin, bind);
        let tls = match (section.text("certificate"), section.text("private_key")) {
            (Some(certificate), Some(key)) => Some((data.join(certificate), data.join(key))),
            (None, None) => None,
            _ => {
                section.fault("certificate", "certificate and private_key go together");
                None
            }
        };
        match (&tls, origin.starts_with("https://")) {
            (None, true) => section
                .fault("certificate", "is missing: an https origin needs its certificate and key"),
            (Some(_), false) if !origin.is_empty() => {
                section.fault("origin", "a listener with a certificate has an https origin");
            }
            _ => {}
        }
        let tls12 = may_tls12 && !section.flag("tls13_only");
        let host = host.unwrap_or_default();
        section.finish();
        Self {
            bind,
            origin: origin.trim_end_matches('/').to_owned(),
            host,
            tls,
            tls12,
            tls13: true,
        }
    }
}

/// The host of an origin; plain HTTP is for `http://localhost:PORT` on loopback alone.
fn origin_host(section: &Section<'_>, origin: &str, bind: SocketAddr) -> Option<String> {
    if origin.is_empty() {
        return None;
    }
    let Ok(url) = Url::parse(origin) else {
        section.fault("origin", "is not an address");
        return None;
    };
    let host = url.host_str().unwrap_or_default().to_owned();
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty();
    match url.scheme() {
        "https" if bare => {}
        "http" if bare && host == "localhost" && bind.ip().is_loopback() => {}
        _ => section.fault(
            "origin",
            "expected https://host[:port] and nothing behind; http is for http://localhost:PORT on loopback",
        ),
    }
    Some(host)
}

fn address(section: &Section<'_>, key: &str, text: &str) -> Option<SocketAddr> {
    if text.is_empty() {
        return None;
    }
    let parsed = text.parse();
    if parsed.is_err() {
        section
            .fault(key, format!("expected address:port, for example 127.0.0.1:8443, found {text}"));
    }
    parsed.ok()
}

/// `[time] zone`: absent, that of Paris.
fn zone(section: &Section<'_>) -> Zone {
    if section.holds("utc_offset_hours") {
        section.fault(
            "utc_offset_hours",
            "gave way to zone, which knows summer time; write zone = \"Europe/Paris\" instead",
        );
    }
    let parsed = section.text("zone").map(|name| name.parse());
    match parsed {
        None => Zone::default(),
        Some(Ok(zone)) => zone,
        Some(Err(unknown)) => {
            section.fault("zone", kernel::UnknownZone::to_string(&unknown));
            Zone::default()
        }
    }
}

fn database(section: Section<'_>, data: &Path) -> Place {
    let kind = section.needed_text("kind", "sqlite or postgresql");
    let path = section.text("path");
    let url_file = section.text("url_file");
    let place = match (kind.as_str(), path, url_file) {
        ("sqlite", Some(path), None) => Some(Place::Sqlite(data.join(path))),
        ("sqlite", None, None) => Some(Place::Sqlite(data.join("hygie.db"))),
        ("postgresql", None, Some(file)) => {
            let file = data.join(file);
            match std::fs::read_to_string(&file) {
                Ok(url) if url.trim().starts_with("postgres") => {
                    Some(Place::Postgres(PostgresUrl(url.trim().to_owned())))
                }
                Ok(_) => {
                    section.fault(
                        "url_file",
                        format!("{} holds no postgres:// address", file.display()),
                    );
                    None
                }
                Err(cause) => {
                    section.fault("url_file", format!("{}: {cause}", file.display()));
                    None
                }
            }
        }
        ("", ..) => None,
        ("sqlite" | "postgresql", ..) => {
            section.fault("kind", "sqlite takes path, postgresql takes url_file");
            None
        }
        _ => {
            section.fault("kind", format!("expected sqlite or postgresql, found {kind}"));
            None
        }
    };
    section.finish();
    place.unwrap_or(Place::Sqlite(PathBuf::new()))
}

fn sandbox(section: Section<'_>, data: &Path) -> Option<SandboxSettings> {
    if !section.is_there() {
        return None;
    }
    let registration_token_file =
        data.join(section.needed_text("registration_token_file", "what opens registration"));
    let people_file = data.join(section.needed_text("people_file", "the people of its pages"));
    section.finish();
    Some(SandboxSettings { registration_token_file, people_file })
}

fn directory_passwords(section: Section<'_>, data: &Path) -> Option<DirectoryPasswordSettings> {
    if !section.is_there() {
        return None;
    }
    let url = section.needed_text("url", "ldaps://… of the directory that checks passwords");
    let ca_file =
        data.join(section.needed_text("ca_file", "PEM of the authority of its certificate"));
    let timeout_seconds = section.integer("timeout_seconds", 5, 1..=60).unsigned_abs();
    section.finish();
    Some(DirectoryPasswordSettings { url, ca_file, timeout_seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) const GOOD: &str = r#"
        [node]
        name = "hygie-1"
        [database]
        kind = "sqlite"
        [keys]
        master_key_file = "keys/master.key"
        [public]
        bind = "127.0.0.1:8443"
        origin = "https://hygie.hopital.test"
        certificate = "tls/cert.pem"
        private_key = "tls/key.pem"
        [admin]
        bind = "127.0.0.1:9443"
        origin = "https://console.hopital.test"
        certificate = "tls/cert.pem"
        private_key = "tls/key.pem"
        [webauthn]
        rp_id = "hopital.test"
    "#;

    #[test]
    fn a_good_file_is_read_whole() {
        let settings = Settings::parse(GOOD, Path::new("/srv")).expect("good");
        assert_eq!(settings.public.host, "hygie.hopital.test");
        assert_eq!(settings.master_key_file, Path::new("/srv/./keys/master.key"));
        assert!(settings.public.tls12 && !settings.admin.tls12);
    }

    #[test]
    fn every_fault_is_told_at_once_with_its_place() {
        let bad = GOOD
            .replace("name =", "nom =")
            .replace("kind = \"sqlite\"", "kind = \"mysql\"")
            .replace("127.0.0.1:9443", "everywhere")
            .replace("https://hygie.hopital.test", "http://hygie.hopital.test")
            .replace("rp_id = \"hopital.test\"", "rp_id = \"autre.test\"");
        let faults = Settings::parse(&bad, Path::new("/srv")).expect_err("bad");
        let places: Vec<&str> = faults.iter().map(|fault| fault.place.as_str()).collect();
        for place in [
            "node.name",
            "node.nom",
            "database.kind",
            "admin.bind",
            "public.origin",
            "webauthn.rp_id",
        ] {
            assert!(places.contains(&place), "{place} in {places:?}");
        }
    }

    #[test]
    fn applications_are_bounded_unless_the_file_says_none() {
        let with = |section: &str| {
            Settings::parse(&format!("{GOOD}\n[applications]\n{section}"), Path::new("/srv"))
        };
        let pace = |section: &str| with(section).expect("good").applications.pace;
        let each = |calls| NonZeroU32::new(calls).map(Pace);
        assert_eq!(
            Settings::parse(GOOD, Path::new("/srv")).expect("good").applications.pace,
            each(CALLS_PER_SECOND)
        );
        assert_eq!(pace(""), each(CALLS_PER_SECOND));
        assert_eq!(pace("calls_per_second = 50"), each(50));
        assert_eq!(pace("calls_per_second = 0"), None);
        let faults = with("calls_per_second = -1").expect_err("below none");
        assert_eq!(faults[0].place, "applications.calls_per_second");
    }

    #[test]
    fn the_zone_is_named_and_the_old_offset_is_refused_with_what_to_write() {
        let with =
            |time: &str| Settings::parse(&format!("{GOOD}\n[time]\n{time}"), Path::new("/srv"));
        assert_eq!(with("").expect("good").zone, Zone::default());
        let reunion = with("zone = \"Indian/Reunion\"").expect("good").zone;
        assert_eq!(reunion, "Indian/Reunion".parse().expect("a zone"));
        for (bad, place, says) in [
            ("zone = \"Paris\"", "time.zone", "Europe/Paris"),
            ("zone = 1", "time.zone", "text"),
            ("utc_offset_hours = 1", "time.utc_offset_hours", "zone = \"Europe/Paris\""),
        ] {
            let faults = with(bad).expect_err(bad);
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert!(faults[0].place == place && faults[0].message.contains(says), "{faults:?}");
        }
    }

    #[test]
    fn the_publisher_of_the_register_is_proved_or_not_asked_da_07() {
        let with = |section: &str| {
            Settings::parse(&format!("{GOOD}\n[register]\n{section}"), Path::new("/srv"))
        };
        let address = "extracts = [\"https://service.annuaire.sante.example/PS_LibreAcces\"]";
        for (section, place) in [
            (address.to_owned(), "register.anchors_file"),
            (
                address.replace("https", "http") + "\nanchors_file = \"igc.pem\"",
                "register.extracts",
            ),
            ("api = \"https://x.example\"\nanchors_file = \"igc.pem\"".to_owned(), "register.api"),
        ] {
            let faults = with(&section).expect_err(place);
            assert!(faults.iter().any(|fault| fault.place == place), "{faults:?}");
        }
        let good = with(&format!("{address}\nanchors_file = \"igc.pem\"")).expect("good").register;
        assert_eq!(
            (good.hosts(), good.every_hours),
            (vec!["service.annuaire.sante.example".to_owned()], 4)
        );
    }

    #[test]
    fn plain_http_is_for_localhost_on_loopback_alone() {
        for (bind, origin, good) in [
            ("127.0.0.1:8080", "http://localhost:8080", true),
            ("0.0.0.0:8080", "http://localhost:8080", false),
            ("127.0.0.1:8080", "http://127.0.0.1:8080", false),
            ("127.0.0.1:8080", "http://hygie.test", false),
        ] {
            let text = GOOD
                .replace("bind = \"127.0.0.1:8443\"", &format!("bind = \"{bind}\""))
                .replace(
                    "origin = \"https://hygie.hopital.test\"",
                    &format!("origin = \"{origin}\""),
                )
                .replacen(
                    "certificate = \"tls/cert.pem\"\n        private_key = \"tls/key.pem\"",
                    "",
                    1,
                )
                .replace("https://console.hopital.test", "https://localhost")
                .replace("rp_id = \"hopital.test\"", "rp_id = \"localhost\"");
            let origin_faults = |faults: Vec<SettingsFault>| {
                faults.iter().any(|fault| fault.place == "public.origin")
            };
            let refused =
                Settings::parse(&text, Path::new("/srv")).err().is_some_and(origin_faults);
            assert_eq!(!refused, good, "{bind} {origin}");
        }
    }
}
