//! Cards of a made-up PKI shaped like IGC-Santé, good and bad.
mod certificates;
mod good;
mod holders;
mod revoked;

use crate::{CardAuthorities, CardFault, CardRules, RevocationList, RevocationLists};
use crate::{VerifiedCard, judge_card};
use chrono::{DateTime, Utc};
use demo::cards::{CardProfile, ListProfile, TestPki};

fn now() -> DateTime<Utc> {
    "2026-11-24T08:00:00Z".parse().expect("a time")
}

/// The card of a made-up doctor, as one in use.
fn doctor() -> CardProfile {
    CardProfile::new("99900001233", "LE GOFF-MARTIN", "ANNE-SOPHIE", now()).in_production()
}

/// A PKI, the authorities pinned of it, and the lists that are held.
struct Scene {
    pki: TestPki,
    authorities: CardAuthorities,
    lists: RevocationLists,
    rules: CardRules,
}

impl Scene {
    /// With an empty list of the issuing authority, which alone is pinned.
    fn new() -> Self {
        Self::of(TestPki::new(now()))
    }

    fn of(pki: TestPki) -> Self {
        let authorities = CardAuthorities::from_pem(pki.issuer.pem().as_bytes()).expect("pinned");
        let lists = RevocationLists::default();
        let mut scene = Self { pki, authorities, lists, rules: CardRules::default() };
        scene.hold(&ListProfile::new(1, now()));
        scene
    }

    fn hold(&mut self, profile: &ListProfile) {
        let list = self.pki.issuer.list(profile);
        let list = RevocationList::read(&list, &self.authorities, now()).expect("a list");
        self.lists.take(list, None).expect("taken");
    }

    fn judge(&self, profile: &CardProfile) -> Result<VerifiedCard, CardFault> {
        self.judge_bytes(&self.pki.issue(profile).der, now())
    }

    fn judge_bytes(&self, der: &[u8], now: DateTime<Utc>) -> Result<VerifiedCard, CardFault> {
        judge_card(der, &self.authorities, &self.lists, &self.rules, now)
    }
}
