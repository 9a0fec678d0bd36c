//! Keys of the issuer, and the two documents that everybody reads.
use super::OidcError;
use crate::Workflows;
use audit::{AuditEvent, Code};
use kernel::{Actor, SigningAlgorithm};
use oidc::{
    Issuer, KeyState, ProviderEndpoints, SigningKey, discovery_document, jwks_document,
    signing_key_for,
};
use std::collections::BTreeSet;

/// Design, section 9b.
pub(super) const RSA_BITS: u32 = 3072;

/// Discovery and JWKS as bytes to serve, made again when they are asked for after a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderDocuments {
    pub discovery: String,
    pub jwks: String,
}

impl Workflows {
    /// Makes a signing key of this algorithm unless one is active. Called at `init` for RS256 and ES256, and when a
    /// client that wants another is made.
    pub async fn ensure_signing_key(
        &self,
        actor: &Actor,
        algorithm: SigningAlgorithm,
    ) -> Result<(), OidcError> {
        let (issuer, now) = (self.issuer()?, self.now());
        let keys = self.store().read().signing_keys().of_issuer(issuer.as_str()).await?;
        if signing_key_for(&keys, algorithm, now).is_some() {
            return Ok(());
        }
        // An RSA key takes a second of computing: drawn away from the async threads.
        let workflows = self.clone();
        let material = tokio::task::spawn_blocking(move || {
            workflows.keys().new_signing_key(algorithm, RSA_BITS)
        })
        .await
        .expect("drawing a key does not panic")?;
        let key = SigningKey::new(self.id(), issuer.as_str(), material, now, now);
        let tx = self.store().begin().await?;
        tx.signing_keys().insert(&key).await?;
        let algorithm = word(algorithm);
        tx.commit(AuditEvent::KeyCreated { by: actor.id(), key: key.id, algorithm }).await?;
        Ok(())
    }

    pub async fn provider_documents(&self) -> Result<ProviderDocuments, OidcError> {
        let (issuer, now) = (self.issuer()?, self.now());
        let keys = self.signing_keys().await?;
        let algorithms: BTreeSet<SigningAlgorithm> = keys
            .iter()
            .filter(|key| key.state == KeyState::Active && key.active_from <= now)
            .map(|key| key.algorithm)
            .collect();
        let mut discovery = discovery_document(&issuer, &algorithms, self.mtls_origin());
        if self.sandbox().is_some() {
            discovery = of_sandbox(&discovery, &issuer);
        }
        Ok(ProviderDocuments { discovery, jwks: jwks_document(&keys, now) })
    }

    pub(super) async fn signing_keys(&self) -> Result<Vec<SigningKey>, OidcError> {
        let issuer = self.issuer()?;
        Ok(self.store().read().signing_keys().of_issuer(issuer.as_str()).await?)
    }
}

/// The same document, which says where a sandbox registers clients, and that they may keep their requests elsewhere.
fn of_sandbox(discovery: &str, issuer: &Issuer) -> String {
    let mut document: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(discovery).expect("the document is ours");
    let place = issuer.url(ProviderEndpoints::REGISTER);
    document.insert("registration_endpoint".to_owned(), place.into());
    document.insert("request_uri_parameter_supported".to_owned(), true.into());
    document.insert("require_request_uri_registration".to_owned(), true.into());
    serde_json::Value::Object(document).to_string()
}

/// An algorithm, as the journal names it.
pub(super) fn word(algorithm: SigningAlgorithm) -> Code {
    Code::of(match algorithm {
        SigningAlgorithm::Rs256 => "rs256",
        SigningAlgorithm::Ps256 => "ps256",
        SigningAlgorithm::Es256 => "es256",
        SigningAlgorithm::EdDsa => "eddsa",
    })
}
