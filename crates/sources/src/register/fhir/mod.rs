//! The FHIR API of the Annuaire Santé, V2: about one person by number or card, and what changed since a moment.
mod bundle;

pub use bundle::{Bundle, BundleFault, read_bundle};

use identity::register::{ChangedPage, RemoteFault, RemotePerson};
use kernel::{DateTime, IdNat, Secret, Utc};
use outbound::http::{HeaderMap, HeaderName, HeaderValue, HttpClient, HttpRequest, Method};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// The publisher's limit for one application.
const CALLS_A_SECOND: usize = 17;
/// People a page.
const PAGE: u32 = 200;

pub struct FhirClient {
    client: HttpClient,
    /// Without a trailing slash.
    base: String,
    key: Secret<String>,
    /// When the last calls began.
    calls: Mutex<VecDeque<Instant>>,
}

impl FhirClient {
    pub fn new(client: HttpClient, base: &str, key: Secret<String>) -> Self {
        let base = base.trim_end_matches('/').to_owned();
        Self { client, base, key, calls: Mutex::new(VecDeque::new()) }
    }

    pub async fn by_number(&self, id_nat: &IdNat) -> Result<Option<RemotePerson>, RemoteFault> {
        let url = self.search(
            "Practitioner",
            &[("identifier", id_nat.as_str()), ("_revinclude", "PractitionerRole:practitioner")],
        )?;
        let bundle = self.get(&url).await?;
        Ok(bundle.persons.into_iter().find(|person| person.id_nat == *id_nat))
    }

    /// The answer is believed only where it names the card.
    pub async fn by_card(&self, number: &str) -> Result<Vec<RemotePerson>, RemoteFault> {
        let url = self.search(
            "Practitioner",
            &[("number-smartcard", number), ("_revinclude", "PractitionerRole:practitioner")],
        )?;
        let bears = |person: &RemotePerson| person.cards.iter().any(|card| card.number == number);
        Ok(self.get(&url).await?.persons.into_iter().filter(bears).collect())
    }

    pub async fn changed_since(
        &self,
        since: DateTime<Utc>,
        page: Option<String>,
    ) -> Result<ChangedPage, RemoteFault> {
        let url = match page {
            // Followed as it was given, but never to another place: the key goes with it.
            Some(page) if page.starts_with(&format!("{}/", self.base)) => page,
            Some(_) => {
                let cause = "the next page is at another place".to_owned();
                return Err(RemoteFault::Malformed { cause });
            }
            None => {
                let since = format!("ge{}", since.format("%Y-%m-%dT%H:%M:%SZ"));
                let count = PAGE.to_string();
                self.search(
                    "Practitioner",
                    &[
                        ("_lastUpdated", since.as_str()),
                        ("_revinclude", "PractitionerRole:practitioner"),
                        ("_count", count.as_str()),
                    ],
                )?
            }
        };
        let bundle = self.get(&url).await?;
        Ok(ChangedPage { persons: bundle.persons, next: bundle.next })
    }

    fn search(&self, resource: &str, parameters: &[(&str, &str)]) -> Result<String, RemoteFault> {
        let base = format!("{}/{resource}", self.base);
        let url = outbound::http::with_query(&base, parameters);
        url.map_err(|error| RemoteFault::Malformed { cause: error.to_string() })
    }

    async fn get(&self, url: &str) -> Result<Bundle, RemoteFault> {
        self.wait_for_a_turn().await;
        let mut headers = HeaderMap::new();
        let unsendable =
            |_| RemoteFault::Malformed { cause: "the API key cannot be sent".to_owned() };
        let mut key = HeaderValue::from_str(self.key.expose()).map_err(unsendable)?;
        key.set_sensitive(true);
        headers.insert(HeaderName::from_static("esante-api-key"), key);
        headers.insert(
            HeaderName::from_static("accept"),
            HeaderValue::from_static("application/fhir+json"),
        );
        let request =
            HttpRequest { method: Method::GET, url: url.to_owned(), headers, body: Vec::new() };
        let unreachable = |cause: String| RemoteFault::Unreachable { cause };
        let answer =
            self.client.send(request).await.map_err(|error| unreachable(error.to_string()))?;
        match answer.status {
            200 => read_bundle(&answer.body)
                .map_err(|fault| RemoteFault::Malformed { cause: fault.to_string() }),
            401 | 403 => Err(unreachable("it refuses the API key".to_owned())),
            429 => Err(unreachable("it says that we call too often".to_owned())),
            status => Err(unreachable(format!("it answers {status}"))),
        }
    }

    /// No second holds more calls than the publisher allows.
    async fn wait_for_a_turn(&self) {
        let mut calls = self.calls.lock().await;
        if calls.len() >= CALLS_A_SECOND
            && let Some(oldest) = calls.pop_front()
        {
            tokio::time::sleep_until(oldest + Duration::from_secs(1)).await;
        }
        calls.push_back(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use outbound::http::HttpLimits;
    use outbound::{AllowedHosts, Anchors};

    #[tokio::test(start_paused = true)]
    async fn seventeen_calls_a_second_and_no_more() {
        let pem =
            rcgen::generate_simple_self_signed(["x.test".to_owned()]).expect("key").cert.pem();
        let anchors = Anchors::from_pem(pem.as_bytes()).expect("anchors");
        let client = HttpClient::new(anchors, HttpLimits::default(), AllowedHosts::default());
        let fhir = FhirClient::new(client, "https://x.test/fhir/v2/", Secret::new("k".to_owned()));
        let start = Instant::now();
        let mut begun = Vec::new();
        for _ in 0..60 {
            fhir.wait_for_a_turn().await;
            begun.push(Instant::now() - start);
        }
        for window in begun.windows(CALLS_A_SECOND + 1) {
            let span = window[CALLS_A_SECOND] - window[0];
            assert!(span >= Duration::from_secs(1), "{span:?}");
        }
        assert!(begun[59] < Duration::from_secs(4), "{:?}", begun[59]);
        let elsewhere = Some("https://evil.test/fhir/v2/_page".to_owned());
        let fault =
            fhir.changed_since(DateTime::UNIX_EPOCH, elsewhere).await.expect_err("elsewhere");
        assert!(fault.to_string().contains("another place"), "{fault}");
    }
}
