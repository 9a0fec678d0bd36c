//! What applications of somebody else may hear of a person: she is asked, it is remembered, and she takes it back. The
//! hospital's own applications ask nobody: the hospital answers for them.
use super::OidcError;
use super::authorize::AuthorizeVisit;
use crate::Workflows;
use crate::login::Current;
use audit::AuditEvent;
use chrono::{DateTime, Utc};
use kernel::{ActorId, ClientId};
use oidc::{AuthorizeRequest, Client, ErrorCode, OAuthError, consent_asked};
use sessions::Session;
use std::collections::BTreeSet;
use store::Consent;

/// What she said of this request.
pub(super) enum Consented {
    /// The code may be given; `Some`: with what she agrees to now.
    Yes(Option<Consent>),
    /// She is to be asked for this.
    Ask(BTreeSet<String>),
    No(OAuthError),
}

/// A consent as its person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenConsent {
    pub client: ClientId,
    pub application: String,
    pub granted: BTreeSet<String>,
    pub given_at: DateTime<Utc>,
}

impl Workflows {
    pub(super) async fn consented(
        &self,
        request: &AuthorizeRequest,
        client: &Client,
        session: &Session,
        visit: &AuthorizeVisit<'_>,
    ) -> Result<Consented, OidcError> {
        if !client.settings.security.asks_consent {
            return Ok(Consented::Yes(None));
        }
        let asked = consent_asked(request, client);
        let held = self.store().read().consents().find(session.person, client.id).await?;
        let covered = held.as_ref().is_some_and(|held| asked.is_subset(&held.granted));
        let covered = covered && !request.prompt.consent;
        let before = held.map(|held| held.granted).unwrap_or_default();
        Ok(match visit.consents {
            _ if covered => Consented::Yes(None),
            Some(true) => Consented::Yes(Some(Consent {
                person: session.person,
                client: client.id,
                granted: asked.into_iter().chain(before).collect(),
                given_at: self.now(),
            })),
            Some(false) => {
                let tx = self.store().begin().await?;
                let (person, session) = (session.person, session.id);
                let by = ActorId::Person { person };
                let client = client.id;
                tx.commit(AuditEvent::ConsentDenied { by, person, client, session }).await?;
                let description = "the person does not agree that this is told";
                Consented::No(OAuthError::new(ErrorCode::AccessDenied, description))
            }
            None if request.prompt.none => {
                let description = "the person has to agree and prompt is none";
                Consented::No(OAuthError::new(ErrorCode::ConsentRequired, description))
            }
            None => Consented::Ask(asked),
        })
    }

    /// What a person has agreed to, the newest first.
    pub async fn given_consents(&self, current: &Current) -> Result<Vec<GivenConsent>, OidcError> {
        let reader = self.store().read();
        let mut given = Vec::new();
        for consent in reader.consents().of(current.session.person).await? {
            let client = reader.clients().find(consent.client).await?;
            given.extend(client.map(|client| GivenConsent {
                client: client.id,
                application: client.name,
                granted: consent.granted,
                given_at: consent.given_at,
            }));
        }
        Ok(given)
    }

    /// She takes it back: what the application holds of her opens nothing from here on. False: there was none.
    pub async fn withdraw_consent(
        &self,
        current: &Current,
        client: ClientId,
    ) -> Result<bool, OidcError> {
        let (person, session) = (current.session.person, current.session.id);
        let tx = self.store().begin().await?;
        // Whoever issues holds her row: a token given meanwhile is taken back too, a later one asks again.
        tx.people().hold(person).await?;
        if !tx.consents().delete(person, client).await? {
            return Ok(false);
        }
        let ended = tx.tokens().revoke_of_client(person, client, self.now()).await?;
        let count = u32::try_from(ended).unwrap_or(u32::MAX);
        let by = ActorId::Person { person };
        tx.commit(AuditEvent::ConsentWithdrawn { by, person, client, session, count }).await?;
        Ok(true)
    }
}

pub(super) fn given_event(consent: &Consent, session: &Session) -> AuditEvent {
    AuditEvent::ConsentGiven {
        by: ActorId::Person { person: consent.person },
        person: consent.person,
        client: consent.client,
        session: session.id,
        count: u32::try_from(consent.granted.len()).unwrap_or(u32::MAX),
    }
}
