//! Whom a client means.
use super::super::OidcError;
use crate::Workflows;
use authentication::LoginName;
use kernel::PersonId;
use oidc::{
    Client, DecoupledAsk, ErrorCode, Hint, HintClaims, OAuthError, RequestObjectFault, SubjectType,
    read_hint, read_hint_token, subject_identifier,
};

/// Subjects that are derived in one go.
const AT_ONCE: u64 = 500;

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
                    Some(hint) => self.person_of_hint(client, &hint).await?,
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

    /// The person of an ID token of ours: the opening that it names tells who it was, at one read; of one that is
    /// forgotten since, all are looked through.
    async fn person_of_hint(
        &self,
        client: &Client,
        hint: &HintClaims,
    ) -> Result<Option<PersonId>, OidcError> {
        let reader = self.store().read();
        if let Some(session) = reader.opening_clients().session_of(hint.sid, client.id).await?
            && let Some(session) = reader.sessions().find(session).await?
            && subject_identifier(client, session.person, self.keys()) == hint.subject
        {
            return Ok(Some(session.person));
        }
        self.person_of_subject(client, &hint.subject).await
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
            SubjectType::Pairwise { .. } => self.among_users(client, subject).await,
        }
    }

    /// Some at a time, derived away from the async threads: everybody of the hospital may have opened it.
    async fn among_users(
        &self,
        client: &Client,
        subject: &str,
    ) -> Result<Option<PersonId>, OidcError> {
        let mut after = None;
        loop {
            let reader = self.store().read();
            let users = reader.opening_clients().users_after(client.id, after, AT_ONCE).await?;
            let Some(last) = users.last().copied() else { return Ok(None) };
            let (workflows, client, subject) = (self.clone(), client.clone(), subject.to_owned());
            let search = move || {
                let named = |user: &PersonId| {
                    subject_identifier(&client, *user, workflows.keys()) == subject
                };
                users.into_iter().find(named)
            };
            let found = tokio::task::spawn_blocking(search).await;
            if let Some(found) = found.expect("deriving does not panic") {
                return Ok(Some(found));
            }
            after = Some(last);
        }
    }
}
