//! A client that asked for it is called when the person whom it had asked has answered (CIBA Core §10.2, ping). The call is
//! a row of the act that took her answer, so that no answer is forgotten; what it says fetches nothing by itself.
use super::OidcError;
use crate::Workflows;
use audit::{AuditEvent, Code};
use chrono::{DateTime, Duration, Utc};
use kernel::{ActorId, ClientId, Handle, HandleHash, Secret};
use oidc::{Client, Notifier, NotifyError, next_ping};
use serde_json::{Value, json};
use std::sync::Arc;
use store::{Ping, Transaction};
use tokio::task::JoinSet;

const MOST_AT_ONCE: u64 = 16;
/// A yes of the last moment is fetched a little later than its request would have waited.
const FETCHED_LATE: Duration = Duration::minutes(1);
const LEASE: Duration = Duration::seconds(10);
/// What the words of a call are sealed for.
const SEALED_FOR: &str = "backchannel-ping";

impl Workflows {
    /// Keeps what the call will say: the id of the request, which is nowhere else in the clear, and the client's own token.
    pub(super) async fn keep_ping(
        &self,
        tx: &Transaction,
        client: ClientId,
        handle: &Handle,
        token: &Secret<String>,
        expires_at: DateTime<Utc>,
    ) -> Result<(), OidcError> {
        let words = json!({ "id": handle.expose(), "token": token.expose() });
        let sealed = self.keys().seal(SEALED_FOR, words.to_string().as_bytes())?;
        let hash = handle.hash();
        tx.pings().insert(&Ping { hash, client, sealed, attempts: 0, expires_at }).await?;
        Ok(())
    }

    /// Calls every client that is due; how many calls were taken note of.
    pub async fn tell_pings(&self, notifier: &Arc<dyn Notifier>) -> Result<u64, OidcError> {
        let mut told = 0;
        for client in self.clients_to_ping().await? {
            told += self.ping_client(client, notifier).await?;
        }
        Ok(told)
    }

    /// The clients that have somebody's answer to be told of.
    pub async fn clients_to_ping(&self) -> Result<Vec<ClientId>, OidcError> {
        Ok(self.store().read().pings().due_clients(self.now()).await?)
    }

    /// One turn for one client. One node at a time does it.
    pub async fn ping_client(
        &self,
        client: ClientId,
        notifier: &Arc<dyn Notifier>,
    ) -> Result<u64, OidcError> {
        let lease = format!("pings/{client}");
        if !self.store().upkeep().take_lease(&lease, self.instance(), LEASE).await? {
            return Ok(0);
        }
        let due = self.store().read().pings().due(client, self.now(), MOST_AT_ONCE).await?;
        let found = self.store().read().clients().find(client).await?;
        // A client that was shut meanwhile is told nothing more.
        let open = found.as_ref().filter(|found| found.is_open(self.now()));
        let address = open.and_then(address_of);
        let mut calls = JoinSet::new();
        for ping in due {
            let words = self.words_of(&ping);
            match (&address, words) {
                // It was due while nobody here could call: there is nothing to fetch any more.
                _ if ping.expires_at + FETCHED_LATE <= self.now() => {
                    self.settle_untold(&ping, "too_late").await?;
                }
                (Some(address), Some((id, token))) => {
                    let (notifier, address) = (Arc::clone(notifier), address.clone());
                    calls.spawn(async move {
                        let answer = notifier.ping(&address, &token, &id).await;
                        (ping, answer)
                    });
                }
                // It no longer asks to be called, or is shut.
                (None, _) => {
                    self.settle_ping(&ping, Err(NotifyError::NotAllowed)).await?;
                }
                (_, None) => self.settle_untold(&ping, "unreadable").await?,
            }
        }
        let (mut told, mut failed) = (0, None);
        while let Some(ended) = calls.join_next().await {
            let (ping, answer) = ended.expect("a call does not panic");
            told += u64::from(answer.is_ok());
            // The others were delivered all the same: each is settled, or it would be told again.
            if let Err(error) = self.settle_ping(&ping, answer).await {
                failed = failed.or(Some(error));
            }
        }
        failed.map_or(Ok(told), Err)
    }

    /// Given up without a call.
    async fn settle_untold(&self, ping: &Ping, reason: &'static str) -> Result<(), OidcError> {
        let (client, attempts) = (ping.client, ping.attempts);
        let by = ActorId::Job { name: "login_pings".to_owned() };
        let tx = self.store().begin().await?;
        if tx.pings().settle(&ping.hash).await? {
            let reason = Code::of(reason);
            tx.commit(AuditEvent::LoginPingUntold { by, client, attempts, reason }).await?;
        }
        Ok(())
    }

    fn words_of(&self, ping: &Ping) -> Option<(Secret<String>, Secret<String>)> {
        let opened = match self.keys().open(SEALED_FOR, &ping.sealed) {
            Ok(opened) => opened,
            Err(error) => {
                tracing::error!(%error, client.id = %ping.client, "a call could not be opened");
                return None;
            }
        };
        let words: Value = serde_json::from_slice(opened.expose()).ok()?;
        let text = |name: &str| words[name].as_str().map(|text| Secret::new(text.to_owned()));
        Some((text("id")?, text("token")?))
    }

    async fn settle_ping(
        &self,
        ping: &Ping,
        answer: Result<(), NotifyError>,
    ) -> Result<(), OidcError> {
        let (now, by) = (self.now(), ActorId::Job { name: "login_pings".to_owned() });
        let (client, attempts) = (ping.client, ping.attempts.saturating_add(1));
        let event = match &answer {
            Ok(()) => AuditEvent::LoginPingTold { by, client, attempts },
            Err(error) => {
                tracing::warn!(%error, client.id = %client, attempts, "a client was not told of an answer");
                if let Some(next) = next_ping(error, attempts, ping.expires_at, now) {
                    let upkeep = self.store().upkeep();
                    return Ok(upkeep.ping_failed(&ping.hash, next, attempts).await?);
                }
                AuditEvent::LoginPingUntold { by, client, attempts, reason: Code::of(error.name()) }
            }
        };
        let tx = self.store().begin().await?;
        if tx.pings().settle(&ping.hash).await? {
            tx.commit(event).await?;
        }
        Ok(())
    }
}

/// Her answer is there: the client is called, if it asked for that.
pub(super) async fn fall_due(
    tx: &Transaction,
    hash: &HandleHash,
    now: DateTime<Utc>,
) -> Result<(), OidcError> {
    Ok(tx.pings().fall_due(hash, now).await?)
}

fn address_of(client: &Client) -> Option<String> {
    client.settings.security.backchannel_notification_uri.clone()
}
