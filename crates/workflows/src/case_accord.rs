//! Four eyes on questions, where the hospital wants them: a link that somebody chose waits for somebody else who decides.
use crate::{AccordError, CaseError, DecideCase, TwoPeopleAct, WaitingAccord, Workflows};
use directory::{CaseState, Decision};
use kernel::{Actor, Capability, CaseId, PersonId};
use std::sync::atomic::Ordering;
use store::Accord;

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
        actor: &Actor,
        decide: &DecideCase,
    ) -> Result<Accord, AccordError> {
        self.must(actor, Capability::DecideCases, "decide_case").await?;
        let found = self.store().read().cases().find(decide.case).await?;
        let case = found.ok_or(CaseError::Unknown(decide.case))?;
        if case.state == CaseState::Decided {
            return Err(CaseError::Decided(case.id).into());
        }
        if decide.version.is_some_and(|version| version != case.version) {
            return Err(CaseError::Stale.into());
        }
        let Decision::Link { candidate, evidence } = &decide.decision else {
            return Err(CaseError::DoesNotFit.into());
        };
        if self.waiting_link(actor, case.id).await?.is_some() {
            return Err(CaseError::AccordWaits(case.id).into());
        }
        // Of a duplicate or an account, the candidate is the one of ours whose it would be.
        let person = match (case.person, candidate.parse::<PersonId>()) {
            (Some(person), _) => Some(person),
            (None, Ok(person)) => Some(self.store().read().merges().survivor(person).await?),
            (None, Err(_)) => None,
        };
        let act = TwoPeopleAct::LinkIdentity {
            case: case.id,
            version: case.version,
            person,
            candidate: candidate.clone(),
            evidence: evidence.clone(),
            note: decide.note.clone(),
        };
        self.ask_accord(actor, &act).await
    }

    /// The candidate that waits for a second person.
    pub async fn waiting_link(
        &self,
        actor: &Actor,
        id: CaseId,
    ) -> Result<Option<WaitingAccord>, AccordError> {
        let waiting = self.waiting_accords(actor).await?;
        Ok(waiting.into_iter().find(|waiting| {
            matches!(&waiting.act, TwoPeopleAct::LinkIdentity { case, .. } if *case == id)
        }))
    }
}
