//! Every ending of a session tells every client that was opened in it: the rows are there since the codes were given, so
//! that no way of ending forgets anybody (design, section 6).
use super::OidcError;
use crate::Workflows;
use audit::{AccessKind, AuditEvent, Code};
use chrono::Duration;
use kernel::{ActorId, ClientId, DateTime, Handle, HandleKind, Utc};
use oidc::{
    Client, JWS_TYPE_LOGOUT, Notifier, NotifyError, logout_claims, next_attempt, subject_identifier,
};
use serde_json::Value;
use sessions::SessionLimits;
use std::sync::Arc;
use store::{Counter, DueLogout, DueWhen};
use tokio::task::JoinSet;

/// As many calls to one client at once: one that does not answer keeps these waiting, and nobody else's.
const MOST_AT_ONCE: u64 = 16;
const LEASE: Duration = Duration::seconds(10);

impl Workflows {
    /// Tells every client that is due; how many calls were taken note of.
    pub async fn tell_logouts(&self, notifier: &Arc<dyn Notifier>) -> Result<u64, OidcError> {
        let mut turns = JoinSet::new();
        for client in self.clients_to_tell().await? {
            let (this, notifier) = (self.clone(), Arc::clone(notifier));
            turns.spawn(async move { this.tell_client(client, &notifier).await });
        }
        let mut told = 0;
        while let Some(turn) = turns.join_next().await {
            told += turn.expect("a turn does not panic")?;
        }
        Ok(told)
    }

    /// The clients that have somebody to be told of now.
    pub async fn clients_to_tell(&self) -> Result<Vec<ClientId>, OidcError> {
        let when = self.due_when().await?;
        Ok(self.store().read().opening_clients().due_clients(&when).await?)
    }

    /// One turn for one client; how many calls it took note of. One node at a time does it.
    pub async fn tell_client(
        &self,
        client: ClientId,
        notifier: &Arc<dyn Notifier>,
    ) -> Result<u64, OidcError> {
        let lease = format!("logout-calls/{client}");
        if !self.store().upkeep().take_lease(&lease, self.instance(), LEASE).await? {
            return Ok(0);
        }
        let when = self.due_when().await?;
        let due = self.store().read().opening_clients().due(client, &when, MOST_AT_ONCE).await?;
        let client = self.store().read().clients().find(client).await?;
        let Some((address, client)) = client.and_then(|one| Some((address_of(&one)?, one))) else {
            for due in &due {
                self.settle_silently(due).await?;
            }
            return Ok(0);
        };
        let mut calls = JoinSet::new();
        for due in due {
            let token = match self.logout_token_for(&client, &due).await {
                Ok(token) => token,
                // One that cannot be said yet (no key of its algorithm) waits; the others are told.
                Err(error) => {
                    tracing::error!(%error, client.id = %client.id, "a logout could not be signed");
                    let unsigned = NotifyError::Unreachable { cause: "not signed".to_owned() };
                    self.settle(&due, self.now(), Err(unsigned)).await?;
                    continue;
                }
            };
            let (notifier, address) = (Arc::clone(notifier), address.clone());
            let sent = self.now();
            calls.spawn(async move {
                let answer = notifier.log_out(&address, token.expose()).await;
                (due, sent, answer)
            });
        }
        let mut told = 0;
        while let Some(ended) = calls.join_next().await {
            let (due, sent, answer) = ended.expect("a call does not panic");
            told += u64::from(answer.is_ok());
            self.settle(&due, sent, answer).await?;
        }
        Ok(told)
    }

    pub(super) async fn due_when(&self) -> Result<DueWhen, OidcError> {
        let now = self.now();
        let idle_since = now - SessionLimits::of(AccessKind::Public).idle;
        let epoch = self.store().read().counters().read(Counter::RestoreEpoch).await?;
        Ok(DueWhen { now, idle_since, epoch })
    }

    async fn logout_token_for(
        &self,
        client: &Client,
        due: &DueLogout,
    ) -> Result<kernel::Secret<String>, OidcError> {
        let subject = subject_identifier(client, due.person, self.keys());
        let id = Handle::new(HandleKind::Form, self.randomness());
        let claims = logout_claims(client, &subject, due.sid, id.expose(), self.now());
        let token = self.sign_for(client, JWS_TYPE_LOGOUT, Value::Object(claims)).await?;
        Ok(kernel::Secret::new(token))
    }

    /// A client that asked for no calls, or is gone.
    async fn settle_silently(&self, due: &DueLogout) -> Result<(), OidcError> {
        Ok(self.store().upkeep().logout_needless(due, self.now()).await?)
    }

    async fn settle(
        &self,
        due: &DueLogout,
        sent: DateTime<Utc>,
        answer: Result<(), NotifyError>,
    ) -> Result<(), OidcError> {
        let (now, by) = (self.now(), ActorId::Job { name: "logout_calls".to_owned() });
        let (person, client, session) = (due.person, due.client, due.session);
        let (opening, attempts) = (due.sid, due.attempts.saturating_add(1));
        let event = match &answer {
            Ok(()) => AuditEvent::LogoutTold { by, person, client, session, opening, attempts },
            Err(error) => {
                tracing::warn!(%error, client.id = %client, attempts, "a client was not told of a logout");
                if let Some(next) = next_attempt(attempts, due.ended_at, now) {
                    return Ok(self
                        .store()
                        .upkeep()
                        .logout_failed(due, sent, next, error.name())
                        .await?);
                }
                let reason = Code::of(error.name());
                AuditEvent::LogoutUntold { by, person, client, session, opening, attempts, reason }
            }
        };
        let tx = self.store().begin().await?;
        let failure = answer.as_ref().err().map(NotifyError::name);
        tx.opening_clients().settle(due, now, Some(sent), failure).await?;
        tx.commit(event).await?;
        Ok(())
    }
}

fn address_of(client: &Client) -> Option<String> {
    client.settings.security.backchannel_logout_uri.clone()
}
