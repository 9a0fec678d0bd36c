//! An appliance for editors: made-up people, dynamic registration, and the connector check. Its hostile answers are signed
//! by keys of their own under issuers of their own, and exist where no real person is known.
mod approvals;
mod checks;
mod logouts;
mod provider;
mod signing;

pub use approvals::ApprovalError;
pub use checks::{CheckDraft, CheckError, CheckView};
pub use provider::{CheckAnswer, CheckCall};

use crate::Workflows;
use crate::login::DeskError;
use authentication::MeansKind;
use kernel::{Actor, Capability, PersonId, Secret};
use oidc::Notifier;
use signing::CheckKeys;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Somebody made up, with what opens her sessions: shown to whoever reaches the sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestPerson {
    pub person: PersonId,
    pub name: String,
    /// What this person is for (« Cardiologue, RPPS vérifié »).
    pub part: String,
    pub login: String,
    pub password: String,
}

/// What makes an appliance a sandbox.
pub struct Sandbox {
    /// Opens dynamic registration (RFC 7591 §3).
    pub initial_access_token: Secret<String>,
    pub people: Vec<TestPerson>,
    /// Carries the logout calls of the check.
    pub notifier: Arc<dyn Notifier>,
    pub(crate) keys: OnceCell<CheckKeys>,
}

impl Sandbox {
    pub fn new(
        initial_access_token: Secret<String>,
        people: Vec<TestPerson>,
        notifier: Arc<dyn Notifier>,
    ) -> Self {
        Self { initial_access_token, people, notifier, keys: OnceCell::new() }
    }
}

impl Workflows {
    /// A code for a key of this test person; `None`: no sandbox, or nobody of that name.
    pub async fn test_key_code(&self, login: &str) -> Result<Option<String>, DeskError> {
        let people = self.sandbox().map(|sandbox| sandbox.people.as_slice()).unwrap_or_default();
        let Some(person) = people.iter().find(|person| person.login == login) else {
            return Ok(None);
        };
        let desk = Actor::job("sandbox", [Capability::IssueMeans]);
        let given = self.give_enrolment_code(&desk, person.person, MeansKind::Fido2).await?;
        Ok(Some(given.text.expose()))
    }
}
