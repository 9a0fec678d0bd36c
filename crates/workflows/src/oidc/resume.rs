//! A request that left for the login pages, back with the moment when it first came: what `prompt=login` and
//! `max_age` are held against. Sealed by a MAC over the request and the browser, so that no client can write one.
use crate::Workflows;
use chrono::{DateTime, Duration, Utc};
use kernel::Handle;
use oidc::AuthorizeParameters;

/// The name of the mark in the query; no client's parameter is called so.
pub const RESUME: &str = "hygie_resume";
/// Beside the mark: « Plus tard », back to the application. Without a mark of ours it says nothing.
pub const PUT_OFF: &str = "hygie_put_off";
/// Longer than the longest login.
const LIFE: Duration = Duration::minutes(15);

impl Workflows {
    /// The mark of a request that begins its login now.
    pub fn resume_mark(
        &self,
        parameters: &AuthorizeParameters,
        browser: &Handle,
        asked_at: DateTime<Utc>,
    ) -> String {
        let millis = asked_at.timestamp_millis();
        let mac = self.resume_mac(parameters, browser, millis);
        let hex: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{millis}.{hex}")
    }

    /// When the request first came, if this mark is ours, for it, for this browser, and not too old.
    pub fn read_resume(
        &self,
        mark: &str,
        parameters: &AuthorizeParameters,
        browser: &Handle,
    ) -> Option<DateTime<Utc>> {
        let (millis, _) = mark.split_once('.')?;
        let asked_at = DateTime::from_timestamp_millis(millis.parse().ok()?)?;
        let ours = kernel::Secret::new(self.resume_mark(parameters, browser, asked_at));
        let now = self.now();
        let fresh = asked_at <= now && now - asked_at < LIFE;
        (fresh && ours.matches(mark.as_bytes())).then_some(asked_at)
    }

    fn resume_mac(
        &self,
        parameters: &AuthorizeParameters,
        browser: &Handle,
        millis: i64,
    ) -> [u8; 32] {
        let mut message = browser.hash().0.to_vec();
        message.extend_from_slice(&millis.to_be_bytes());
        message.extend_from_slice(parameters.to_text().as_bytes());
        self.keys().mac("oidc-authorize-resume", &message)
    }
}
