//! `hospital.json`: what was generated, and who plays which part in the scenes.
use super::personas::PERSONAS;
use super::places::{HOSPITAL, SITES};
use super::staff::Agent;
use super::world::{VERSIONS, Version, World};
use super::{DemoError, View, register_file};
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub hospital: &'static str,
    pub domain: &'static str,
    pub seed: u64,
    pub size: &'static str,
    pub hard: bool,
    pub lagging: bool,
    pub sites: Vec<SiteView>,
    pub versions: Vec<VersionView>,
    pub personas: Vec<PersonaView>,
    /// RPPS numbers of the three candidates for the two homonyms.
    pub homonym_candidates: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteView {
    pub name: &'static str,
    pub finess_ej: &'static str,
    pub finess_et: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionView {
    pub version: Version,
    pub date: String,
    pub hr: String,
    pub hr_people: u64,
    pub hr_lines: u64,
    pub ad: String,
    pub ad_accounts: u64,
    pub ad_disabled: u64,
    pub register: String,
    /// None where this version has no restricted view.
    pub restricted: Option<String>,
    pub register_persons: u64,
    pub register_lines: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonaView {
    pub key: &'static str,
    pub part: &'static str,
    pub first_name: &'static str,
    pub birth_name: &'static str,
    pub usage_name: String,
    pub birth: String,
    pub matricule: String,
    pub login: String,
    pub mail: String,
    pub rpps: String,
}

/// Time stamp in the names of the register's files.
pub fn stamp(version: Version) -> &'static str {
    match version {
        1 => "202611020613",
        2 => "202611090613",
        _ => "202611160613",
    }
}

impl Summary {
    pub fn new(world: &World, staff: &[Agent<'_>]) -> Self {
        let site = |site: &super::places::Site| SiteView {
            name: site.name,
            finess_ej: site.finess_ej,
            finess_et: site.finess_et,
        };
        let homonyms = PERSONAS.iter().zip(staff).filter(|pair| pair.0.key.starts_with("homonym"));
        let mut candidates: Vec<String> =
            homonyms.map(|(_, agent)| world.rpps_of_staff(agent.number)).collect();
        let former = super::personas::THIRD_CANDIDATE.0;
        candidates.push(world.rpps(world.place_of(former, 2)));
        Self {
            hospital: HOSPITAL,
            domain: "hopital.test",
            seed: world.plan.seed,
            size: world.plan.size.name(),
            hard: world.plan.hard,
            lagging: world.plan.lagging,
            sites: SITES.iter().map(site).collect(),
            versions: VERSIONS.iter().map(|version| Self::empty_version(world, *version)).collect(),
            personas: staff.iter().filter_map(|agent| persona_view(world, agent)).collect(),
            homonym_candidates: candidates,
        }
    }

    fn empty_version(world: &World, version: Version) -> VersionView {
        let views = super::register_views(world.plan.size, version);
        let restricted = views.contains(&View::Restricted);
        let day = super::person::first_day() + chrono::Duration::days(7 * (i64::from(version) - 1));
        VersionView {
            version,
            date: day.to_string(),
            hr: format!("hr/hr-v{version}.csv"),
            hr_people: 0,
            hr_lines: 0,
            ad: format!("ad/ad-v{version}.ldif"),
            ad_accounts: 0,
            ad_disabled: 0,
            register: format!("register/{}", register_file(View::Open, version)),
            restricted: restricted
                .then(|| format!("register/{}", register_file(View::Restricted, version))),
            register_persons: 0,
            register_lines: 0,
        }
    }

    pub(super) fn version(&mut self, version: Version) -> &mut VersionView {
        &mut self.versions[usize::from(version - 1)]
    }

    pub(super) fn json(&self) -> Result<String, DemoError> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// The persona of this key: `doctor`, `nurse`, `homonym` or `homonym_married`.
    pub fn persona(&self, key: &str) -> Option<&PersonaView> {
        self.personas.iter().find(|persona| persona.key == key)
    }
}

fn persona_view(world: &World, agent: &Agent<'_>) -> Option<PersonaView> {
    let persona = agent.persona?;
    Some(PersonaView {
        key: persona.key,
        part: persona.part,
        first_name: persona.first_name,
        birth_name: persona.birth_name,
        usage_name: agent.civil.surname(agent.civil.usage).into_owned(),
        birth: agent.civil.birth.to_string(),
        matricule: agent.matricule.clone(),
        login: agent.login.clone(),
        mail: agent.mail.clone(),
        rpps: world.rpps_of_staff(agent.number),
    })
}
