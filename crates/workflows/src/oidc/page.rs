//! What the provider's own pages need: chance for them, and the token of their one form.
use crate::Workflows;
use audit::Reference;
use kernel::{Handle, HandleKind, Uuid};
use sessions::Session;

impl Workflows {
    /// For one `Content-Security-Policy`.
    pub fn page_nonce(&self) -> String {
        Handle::new(HandleKind::Form, self.randomness()).expose().to_owned()
    }

    /// The secret of a browser that comes for the first time.
    pub fn new_browser(&self) -> Handle {
        Handle::new(HandleKind::Browser, self.randomness())
    }

    /// For an answer that two journals name.
    pub fn interaction_id(&self) -> Uuid {
        self.id()
    }

    /// For a page about a request that names nobody.
    pub fn page_reference(&self) -> Reference {
        self.reference()
    }

    /// The token of the form that closes this session, and no other.
    pub fn logout_token(&self, session: &Session) -> String {
        let mac = self.keys().mac("oidc-logout-form", session.sid.uuid().as_bytes());
        mac.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
