//! Dynamic registration (RFC 7591, RFC 7592): a sandbox's alone. Elsewhere there is nothing to register at.
use super::{ClientError, CreateClient};
use crate::Workflows;
use kernel::{Actor, Capability, ClientId, Secret};
use oidc::{
    Client, ClientDraft, NotifyError, ProviderEndpoints, RegistrationFault, read_registration,
    registration_document, sector_document_of,
};
use serde_json::{Map, Value};

#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// This appliance is no sandbox.
    #[error("nothing is registered here")]
    NotOffered,
    /// No token, or another's.
    #[error("the token opens nothing")]
    Token,
    #[error(transparent)]
    Fault(#[from] RegistrationFault),
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl Workflows {
    /// A client as a program asked for it; what it must know of itself, shown this once.
    pub async fn register_client(
        &self,
        token: Option<&str>,
        body: &[u8],
    ) -> Result<Map<String, Value>, RegistrationError> {
        let sandbox = self.sandbox().ok_or(RegistrationError::NotOffered)?;
        let due = &sandbox.initial_access_token;
        token.filter(|token| due.matches(token.as_bytes())).ok_or(RegistrationError::Token)?;
        let draft = self.read_metadata(body).await?;
        let wish = CreateClient { client_id: None, draft };
        let made = self.create_client(&registrar(), wish).await.map_err(faults)?;
        let mut document = self.registered(&made.client);
        if let Some(secret) = made.secret {
            document.insert("client_secret".to_owned(), secret.expose().into());
            // It does not expire by itself (RFC 7591 §3.2.1).
            document.insert("client_secret_expires_at".to_owned(), 0.into());
        }
        Ok(document)
    }

    pub async fn show_registration(
        &self,
        token: Option<&str>,
        client_id: &str,
    ) -> Result<Map<String, Value>, RegistrationError> {
        let client = self.registered_client(token, client_id).await?;
        Ok(self.registered(&client))
    }

    /// The whole of its metadata again (RFC 7592 §2.2): what is left out goes back to its default.
    pub async fn change_registration(
        &self,
        token: Option<&str>,
        client_id: &str,
        body: &[u8],
    ) -> Result<Map<String, Value>, RegistrationError> {
        let client = self.registered_client(token, client_id).await?;
        let mut draft = self.read_metadata(body).await?;
        // What the house set is none of its metadata.
        draft.owners.clone_from(&client.settings.owners);
        draft.sensitive = client.settings.sensitive;
        if draft.auth.has_secret() && client.secret.is_none() {
            let why = "token_endpoint_auth_method: this client has no secret; register another";
            let fault =
                RegistrationFault { code: "invalid_client_metadata", description: why.to_owned() };
            return Err(fault.into());
        }
        let changed =
            self.change_client(&registrar(), client.id, client.version, draft, true).await;
        Ok(self.registered(&changed.map_err(faults)?))
    }

    /// From here on the client opens nothing, and its token neither.
    pub async fn end_registration(
        &self,
        token: Option<&str>,
        client_id: &str,
    ) -> Result<(), RegistrationError> {
        let client = self.registered_client(token, client_id).await?;
        let draft = oidc::ClientDraft::from(&client);
        self.change_client(&registrar(), client.id, client.version, draft, false)
            .await
            .map_err(faults)?;
        Ok(())
    }

    /// What a program asks for; the document of its sector is read first, by the one way out.
    async fn read_metadata(&self, body: &[u8]) -> Result<ClientDraft, RegistrationError> {
        let sector = match sector_document_of(body)? {
            None => None,
            Some(address) => {
                // What the network said is for the operator alone.
                let unread = |error: NotifyError| {
                    tracing::info!(%error, "a sector_identifier_uri was not read");
                    RegistrationFault {
                        code: "invalid_client_metadata",
                        description: "sector_identifier_uri could not be read".to_owned(),
                    }
                };
                Some(self.published_text(&address).await.map_err(unread)?)
            }
        };
        Ok(read_registration(body, sector.as_deref(), self.now())?)
    }

    /// One answer for a wrong token, an unknown client and one that is gone (RFC 7592 §2.1).
    async fn registered_client(
        &self,
        token: Option<&str>,
        client_id: &str,
    ) -> Result<Client, RegistrationError> {
        self.sandbox().ok_or(RegistrationError::NotOffered)?;
        let found =
            self.store().read().clients().named(client_id).await.map_err(ClientError::from)?;
        let client = found.filter(|client| client.enabled).ok_or(RegistrationError::Token)?;
        let due = self.registration_token(client.id);
        token.filter(|token| due.matches(token.as_bytes())).ok_or(RegistrationError::Token)?;
        Ok(client)
    }

    /// Hangs under the master key: nothing to keep, nothing to steal from the database.
    fn registration_token(&self, client: ClientId) -> Secret<String> {
        let tag = self.keys().mac("registration-access-token", client.to_string().as_bytes());
        let digits: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
        Secret::new(format!("registration_{digits}"))
    }

    fn registered(&self, client: &Client) -> Map<String, Value> {
        let mut document = registration_document(client);
        let token = self.registration_token(client.id).expose().clone();
        document.insert("registration_access_token".to_owned(), token.into());
        let place = format!("{}/{}", ProviderEndpoints::REGISTER, client.client_id);
        document.insert("registration_client_uri".to_owned(), client.issuer.url(&place).into());
        document
    }
}

/// Who acts, in the audit: the program that bears the token is nobody that we know.
fn registrar() -> Actor {
    Actor::job("dynamic_registration", [Capability::ManageClients])
}

fn faults(error: ClientError) -> RegistrationError {
    match error {
        ClientError::Faults(faults) => RegistrationError::Fault(faults.into()),
        other => RegistrationError::Client(other),
    }
}
