//! What the appliance knows of itself, for the console's page « Système ». Secrets are paths, never values.
use crate::settings::{Listener, Settings};
use kernel::{Clock, SystemClock};
use store::Place;
use web::admin::facts::{ListenerFact, SettingFact, SystemFacts};

pub fn of(settings: &Settings, hospital: &str) -> SystemFacts {
    SystemFacts {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: Some(SystemClock.now()),
        listeners: listeners(settings),
        database_location: match &settings.database {
            Place::Sqlite(path) => path.display().to_string(),
            Place::Postgres(_) => "postgresql".to_owned(),
        },
        settings: mirror(settings),
        hospital: hospital.to_owned(),
        ..SystemFacts::default()
    }
}

fn listeners(settings: &Settings) -> Vec<ListenerFact> {
    let fact = |name: &str, listener: &Listener| ListenerFact {
        name: name.to_owned(),
        address: format!("{} ({})", listener.origin, listener.bind),
        tls: match (&listener.tls, listener.tls12) {
            (None, _) => "none",
            (Some(_), true) => "tls12",
            (Some(_), false) => "tls13",
        }
        .to_owned(),
        enabled: true,
    };
    let mut listeners = vec![fact("public", &settings.public), fact("admin", &settings.admin)];
    listeners.extend(settings.mtls.as_ref().map(|mtls| fact("mtls", &mtls.listener)));
    listeners.extend(settings.card.as_ref().map(|card| fact("card", &card.listener)));
    listeners.push(ListenerFact {
        name: "health".to_owned(),
        address: settings.health.map(|bind| bind.to_string()).unwrap_or_default(),
        tls: "none".to_owned(),
        enabled: settings.health.is_some(),
    });
    listeners
}

/// The settings file as it was read: section, key, value, line.
fn mirror(settings: &Settings) -> Vec<SettingFact> {
    let mut section = String::new();
    let mut facts = Vec::new();
    for (number, line) in settings.text.lines().enumerate() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.to_owned();
        } else if let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
            facts.push(SettingFact {
                section: section.clone(),
                key: key.trim().to_owned(),
                value: value.trim().trim_matches('"').to_owned(),
                line: u32::try_from(number + 1).ok(),
                default: false,
            });
        }
    }
    facts
}
