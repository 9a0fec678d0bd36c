//! A human answers a question. The link is made here, or nowhere.
use crate::accords::Begun;
use crate::sync::{Chunk, SyncError};
use crate::{WorkflowError, Workflows};
use audit::{AuditEvent, Code};
use directory::{
    Act, Case, CaseKind, CaseState, Channel, Decision, FieldChange, ItemKind, PlanItem, RunKind,
};
use identity::{ExternalKey, Identity};
use kernel::{Actor, Capability, CaseId, NationalIdentityId, PersonId};
use store::{Counter, StoreError, Transaction};

#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    #[error("no case bears this id")]
    Unknown(CaseId),
    #[error("this case was decided before")]
    Decided(CaseId),
    #[error("the case changed since it was shown")]
    Stale,
    #[error("this is not one of the candidates")]
    NotACandidate,
    #[error("a link needs its evidence in words")]
    NoEvidence,
    /// Another person bears the number, or this person bears another: say so to whoever decides.
    #[error("this national identity, or this person, is linked already")]
    LinkedElsewhere,
    #[error("this person has no such link")]
    UnknownLink(NationalIdentityId),
    #[error("this person is no operator who decides")]
    NotAnOperator(PersonId),
    #[error("this answer does not fit this kind of question")]
    DoesNotFit,
    /// Links take two here: it waits for somebody else.
    #[error("a second person is needed")]
    TwoPeople,
    #[error("somebody chose a candidate already, who waits for a second person")]
    AccordWaits(CaseId),
    #[error(transparent)]
    Apply(#[from] SyncError),
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub struct DecideCase {
    pub case: CaseId,
    /// The version that was on screen.
    pub version: Option<i64>,
    pub decision: Decision,
    pub note: Option<String>,
}

impl Workflows {
    /// Decides a case: links one candidate on evidence, or says that none fits, or waits for HR or for a card.
    pub async fn decide_case(&self, actor: &Actor, decide: DecideCase) -> Result<Case, CaseError> {
        self.must(actor, Capability::DecideCases, "decide_case").await?;
        if matches!(decide.decision, Decision::Link { .. }) && self.links_take_two() {
            return Err(CaseError::TwoPeople);
        }
        let begun = Begun::alone(self.store().begin().await?);
        self.decide_in(begun, actor, decide).await
    }

    /// The same, once nobody else is needed.
    pub(crate) async fn decide_in(
        &self,
        begun: Begun,
        actor: &Actor,
        decide: DecideCase,
    ) -> Result<Case, CaseError> {
        let tx = &begun.tx;
        let mut case = self.held_case(tx, decide.case).await?;
        if case.state == CaseState::Decided {
            return Err(CaseError::Decided(case.id));
        }
        if decide.version.is_some_and(|version| version != case.version) {
            return Err(CaseError::Stale);
        }
        let mut events = self.carry_out(tx, actor, &case, &decide.decision).await?;
        let now = self.now();
        case.state = decide.decision.leads_to();
        case.decided_at = (case.state == CaseState::Decided).then_some(now);
        case.decided_by = Some(actor.id());
        case.decision = Some(decide.decision.name().to_owned());
        case.note.clone_from(&decide.note);
        tx.cases().save(&case).await?;
        let decided = AuditEvent::CaseDecided {
            by: actor.id(),
            person: case.person,
            case: case.id,
            decision: decision_code(&decide.decision),
            evidence: matches!(decide.decision, Decision::Link { .. }).then_some(Code::of("human")),
            note: decide.note.as_deref().map(|note| self.motive(note)),
        };
        events.extend(self.end_accords_about(tx, &actor.id(), &[case.id]).await?);
        begun.commit((decided, events)).await?;
        case.version += 1;
        Ok(case)
    }

    /// A question, held with the person whom it is about: her row is taken before what hangs on it, as everywhere, and
    /// the question before the accords about it.
    pub(crate) async fn held_case(&self, tx: &Transaction, id: CaseId) -> Result<Case, CaseError> {
        let case = tx.cases().find(id).await?.ok_or(CaseError::Unknown(id))?;
        if let Some(person) = case.person {
            tx.people().hold(person).await?;
        }
        tx.cases().hold(id).await?;
        tx.cases().find(id).await?.ok_or(CaseError::Unknown(id))
    }

    async fn carry_out(
        &self,
        tx: &Transaction,
        actor: &Actor,
        case: &Case,
        decision: &Decision,
    ) -> Result<Vec<AuditEvent>, CaseError> {
        let payload: serde_json::Value =
            serde_json::from_str(&case.payload).map_err(|_| SyncError::Unreadable("case"))?;
        match (case.kind, decision) {
            (_, Decision::AskHr | Decision::WaitCard) => Ok(Vec::new()),
            (CaseKind::NationalIdentity, Decision::Link { candidate, evidence }) => {
                self.link_candidate(tx, actor, case, &payload, candidate, evidence).await
            }
            (
                CaseKind::NationalIdentity | CaseKind::Account | CaseKind::Conflict,
                Decision::NoneFits,
            ) => Ok(Vec::new()),
            (CaseKind::Duplicate, Decision::NoneFits) => {
                let identity = record_of(&payload)?;
                let act = Act::CreatePerson { identity: Box::new(identity.clone()) };
                self.carry_act(tx, actor, case, identity, ItemKind::Create, act, None).await
            }
            (CaseKind::Duplicate, Decision::Link { candidate, .. }) => {
                let identity = record_of(&payload)?;
                let person = tx.merges().survivor(candidate_of(&payload, candidate)?).await?;
                let act = Act::ChangePerson {
                    person,
                    identity: Box::new(identity.clone()),
                    reopen: true,
                };
                self.carry_act(tx, actor, case, identity, ItemKind::Change, act, Some(person)).await
            }
            (CaseKind::Account, Decision::Link { candidate, .. }) => {
                let identity = record_of(&payload)?;
                let person = tx.merges().survivor(candidate_of(&payload, candidate)?).await?;
                let source = case.source.ok_or(CaseError::DoesNotFit)?;
                let records =
                    tx.records().of_keys(source, std::slice::from_ref(&identity.key)).await?;
                let account = records
                    .first()
                    .and_then(|record| record.account)
                    .ok_or(CaseError::DoesNotFit)?;
                let act = Act::ChangeAccount {
                    account,
                    identity: Box::new(identity.clone()),
                    person: Some(person),
                };
                self.carry_act(tx, actor, case, identity, ItemKind::Link, act, Some(person)).await
            }
            // The value of the source is corrected at the source; here only who is right is said.
            (CaseKind::Conflict, Decision::Link { .. }) => Err(CaseError::DoesNotFit),
        }
    }

    async fn link_candidate(
        &self,
        tx: &Transaction,
        actor: &Actor,
        case: &Case,
        payload: &serde_json::Value,
        candidate: &str,
        evidence: &str,
    ) -> Result<Vec<AuditEvent>, CaseError> {
        if evidence.trim().is_empty() {
            return Err(CaseError::NoEvidence);
        }
        // Somebody showed what is another's: that card proves nothing of her, an identity document may.
        let lent = matches!(
            payload["contradiction"]["reason"].as_str(),
            Some("names_differ" | "borne_by_another")
        );
        if lent && evidence != "identity_document" {
            return Err(CaseError::DoesNotFit);
        }
        let proposed = payload["candidates"].as_array().into_iter().flatten();
        let known = proposed.into_iter().find(|proposed| proposed["id_nat"] == candidate);
        let known = known.ok_or(CaseError::NotACandidate)?;
        let person = case.person.ok_or(CaseError::DoesNotFit)?;
        let kept = serde_json::json!({ "evidence": evidence, "why": known["why"] }).to_string();
        let act = Act::LinkNational {
            person,
            id_nat: candidate.to_owned(),
            channel: Channel::HumanDecided.name().to_owned(),
            evidence: kept,
        };
        let item = item(case, ItemKind::Link, act, Some(person), ExternalKey(person.to_string()));
        let (outcome, events) = self.carry_item(tx, actor, case, &item).await?;
        if outcome == "done" { Ok(events) } else { Err(CaseError::LinkedElsewhere) }
    }

    #[expect(clippy::too_many_arguments, reason = "one act, told whole")]
    async fn carry_act(
        &self,
        tx: &Transaction,
        actor: &Actor,
        case: &Case,
        identity: Identity,
        kind: ItemKind,
        act: Act,
        person: Option<PersonId>,
    ) -> Result<Vec<AuditEvent>, CaseError> {
        let mut item = item(case, kind, act, person, identity.key.clone());
        // What was read when the question was put: the next reading compares again.
        item.content_hash = Some([0; 32]);
        item.changes = vec![FieldChange {
            field: "record".to_owned(),
            before: None,
            after: Some(identity.key.0),
        }];
        Ok(self.carry_item(tx, actor, case, &item).await?.1)
    }

    async fn carry_item(
        &self,
        tx: &Transaction,
        actor: &Actor,
        case: &Case,
        item: &PlanItem,
    ) -> Result<(&'static str, Vec<AuditEvent>), CaseError> {
        let run = self.new_run(case.source, RunKind::Sync, actor);
        let items = std::slice::from_ref(item);
        let mut chunk = Chunk::read(self, tx, actor, &run, items).await?.by_hand();
        let outcome = chunk.act(item).await?;
        let events = chunk.write().await?;
        if !events.is_empty() {
            tx.counters().raise(Counter::Directory).await?;
        }
        Ok((outcome, events))
    }
}

fn item(
    case: &Case,
    kind: ItemKind,
    act: Act,
    person: Option<PersonId>,
    key: ExternalKey,
) -> PlanItem {
    PlanItem {
        id: kernel::PlanItemId::from(case.id.uuid()),
        run: kernel::RunId::from(case.id.uuid()),
        ordinal: 0,
        kind,
        person,
        external_key: key,
        pattern_key: String::new(),
        label: String::new(),
        unit: None,
        act,
        content_hash: None,
        changes: Vec::new(),
        reason: String::new(),
        lines: Vec::new(),
        selected: true,
        outcome: None,
        applied_at: None,
    }
}

fn record_of(payload: &serde_json::Value) -> Result<Identity, CaseError> {
    let record = serde_json::from_value(payload["record"].clone());
    record.map_err(|_| SyncError::Unreadable("case").into())
}

fn candidate_of(payload: &serde_json::Value, candidate: &str) -> Result<PersonId, CaseError> {
    let mut known = payload["candidates"].as_array().into_iter().flatten();
    let known =
        known.find(|known| known.as_str() == Some(candidate)).ok_or(CaseError::NotACandidate)?;
    known.as_str().and_then(|text| text.parse().ok()).ok_or(CaseError::NotACandidate)
}

fn decision_code(decision: &Decision) -> Code {
    Code::of(match decision {
        Decision::Link { .. } => "link",
        Decision::NoneFits => "none_fits",
        Decision::AskHr => "ask_hr",
        Decision::WaitCard => "wait_card",
    })
}
