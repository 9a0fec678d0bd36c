//! What the provider has outside: the listener that asks for certificates, and the addresses where clients publish keys.
use crate::Workflows;
use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use kernel::ClientId;
use oidc::{Client, ClientKeySource, ClientKeys, NotifyError, Pace};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Keys are read again after this, and at once for a `kid` that is not among them.
const FRESH: Duration = Duration::minutes(10);
/// No address is called more often than this for one client, whatever a token says.
const PAUSE: Duration = Duration::seconds(30);
/// While an address does not answer, what it said last goes on for this long.
const LONGEST: Duration = Duration::hours(1);
/// More than a hospital has clients.
const MOST: usize = 1_000;
/// What stands at an address of requests serves all visits of so long: a browser that comes again and again, or a thousand
/// at once, make one call.
const REQUEST_SERVES: Duration = Duration::seconds(2);
/// Addresses of requests whose last answer is remembered.
const MOST_REQUESTS: usize = 100;

/// Handed over once, at the start.
pub struct ProviderLinks {
    /// `https://host[:port]` of the listener `mtls`.
    pub mtls_origin: Option<String>,
    pub client_keys: Arc<dyn ClientKeySource>,
    /// How often one application may call this node; none: as often as it likes.
    pub pace: Option<Pace>,
}

/// Keys of a client at its address, as they were read.
#[derive(Default)]
struct Published {
    keys: Option<(ClientKeys, DateTime<Utc>)>,
    tried_at: Option<DateTime<Utc>>,
}

/// The last answer of an address of requests, and when it came; nothing where it was not read.
type Answered = Option<(Option<Arc<str>>, DateTime<Utc>)>;

/// One entry a name: whoever asks for the same waits for the one call.
type EachOnce<T> = Mutex<HashMap<String, Arc<tokio::sync::Mutex<T>>>>;

#[derive(Default)]
pub(crate) struct Links {
    given: OnceLock<ProviderLinks>,
    published: EachOnce<Published>,
    requests: EachOnce<Answered>,
    /// Until when the calls of each application are counted.
    calls: Mutex<HashMap<ClientId, DateTime<Utc>>>,
}

/// The entry of this name. Where there are `most` others, all are forgotten first.
fn entry<T: Default>(of: &EachOnce<T>, name: &str, most: usize) -> Arc<tokio::sync::Mutex<T>> {
    let mut all = of.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() >= most && !all.contains_key(name) {
        all.clear();
    }
    Arc::clone(all.entry(name.to_owned()).or_default())
}

/// Nobody is called before the appliance says how.
struct Nobody;

#[async_trait]
impl ClientKeySource for Nobody {
    async fn fetch(&self, _address: &str) -> Result<String, NotifyError> {
        Err(NotifyError::NotAllowed)
    }
}

impl Workflows {
    /// Says what the provider has outside. The first word counts.
    pub fn connect_provider(&self, links: ProviderLinks) {
        let _already = self.0.links.given.set(links);
    }

    pub fn mtls_origin(&self) -> Option<&str> {
        self.0.links.given.get()?.mtls_origin.as_deref()
    }

    /// Whether this application may call once more now. Of each by itself, on this node.
    pub(super) fn keeps_pace(&self, client: ClientId) -> bool {
        let links = &self.0.links;
        let Some(pace) = links.given.get().and_then(|given| given.pace) else { return true };
        let now = self.now();
        let mut calls = links.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(until) = pace.with_one_more(calls.get(&client).copied(), now) else {
            return false;
        };
        if calls.len() >= MOST {
            calls.retain(|_, until| *until > now);
        }
        calls.insert(client, until);
        true
    }

    /// Judges something that a client signed, or was certified for, by the keys that it registered or publishes. A key
    /// that is not known is looked for once more where the client publishes its keys.
    pub(super) async fn by_keys_of<T, E>(
        &self,
        client: &Client,
        unknown_key: impl Fn(&E) -> bool,
        judge: impl Fn(&Client) -> Result<T, E>,
    ) -> Result<T, E> {
        let Some(address) = &client.settings.security.jwks_uri else { return judge(client) };
        let with = |keys| {
            let mut client = client.clone();
            client.settings.security.keys = keys;
            client
        };
        match judge(&with(self.published_keys(client, address, FRESH).await)) {
            Err(error) if unknown_key(&error) => {
                judge(&with(self.published_keys(client, address, PAUSE).await))
            }
            judged => judged,
        }
    }

    /// The keys of a client at its address, no older than `age` where it answers. What another client found there says
    /// nothing of this one, whose keys may stand there only since.
    async fn published_keys(
        &self,
        client: &Client,
        address: &str,
        age: Duration,
    ) -> Option<ClientKeys> {
        let entry = entry(&self.0.links.published, &format!("{} {address}", client.id), MOST);
        let mut published = entry.lock().await;
        let now = self.now();
        let since = |at: DateTime<Utc>| now - at;
        let fresh = published.keys.as_ref().is_some_and(|(_, at)| since(*at) < age);
        let paused = published.tried_at.is_some_and(|at| since(at) < PAUSE);
        if !fresh && !paused {
            published.tried_at = Some(now);
            match self.fetch_keys(address).await {
                Ok(keys) => published.keys = Some((keys, now)),
                Err(cause) => tracing::warn!(cause, "the keys of a client could not be read"),
            }
        }
        let kept = published.keys.as_ref().filter(|(_, at)| since(*at) < LONGEST);
        kept.map(|(keys, _)| keys.clone())
    }

    /// What a client publishes at an address of its own: hosts that the settings allow are called, and no other.
    pub(super) async fn published_text(&self, address: &str) -> Result<String, NotifyError> {
        let source: &dyn ClientKeySource =
            self.0.links.given.get().map_or(&Nobody, |links| &*links.client_keys);
        source.fetch(address).await
    }

    /// A request that stands at a registered address, by one call at a time and not a call a visit: the visits are anybody's.
    pub(super) async fn request_at(&self, client: &Client, address: &str) -> Option<Arc<str>> {
        let entry = entry(&self.0.links.requests, address, MOST_REQUESTS);
        let mut answered = entry.lock().await;
        if let Some((text, at)) = &*answered
            && self.now() - *at < REQUEST_SERVES
        {
            return text.clone();
        }
        let text = match self.published_text(address).await {
            Ok(text) => Some(text.into()),
            Err(error) => {
                // What the network said is for the operator alone.
                tracing::info!(%error, client.id = %client.id, "a request_uri was not read");
                None
            }
        };
        *answered = Some((text.clone(), self.now()));
        text
    }

    async fn fetch_keys(&self, address: &str) -> Result<ClientKeys, String> {
        let text = self.published_text(address).await.map_err(|error| error.to_string())?;
        ClientKeys::read(&text).map_err(|fault| fault.to_string())
    }
}
