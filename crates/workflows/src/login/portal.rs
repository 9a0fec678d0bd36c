//! « Mes moyens », « Où ma session est-elle ouverte ? »: what a person sees of herself.
use super::{Current, House, LoginError};
use crate::Workflows;
use authentication::{Holder, Level, MeansKind, MeansStatus};
use chrono::{DateTime, Utc};
use kernel::SessionId;
use sessions::{SessionLimits, SessionStanding};

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
}

impl Workflows {
    pub async fn portal(&self, current: &Current) -> Result<Option<PortalView>, LoginError> {
        let reader = self.store().read();
        let own = &current.session;
        let Some(person) = reader.people().find(own.person).await? else { return Ok(None) };
        let now = self.now();
        let means = reader.means().of(person.id).await?;
        let keys = means
            .into_iter()
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
        let sessions = reader.sessions().unclosed_of(person.id).await?;
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
        }))
    }
}
