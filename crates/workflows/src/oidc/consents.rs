//! What applications of somebody else may hear of a person: she is asked, it is remembered, and she takes it back. The
//! hospital's own applications ask nobody: the hospital answers for them.
use super::OidcError;
use super::authorize::AuthorizeVisit;
use crate::Workflows;
use crate::login::Current;
use audit::AuditEvent;
use chrono::{DateTime, Utc};
use kernel::{ActorId, ClientId, PersonId, Secret};
use oidc::{
    AuthorizeRequest, ClaimsRequest, Client, ErrorCode, OAuthError, consent_asked, consent_lines,
};
use sessions::Session;
use std::collections::BTreeSet;
use store::{Consent, StoreError, Transaction};

/// What she said of this request.
pub(super) enum Consented {
    /// The code may be given; `Some`: with what she agrees to now.
    Yes(Option<BTreeSet<String>>),
    /// She is to be asked for this, on a page with this mark.
    Ask {
        asked: BTreeSet<String>,
        mark: String,
    },
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
        let mark = self.consent_mark(session, client, &asked);
        // Her word on another page (other lines, since the grant grew; another application; another session) is none.
        let word =
            visit.consents.filter(|word| Secret::new(mark.clone()).matches(word.mark.as_bytes()));
        Ok(match word.map(|word| word.yes) {
            _ if covered => Consented::Yes(None),
            Some(true) => Consented::Yes(Some(asked)),
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
            None => Consented::Ask { asked, mark },
        })
    }

    fn consent_mark(&self, session: &Session, client: &Client, asked: &BTreeSet<String>) -> String {
        let lines: Vec<&str> = asked.iter().map(String::as_str).collect();
        let text = format!("{} {} {}", session.id, client.id, lines.join(" "));
        let mac = self.keys().mac("consent", text.as_bytes());
        mac.iter().map(|byte| format!("{byte:02x}")).collect()
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

/// Whether she agreed to all that these scopes and claims tell now.
pub(super) fn covers(
    held: Option<&Consent>,
    client: &Client,
    (scopes, claims): (&BTreeSet<String>, &ClaimsRequest),
) -> bool {
    let told = consent_lines(scopes, claims, client);
    held.is_some_and(|held| told.is_subset(&held.granted))
}

/// Keeps what she agrees to now, beside what she agreed to before.
pub(super) async fn with_before(
    tx: &Transaction,
    person: PersonId,
    client: &Client,
    asked: BTreeSet<String>,
    now: DateTime<Utc>,
) -> Result<Consent, StoreError> {
    let before = tx.consents().find(person, client.id).await?;
    let before = before.map(|before| before.granted).unwrap_or_default();
    let granted = asked.into_iter().chain(before).collect();
    let consent = Consent { person, client: client.id, granted, given_at: now };
    tx.consents().save(&consent).await?;
    Ok(consent)
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
