//! Four eyes on questions, where the hospital wants them: a link that somebody chose waits for somebody else who decides.
use crate::views::ConsoleCaller;
use crate::{AccordError, CaseError, ConfirmedAct, DecideCase};
use crate::{TwoPeopleAct, TwoPeopleKind, WaitingAccord, Workflows};
use audit::{AuditEvent, Code, Digest};
use directory::{Case, CaseState, Decision};
use kernel::{Actor, ActorId, Capability, CaseId, PersonId};
use std::sync::atomic::Ordering;
use store::{Accord, StoreError, Transaction};

/// What two people agree about: the question, of whom, and what was answered so far. Who is to answer it is no part.
pub(crate) fn as_shown(case: &Case) -> Digest {
    let person = case.person.map(|person| person.to_string()).unwrap_or_default();
    let answered = case.decision.as_deref().unwrap_or_default();
    let parts = [case.kind.name(), case.state.name(), &person, answered, &case.payload];
    Digest::of(parts.join("\n").as_bytes())
}

impl Workflows {
    /// Whether a link that a human decides needs a second one.
    pub fn links_take_two(&self) -> bool {
        self.0.links_take_two.load(Ordering::Relaxed)
    }
    /// As the settings say, at start.
    pub fn set_links_take_two(&self, wanted: bool) {
        self.0.links_take_two.store(wanted, Ordering::Relaxed);
    }

    /// Asks a second person to let this link happen. All that can be judged now is judged now.
    pub async fn ask_link(
        &self,
        caller: &ConsoleCaller,
        decide: &DecideCase,
    ) -> Result<Accord, AccordError> {
        let actor = &caller.actor;
        self.must(actor, Capability::DecideCases, "decide_case").await?;
        let Decision::Link { candidate, evidence } = &decide.decision else {
            return Err(CaseError::DoesNotFit.into());
        };
        let asked_with = self.proved_by(caller, ConfirmedAct::LinkIdentity).await?;
        let tx = self.store().begin().await?;
        let case = self.held_case(&tx, decide.case).await?;
        if case.state == CaseState::Decided {
            return Err(CaseError::Decided(case.id).into());
        }
        if decide.version.is_some_and(|version| version != case.version) {
            return Err(CaseError::Stale.into());
        }
        // Of a duplicate or an account, the candidate is the one of ours whose it would be.
        let person = match (case.person, candidate.parse::<PersonId>()) {
            (Some(person), _) => Some(person),
            (None, Ok(person)) => Some(tx.merges().survivor(person).await?),
            (None, Err(_)) => None,
        };
        let act = TwoPeopleAct::LinkIdentity {
            case: case.id,
            kind: case.kind.name().to_owned(),
            question: as_shown(&case),
            person,
            candidate: candidate.clone(),
            evidence: evidence.clone(),
            note: decide.note.clone(),
        };
        self.ask_in(tx, actor, &act, asked_with).await
    }

    /// The candidate that waits for a second person, for those who may be that person.
    pub async fn waiting_link(
        &self,
        actor: &Actor,
        id: CaseId,
    ) -> Result<Option<WaitingAccord>, AccordError> {
        if !actor.can(Capability::DecideCases) {
            return Ok(None);
        }
        let found = self.store().read().accords().waiting_about(id, self.now()).await?;
        Ok(self.named_accords(found.into_iter().collect()).await?.pop())
    }

    /// These questions have their answer, or are no more what they were: nobody is waited for.
    pub(crate) async fn end_accords_about(
        &self,
        tx: &Transaction,
        by: &ActorId,
        cases: &[CaseId],
    ) -> Result<Vec<AuditEvent>, StoreError> {
        if cases.is_empty() {
            return Ok(Vec::new());
        }
        let ended = tx.accords().end_about(cases, by.person(), self.now()).await?;
        let told = ended.into_iter().map(|accord| {
            let act: Option<TwoPeopleAct> = serde_json::from_str(&accord.payload).ok();
            AuditEvent::AccordRefused {
                by: by.clone(),
                accord: accord.id,
                act: Code::of(TwoPeopleKind::LinkIdentity.name()),
                person: act.and_then(|act| act.concerns()),
                case: accord.case,
            }
        });
        Ok(told.collect())
    }
}
