//! From settings to use cases: every port gets what answers it.
use crate::anchor::Anchor;
use crate::settings::{DirectoryPasswordSettings, RegisterSettings, Settings};
use anyhow::Context;
use authentication::{
    DirectoryAccount, DirectoryVerdict, Password, PasswordCheck, PasswordCheckError,
};
use federation::DirectoryPasswords;
use identity::register::{NoRemote, RegisterRemote};
use kernel::{Clock, OsRandomness, Secret, SteadyClock, SystemClock};
use keystore::MasterKeyFile;
use oidc::{ClientKeySource, Notifier, NotifyError};
use outbound::download::DownloadLimits;
use outbound::http::{HttpClient, HttpLimits};
use outbound::ldap::LdapTarget;
use outbound::{AllowedHosts, Anchors, Timeouts};
use sources::register::fhir::FhirClient;
use sources::register::{ExtractAddresses, ExtractFiles, Publisher};
use sources::{Opener, OpenerSettings};
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use targets::{LogoutCalls, PublishedKeys};
use workflows::oidc::ProviderLinks;
use workflows::sandbox::Sandbox;
use workflows::{Parts, Workflows};

/// Opens the keys and the store, brings the schema up to date, and hands over the use cases. Refused when the database
/// is older than what this node has seen.
pub async fn open(settings: &Settings) -> anyhow::Result<Workflows> {
    let workflows = open_unanchored(settings).await?;
    Anchor::of(settings).check(&workflows).await?;
    workflows.keep_time().await?;
    Ok(workflows)
}

/// The same, whatever the database's age: to look at it, and to say that it was restored on purpose.
pub async fn open_unanchored(settings: &Settings) -> anyhow::Result<Workflows> {
    let clock: Arc<dyn Clock> = Arc::new(SteadyClock::of(SystemClock));
    let opened = match &settings.credentials {
        Some(folder) => MasterKeyFile::open_among(folder, &settings.master_key_file),
        None => MasterKeyFile::open(&settings.master_key_file),
    };
    let keys = opened.context(
        "the master key: run `hygie init` on a new machine, or restore the key from its safe",
    )?;
    let store = Store::open(&settings.database, clock.clone(), &settings.node).await?;
    store.migrate::<migrations::Migrator>().await?;
    let parts = Parts {
        store,
        clock,
        randomness: Arc::new(OsRandomness),
        keys: Arc::new(keys),
        sources: Arc::new(opener(settings)?),
        register: Arc::new(ExtractFiles),
        remote: publisher(&settings.register)?,
        passwords: passwords(settings)?,
        register_folder: settings.register.folder.clone(),
        public_host: settings.public.host.clone(),
        public_origin: settings.public.origin.clone(),
        admin_origin: settings.admin.origin.clone(),
        rp_id: settings.rp_id.clone(),
        zone: settings.zone.clone(),
    };
    let workflows = match sandbox(settings)? {
        Some(sandbox) => Workflows::of_sandbox(parts, sandbox),
        None => Workflows::new(parts),
    };
    workflows.set_links_take_two(settings.links_take_two);
    workflows.connect_provider(ProviderLinks {
        mtls_origin: settings.mtls.as_ref().map(|mtls| mtls.listener.origin.clone()),
        client_keys: client_keys(settings)?,
        pace: settings.applications.pace,
    });
    if let Some(card) = &settings.card {
        workflows.connect_cards(crate::cards::reader(card)?);
    }
    Ok(workflows)
}

fn sandbox(settings: &Settings) -> anyhow::Result<Option<Sandbox>> {
    let Some(sandbox) = &settings.sandbox else { return Ok(None) };
    let file = &sandbox.registration_token_file;
    let token =
        std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    anyhow::ensure!(token.trim().len() >= 32, "{} holds no token", file.display());
    let people = crate::sandbox::people_of(&sandbox.people_file)?;
    Ok(Some(Sandbox::new(Secret::new(token.trim().to_owned()), people, notifier(settings)?)))
}

/// Who tells applications that a session ended. Without anchors, nobody is called, and the journal says so.
pub fn notifier(settings: &Settings) -> anyhow::Result<Arc<dyn Notifier>> {
    Ok(match application_client(settings)? {
        Some(client) => Arc::new(LogoutCalls::new(client)),
        None => Arc::new(NoCalls),
    })
}

/// Who reads the keys that applications publish.
fn client_keys(settings: &Settings) -> anyhow::Result<Arc<dyn ClientKeySource>> {
    Ok(match application_client(settings)? {
        Some(client) => Arc::new(PublishedKeys::new(client)),
        None => Arc::new(NoCalls),
    })
}

