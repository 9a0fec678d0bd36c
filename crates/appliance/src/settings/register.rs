//! Section `register`: where the register is kept, and where it is fetched by itself.
use super::walk::Section;
use std::path::{Path, PathBuf};
use url::Url;

/// The register and its publisher.
#[derive(Debug, Clone, Default)]
pub struct RegisterSettings {
    pub folder: PathBuf,
    /// Extracts to fetch; empty, they come by `register import`.
    pub extracts: Vec<String>,
    /// Hours between two looks at the publisher.
    pub every_hours: i64,
    /// The most that one extract, or one archive unpacked, may weigh.
    pub most_bytes: u64,
    /// The FHIR API, and the file of its key.
    pub api: Option<(String, PathBuf)>,
    /// PEM of the authorities that prove the publisher's hosts (IGC-Santé), and no other.
    pub anchors_file: Option<PathBuf>,
    /// A publisher on this machine: for tests, or behind a relay of the house.
    pub local_addresses: bool,
}

impl RegisterSettings {
    pub(super) fn walk(section: Section<'_>, data: &Path) -> Self {
        let folder = data.join(section.text("folder").unwrap_or_else(|| "register".to_owned()));
        let extracts = section.texts("extracts");
        extracts.iter().for_each(|url| https(&section, "extracts", url));
        let every_hours = section.integer("every_hours", 4, 1..=168);
        let most = section.integer("most_megabytes", 4_096, 1..=65_536).unsigned_abs();
        let anchors_file = section.text("anchors_file").map(|file| data.join(file));
        let api = match (section.text("api"), section.text("api_key_file")) {
            (Some(api), Some(key)) => {
                https(&section, "api", &api);
                Some((api, data.join(key)))
            }
            (None, None) => None,
            _ => {
                section.fault("api", "api and api_key_file go together");
                None
            }
        };
        // Its authority is in no store of this machine, and « whoever answers » is not the publisher (DA-07).
        if (api.is_some() || !extracts.is_empty()) && anchors_file.is_none() {
            section.fault(
                "anchors_file",
                "is missing: the authority that proves the publisher, in PEM",
            );
        }
        let local_addresses = section.flag("local_addresses");
        section.finish();
        let most_bytes = most * 1_000_000;
        Self { folder, extracts, every_hours, most_bytes, api, anchors_file, local_addresses }
    }

    /// Hosts that the addresses name: the only ones that are spoken to.
    pub fn hosts(&self) -> Vec<String> {
        let urls = self.extracts.iter().chain(self.api.iter().map(|(url, _)| url));
        urls.filter_map(|url| Some(Url::parse(url).ok()?.host_str()?.to_owned())).collect()
    }
}

fn https(section: &Section<'_>, key: &str, text: &str) {
    let good = Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.host().is_some());
    if !good {
        section.fault(key, format!("expected https://…, found {text}"));
    }
}
