//! Keys of the check, drawn when the first check begins and forgotten with the process.
use crate::Workflows;
use kernel::{KeyError, SigningAlgorithm};
use oidc::SigningKey;
use oidc::check::{IdSigner, symmetric_token, unsigned_token};
use serde_json::{Map, Value};

/// Enough for a lesson, and drawn in a moment.
const RSA_BITS: u32 = 2048;
const ISSUER: &str = "check";

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
    ) -> Result<&'a CheckKeys, KeyError> {
        sandbox
            .keys
            .get_or_try_init(async || {
                Ok(CheckKeys {
                    usual: self.draw_key().await?,
                    new: self.draw_key().await?,
                    other: self.draw_key().await?,
                })
            })
            .await
    }

    async fn draw_key(&self) -> Result<SigningKey, KeyError> {
        let workflows = self.clone();
        let drawn = tokio::task::spawn_blocking(move || {
            workflows.keys().new_signing_key(SigningAlgorithm::Rs256, RSA_BITS)
        });
        let material = drawn.await.expect("drawing a key does not panic")?;
        let now = self.now();
        Ok(SigningKey::new(self.id(), ISSUER, material, now, now))
    }
}
