//! What binds a page to a browser.
use super::Visit;
use crate::Workflows;
use kernel::{PersonId, Secret};

impl Workflows {
    /// For forms outside of a login: worth nothing without this browser's cookie (threats WB-05).
    pub fn form_token(&self, visit: &Visit<'_>) -> String {
        let mac = self.keys().mac("form", visit.browser.expose().as_bytes());
        mac.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// That this browser typed this code for this person: it may stand in an address, and opens nothing else.
    pub fn typed_code_token(
        &self,
        visit: &Visit<'_>,
        person: PersonId,
        code: &str,
    ) -> Option<String> {
        let code = oidc::user_code_hash(code)?;
        let text = format!("{} {person} {code:?}", visit.browser.expose());
        let mac = self.keys().mac("typed-code", text.as_bytes());
        Some(mac.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    pub fn is_form_token(&self, visit: &Visit<'_>, text: &str) -> bool {
        Secret::new(self.form_token(visit)).matches(text.as_bytes())
    }
}
