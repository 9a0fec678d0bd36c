use crate::seal::Sealer;
use crate::signing::SigningKeys;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use kernel::{KeyError, KeyStore, Secret, SigningAlgorithm, SigningKeyMaterial};
use zeroize::Zeroizing;

/// The master key, opened. One key, one purpose: each use takes its own key, derived by HKDF-SHA-256
/// (RFC 5869) with the purpose as `info` (threats KY-03).
pub struct MasterKey {
    root: Prk,
    sealer: Sealer,
    checkpoint: Ed25519KeyPair,
    signing: SigningKeys,
}

struct Bytes32;
impl KeyType for Bytes32 {
    fn len(&self) -> usize {
        32
    }
}

impl MasterKey {
    pub fn new(master: Secret<[u8; 32]>) -> Self {
        // The salt separates this derivation from any other made of the same bytes.
        let root = Salt::new(HKDF_SHA256, b"hygie master key, version 1").extract(master.expose());
        let sealer = Sealer::new(&derive(&root, "seal", ""));
        let seed = derive(&root, "audit-checkpoint", "");
        let checkpoint =
            Ed25519KeyPair::from_seed_unchecked(seed.as_ref()).expect("a seed of 32 bytes");
        Self { root, sealer, checkpoint, signing: SigningKeys::default() }
    }
}

fn derive(root: &Prk, kind: &str, purpose: &str) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0u8; 32]);
    // The zero byte ends the kind, so that no kind and purpose can spell another pair.
    root.expand(&[kind.as_bytes(), b"\0", purpose.as_bytes()], Bytes32)
        .and_then(|okm| okm.fill(key.as_mut()))
        .expect("HKDF gives 32 bytes");
    key
}

impl KeyStore for MasterKey {
    fn seal(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.sealer.seal(context, plain)
    }

    fn open(&self, context: &str, sealed: &[u8]) -> Result<Secret<Vec<u8>>, KeyError> {
        self.sealer.open(context, sealed)
    }

    fn mac(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        let key = derive(&self.root, "mac", purpose);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()), message);
        tag.as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes")
    }

    fn new_signing_key(
        &self,
        algorithm: SigningAlgorithm,
        rsa_bits: u32,
    ) -> Result<SigningKeyMaterial, KeyError> {
        self.signing.generate(&self.sealer, algorithm, rsa_bits)
    }

    fn sign(
        &self,
        algorithm: SigningAlgorithm,
        sealed_private: &[u8],
        message: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        self.signing.sign(&self.sealer, algorithm, sealed_private, message)
    }

    fn checkpoint_public_key(&self) -> [u8; 32] {
        self.checkpoint.public_key().as_ref().try_into().expect("Ed25519 keys have 32 bytes")
    }

    fn sign_checkpoint(&self, message: &[u8]) -> Result<[u8; 64], KeyError> {
        let signature = self.checkpoint.sign(message);
        Ok(signature.as_ref().try_into().expect("Ed25519 signatures have 64 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};

    fn master(byte: u8) -> MasterKey {
        MasterKey::new(Secret::new([byte; 32]))
    }

    #[test]
    fn ky_03_each_purpose_has_its_own_key() {
        let key = master(1);
        let purposes = ["password-pepper", "enrolment-code", "pairwise-sub", ""];
        for (place, purpose) in purposes.iter().enumerate() {
            assert_eq!(key.mac(purpose, b"m"), key.mac(purpose, b"m"));
            for other in &purposes[place + 1..] {
                assert_ne!(key.mac(purpose, b"m"), key.mac(other, b"m"), "{purpose} {other}");
            }
            assert_ne!(key.mac(purpose, b"m"), master(2).mac(purpose, b"m"));
        }
    }

    #[test]
    fn the_derivations_are_fixed_for_ever() {
        // A changed derivation would lose every sealed key and every pepper of a running hospital.
        let key = master(1);
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        assert_eq!(hex(&key.mac("password-pepper", b"m")), MAC);
        assert_eq!(hex(&key.checkpoint_public_key()), CHECKPOINT);
    }
    // Computed apart by HKDF and Ed25519 written from RFC 5869 and RFC 8032.
    const MAC: &str = "5077cab753b286a1a075c33625a0c0e285c97c15bfea3e525acfeec0315c85c9";
    const CHECKPOINT: &str = "8712946ed51c8816bc126ac0d3565ccb6da8db56097a363d5f6dfbca4acf3b33";

    #[test]
    fn a_checkpoint_is_signed_by_the_published_key() {
        let key = master(1);
        let signature = key.sign_checkpoint(b"hygie.test/audit\n1\n").expect("signed");
        let published = UnparsedPublicKey::new(&ED25519, key.checkpoint_public_key());
        assert!(published.verify(b"hygie.test/audit\n1\n", &signature).is_ok());
        assert!(published.verify(b"hygie.test/audit\n2\n", &signature).is_err());
        let other = UnparsedPublicKey::new(&ED25519, master(2).checkpoint_public_key());
        assert!(other.verify(b"hygie.test/audit\n1\n", &signature).is_err());
    }
}
