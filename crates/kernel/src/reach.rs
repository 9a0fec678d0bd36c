use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the appliance leans on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dependency {
    Internet,
    ActiveDirectory,
    HumanResources,
    Register,
    ProSanteConnect,
    Database,
}

/// Whether one dependency answers now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Reached {
    Online,
    Degraded { since: DateTime<Utc> },
}

/// What can be reached now; an argument of policies, as time is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach(BTreeMap<Dependency, DateTime<Utc>>);

impl Reach {
    pub fn all_online() -> Self {
        Self::default()
    }
    #[must_use]
    pub fn without(mut self, dependency: Dependency, since: DateTime<Utc>) -> Self {
        self.0.entry(dependency).or_insert(since);
        self
    }
    pub fn of(&self, dependency: Dependency) -> Reached {
        self.0.get(&dependency).map_or(Reached::Online, |since| Reached::Degraded { since: *since })
    }
    pub fn degraded(&self) -> impl Iterator<Item = (Dependency, DateTime<Utc>)> + '_ {
        self.0.iter().map(|(dependency, since)| (*dependency, *since))
    }
}
