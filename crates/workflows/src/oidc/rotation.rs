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

    /// The new keys. Two nodes that turn them at once make one successor: whoever comes second begins again with what the
    /// first left, and an emergency that the first answered asks for nothing more.
    async fn turn_keys(&self, why: Rotation, by: &ActorId) -> Result<Vec<SigningKey>, OidcError> {
        let first = self.signing_keys().await?;
        self.turn_keys_from(first, why, by).await
    }

    /// The same, from keys that were read before.
    pub(super) async fn turn_keys_from(
        &self,
        first: Vec<SigningKey>,
        why: Rotation,
        by: &ActorId,
    ) -> Result<Vec<SigningKey>, OidcError> {
        let mut keys = first.clone();
        loop {
            let steps = rotation_steps(&keys, why, self.now());
            match self.turned(&keys, &steps, by).await? {
                Turned::Done(created) => return Ok(created),
                Turned::Moved(now)
                    if why == Rotation::Emergency && are_all_revoked(&first, &now) =>
                {
                    return Ok(Vec::new());
                }
                Turned::Moved(now) => keys = now,
            }
        }
    }

    /// Does these steps, unless the keys are no longer those that they were thought of for.
    async fn turned(
        &self,
        keys: &[SigningKey],
        steps: &[KeyStep],
        by: &ActorId,
    ) -> Result<Turned, OidcError> {
        let (issuer, now) = (self.issuer()?, self.now());
        let mut created = Vec::new();
        // Drawn before the act: an RSA key takes a second of computing.
        for step in steps {
            if let KeyStep::Create { algorithm, active_from, replaces } = step {
                let (workflows, algorithm) = (self.clone(), *algorithm);
                let material = tokio::task::spawn_blocking(move || {
                    workflows.keys().new_signing_key(algorithm, RSA_BITS)
                })
                .await
                .expect("drawing a key does not panic")?;
                let id = self.id();
                let key = SigningKey::new(id, issuer.as_str(), material, now, *active_from);
                created.push((key, *replaces));
            }
        }
        let tx = self.store().begin().await?;
        let held = tx.signing_keys().hold(issuer.as_str()).await?;
        if held != keys {
            return Ok(Turned::Moved(held));
        }
        let mut events = Vec::new();
        for (key, replaces) in &created {
            tx.signing_keys().insert(key).await?;
            let (key, replaces, algorithm) = (key.id, *replaces, word(key.algorithm));
            events.push(AuditEvent::KeyRotated { by: by.clone(), key, replaces, algorithm });
        }
        for step in steps {
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
        Ok(Turned::Done(created.into_iter().map(|(key, _)| key).collect()))
    }
}

enum Turned {
    Done(Vec<SigningKey>),
    /// Somebody turned them first: as they are now.
    Moved(Vec<SigningKey>),
}

/// Whether nothing of these is believed any more.
fn are_all_revoked(keys: &[SigningKey], now: &[SigningKey]) -> bool {
    let is_revoked = |key: &SigningKey| {
        now.iter().any(|held| held.id == key.id && held.state == KeyState::Revoked)
    };
    keys.iter().all(is_revoked)
}
