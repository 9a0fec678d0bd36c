//! Signing keys over time: on schedule, when asked, and at once when one leaked.
use super::OidcError;
use super::keys::{RSA_BITS, word};
use crate::{WorkflowError, Workflows};
use audit::{AuditEvent, Events};
use chrono::Duration;
use kernel::{Actor, ActorId, Capability};
use oidc::{KeyState, KeyStep, Rotation, SigningKey, rotation_steps};

const LEASE: Duration = Duration::seconds(60);

#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    #[error(transparent)]
    Provider(#[from] OidcError),
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    #[error(transparent)]
    Store(#[from] store::StoreError),
}

impl Workflows {
    /// New keys, published a day before they sign; at once, and with nothing of before believed, in an emergency.
    pub async fn rotate_keys(
        &self,
        actor: &Actor,
        emergency: bool,
    ) -> Result<Vec<SigningKey>, RotationError> {
        self.must(actor, Capability::ManageKeys, "rotate_keys").await?;
        let why = if emergency { Rotation::Emergency } else { Rotation::Asked };
        Ok(self.turn_keys(why, &actor.id()).await?)
    }

    /// What age and successors ask for; one node at a time does it.
    pub async fn keep_keys_fresh(&self) -> Result<(), OidcError> {
        if self.store().upkeep().take_lease("signing-keys", self.instance(), LEASE).await? {
            let by = ActorId::Job { name: "signing_keys".to_owned() };
            self.turn_keys(Rotation::Scheduled, &by).await?;
        }
        Ok(())
    }

    /// The new keys.
    async fn turn_keys(&self, why: Rotation, by: &ActorId) -> Result<Vec<SigningKey>, OidcError> {
        let (keys, now) = (self.signing_keys().await?, self.now());
        let steps = rotation_steps(&keys, why, now);
        let mut created = Vec::new();
        // Drawn before the act: an RSA key takes a second of computing.
        for step in &steps {
            if let KeyStep::Create { algorithm, active_from, replaces } = step {
                let (workflows, algorithm) = (self.clone(), *algorithm);
                let material = tokio::task::spawn_blocking(move || {
                    workflows.keys().new_signing_key(algorithm, RSA_BITS)
                })
                .await
                .expect("drawing a key does not panic")?;
                let issuer = self.issuer()?;
                let id = self.id();
                let key = SigningKey::new(id, issuer.as_str(), material, now, *active_from);
                created.push((key, *replaces));
            }
        }
        let tx = self.store().begin().await?;
        let mut events = Vec::new();
        for (key, replaces) in &created {
            tx.signing_keys().insert(key).await?;
            let (key, replaces, algorithm) = (key.id, *replaces, word(key.algorithm));
            events.push(AuditEvent::KeyRotated { by: by.clone(), key, replaces, algorithm });
        }
        for step in &steps {
            let (id, state, until) = match step {
                KeyStep::Create { .. } => continue,
                KeyStep::Retire { key, until } => (*key, KeyState::Retired, Some(*until)),
                KeyStep::Revoke { key } => (*key, KeyState::Revoked, Some(now)),
            };
            if let Some(key) = keys.iter().find(|key| key.id == id) {
                let over = SigningKey { state, retire_after: until, ..key.clone() };
                tx.signing_keys().save(&over).await?;
                events.push(AuditEvent::KeyRetired { by: by.clone(), key: id });
            }
        }
        if let Ok(events) = Events::try_from(events) {
            tx.commit(events).await?;
        }
        Ok(created.into_iter().map(|(key, _)| key).collect())
    }
}
