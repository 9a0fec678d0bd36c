//! What applications ask of the provider. Every code, token and claim goes through the choke point (`issue.rs`).
mod authorize;
mod binding;
mod client_auth;
mod client_changes;
mod clients;
mod consents;
mod elsewhere;
mod exercises;
mod facts;
mod keys;
mod links;
mod logout;
mod logout_calls;
mod lookup;
mod page;
mod pings;
mod pushed;
mod receipts;
mod refresh;
mod registration;
mod reports;
mod resume;
mod rotation;
mod subject;
#[cfg(test)]
mod tests;
mod token;
mod userinfo;

pub use authorize::{AuthorizeAnswer, AuthorizeVisit, ConsentWord};
pub(crate) use client_auth::KnownClients;
pub(crate) use clients::AgreedClient;
pub use clients::{ClientError, CreateClient, CreatedClient};
pub use consents::GivenConsent;
pub use elsewhere::{Decided, DecoupledAnswer, Typed, WaitingRequest};
pub use exercises::OwnExercise;
pub use keys::ProviderDocuments;
pub(crate) use links::Links;
pub use links::ProviderLinks;
pub use logout::{LogoutAnswer, LogoutVisit};
pub use pushed::PushedAnswer;
pub use receipts::{ClientRefusal, ClientRefusals, LogoutReceipts};
pub use registration::RegistrationError;
pub use reports::KeptReport;
pub use resume::{PUT_OFF, RESUME};
pub use rotation::RotationError;
pub use token::TokenAnswer;
pub use userinfo::Told;

use audit::Reference;
use kernel::KeyError;
use oidc::{Issuer, OAuthError};
use store::StoreError;
use store::register::RegisterError;

/// Why the provider gives nothing.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// Told to the client; the journal has the cause under the reference.
    #[error("{error} (reference {reference})")]
    Refused { error: OAuthError, reference: Reference },
    #[error("no signing key of the algorithm {0} is active")]
    NoSigningKey(&'static str),
    #[error("the public origin is no issuer")]
    Issuer,
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Register(#[from] RegisterError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl crate::Workflows {
    /// The issuer of this appliance. One for each legal entity comes with more of them.
    pub fn issuer(&self) -> Result<Issuer, OidcError> {
        self.parts().public_origin.parse().map_err(|_| OidcError::Issuer)
    }
}
