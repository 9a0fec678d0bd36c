//! « Délier »: a link that turned out wrong. The pair is remembered as refused, so that no run makes it again.
use crate::{CaseError, Workflows};
use audit::{AuditEvent, Code};
use authentication::EnrolmentProof;
use directory::{Case, CaseKind, CaseState};
use kernel::{Actor, ActorId, Capability, IdNat, NationalIdentityId, PersonId};
use store::{Counter, StoreError, Transaction};

impl Workflows {
    /// Ends a link between a person and a national identity. What applications were told is theirs: the dialog lists them.
    pub async fn unlink_identity(
        &self,
        actor: &Actor,
        person: PersonId,
        identity: NationalIdentityId,
        motive: &str,
    ) -> Result<(), CaseError> {
        self.must(actor, Capability::DecideCases, "unlink_identity").await?;
        let motive = motive.trim();
        if motive.is_empty() {
            return Err(CaseError::NoEvidence);
        }
        let tx = self.store().begin().await?;
        tx.people().lock(person).await?.ok_or(CaseError::UnknownLink(identity))?;
        let links = tx.national_identities().of(person).await?;
        let link = links.into_iter().find(|link| link.id == identity);
        let link = link.ok_or(CaseError::UnknownLink(identity))?;
        tx.national_identities().end(identity, self.now()).await?;
        let id_nat = link.id_nat.to_string();
        let refused = self.refused_pair(person, &id_nat, motive, actor.id());
        tx.cases().open(&refused).await?;
        tx.counters().raise(Counter::Directory).await?;
        let unlinked = AuditEvent::NationalIdentityUnlinked {
            by: actor.id(),
            person,
            national_identity: identity,
            reason: Code::of("by_hand"),
        };
        let decided = AuditEvent::CaseDecided {
            by: actor.id(),
            person: Some(person),
            case: refused.id,
            decision: Code::of("none_fits"),
            evidence: None,
            note: Some(self.motive(motive)),
        };
        let mut events = vec![decided];
        events.extend(self.close_by_cards_of(&tx, &actor.id(), person, &link.id_nat).await?);
        tx.commit((unlinked, events)).await?;
        Ok(())
    }

    /// Sessions that a card opened, which was known to be hers by this number.
    async fn close_by_cards_of(
        &self,
        tx: &Transaction,
        by: &ActorId,
        person: PersonId,
        id_nat: &IdNat,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        let mut events = Vec::new();
        for means in tx.means().of(person).await? {
            let by_it = matches!(
                &means.enrolment,
                Some(EnrolmentProof::Certificate { id_nat: own, .. }) if own == id_nat
            );
            if by_it {
                events.extend(self.close_leaning_on(tx, by, person, means.id).await?);
            }
        }
        Ok(events)
    }

    fn refused_pair(&self, person: PersonId, id_nat: &str, motive: &str, by: ActorId) -> Case {
        let payload = serde_json::json!({
            "sentence": "Lien retiré.", "candidates": [{ "id_nat": id_nat }],
        });
        let now = self.now();
        Case {
            id: self.id(),
            kind: CaseKind::NationalIdentity,
            state: CaseState::Decided,
            person: Some(person),
            source: None,
            external_key: None,
            dedupe_key: format!("unlinked|{person}|{id_nat}|{}", now.timestamp_millis()),
            payload: payload.to_string(),
            priority: 0,
            opened_at: now,
            decided_at: Some(now),
            decided_by: Some(by),
            decision: Some("none_fits".to_owned()),
            note: Some(motive.to_owned()),
            assigned_to: None,
            claims: None,
            version: 1,
        }
    }
}
