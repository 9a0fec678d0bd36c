//! Reports of the connector check that editors hand in: a sandbox played it, this appliance keeps what it says. Nothing vouches
//! for a report, and screens say so.
use super::ClientError;
use crate::Workflows;
use audit::{AuditEvent, Digest};
use directory::Person;
use kernel::{Actor, Capability, ClientId};
use oidc::check::{HandedReport, Verdict};
use std::collections::BTreeMap;
use store::ConnectorReport;
use store::views::person;

/// A kept report, as screens show it.
#[derive(Debug, Clone)]
pub struct KeptReport {
    pub kept: ConnectorReport,
    /// Nothing, where another version of the product took other lines of it.
    pub read: Option<HandedReport>,
    /// Who handed it in, where the reader may know people.
    pub by: Option<Person>,
}

impl Workflows {
    /// Keeps the report of a connector check for an application, in the place of the one before: of the one that was
    /// `shown`, where that is told (0: none was there).
    pub async fn hand_in_report(
        &self,
        actor: &Actor,
        client_id: &str,
        shown: Option<i64>,
        file: &str,
    ) -> Result<KeptReport, ClientError> {
        let client = self.client_to_change(actor, client_id).await?.id;
        let read = HandedReport::read(file)?;
        let kept = ConnectorReport {
            client,
            at: self.now(),
            person: actor.id().person(),
            file: Digest::of(file.as_bytes()),
            document: read.to_text(),
        };
        let count = |verdict| u64::try_from(read.report.count(verdict)).unwrap_or(0);
        let event = AuditEvent::ConnectorReportKept {
            by: actor.id(),
            client,
            file: kept.file,
            lines: Verdict::ALL.map(count).iter().sum(),
            faults: count(Verdict::Wrong),
        };
        let tx = self.store().begin().await?;
        let before = tx.connector_reports().lock(client).await?;
        let version = before.as_ref().map_or(0, ConnectorReport::version);
        if shown.is_some_and(|shown| shown != version) {
            return Err(ClientError::Changed);
        }
        tx.connector_reports().keep(&kept).await?;
        tx.commit(event).await?;
        self.kept_report(actor, kept).await
    }

    /// The last report handed in for an application; `None`: none was.
    pub async fn connector_report(
        &self,
        actor: &Actor,
        client_id: &str,
    ) -> Result<Option<KeptReport>, ClientError> {
        let client = self.show_client_named(actor, client_id).await?;
        match self.store().read().connector_reports().find(client.id).await? {
            Some(kept) => Ok(Some(self.kept_report(actor, kept).await?)),
            None => Ok(None),
        }
    }

    async fn kept_report(
        &self,
        actor: &Actor,
        kept: ConnectorReport,
    ) -> Result<KeptReport, ClientError> {
        let known = kept.person.filter(|_| actor.can(Capability::ReadPeople));
        let by = match known {
            Some(id) => person::named(&self.store().read(), &[id]).await?.remove(&id),
            None => None,
        };
        let read = HandedReport::read(&kept.document).ok();
        Ok(KeptReport { kept, read, by })
    }

    /// How many lines are right, of how many, for each application that she sees and whose report can be read.
    pub async fn connector_standings(
        &self,
        actor: &Actor,
    ) -> Result<BTreeMap<ClientId, (usize, usize)>, ClientError> {
        let kept = self.store().read().connector_reports().all().await?;
        let standing = |kept: ConnectorReport| {
            let read = HandedReport::read(&kept.document).ok()?;
            Some((kept.client, (read.report.count(Verdict::Right), read.report.all().count())))
        };
        self.of_those_seen(actor, kept.into_iter().filter_map(standing).collect()).await
    }
}
