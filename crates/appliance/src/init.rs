//! `hygie init`: keys, certificates, settings, and the first administrator by a one-time link. Never over what is there.
use crate::settings::Settings;
use crate::wiring;
use anyhow::{Context, bail};
use clap::Args;
use kernel::{Actor, Clock, OsRandomness, SigningAlgorithm, SystemClock};
use keystore::{MasterKeyFile, issue_appliance_certificates};
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use workflows::login::FirstAdministrator;

#[derive(Args)]
pub struct InitArgs {
    /// Folder to make: settings, keys, certificates and data go there.
    #[arg(long)]
    pub folder: PathBuf,
    /// Host of the login pages and of OpenID Connect, for example hygie.hopital.test.
    #[arg(long)]
    pub host: String,
    /// Host of the console; its own name, on the administration network.
    #[arg(long)]
    pub admin_host: Option<String>,
    #[arg(long, default_value = "127.0.0.1:8443")]
    pub bind: std::net::SocketAddr,
    #[arg(long, default_value = "127.0.0.1:9443")]
    pub admin_bind: std::net::SocketAddr,
    #[arg(long, default_value = "127.0.0.1:9090")]
    pub health_bind: std::net::SocketAddr,
    /// Suffix of both hosts that keys are bound to, for ever. Default: the public host, when it serves both.
    #[arg(long)]
    pub rp_id: Option<String>,
    /// Name of the hospital, as pages show it.
    #[arg(long)]
    pub hospital: Option<String>,
    /// Family name of the first administrator.
    #[arg(long)]
    pub admin_family: String,
    /// First name of the first administrator.
    #[arg(long)]
    pub admin_given: String,
    /// Plain http://localhost, for a demo on this machine alone.
    #[arg(long)]
    pub demo_http: bool,
    /// PostgreSQL address file, instead of SQLite.
    #[arg(long)]
    pub postgres_url_file: Option<PathBuf>,
    /// Folders where sources may read files, beside `sources` in the appliance's own.
    #[arg(long = "source-folder")]
    pub source_folders: Vec<PathBuf>,
    /// Hosts (`name:port`) that sources may speak to.
    #[arg(long = "allowed-host")]
    pub allowed_hosts: Vec<String>,
    /// Sections that a sandbox has besides.
    #[arg(skip)]
    pub more_settings: String,
}

/// What `init` made.
pub struct Initialised {
    pub settings_file: PathBuf,
    /// One hour, once: where the first administrator enrols a key.
    pub link: String,
    pub settings: Settings,
}

