//! The Annuaire Santé as its publisher offers it: extracts to fetch, and the FHIR API.
use super::archive::unpack;
use super::fhir::FhirClient;
use async_trait::async_trait;
use identity::register::{ChangedPage, FetchWatch, RegisterRemote, RemoteFault, RemotePerson};
use kernel::{DateTime, IdNat, Utc};
use outbound::OutboundError;
use outbound::download::{DownloadLimits, Published};
use outbound::http::{HeaderMap, HttpClient};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// While an archive is unpacked, a wish to stop is heard this often.
const STOP_HEARD: Duration = Duration::from_millis(200);

/// Where extracts are published.
pub struct ExtractAddresses {
    pub client: HttpClient,
    /// Archives or texts, in any order.
    pub urls: Vec<String>,
    pub limits: DownloadLimits,
}

/// The publisher, as far as the settings name it.
#[derive(Default)]
pub struct Publisher {
    pub extracts: Option<ExtractAddresses>,
    pub fhir: Option<FhirClient>,
}

fn unreachable(error: OutboundError) -> RemoteFault {
    RemoteFault::Unreachable { cause: error.to_string() }
}

impl Publisher {
    fn extracts(&self) -> Result<&ExtractAddresses, RemoteFault> {
        self.extracts.as_ref().ok_or(RemoteFault::NotDeclared { what: "address" })
    }

    fn api(&self) -> Result<&FhirClient, RemoteFault> {
        self.fhir.as_ref().ok_or(RemoteFault::NotDeclared { what: "API" })
    }
}

#[async_trait]
impl RegisterRemote for Publisher {
    async fn published(&self) -> Result<String, RemoteFault> {
        let extracts = self.extracts()?;
        let mut told = Vec::new();
        for url in &extracts.urls {
            let published =
                extracts.client.look(url, &HeaderMap::new()).await.map_err(unreachable)?;
            told.push(stamp(&published));
        }
        Ok(told.join("\n"))
    }

    async fn fetch(
        &self,
        folder: &Path,
        watch: FetchWatch<'_>,
    ) -> Result<Vec<PathBuf>, RemoteFault> {
        let extracts = self.extracts()?;
        let mut files = Vec::new();
        for (place, url) in extracts.urls.iter().enumerate() {
            let target = folder.join(format!("fetched-{place}"));
            let mut go_on = |done: u64, total: Option<u64>| match watch(done, total.unwrap_or(done))
            {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            };
            let headers = HeaderMap::new();
            let fetched =
                extracts.client.download(url, &headers, &target, extracts.limits, &mut go_on).await;
            let published = match fetched {
                Ok(published) => published,
                Err(_) if !watch(0, 0) => return Err(RemoteFault::Stopped),
                Err(error) => return Err(unreachable(error)),
            };
            files.extend(
                open_delivery(&target, folder, url, &published, extracts.limits.most_bytes, watch)
                    .await?,
            );
        }
        Ok(files)
    }

    async fn by_number(&self, id_nat: &IdNat) -> Result<Option<RemotePerson>, RemoteFault> {
        self.api()?.by_number(id_nat).await
    }

    async fn by_card(&self, number: &str) -> Result<Vec<RemotePerson>, RemoteFault> {
        self.api()?.by_card(number).await
    }

    async fn changed_since(
        &self,
        since: DateTime<Utc>,
        page: Option<String>,
    ) -> Result<ChangedPage, RemoteFault> {
        self.api()?.changed_since(since, page).await
    }
}

/// What tells one publication from another; the name bears the moment of generation.
fn stamp(published: &Published) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let bytes = published.bytes.map(|bytes| bytes.to_string()).unwrap_or_default();
    [text(&published.file_name), text(&published.etag), text(&published.last_modified), bytes]
        .join("|")
}

/// An archive is unpacked and removed; a text takes the name that its publisher gave it, since it bears its moment.
async fn open_delivery(
    fetched: &Path,
    folder: &Path,
    url: &str,
    published: &Published,
    most_bytes: u64,
    watch: FetchWatch<'_>,
) -> Result<Vec<PathBuf>, RemoteFault> {
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let (fetched, folder) = (fetched.to_owned(), folder.to_owned());
    let last = url.rsplit('/').next().unwrap_or_default();
    let name = published.file_name.clone().unwrap_or_else(|| last.to_owned());
    let open = move || -> Result<Vec<PathBuf>, RemoteFault> {
        let disk = |cause: std::io::Error| RemoteFault::Malformed { cause: cause.to_string() };
        let mut head = [0; 4];
        let read =
            std::io::Read::read(&mut std::fs::File::open(&fetched).map_err(disk)?, &mut head);
        if read.map_err(disk)? == 4 && head.starts_with(b"PK") {
            let files =
                unpack(&fetched, &folder, most_bytes, &|| !stopped.load(Ordering::Relaxed))?;
            std::fs::remove_file(&fetched).map_err(disk)?;
            return Ok(files);
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let good = !name.is_empty() && !name.starts_with('.') && name.chars().all(plain);
        let path = folder.join(if good { name.as_str() } else { "extract.txt" });
        std::fs::rename(&fetched, &path).map_err(disk)?;
        Ok(vec![path])
    };
    let bytes = published.bytes.unwrap_or_default();
    let mut opening = tokio::task::spawn_blocking(open);
    let joined = loop {
        tokio::select! {
            joined = &mut opening => break joined,
            () = tokio::time::sleep(STOP_HEARD) => {
                if !watch(bytes, bytes) {
                    stop.store(true, Ordering::Relaxed);
                }
            }
        }
    };
    joined.map_err(|cause| RemoteFault::Malformed { cause: cause.to_string() })?
}
