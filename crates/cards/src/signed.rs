//! What an authority signed, certificate or list: three parts, and which signatures are believed.
use crate::der::{BIT_STRING, Der, SEQUENCE, only};
use x509_parser::asn1_rs::BitString;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::verify::verify_signature;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

/// RSA (PKCS#1 v1.5) and ECDSA, with SHA-256 or longer. Never SHA-1.
const BELIEVED: [&[u8]; 5] = [
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d],
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03],
];
const P_256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P_384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignatureFault {
    Weak,
    Wrong,
}

pub(crate) struct Signed<'a> {
    /// The signed part, with tag and length.
    pub body: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Signed<'a> {
    pub fn read(der: &'a [u8]) -> Option<Self> {
        let mut parts = Der::new(only(der, SEQUENCE)?);
        let body = parts.take_as(SEQUENCE)?.whole;
        let algorithm = parts.take_as(SEQUENCE)?.whole;
        let signature = parts.take_as(BIT_STRING)?.whole;
        parts.is_empty().then_some(Self { body, algorithm, signature })
    }

    /// `named`: the algorithm that stands inside the signed part, which must be the one outside (RFC 5280 §4.1.1.2).
    pub fn verify(&self, named: &[u8], key: &[u8]) -> Result<(), SignatureFault> {
        let (_, key) = SubjectPublicKeyInfo::from_der(key).map_err(|_| SignatureFault::Wrong)?;
        let (_, algorithm) =
            AlgorithmIdentifier::from_der(self.algorithm).map_err(|_| SignatureFault::Wrong)?;
        let (_, signature) =
            BitString::from_der(self.signature).map_err(|_| SignatureFault::Wrong)?;
        if !BELIEVED.contains(&algorithm.algorithm.as_bytes()) {
            return Err(SignatureFault::Weak);
        }
        if named != self.algorithm || signature.unused_bits != 0 {
            return Err(SignatureFault::Wrong);
        }
        verify_signature(&key, &algorithm, &signature, self.body).map_err(|_| SignatureFault::Wrong)
    }
}

/// RSA of 2048 bits or more, or a curve of NIST of 256 or 384.
pub(crate) fn is_strong(key: &SubjectPublicKeyInfo<'_>) -> bool {
    match key.parsed() {
        Ok(PublicKey::RSA(rsa)) => (2048..=8192).contains(&rsa.key_size()),
        Ok(PublicKey::EC(_)) => {
            let curve = key.algorithm.parameters.as_ref().and_then(|curve| curve.as_oid().ok());
            curve.is_some_and(|curve| [P_256, P_384].contains(&curve.as_bytes()))
        }
        _ => false,
    }
}