pub async fn init(args: &InitArgs) -> anyhow::Result<Initialised> {
    let settings_file = args.folder.join("hygie.toml");
    if settings_file.exists() {
        bail!("{} is there already: nothing was changed", settings_file.display());
    }
    for folder in ["", "keys", "tls", "sources", "register"] {
        let folder = args.folder.join(folder);
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    }
    private_folder(&args.folder)?;
    MasterKeyFile::create(&args.folder.join("keys/master.key"), &OsRandomness)?;
    let admin_host = args.admin_host.clone().unwrap_or_else(|| args.host.clone());
    if !args.demo_http {
        let hosts = [args.host.clone(), admin_host.clone()];
        let issued = issue_appliance_certificates(&hosts, SystemClock.now())?;
        write_private(&args.folder.join("tls/ca.pem"), issued.ca_pem.as_bytes())?;
        write_private(&args.folder.join("tls/cert.pem"), issued.cert_pem.as_bytes())?;
        write_private(&args.folder.join("tls/key.pem"), issued.key_pem.expose().as_bytes())?;
    }
    let text = settings_text(args, &admin_host);
    Settings::parse(&text, &args.folder).map_err(|faults| {
        anyhow::anyhow!(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    })?;
    write_private(&settings_file, text.as_bytes())?;
    let settings = Settings::read(&settings_file)?;
    let workflows = wiring::open(&settings).await?;
    let actor = Actor::command_line(crate::commands::uid());
    let hospital = args.hospital.as_deref().unwrap_or(&args.host);
    workflows.initialise(&actor, env!("CARGO_PKG_VERSION"), &settings.text, hospital).await?;
    // RS256 is what a client that names nothing gets; ES256 costs thirty times less where a client takes it.
    for algorithm in [SigningAlgorithm::Rs256, SigningAlgorithm::Es256] {
        workflows.ensure_signing_key(&actor, algorithm).await?;
    }
    let who = FirstAdministrator {
        family: args.admin_family.clone(),
        given: args.admin_given.clone(),
        mail: None,
    };
    let link = workflows.first_administrator(&actor, who).await?.url;
    workflows.seal_all().await?;
    Ok(Initialised { settings_file, link, settings })
}

fn settings_text(args: &InitArgs, admin_host: &str) -> String {
    let origin = |host: &str, bind: std::net::SocketAddr| match (args.demo_http, bind.port()) {
        (true, port) => format!("http://localhost:{port}"),
        (false, 443) => format!("https://{host}"),
        (false, port) => format!("https://{host}:{port}"),
    };
    let tls = if args.demo_http {
        ""
    } else {
        "certificate = \"tls/cert.pem\"\nprivate_key = \"tls/key.pem\"\n"
    };
    let database = match &args.postgres_url_file {
        Some(file) => format!("kind = \"postgresql\"\nurl_file = {:?}", file.display().to_string()),
        None => "kind = \"sqlite\"\npath = \"hygie.db\"".to_owned(),
    };
    let rp_id = match (&args.rp_id, args.demo_http) {
        (Some(rp_id), _) => rp_id.clone(),
        (None, true) => "localhost".to_owned(),
        (None, false) => common_suffix(&args.host, admin_host),
    };
    format!(
        "# Settings of this node. `hygie settings check` reads it without starting.\n\
         [node]\nname = \"hygie-1\"\n\n\
         [database]\n{database}\n\n\
         [keys]\nmaster_key_file = \"keys/master.key\"\n\n\
         [public]\nbind = \"{}\"\norigin = \"{}\"\n{tls}\n\
         [admin]\nbind = \"{}\"\norigin = \"{}\"\n{tls}\n\
         [health]\nbind = \"{}\"\n\n\
         # Keys are bound to this name for ever: a suffix of both hosts.\n\
         [webauthn]\nrp_id = \"{rp_id}\"\n\n\
         [sources]\nfolders = {}\nallowed_hosts = {}\n\n\
         [register]\nfolder = \"register\"\n{}",
        args.bind,
        origin(&args.host, args.bind),
        args.admin_bind,
        origin(admin_host, args.admin_bind),
        args.health_bind,
        list(
            std::iter::once("sources".to_owned())
                .chain(args.source_folders.iter().map(|folder| folder.display().to_string()))
        ),
        list(args.allowed_hosts.iter().cloned()),
        args.more_settings,
    )
}

/// A TOML list of texts.
fn list(texts: impl Iterator<Item = String>) -> String {
    toml::Value::Array(texts.map(toml::Value::String).collect()).to_string()
}

/// The longest suffix, by labels, of both hosts; at least two labels.
fn common_suffix(one: &str, other: &str) -> String {
    let mut labels: Vec<&str> = one
        .rsplit('.')
        .zip(other.rsplit('.'))
        .take_while(|(one, other)| one == other)
        .map(|(label, _)| label)
        .collect();
    labels.reverse();
    labels.join(".")
}

pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("writing {}", path.display()))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(())
}

fn private_folder(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
        .with_context(|| format!("closing {} to others", path.display()))
}

#[cfg(test)]
mod tests {
    use super::common_suffix;

    #[test]
    fn keys_are_bound_to_what_both_hosts_share() {
        for (one, other, shared) in [
            ("hygie.hopital.test", "console.hopital.test", "hopital.test"),
            ("hygie.hopital.test", "hygie.hopital.test", "hygie.hopital.test"),
            ("a.test", "b.test", "test"),
        ] {
            assert_eq!(common_suffix(one, other), shared);
        }
    }
}
