use crate::{MeansKind, VerifiedKey, VerifiedPassword};
use chrono::{DateTime, Utc};
use kernel::{AccountId, MeansId};
use std::collections::BTreeSet;

/// What a proof shows (RIE, ANSSI PG-078): something known, held, or inherent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Factor {
    Knowledge,
    Possession,
    /// PIN or biometry checked inside the means itself; we cannot tell which.
    UserVerification,
}

impl Factor {
    pub const ALL: [Self; 3] = [Self::Knowledge, Self::Possession, Self::UserVerification];
    pub fn name(self) -> &'static str {
        match self {
            Self::Knowledge => "knowledge",
            Self::Possession => "possession",
            Self::UserVerification => "user_verification",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|factor| factor.name() == name)
    }
}

/// The secret that was proved. Two proofs of one secret count once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProofOf {
    Means(MeansId),
    /// The password of an account, checked by its directory.
    Account(AccountId),
}

/// Where a proof was made: what the audit and the policy may know of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// Address of the peer, never a forwarded one unless from a declared proxy.
    pub network: String,
    /// Name of the zone; `outside` when unknown (threats AU-12).
    pub zone: String,
}

/// One factor verified now. Made only from the success value of a verification (threats FI-01).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    of: ProofOf,
    kind: MeansKind,
    factors: BTreeSet<Factor>,
    /// Attested hardware, which alone may be called `hwk` (threats FI-05).
    attested: bool,
    at: DateTime<Utc>,
    place: Place,
}

impl Proof {
    pub fn by_password(
        verified: VerifiedPassword,
        of: ProofOf,
        at: DateTime<Utc>,
        place: Place,
    ) -> Self {
        let VerifiedPassword { .. } = verified;
        let factors = BTreeSet::from([Factor::Knowledge]);
        Self { of, kind: MeansKind::Password, factors, attested: false, at, place }
    }

    /// A key whose enrolment or use lacked user verification shows possession alone (threats FI-03).
    pub fn by_key(verified: &VerifiedKey, means: MeansId, at: DateTime<Utc>, place: Place) -> Self {
        let mut factors = BTreeSet::from([Factor::Possession]);
        if verified.user_verified() {
            factors.insert(Factor::UserVerification);
        }
        Self {
            of: ProofOf::Means(means),
            kind: MeansKind::Fido2,
            factors,
            attested: verified.attested(),
            at,
            place,
        }
    }

    /// A proof read back from the store with the session that it opened.
    pub fn recalled(
        of: ProofOf,
        kind: MeansKind,
        factors: BTreeSet<Factor>,
        attested: bool,
        at: DateTime<Utc>,
        place: Place,
    ) -> Self {
        Self { of, kind, factors, attested, at, place }
    }

    pub fn of(&self) -> ProofOf {
        self.of
    }
    pub fn kind(&self) -> MeansKind {
        self.kind
    }
    pub fn factors(&self) -> &BTreeSet<Factor> {
        &self.factors
    }
    pub fn user_verified(&self) -> bool {
        self.factors.contains(&Factor::UserVerification)
    }
    pub fn attested(&self) -> bool {
        self.attested
    }
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }
    pub fn place(&self) -> &Place {
        &self.place
    }
}
