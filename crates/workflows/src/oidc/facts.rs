//! A session as clients are told of it.
use crate::Workflows;
use authentication::{Assurance, Demand, Level, MeansScale, Weighed, weigh};
use oidc::{Acr, LoginFacts};
use sessions::Session;

impl Workflows {
    /// What the proofs of a session are worth now; `None` when nothing.
    pub(super) fn facts_of(&self, session: &Session) -> Option<LoginFacts> {
        let demand = Demand::anything();
        let scale = MeansScale::default();
        match weigh(&session.proofs, Some(&demand), &scale, &self.reach(), self.now()) {
            Weighed::Enough(assurance) => Some(facts(session, &assurance)),
            Weighed::Missing(_) => None,
        }
    }
}

pub(super) fn facts(session: &Session, assurance: &Assurance) -> LoginFacts {
    LoginFacts {
        person: session.person,
        session: session.id,
        sid: session.sid,
        auth_time: assurance.auth_time,
        acr: acr_of(assurance.level),
        amr: assurance.amr.clone(),
    }
}

pub(super) fn acr_of(level: Level) -> Acr {
    match level {
        Level::Faible => Acr::Eidas1,
        Level::Substantiel => Acr::Eidas2,
        Level::Eleve => Acr::Eidas3,
    }
}

pub(super) fn level_of(acr: Acr) -> Level {
    match acr {
        Acr::Eidas1 => Level::Faible,
        Acr::Eidas2 => Level::Substantiel,
        Acr::Eidas3 => Level::Eleve,
    }
}