fn application_client(settings: &Settings) -> anyhow::Result<Option<HttpClient>> {
    let calls = &settings.applications;
    let Some(file) = &calls.anchors_file else { return Ok(None) };
    let pem = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let limits = HttpLimits { local_addresses: calls.local_addresses, ..HttpLimits::default() };
    let allowed = AllowedHosts::new(&calls.allowed_hosts);
    Ok(Some(HttpClient::new(Anchors::from_pem(&pem)?, limits, allowed)))
}

/// `[applications]` of the settings names no authority: no certificate of an application can be believed.
struct NoCalls;

#[async_trait::async_trait]
impl Notifier for NoCalls {
    async fn log_out(&self, _address: &str, _token: &str) -> Result<(), NotifyError> {
        Err(NotifyError::NotAllowed)
    }
    async fn ping(
        &self,
        _address: &str,
        _token: &Secret<String>,
        _id: &Secret<String>,
    ) -> Result<(), NotifyError> {
        Err(NotifyError::NotAllowed)
    }
}

#[async_trait::async_trait]
impl ClientKeySource for NoCalls {
    async fn fetch(&self, _address: &str) -> Result<String, NotifyError> {
        Err(NotifyError::NotAllowed)
    }
}

fn opener(settings: &Settings) -> anyhow::Result<Opener> {
    let anchors_pem = match &settings.anchors_file {
        Some(file) => std::fs::read(file).with_context(|| format!("reading {}", file.display()))?,
        None => Vec::new(),
    };
    Ok(Opener::new(OpenerSettings {
        folders: settings.source_folders.clone(),
        allowed_hosts: AllowedHosts::new(&settings.allowed_hosts),
        anchors_pem,
    }))
}

/// Where the register is fetched: nowhere unless the settings say.
fn publisher(settings: &RegisterSettings) -> anyhow::Result<Arc<dyn RegisterRemote>> {
    let Some(file) = &settings.anchors_file else { return Ok(Arc::new(NoRemote)) };
    let pem = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let anchors = Anchors::from_pem(&pem)?;
    let client = |longest_answer: usize| {
        // The publisher gives up after thirty seconds itself.
        let timeouts = Timeouts::seconds(10, 30);
        let limits =
            HttpLimits { timeouts, longest_answer, local_addresses: settings.local_addresses };
        HttpClient::new(anchors.clone(), limits, AllowedHosts::new(settings.hosts()))
    };
    let limits = DownloadLimits {
        most_bytes: settings.most_bytes,
        silence: Duration::from_secs(60),
        attempts: 20,
        // 800 MB at 300 kB/s take three quarters of an hour.
        whole: Duration::from_secs(4 * 3600),
    };
    let extracts =
        ExtractAddresses { client: client(1 << 16), urls: settings.extracts.clone(), limits };
    let fhir = match &settings.api {
        Some((base, key_file)) => {
            let key = std::fs::read_to_string(key_file)
                .with_context(|| format!("reading {}", key_file.display()))?;
            Some(FhirClient::new(client(64 << 20), base, Secret::new(key.trim().to_owned())))
        }
        None => None,
    };
    let extracts = (!settings.extracts.is_empty()).then_some(extracts);
    Ok(Arc::new(Publisher { extracts, fhir }))
}

fn passwords(settings: &Settings) -> anyhow::Result<Arc<dyn PasswordCheck>> {
    let Some(directory) = &settings.directory_passwords else { return Ok(Arc::new(NoDirectory)) };
    Ok(Arc::new(directory_passwords(directory, &settings.allowed_hosts)?))
}

fn directory_passwords(
    settings: &DirectoryPasswordSettings,
    allowed: &[String],
) -> anyhow::Result<DirectoryPasswords> {
    let pem = std::fs::read(&settings.ca_file)
        .with_context(|| format!("reading {}", settings.ca_file.display()))?;
    let seconds = settings.timeout_seconds;
    let target = LdapTarget::new(
        &settings.url,
        &Anchors::from_pem(&pem)?,
        Timeouts::seconds(seconds, seconds),
        &AllowedHosts::new(allowed),
    )?;
    Ok(DirectoryPasswords::new(target, Duration::from_secs(seconds)))
}

/// No directory checks passwords here: local ones alone do.
struct NoDirectory;

#[async_trait::async_trait]
impl PasswordCheck for NoDirectory {
    async fn check(
        &self,
        _account: &DirectoryAccount,
        _password: &Password,
    ) -> Result<DirectoryVerdict, PasswordCheckError> {
        Err(PasswordCheckError::Unreachable {
            cause: "no directory is declared in the settings".to_owned(),
        })
    }
}
