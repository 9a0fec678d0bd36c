//! The port of `keystore`: what hangs under the master key. Implementations never hand out a private key.
use crate::Secret;

/// JOSE signature algorithms that Hygie signs with (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SigningAlgorithm {
    Rs256,
    Ps256,
    Es256,
    EdDsa,
}

impl SigningAlgorithm {
    /// The JOSE `alg` value.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa]
            .into_iter()
            .find(|alg| alg.name() == name)
    }
}

/// A new key pair: the private half sealed under the master key, the public half as a JWK (JSON text, RFC 7517,
/// without `kid`, `use` and `alg`, which the caller adds).
#[derive(Debug, Clone)]
pub struct SigningKeyMaterial {
    pub algorithm: SigningAlgorithm,
    pub sealed_private: Vec<u8>,
    pub public_jwk: String,
}

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error(
        "what was sealed cannot be opened: another master key, another place, or altered bytes"
    )]
    NotOpened,
    #[error("the key store failed to {attempted}: {cause}")]
    Failed { attempted: &'static str, cause: String },
}

/// Seals, signs and MACs under the master key. Calls are short and take no network.
/// `context` (table, row, column, or a purpose) is bound to the sealed bytes as associated data.
pub trait KeyStore: Send + Sync {
    fn seal(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>, KeyError>;
    fn open(&self, context: &str, sealed: &[u8]) -> Result<Secret<Vec<u8>>, KeyError>;
    /// HMAC-SHA-256 under a key derived from the master key for this purpose (peppers, derived ids).
    fn mac(&self, purpose: &str, message: &[u8]) -> [u8; 32];
    fn new_signing_key(
        &self,
        algorithm: SigningAlgorithm,
        rsa_bits: u32,
    ) -> Result<SigningKeyMaterial, KeyError>;
    /// JWS signature bytes over `message` (for ES256: `r || s`, RFC 7518 §3.4). The implementation may
    /// keep opened keys in memory, keyed by the sealed bytes.
    fn sign(
        &self,
        algorithm: SigningAlgorithm,
        sealed_private: &[u8],
        message: &[u8],
    ) -> Result<Vec<u8>, KeyError>;
    /// The appliance's Ed25519 key for audit checkpoints: public key, 32 bytes.
    fn checkpoint_public_key(&self) -> [u8; 32];
    /// Ed25519 signature of an audit checkpoint, 64 bytes.
    fn sign_checkpoint(&self, message: &[u8]) -> Result<[u8; 64], KeyError>;
}
