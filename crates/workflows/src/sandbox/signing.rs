//! Keys of the check, drawn when the first check begins and kept: all nodes sign with the same, after a restart too.
use super::CheckError;
use crate::Workflows;
use kernel::{KeyError, SigningAlgorithm, SigningKeyMaterial};
use oidc::SigningKey;
use oidc::check::{IdSigner, symmetric_token, unsigned_token};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Enough for a lesson, and drawn in a moment.
const RSA_BITS: u32 = 2048;
const ISSUER: &str = "check";
const FACT: &str = "connector_check_keys";

/// As it is kept, its private half sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    public_jwk: String,
    sealed_private: Vec<u8>,
}

pub(crate) struct CheckKeys {
    pub usual: SigningKey,
    /// Published beside it; signs when a change of keys is played.
    pub new: SigningKey,
    /// In no JWKS.
    other: SigningKey,
}

impl CheckKeys {
    pub fn sign(
        &self,
        workflows: &Workflows,
        signer: IdSigner,
        kind: &str,
        claims: &Map<String, Value>,
        client_secret: &str,
    ) -> Result<String, KeyError> {
        let by = |key: &SigningKey| oidc::sign_jws(workflows.keys(), key, kind, claims);
        match signer {
            IdSigner::UsualKey => by(&self.usual),
            IdSigner::NewKey => by(&self.new),
            IdSigner::OtherKeySameName => {
                by(&SigningKey { kid: self.usual.kid.clone(), ..self.other.clone() })
            }
            IdSigner::Nobody => Ok(unsigned_token(kind, claims)),
            IdSigner::ClientSecret => {
                Ok(symmetric_token(kind, &self.usual.kid, claims, client_secret)
                    .unwrap_or_default())
            }
        }
    }
}

impl Workflows {
    pub(super) async fn check_keys<'a>(
        &self,
        sandbox: &'a super::Sandbox,
    ) -> Result<&'a CheckKeys, CheckError> {
        sandbox.keys.get_or_try_init(async || self.kept_keys().await).await
    }

    async fn kept_keys(&self) -> Result<CheckKeys, CheckError> {
        let kept = match self.store().read().counters().fact(FACT).await? {
            Some(kept) => kept,
            None => {
                let drawn =
                    [self.draw_key().await?, self.draw_key().await?, self.draw_key().await?];
                // Another node may have drawn its own meanwhile: those that were kept first count for both.
                let drawn = serde_json::to_string(&drawn)?;
                self.store().upkeep().first_fact(FACT, &drawn).await?
            }
        };
        let [usual, new, other] = serde_json::from_str::<[Kept; 3]>(&kept)?.map(|key| {
            let now = self.now();
            let algorithm = SigningAlgorithm::Rs256;
            let Kept { public_jwk, sealed_private } = key;
            let material = SigningKeyMaterial { algorithm, sealed_private, public_jwk };
            SigningKey::new(self.id(), ISSUER, material, now, now)
        });
        Ok(CheckKeys { usual, new, other })
    }

    async fn draw_key(&self) -> Result<Kept, KeyError> {
        let workflows = self.clone();
        let drawn = tokio::task::spawn_blocking(move || {
            workflows.keys().new_signing_key(SigningAlgorithm::Rs256, RSA_BITS)
        });
        let material = drawn.await.expect("drawing a key does not panic")?;
        Ok(Kept { public_jwk: material.public_jwk, sealed_private: material.sealed_private })
    }
}
