//! Keys of the made-up PKI, and what they sign.
use super::der::{bit_string, oid, sequence, value};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyKind {
    /// Drawn in no time.
    #[default]
    P256,
    /// As real cards and their authorities have (theirs, of 4096 bits).
    Rsa2048,
}

pub struct TestKey {
    pair: Pair,
    pkcs8: Vec<u8>,
}

enum Pair {
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl TestKey {
    pub fn new(kind: KeyKind) -> Self {
        match kind {
            KeyKind::P256 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
                let pkcs8 = pair.to_pkcs8v1().expect("its bytes").as_ref().to_vec();
                Self { pair: Pair::P256(pair), pkcs8 }
            }
            KeyKind::Rsa2048 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
                let pkcs8 = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair);
                let pkcs8 = pkcs8.expect("its bytes").as_ref().to_vec();
                Self { pair: Pair::Rsa(pair), pkcs8 }
            }
        }
    }

    /// PKCS#8.
    pub fn private(&self) -> &[u8] {
        &self.pkcs8
    }

    /// `SubjectPublicKeyInfo`.
    pub fn public(&self) -> Vec<u8> {
        let written: Result<PublicKeyX509Der<'_>, _> = match &self.pair {
            Pair::P256(pair) => pair.public_key().as_der(),
            Pair::Rsa(pair) => pair.public_key().as_der(),
        };
        written.expect("its bytes").as_ref().to_vec()
    }

    /// The frame of what is signed, with the algorithm that this key signs by.
    pub fn sign(&self, body: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::P256(pair) => pair.sign(&random, body).expect("signed").as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, body, &mut signature).expect("signed");
                signature
            }
        };
        sequence(&[body.to_vec(), self.algorithm(), bit_string(&signature)])
    }

    pub fn algorithm(&self) -> Vec<u8> {
        match self.pair {
            Pair::P256(_) => sequence(&[oid("1.2.840.10045.4.3.2")]),
            Pair::Rsa(_) => sequence(&[oid("1.2.840.113549.1.1.11"), value(0x05, &[])]),
        }
    }
}

/// PEM of these bytes.
pub(super) fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let mut written = format!("-----BEGIN {label}-----\n");
    for (place, letter) in text.chars().enumerate() {
        if place > 0 && place.is_multiple_of(64) {
            written.push('\n');
        }
        written.push(letter);
    }
    written + &format!("\n-----END {label}-----\n")
}
