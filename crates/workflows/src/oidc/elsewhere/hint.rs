//! Whom a client means.
use super::super::OidcError;
use crate::Workflows;
use authentication::LoginName;
use kernel::PersonId;
use oidc::{
    Client, DecoupledAsk, ErrorCode, Hint, OAuthError, RequestObjectFault, SubjectType, read_hint,
    read_hint_token, subject_identifier,
};

impl Workflows {
    pub(super) async fn meant_person(
        &self,
        ask: &DecoupledAsk,
        client: &Client,
    ) -> Result<PersonId, OidcError> {
        let found = match ask.hint() {
            Err(error) => return self.refuse_client(error, Some(client), "no_hint").await,
            Ok(Hint::Login(name)) => match LoginName::parse(name) {
                Ok(name) => self.person_called(&name).await?,
                Err(_) => None,
            },
            Ok(Hint::IdToken(token)) => {
                let read = read_hint(token, &client.issuer, &self.signing_keys().await?);
                match read.filter(|hint| hint.client_id == client.client_id) {
                    Some(hint) => self.person_of_subject(client, &hint.subject).await?,
                    None => None,
                }
            }
            Ok(Hint::Token(token)) => {
                let now = self.now();
                let unknown = |fault: &RequestObjectFault| *fault == RequestObjectFault::Signature;
                let judge = |client: &Client| read_hint_token(token, client, now);
                match self.by_keys_of(client, unknown, judge).await {
                    Ok(subject) => self.person_of_subject(client, &subject).await?,
                    Err(fault) => return self.refuse_hint(client, fault).await,
                }
            }
        };
        match found {
            Some(person) => Ok(person),
            None => {
                let description = "the hint names nobody here";
                let error = OAuthError::new(ErrorCode::UnknownUserId, description);
                self.refuse_client(error, Some(client), "unknown_user_id").await
            }
        }
    }

    async fn refuse_hint(
        &self,
        client: &Client,
        fault: RequestObjectFault,
    ) -> Result<PersonId, OidcError> {
        tracing::info!(%fault, client.id = %client.id, "a hint was refused");
        let error = match fault {
            RequestObjectFault::Life => {
                OAuthError::new(ErrorCode::ExpiredLoginHintToken, "the hint has expired")
            }
            _ => OAuthError::invalid_request("login_hint_token is not one of this client's"),
        };
        self.refuse_client(error, Some(client), "hint_refused").await
    }

    /// The person whom this client knows under this `sub`.
    async fn person_of_subject(
        &self,
        client: &Client,
        subject: &str,
    ) -> Result<Option<PersonId>, OidcError> {
        match client.settings.subject {
            SubjectType::Public => {
                let Ok(person) = subject.parse::<PersonId>() else { return Ok(None) };
                let known = self.store().read().people().find(person).await?;
                Ok(known.map(|person| person.id))
            }
            // Derived one way: whoever it names was told to this client, so opened it once.
            SubjectType::Pairwise { .. } => {
                let users = self.store().read().opening_clients().users(client.id).await?;
                let named =
                    |user: &PersonId| subject_identifier(client, *user, self.keys()) == subject;
                Ok(users.into_iter().find(named))
            }
        }
    }
}
