//! Signing keys of tokens: made and used here, sealed elsewhere. Signed by aws-lc-rs alone, whose RSA is
//! constant-time (threats KY-02) and fast (an RSA signature decides what a login costs).
use crate::seal::Sealer;
use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{KeyError, SigningAlgorithm, SigningKeyMaterial};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// More than a hospital's keys of all algorithms and generations; beyond, the cache starts again.
const MOST_OPENED: usize = 64;

/// Opened keys, by what was sealed: opening costs more than an ES256 signature.
#[derive(Default)]
pub(crate) struct SigningKeys(RwLock<HashMap<Fingerprint, Arc<Opened>>>);

type Fingerprint = (SigningAlgorithm, [u8; 32]);

enum Opened {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKeys {
    pub(crate) fn generate(
        &self,
        sealer: &Sealer,
        algorithm: SigningAlgorithm,
        rsa_bits: u32,
    ) -> Result<SigningKeyMaterial, KeyError> {
        let (private, public_jwk) = match algorithm {
            SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => new_rsa(rsa_bits)?,
            SigningAlgorithm::Es256 => new_p256()?,
            SigningAlgorithm::EdDsa => new_ed25519()?,
        };
        let sealed_private = sealer.seal(&context(algorithm), private.as_ref())?;
        Ok(SigningKeyMaterial { algorithm, sealed_private, public_jwk })
    }

    pub(crate) fn sign(
        &self,
        sealer: &Sealer,
        algorithm: SigningAlgorithm,
        sealed: &[u8],
        message: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let failed = |_| failed("sign", "the key refused");
        match (&*self.opened(sealer, algorithm, sealed)?, algorithm) {
            (Opened::Rsa(key), SigningAlgorithm::Ps256) => sign_rsa(key, &RSA_PSS_SHA256, message),
            (Opened::Rsa(key), _) => sign_rsa(key, &RSA_PKCS1_SHA256, message),
            (Opened::Ecdsa(key), _) => key
                .sign(&SystemRandom::new(), message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(failed),
            (Opened::Ed25519(key), _) => Ok(key.sign(message).as_ref().to_vec()),
        }
    }

    fn opened(
        &self,
        sealer: &Sealer,
        algorithm: SigningAlgorithm,
        sealed: &[u8],
    ) -> Result<Arc<Opened>, KeyError> {
        let hash = digest::digest(&digest::SHA256, sealed);
        let fingerprint = (algorithm, hash.as_ref().try_into().expect("SHA-256 has 32 bytes"));
        // A poisoned lock still holds whole entries: they are inserted in one step.
        let known =
            self.0.read().unwrap_or_else(PoisonError::into_inner).get(&fingerprint).cloned();
        if let Some(opened) = known {
            return Ok(opened);
        }
        let private = sealer.open(&context(algorithm), sealed)?;
        let opened = Arc::new(Opened::parse(algorithm, private.expose())?);
        let mut cache = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= MOST_OPENED {
            cache.clear();
        }
        cache.insert(fingerprint, Arc::clone(&opened));
        Ok(opened)
    }
}

impl Opened {
    fn parse(algorithm: SigningAlgorithm, pkcs8: &[u8]) -> Result<Self, KeyError> {
        let rejected = |_| KeyError::NotOpened;
        Ok(match algorithm {
            SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => {
                Self::Rsa(RsaKeyPair::from_pkcs8(pkcs8).map_err(rejected)?)
            }
            SigningAlgorithm::Es256 => Self::Ecdsa(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
                    .map_err(rejected)?,
            ),
            SigningAlgorithm::EdDsa => {
                Self::Ed25519(Ed25519KeyPair::from_pkcs8(pkcs8).map_err(rejected)?)
            }
        })
    }
}

/// The algorithm is bound to the sealed key: an RS256 key cannot be made to sign PS256.
fn context(algorithm: SigningAlgorithm) -> String {
    format!("signing-key/{}", algorithm.name())
}

fn sign_rsa(
    key: &RsaKeyPair,
    padding: &'static dyn aws_lc_rs::signature::RsaEncoding,
    message: &[u8],
) -> Result<Vec<u8>, KeyError> {
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(padding, &SystemRandom::new(), message, &mut signature)
        .map_err(|_| failed("sign", "the RSA key refused"))?;
    Ok(signature)
}

fn new_rsa(bits: u32) -> Result<(PrivateDer, String), KeyError> {
    let size = match bits {
        2048 => KeySize::Rsa2048,
        3072 => KeySize::Rsa3072,
        4096 => KeySize::Rsa4096,
        _ => return Err(failed("make an RSA key", "its size is 2048, 3072 or 4096 bits")),
    };
    let key = RsaKeyPair::generate(size).map_err(|_| failed("make an RSA key", "generation"))?;
    let (modulus, exponent) = rsa_public_numbers(key.public_key().as_ref())
        .ok_or_else(|| failed("read a new RSA key", "unexpected encoding"))?;
    let jwk = json!({
        "kty": "RSA",
        "n": URL_SAFE_NO_PAD.encode(modulus),
        "e": URL_SAFE_NO_PAD.encode(exponent),
    });
    let private = AsDer::<Pkcs8V1Der>::as_der(&key)
        .map_err(|_| failed("encode a new RSA key", "unspecified"))?;
    Ok((PrivateDer::Pkcs8(private), jwk.to_string()))
}

fn new_p256() -> Result<(PrivateDer, String), KeyError> {
    let unspecified = |_| failed("make an ES256 key", "unspecified");
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(unspecified)?;
    // Uncompressed point: 4, then x and y of 32 bytes each (SEC 1 §2.3.3).
    let [4, point @ ..] = key.public_key().as_ref() else {
        return Err(failed("read a new ES256 key", "unexpected encoding"));
    };
    let (x, y) = point
        .split_at_checked(32)
        .ok_or_else(|| failed("read a new ES256 key", "unexpected encoding"))?;
    let jwk = json!({
        "kty": "EC",
        "crv": "P-256",
        "x": URL_SAFE_NO_PAD.encode(x),
        "y": URL_SAFE_NO_PAD.encode(y),
    });
    Ok((PrivateDer::Document(key.to_pkcs8v1().map_err(unspecified)?), jwk.to_string()))
}

fn new_ed25519() -> Result<(PrivateDer, String), KeyError> {
    let unspecified = |_| failed("make an EdDSA key", "unspecified");
    let key = Ed25519KeyPair::generate().map_err(unspecified)?;
    let jwk = json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "x": URL_SAFE_NO_PAD.encode(key.public_key().as_ref()),
    });
    Ok((PrivateDer::Document(key.to_pkcs8().map_err(unspecified)?), jwk.to_string()))
}

