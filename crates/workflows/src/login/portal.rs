//! « Mes moyens », « Où ma session est-elle ouverte ? »: what a person sees of herself.
use super::{Current, House, LoginError};
use crate::Workflows;
use crate::issue::is_hers;
use audit::{AuditEvent, AuditRecord};
use authentication::{Holder, Level, MeansKind, MeansStatus};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{ClientId, PersonId, SessionId};
use sessions::{SessionLimits, SessionStanding};
use store::views::audit_trail::{self, AuditFilter};
use store::views::person::client_names;
use store::{AuditEntry, StoreError};

/// So many of the last accesses are shown.
const RECENT: u64 = 10;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalKey {
    pub kind: MeansKind,
    pub label: String,
    pub status: MeansStatus,
    pub activated_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalSession {
    pub id: SessionId,
    pub opened_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    /// This very browser.
    pub here: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalView {
    pub house: House,
    pub name: String,
    pub level: Level,
    pub keys: Vec<PortalKey>,
    pub sessions: Vec<PortalSession>,
    /// Her last logins and refusals, newest first.
    pub accesses: Vec<PortalAccess>,
    pub identities: Vec<PortalIdentity>,
}

/// One login, or one refusal, of her own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalAccess {
    pub at: DateTime<Utc>,
    /// Why it was refused; `None`: it opened.
    pub refused: Option<String>,
    pub application: Option<String>,
    pub reference: Option<String>,
}

/// « Mon RPPS ».
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalIdentity {
    pub number: String,
    pub is_rpps: bool,
    pub verified_at: DateTime<Utc>,
    pub next_check: NaiveDate,
}

impl Workflows {
    /// Whose session this is.
    pub async fn own_name(&self, current: &Current) -> Result<String, LoginError> {
        let person = self.store().read().people().find(current.session.person).await?;
        Ok(person.map(|person| person.display_name()).unwrap_or_default())
    }

    pub async fn portal(&self, current: &Current) -> Result<Option<PortalView>, LoginError> {
        let reader = self.store().read();
        let own = &current.session;
        let Some(person) = reader.people().find(own.person).await? else { return Ok(None) };
        let now = self.now();
        let means = reader.means().of(person.id).await?;
        let links = reader.national_identities().of(person.id).await?;
        let keys = means
            .into_iter()
            .filter(|means| is_hers(means, &links))
            .filter(|means| means.holder == Some(Holder::Person(person.id)))
            .filter(|means| means.status != MeansStatus::Revoked)
            .map(|means| PortalKey {
                kind: means.kind,
                status: means.standing(now),
                label: means.label,
                activated_at: means.activated_at,
                last_used_at: means.last_used_at,
            })
            .collect();
        let limits = SessionLimits::of(own.listener);
        let sessions = reader.sessions().list_of(person.id).await?;
        let sessions = sessions
            .into_iter()
            .filter(|session| session.listener == own.listener)
            .filter(|session| session.standing(limits, own.epoch, now) == SessionStanding::Open)
            .map(|session| PortalSession {
                here: session.id == own.id,
                id: session.id,
                opened_at: session.opened_at,
                last_seen_at: session.last_seen_at,
            })
            .collect();
        Ok(Some(PortalView {
            house: self.house().await?,
            name: person.display_name(),
            level: current.assurance.level,
            keys,
            sessions,
            accesses: self.accesses_of(person.id).await?,
            identities: reader
                .national_identities()
                .of(person.id)
                .await?
                .into_iter()
                .map(|identity| PortalIdentity {
                    is_rpps: identity.id_nat.rpps().is_some(),
                    number: match identity.id_nat.rpps() {
                        Some(rpps) => rpps.to_string(),
                        None => identity.id_nat.to_string(),
                    },
                    verified_at: identity.verified_at,
                    next_check: identity.next_check,
                })
                .collect(),
        }))
    }

    async fn accesses_of(&self, person: PersonId) -> Result<Vec<PortalAccess>, StoreError> {
        let filter = AuditFilter {
            subject: Some(person),
            events: ["login_succeeded", "login_refused"].map(str::to_owned).to_vec(),
            ..AuditFilter::default()
        };
        let reader = self.store().read();
        let page = audit_trail::newest(&reader, &filter, None, RECENT).await?;
        let names = client_names(&reader).await?;
        let name = |id: Option<ClientId>| names.get(&id?).map(|(_, name)| name.clone());
        let read = |entry: &AuditEntry| {
            let record = AuditRecord::from_bytes(entry.body.as_bytes()).ok()?;
            let (refused, client) = match record.event {
                AuditEvent::LoginSucceeded { client, .. } => (None, client),
                AuditEvent::LoginRefused { reason, client, .. } => {
                    (Some(reason.to_string()), client)
                }
                _ => return None,
            };
            let reference = entry.reference.clone();
            Some(PortalAccess { at: entry.at, refused, application: name(client), reference })
        };
        Ok(page.entries.iter().filter_map(read).collect())
    }
}
