use crate::MeansKind;
use chrono::{DateTime, Duration, Utc};
use std::collections::BTreeSet;

/// eIDAS levels of assurance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    Faible,
    Substantiel,
    Eleve,
}

impl Level {
    pub const ALL: [Self; 3] = [Self::Faible, Self::Substantiel, Self::Eleve];
    pub fn name(self) -> &'static str {
        match self {
            Self::Faible => "faible",
            Self::Substantiel => "substantiel",
            Self::Eleve => "eleve",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
    /// The `acr` value, in every profile (design §5).
    pub fn acr(self) -> &'static str {
        match self {
            Self::Faible => "eidas1",
            Self::Substantiel => "eidas2",
            Self::Eleve => "eidas3",
        }
    }
    pub fn from_acr(acr: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.acr() == acr)
    }
}

/// What must have been proved. Demands only add up: joining two is the stricter of each part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    pub level: Level,
    pub two_factors: bool,
    /// The ways that are allowed.
    pub kinds: BTreeSet<MeansKind>,
    /// The full login may not be older.
    pub longest_age: Option<Duration>,
    /// Keys that cannot be copied to another device (threats FI-05).
    pub hardware: bool,
}

impl Demand {
    /// Any verified means, at any level.
    pub fn anything() -> Self {
        Self {
            level: Level::Faible,
            two_factors: false,
            kinds: MeansKind::ALL.into_iter().collect(),
            longest_age: None,
            hardware: false,
        }
    }

    /// Two factors, as the console demands.
    pub fn two_factors() -> Self {
        Self { two_factors: true, ..Self::anything() }
    }

    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        Self {
            level: self.level.max(other.level),
            two_factors: self.two_factors || other.two_factors,
            kinds: self.kinds.intersection(&other.kinds).copied().collect(),
            longest_age: match (self.longest_age, other.longest_age) {
                (Some(one), Some(two)) => Some(one.min(two)),
                (one, two) => one.or(two),
            },
            hardware: self.hardware || other.hardware,
        }
    }
}

/// How far a rule has come: seen, told, applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyMode {
    ReportOnly,
    Warn,
    Enforce,
}

/// One restriction. An absent name means every one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRule {
    pub name: String,
    pub application: Option<String>,
    pub zone: Option<String>,
    pub population: Option<String>,
    pub from: DateTime<Utc>,
    pub mode: PolicyMode,
    pub demand: Demand,
}

/// What somebody wants to open, from where, as whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask<'a> {
    pub application: &'a str,
    pub zone: &'a str,
    pub populations: &'a [&'a str],
}

/// The policy of the house, as data. Without a base nothing is allowed (threats AU-12).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    pub base: Option<Demand>,
    pub rules: Vec<PolicyRule>,
}

/// What the policy demands of one ask, and what its rules on trial would have demanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub demand: Demand,
    pub on_trial: Vec<(String, PolicyMode, Demand)>,
}

impl Policy {
    /// `None`: no policy, so refused.
    pub fn standing(&self, ask: &Ask<'_>, now: DateTime<Utc>) -> Option<Standing> {
        let mut demand = self.base.clone()?;
        let mut on_trial = Vec::new();
        for rule in self.rules.iter().filter(|rule| rule.applies(ask, now)) {
            match rule.mode {
                PolicyMode::Enforce => demand = demand.join(&rule.demand),
                PolicyMode::ReportOnly | PolicyMode::Warn => {
                    on_trial.push((rule.name.clone(), rule.mode, rule.demand.clone()));
                }
            }
        }
        Some(Standing { demand, on_trial })
    }
}

impl PolicyRule {
    fn applies(&self, ask: &Ask<'_>, now: DateTime<Utc>) -> bool {
        let is =
            |name: &Option<String>, value: &str| name.as_deref().is_none_or(|name| name == value);
        let population =
            self.population.as_deref().is_none_or(|name| ask.populations.contains(&name));
        now >= self.from
            && is(&self.application, ask.application)
            && is(&self.zone, ask.zone)
            && population
    }
}
