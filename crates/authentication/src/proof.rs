use crate::{MeansKind, VerifiedKey, VerifiedPassword};
use cards::VerifiedCard;
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

    /// The key of a card answers only once its code was typed: possession and knowledge at once (design, section 5).
    pub fn by_card(_: &VerifiedCard, means: MeansId, at: DateTime<Utc>, place: Place) -> Self {
        Self {
            of: ProofOf::Means(means),
            kind: MeansKind::CpsCard,
            factors: BTreeSet::from([Factor::Possession, Factor::Knowledge]),
            // Its authority makes such certificates for keys that are born in a card.
            attested: true,
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

/// How proofs are kept with the session that they opened.
#[derive(serde::Serialize, serde::Deserialize)]
struct KeptProof {
    means: Option<MeansId>,
    account: Option<AccountId>,
    kind: String,
    factors: Vec<String>,
    attested: bool,
    at: DateTime<Utc>,
    network: String,
    zone: String,
}

/// A kept proof cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("kept proofs cannot be read")]
pub struct InvalidProofs;

impl Proof {
    /// Proofs as the store keeps them.
    pub fn texts(proofs: &[Self]) -> String {
        let kept: Vec<KeptProof> = proofs.iter().map(KeptProof::from).collect();
        serde_json::to_string(&kept).expect("texts and ids are JSON")
    }

    pub fn from_texts(text: &str) -> Result<Vec<Self>, InvalidProofs> {
        let kept: Vec<KeptProof> = serde_json::from_str(text).map_err(|_| InvalidProofs)?;
        kept.into_iter().map(Self::try_from).collect()
    }
}

impl From<&Proof> for KeptProof {
    fn from(proof: &Proof) -> Self {
        let (means, account) = match proof.of {
            ProofOf::Means(means) => (Some(means), None),
            ProofOf::Account(account) => (None, Some(account)),
        };
        Self {
            means,
            account,
            kind: proof.kind.name().to_owned(),
            factors: proof.factors.iter().map(|factor| factor.name().to_owned()).collect(),
            attested: proof.attested,
            at: proof.at,
            network: proof.place.network.clone(),
            zone: proof.place.zone.clone(),
        }
    }
}

impl TryFrom<KeptProof> for Proof {
    type Error = InvalidProofs;
    fn try_from(kept: KeptProof) -> Result<Self, InvalidProofs> {
        let of = match (kept.means, kept.account) {
            (Some(means), None) => ProofOf::Means(means),
            (None, Some(account)) => ProofOf::Account(account),
            (Some(_), Some(_)) | (None, None) => return Err(InvalidProofs),
        };
        let factors: Option<BTreeSet<Factor>> =
            kept.factors.iter().map(|name| Factor::from_name(name)).collect();
        Ok(Self {
            of,
            kind: MeansKind::from_name(&kept.kind).ok_or(InvalidProofs)?,
            factors: factors.ok_or(InvalidProofs)?,
            attested: kept.attested,
            at: kept.at,
            place: Place { network: kept.network, zone: kept.zone },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Clock, FixedClock, SeededRandomness};

    #[test]
    fn proofs_are_read_back_as_they_were() {
        let (clock, chance) = (FixedClock::at("2026-03-01T08:00:00Z"), SeededRandomness::new(4));
        let place = Place { network: "10.1.2.3".into(), zone: "outside".into() };
        let of_account = ProofOf::Account(AccountId::new(&clock, &chance));
        let of_means = ProofOf::Means(MeansId::new(&clock, &chance));
        let held = BTreeSet::from([Factor::Possession, Factor::UserVerification]);
        let proofs = [
            Proof::by_password(VerifiedPassword::new(), of_account, clock.now(), place.clone()),
            Proof::recalled(of_means, MeansKind::Fido2, held, true, clock.now(), place),
        ];
        assert_eq!(Proof::from_texts(&Proof::texts(&proofs)).as_deref(), Ok(&proofs[..]));
        for bad in
            ["", "{}", r#"[{"kind":"password"}]"#, &Proof::texts(&proofs).replace("fido2", "x")]
        {
            assert_eq!(Proof::from_texts(bad), Err(InvalidProofs), "{bad:?}");
        }
    }
}
