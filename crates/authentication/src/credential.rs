//! What a health professional's own credential says of its bearer: the one proof of a national identity that asks
//! nothing of names.
use kernel::IdNat;

/// What was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CredentialKind {
    /// A CPS whose certificate was verified up to its authority, and whose key answered.
    Card,
    /// A login at Pro Santé Connect whose ID token was verified.
    ProSanteConnect,
}

impl CredentialKind {
    pub const ALL: [Self; 2] = [Self::Card, Self::ProSanteConnect];
    pub fn name(self) -> &'static str {
        match self {
            Self::Card => "cps_card",
            Self::ProSanteConnect => "pro_sante_connect",
        }
    }
}

/// A national identity that a verified credential names. To be made beside the verification and nowhere else: neither a
/// form nor a file proves one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialProof {
    kind: CredentialKind,
    id_nat: IdNat,
    evidence: [u8; 32],
}

impl CredentialProof {
    /// `evidence`: digest of what was verified (the certificate and its answer, the ID token).
    pub fn verified(kind: CredentialKind, id_nat: IdNat, evidence: [u8; 32]) -> Self {
        Self { kind, id_nat, evidence }
    }
    pub fn kind(&self) -> CredentialKind {
        self.kind
    }
    pub fn id_nat(&self) -> &IdNat {
        &self.id_nat
    }
    pub fn evidence(&self) -> &[u8; 32] {
        &self.evidence
    }
}
