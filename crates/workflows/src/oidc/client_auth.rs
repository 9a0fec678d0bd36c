//! Who calls the provider without a browser: each client by the one method that it registered (threats OP-10, OP-11).
use super::OidcError;
use crate::Workflows;
use audit::{AuditEvent, Code};
use kernel::ActorId;
use oidc::{AuthMethod, Client, ClientCredentials, OAuthError, OnceOnly, judge_assertion};

impl Workflows {
    /// Who the client is; one answer for all causes of refusal. `endpoint`: the URL that it called.
    pub(super) async fn authenticate_client(
        &self,
        credentials: &ClientCredentials,
        endpoint: &str,
    ) -> Result<Client, OidcError> {
        let found = self.client_named(Some(&credentials.client_id)).await?;
        let reason = match &found {
            None => "client_unknown",
            Some(client) if !client.is_open(self.now()) => "client_disabled",
            Some(client) => match self.proves(credentials, client, endpoint).await? {
                Ok(()) => return Ok(client.clone()),
                Err(reason) => reason,
            },
        };
        self.refuse_client(OAuthError::invalid_client(), found.as_ref(), reason).await
    }

    async fn proves(
        &self,
        credentials: &ClientCredentials,
        client: &Client,
        endpoint: &str,
    ) -> Result<Result<(), &'static str>, OidcError> {
        let secret = credentials.secret.as_ref().map(|secret| secret.expose().as_str());
        if credentials.method != AuthMethod::PrivateKeyJwt {
            let admitted = client.admits(credentials.method, secret);
            return Ok(admitted.then_some(()).ok_or("client_not_proved"));
        }
        if client.settings.auth != AuthMethod::PrivateKeyJwt {
            return Ok(Err("client_not_proved"));
        }
        match judge_assertion(secret.unwrap_or_default(), client, endpoint, self.now()) {
            Err(fault) => Ok(Err(fault.name())),
            Ok(once) if self.is_first(client, "assertion", &once).await? => Ok(Ok(())),
            Ok(_) => Ok(Err("assertion_replayed")),
        }
    }

    /// Whether a token that serves once was never seen, on any node; kept from now on.
    pub(super) async fn is_first(
        &self,
        client: &Client,
        kind: &str,
        once: &OnceOnly,
    ) -> Result<bool, OidcError> {
        let id = once.fingerprint(kind, &client.id.to_string());
        Ok(self.store().upkeep().spend_id(&id, once.until).await?)
    }

    /// A refusal at an endpoint of clients, before anything of a person was looked at.
    pub(super) async fn refuse_client<T>(
        &self,
        error: OAuthError,
        client: Option<&Client>,
        reason: &'static str,
    ) -> Result<T, OidcError> {
        let reference = self.reference();
        let event = AuditEvent::TokenRefused {
            by: client.map_or(ActorId::Nobody, |client| ActorId::Client { client: client.id }),
            person: None,
            client: client.map(|client| client.id),
            session: None,
            grant: Code::of("client_request"),
            reason: Code::of(reason),
            reference: reference.clone(),
        };
        self.trace_nobody(reason, event).await?;
        tracing::info!(reason, reference = %reference, "a client's request was refused");
        Err(OidcError::Refused { error, reference })
    }
}
