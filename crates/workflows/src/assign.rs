//! Who is to answer a question (console, section 4.3: level 1, taken back by assigning again).
use crate::{CaseError, Workflows};
use audit::{AuditEvent, Events};
use directory::{Case, CaseState, Person};
use kernel::{Actor, Capability, CaseId, PersonId};
use store::views::person;

/// One question, and whose it was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    pub case: Case,
    pub before: Option<PersonId>,
}

impl Workflows {
    /// Gives these questions to one operator, or to nobody; all of them or none.
    pub async fn assign_cases(
        &self,
        actor: &Actor,
        cases: &[CaseId],
        to: Option<PersonId>,
    ) -> Result<Vec<Assigned>, CaseError> {
        self.must(actor, Capability::DecideCases, "assign_case").await?;
        if let Some(person) = to
            && !self.may_decide(person).await?
        {
            return Err(CaseError::NotAnOperator(person));
        }
        let tx = self.store().begin().await?;
        let (mut assigned, mut events) = (Vec::new(), Vec::new());
        // In one order, whatever the caller's: two operators who give overlapping lists wait for each other, no more.
        let mut ordered = cases.to_vec();
        ordered.sort_unstable();
        ordered.dedup();
        // The people first, all at once and in the order of their ids.
        let mut about = Vec::new();
        for id in &ordered {
            let case = tx.cases().find(*id).await?.ok_or(CaseError::Unknown(*id))?;
            about.extend(case.person);
        }
        tx.people().hold_all(&about).await?;
        for id in ordered {
            let mut case = tx.cases().find(id).await?.ok_or(CaseError::Unknown(id))?;
            if case.state == CaseState::Decided {
                return Err(CaseError::Decided(id));
            }
            let before = std::mem::replace(&mut case.assigned_to, to);
            if before != to {
                tx.cases().save(&case).await?;
                case.version += 1;
                let (by, person) = (actor.id(), case.person);
                events.push(AuditEvent::CaseAssigned { by, person, case: id, to });
            }
            assigned.push(Assigned { case, before });
        }
        assigned.sort_by_key(|one| cases.iter().position(|id| *id == one.case.id));
        if let Ok(events) = Events::try_from(events) {
            tx.commit(events).await?;
        }
        Ok(assigned)
    }

    /// Operators who may decide, by name.
    pub async fn case_deciders(&self, actor: &Actor) -> Result<Vec<Person>, CaseError> {
        self.must(actor, Capability::ReadCases, "case_deciders").await?;
        let reader = self.store().read();
        let operators = reader.operators().all().await?;
        let able: Vec<PersonId> = operators
            .iter()
            .filter(|operator| operator.actor().can(Capability::DecideCases))
            .map(|operator| operator.person)
            .collect();
        let named = person::named(&reader, &able).await?;
        let mut listed: Vec<Person> = named.into_values().collect();
        listed.sort_by_cached_key(|person| (person.display_name(), person.birth_date, person.id));
        Ok(listed)
    }

    async fn may_decide(&self, person: PersonId) -> Result<bool, CaseError> {
        let operator = self.store().read().operators().of(person).await?;
        Ok(operator.is_some_and(|operator| operator.actor().can(Capability::DecideCases)))
    }
}
