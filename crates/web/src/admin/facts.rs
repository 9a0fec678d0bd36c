//! What the appliance knows of itself and tells on « Système »; put together by `appliance` at start.
use chrono::{DateTime, Utc};

/// One listener as it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerFact {
    pub name: String,
    pub address: String,
    /// `tls13`, `tls12`, or `none` on loopback in the demo.
    pub tls: String,
    pub enabled: bool,
}

/// One certificate in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFact {
    pub name: String,
    pub subject: String,
    pub issuer: String,
    pub not_after: DateTime<Utc>,
}

/// One line of the settings file; secrets are paths, never values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingFact {
    pub section: String,
    pub key: String,
    pub value: String,
    pub line: Option<u32>,
    /// Nobody wrote it: the default holds.
    pub default: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SystemFacts {
    pub version: String,
    pub build: Option<String>,
    pub started_at: Option<DateTime<Utc>>,
    pub listeners: Vec<ListenerFact>,
    pub certificates: Vec<CertificateFact>,
    pub database_location: String,
    pub settings_path: String,
    pub settings: Vec<SettingFact>,
    /// Legal entities of the hospital: FINESS and name.
    pub entities: Vec<(String, String)>,
    pub hospital: String,
}
