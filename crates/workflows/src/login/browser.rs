//! What binds a page to a browser.
use super::Visit;
use crate::Workflows;
use kernel::Secret;

impl Workflows {
    /// For forms outside of a login: worth nothing without this browser's cookie (threats WB-05).
    pub fn form_token(&self, visit: &Visit<'_>) -> String {
        let mac = self.keys().mac("form", visit.browser.expose().as_bytes());
        mac.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub fn is_form_token(&self, visit: &Visit<'_>, text: &str) -> bool {
        Secret::new(self.form_token(visit)).matches(text.as_bytes())
    }
}
