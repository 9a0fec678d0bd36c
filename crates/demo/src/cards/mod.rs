//! A made-up PKI of cards, shaped like IGC-Santé (`cps-igc-sante.md` §5, §6, §11): a root, the authorities that issue
//! below it, cards with the subject and the extensions of a CPS, and lists of those revoked. Its names bear the marks TEST
//! and FICTIVE: none is in use.
//!
//! Everything can be said wrongly, for tests of who must refuse it.
mod authority;
mod certificate;
pub mod der;
mod keys;
mod list;

pub use authority::{AuthorityProfile, TestAuthority};
pub use certificate::{
    CLIENT_AUTH, CardProfile, DIGITAL_SIGNATURE, EMAIL_PROTECTION, NON_REPUDIATION, TestCard,
};
pub use keys::{KeyKind, TestKey};
pub use list::ListProfile;

use chrono::{DateTime, Utc};

pub struct TestPki {
    pub root: TestAuthority,
    /// Issues the cards that count.
    pub issuer: TestAuthority,
    /// Of the wrong family: a sister below the same root.
    pub other: TestAuthority,
}

impl TestPki {
    pub fn new(now: DateTime<Utc>) -> Self {
        Self::of_keys(KeyKind::P256, now)
    }

    /// With keys of RSA, authorities and all, as the real ones have.
    pub fn of_keys(key: KeyKind, now: DateTime<Utc>) -> Self {
        let profile = |name: &str| AuthorityProfile { key, ..AuthorityProfile::new(name, now) };
        let root = TestAuthority::new(&profile("TEST AC RACINE FICTIVE FORT"), None);
        let issuer = TestAuthority::new(&profile("TEST AC FICTIVE FORT PERSONNES"), Some(&root));
        let other =
            TestAuthority::new(&profile("TEST AC FICTIVE ELEMENTAIRE PERSONNES"), Some(&root));
        Self { root, issuer, other }
    }

    /// A card of the authority that counts.
    pub fn issue(&self, profile: &CardProfile) -> TestCard {
        self.issuer.issue(profile)
    }
}