/// Both wipe themselves when dropped.
enum PrivateDer {
    Pkcs8(Pkcs8V1Der<'static>),
    Document(aws_lc_rs::pkcs8::Document),
}

impl AsRef<[u8]> for PrivateDer {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Pkcs8(der) => der.as_ref(),
            Self::Document(document) => document.as_ref(),
        }
    }
}

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017 appendix A.1.1), without leading zeros, as a JWK
/// wants them (RFC 7518 §6.3.1).
fn rsa_public_numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = der_value(0x30, der)?;
    let (modulus, rest) = der_value(0x02, sequence)?;
    let (exponent, _) = der_value(0x02, rest)?;
    let trim = |number: &'_ [u8]| number.iter().take_while(|byte| **byte == 0).count();
    Some((&modulus[trim(modulus)..], &exponent[trim(exponent)..]))
}

/// The value of the first element when it has this tag, and what follows it.
fn der_value(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let [first, length, rest @ ..] = der else { return None };
    let (length, rest) = match length {
        short @ 0..=0x7f => (usize::from(*short), rest),
        long @ 0x81..=0x82 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    (*first == tag).then(|| rest.split_at_checked(length)).flatten()
}

fn failed(attempted: &'static str, cause: &str) -> KeyError {
    KeyError::Failed { attempted, cause: cause.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
        RsaPublicKeyComponents, UnparsedPublicKey,
    };

    const ALL: [SigningAlgorithm; 4] = [
        SigningAlgorithm::Rs256,
        SigningAlgorithm::Ps256,
        SigningAlgorithm::Es256,
        SigningAlgorithm::EdDsa,
    ];

    /// Verifies by the published JWK alone, as a client would.
    fn verifies(algorithm: SigningAlgorithm, jwk: &str, message: &[u8], signature: &[u8]) -> bool {
        let jwk: serde_json::Value = serde_json::from_str(jwk).expect("JSON");
        let member = |name: &str| {
            URL_SAFE_NO_PAD.decode(jwk[name].as_str().expect("member")).expect("base64url")
        };
        let rsa = || RsaPublicKeyComponents { n: member("n"), e: member("e") };
        match algorithm {
            SigningAlgorithm::Rs256 => {
                rsa().verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
            }
            SigningAlgorithm::Ps256 => {
                rsa().verify(&RSA_PSS_2048_8192_SHA256, message, signature).is_ok()
            }
            SigningAlgorithm::Es256 => {
                let point = [&[4], &member("x")[..], &member("y")[..]].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                    .verify(message, signature)
                    .is_ok()
            }
            SigningAlgorithm::EdDsa => {
                UnparsedPublicKey::new(&ED25519, member("x")).verify(message, signature).is_ok()
            }
        }
    }

    #[test]
    fn each_algorithm_signs_what_its_published_key_verifies() {
        let (sealer, keys) = (Sealer::new(&[1; 32]), SigningKeys::default());
        for algorithm in ALL {
            let made = keys.generate(&sealer, algorithm, 2048).expect("made");
            for _from_cache in [false, true] {
                let signature =
                    keys.sign(&sealer, algorithm, &made.sealed_private, b"m").expect("signed");
                assert!(verifies(algorithm, &made.public_jwk, b"m", &signature), "{algorithm:?}");
                assert!(!verifies(algorithm, &made.public_jwk, b"n", &signature), "{algorithm:?}");
            }
            assert!(!made.public_jwk.contains("\"d\""), "the private half stays inside");
        }
    }

    #[test]
    fn a_key_signs_with_its_own_algorithm_alone_even_once_opened() {
        let (sealer, keys) = (Sealer::new(&[1; 32]), SigningKeys::default());
        for made_for in ALL {
            let made = keys.generate(&sealer, made_for, 2048).expect("made");
            for asked in ALL {
                let signed = keys.sign(&sealer, asked, &made.sealed_private, b"m");
                assert_eq!(signed.is_ok(), asked == made_for, "{made_for:?} as {asked:?}");
            }
        }
    }

    #[test]
    fn altered_or_foreign_keys_do_not_sign() {
        let (sealer, keys) = (Sealer::new(&[1; 32]), SigningKeys::default());
        let made = keys.generate(&sealer, SigningAlgorithm::Es256, 0).expect("made");
        let mut altered = made.sealed_private.clone();
        altered[20] ^= 1;
        let signed = keys.sign(&sealer, SigningAlgorithm::Es256, &altered, b"m");
        assert!(matches!(signed, Err(KeyError::NotOpened)));
        let elsewhere = Sealer::new(&[2; 32]);
        let other = SigningKeys::default();
        let signed = other.sign(&elsewhere, SigningAlgorithm::Es256, &made.sealed_private, b"m");
        assert!(matches!(signed, Err(KeyError::NotOpened)));
    }

    #[test]
    fn rsa_keys_have_a_size_that_is_accepted_today() {
        let (sealer, keys) = (Sealer::new(&[1; 32]), SigningKeys::default());
        for (bits, accepted) in [(1024, false), (2047, false), (2048, true), (8192, false)] {
            let made = keys.generate(&sealer, SigningAlgorithm::Rs256, bits);
            assert_eq!(made.is_ok(), accepted, "{bits}");
        }
    }

    #[test]
    fn the_cache_of_opened_keys_stays_bounded() {
        let (sealer, keys) = (Sealer::new(&[1; 32]), SigningKeys::default());
        for _ in 0..MOST_OPENED + 3 {
            let made = keys.generate(&sealer, SigningAlgorithm::EdDsa, 0).expect("made");
            keys.sign(&sealer, SigningAlgorithm::EdDsa, &made.sealed_private, b"m")
                .expect("signed");
        }
        assert!(keys.0.read().expect("lock").len() <= MOST_OPENED);
    }

    #[test]
    fn der_that_is_no_rsa_key_is_refused_without_panic() {
        for bad in [&[][..], &[0x30], &[0x30, 0x05, 2], &[0x30, 0x84, 0, 0, 0, 1], &[0x02, 1, 1]] {
            assert!(rsa_public_numbers(bad).is_none(), "{bad:?}");
        }
    }
}
