//! Operators after the first: appointed with their roles, given a link for their key, taken off. Nobody changes her own
//! account, and the console never loses its last way in.
use super::first::person_of;
use super::{FirstAdministrator, FirstLink};
use crate::accords::Begun;
use crate::{WorkflowError, Workflows};
use audit::AuditEvent;
use authentication::{Means, MeansKind, MeansStatus, Operator};
use directory::{Person, PersonState};
use kernel::{Actor, ActorId, Capability, OperatorId, PersonId, Role};
use sessions::CloseReason;
use std::collections::BTreeMap;
use store::views::person;
use store::{StoreError, Transaction};

#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    #[error("no operator bears this id")]
    Unknown(OperatorId),
    #[error("nobody bears this id, or she is closed")]
    UnknownPerson(PersonId),
    #[error("this person is an operator already")]
    AlreadyOne(OperatorId),
    #[error("an operator has a role at least")]
    NoRole,
    #[error("this operator is disabled, or her person is closed")]
    NotActive(OperatorId),
    #[error("nobody changes her own account")]
    Own,
    /// AM-02: nobody grants what they lack.
    #[error("these roles hold rights that their giver lacks")]
    Lacks,
    /// AM-02: who may appoint is made so by two people.
    #[error("the right to appoint is given by two people")]
    TwoPeople,
    /// Nobody else could appoint operators any more.
    #[error("this is the last operator who appoints others")]
    Last,
    #[error("the operator changed since it was read")]
    Changed,
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who becomes an operator: somebody known, or somebody new (staff of a provider, or the way back into a closed house).
pub enum Appointed {
    Known(PersonId),
    New(FirstAdministrator),
}

/// An operator as lists show her.
#[derive(Debug, Clone)]
pub struct OperatorLine {
    pub operator: Operator,
    pub person: Option<Person>,
    /// Keys of the console that open it now.
    pub keys: usize,
}

impl Workflows {
    pub async fn list_operators(&self, actor: &Actor) -> Result<Vec<OperatorLine>, OperatorError> {
        self.must(actor, Capability::ManageOperators, "list_operators").await?;
        let reader = self.store().read();
        let operators = reader.operators().all().await?;
        let ids: Vec<PersonId> = operators.iter().map(|operator| operator.person).collect();
        let mut people: BTreeMap<PersonId, Person> = person::named(&reader, &ids).await?;
        let mut lines = Vec::new();
        for operator in operators {
            let means = reader.means().of(operator.person).await?;
            let keys = means.iter().filter(|means| self.opens_console(means, operator.id)).count();
            let person = people.remove(&operator.person);
            lines.push(OperatorLine { operator, person, keys });
        }
        Ok(lines)
    }

    /// Appoints somebody, with a link of one hour for her key of the console.
    pub async fn appoint_operator(
        &self,
        actor: &Actor,
        who: Appointed,
        roles: &[Role],
    ) -> Result<FirstLink, OperatorError> {
        self.must(actor, Capability::ManageOperators, "appoint_operator").await?;
        let roles = distinct(roles)?;
        may_grant(actor, &[], &roles)?;
        let tx = self.store().begin().await?;
        let (mut events, by) = (Vec::new(), actor.id());
        let person = match who {
            Appointed::Known(id) => {
                let known = tx.people().lock(id).await?;
                let open = known.filter(|known| known.state_at(self.now()) == PersonState::Active);
                if open.is_none() {
                    return Err(OperatorError::UnknownPerson(id));
                }
                if let Some(operator) = tx.operators().of(id).await? {
                    return Err(OperatorError::AlreadyOne(operator.id));
                }
                id
            }
            Appointed::New(who) => {
                let person = person_of(self.id(), &who, self.now());
                tx.people().insert(&person).await?;
                let (by, person) = (by.clone(), person.id);
                events.push(AuditEvent::PersonCreated { by, person, run: None });
                person
            }
        };
        let operator = Operator {
            id: self.id(),
            person,
            roles: roles.clone(),
            enabled: true,
            created_at: self.now(),
            version: 1,
        };
        tx.operators().insert(&operator).await?;
        events.push(AuditEvent::OperatorCreated { by, person, operator: operator.id, roles });
        Ok(self.finish_link(tx, actor, &operator, events).await?)
    }

    /// Another link, for a first key that was never enrolled, or for one that is lost.
    pub async fn link_operator(
        &self,
        actor: &Actor,
        id: OperatorId,
    ) -> Result<FirstLink, OperatorError> {
        self.must(actor, Capability::ManageOperators, "link_operator").await?;
        let tx = self.store().begin().await?;
        let operator = tx.operators().find(id).await?.ok_or(OperatorError::Unknown(id))?;
        if actor.id().person() == Some(operator.person) {
            return Err(OperatorError::Own);
        }
        let person = tx.people().lock(operator.person).await?;
        let open = person.is_some_and(|person| person.state_at(self.now()) == PersonState::Active);
        if !operator.enabled || !open {
            return Err(OperatorError::NotActive(id));
        }
        Ok(self.finish_link(tx, actor, &operator, Vec::new()).await?)
    }

    /// Sets what an operator may do, or takes her off; her sessions of the console end with this commit.
    pub async fn change_operator(
        &self,
        actor: &Actor,
        id: OperatorId,
        seen: Option<i64>,
        roles: &[Role],
        enabled: bool,
    ) -> Result<Operator, OperatorError> {
        self.must(actor, Capability::ManageOperators, "change_operator").await?;
        let known = self.store().read().operators().find(id).await?;
        let known = known.ok_or(OperatorError::Unknown(id))?;
        if actor.id().person() == Some(known.person) {
            return Err(OperatorError::Own);
        }
        if enabled {
            // Whoever was taken off is given her rights anew.
            let held = if known.enabled { known.roles.as_slice() } else { &[] };
            may_grant(actor, held, &distinct(roles)?)?;
        }
        let begun = Begun::alone(self.store().begin().await?);
        self.keep_operator(begun, actor, id, seen, roles, enabled).await
    }

    /// What one person may grant, or what a second one agreed to.
    pub(crate) async fn keep_operator(
        &self,
        begun: Begun,
        actor: &Actor,
        id: OperatorId,
        seen: Option<i64>,
        roles: &[Role],
        enabled: bool,
    ) -> Result<Operator, OperatorError> {
        let roles = distinct(roles)?;
        let tx = &begun.tx;
        let mut operator = tx.operators().find(id).await?.ok_or(OperatorError::Unknown(id))?;
        if seen.is_some_and(|seen| seen != operator.version) {
            return Err(OperatorError::Changed);
        }
        if actor.id().person() == Some(operator.person) {
            return Err(OperatorError::Own);
        }
        let appoints = enabled && can_appoint(&roles);
        if !appoints && self.is_last_way_in(tx, operator.person).await? {
            return Err(OperatorError::Last);
        }
        (operator.roles, operator.enabled) = (roles, enabled);
        tx.operators().save(&operator).await?;
        let (by, person) = (actor.id(), operator.person);
        let mut ended = Vec::new();
        for session in tx.sessions().unclosed_of(person).await? {
            if session.operator == Some(id) {
                let reason = CloseReason::EndedByOperator;
                ended.extend(self.close_one(tx, &by, session, reason).await?);
            }
        }
        let event = AuditEvent::OperatorChanged {
            by,
            person,
            operator: id,
            roles: operator.roles.clone(),
            enabled,
        };
        begun.commit((event, ended)).await?;
        operator.version += 1;
        Ok(operator)
    }

    /// Whether the console would have nobody left to appoint operators, were this person gone. The machine's command
    /// line can always appoint.
    pub(crate) async fn is_last_way_in(
        &self,
        tx: &Transaction,
        person: PersonId,
    ) -> Result<bool, StoreError> {
        let mut is_one = false;
        for operator in tx.operators().all().await? {
            if !operator.enabled || !can_appoint(&operator.roles) {
                continue;
            }
            if operator.person == person {
                is_one = true;
                continue;
            }
            let other = tx.people().find(operator.person).await?;
            let open = other.is_some_and(|other| other.state_at(self.now()) == PersonState::Active);
            let means = tx.means().of(operator.person).await?;
            if open && means.iter().any(|means| self.opens_console(means, operator.id)) {
                return Ok(false);
            }
        }
        Ok(is_one)
    }

    pub(crate) fn opens_console(&self, means: &Means, operator: OperatorId) -> bool {
        means.kind == MeansKind::Fido2
            && means.holder.and_then(|holder| holder.operator()) == Some(operator)
            && means.standing(self.now()) == MeansStatus::Active
    }
}

/// What roles give beyond those held before: nothing that the giver lacks, and not the right to appoint. The machine's
/// command line gives all.
fn may_grant(actor: &Actor, held: &[Role], wanted: &[Role]) -> Result<(), OperatorError> {
    if !matches!(actor.id(), ActorId::Operator { .. }) {
        return Ok(());
    }
    let new = || wanted.iter().filter(|role| !held.contains(role));
    if new().flat_map(|role| role.capabilities()).any(|capability| !actor.can(*capability)) {
        return Err(OperatorError::Lacks);
    }
    match can_appoint(&new().copied().collect::<Vec<_>>()) {
        true => Err(OperatorError::TwoPeople),
        false => Ok(()),
    }
}

fn can_appoint(roles: &[Role]) -> bool {
    roles.iter().any(|role| role.capabilities().contains(&Capability::ManageOperators))
}

fn distinct(roles: &[Role]) -> Result<Vec<Role>, OperatorError> {
    let roles: std::collections::BTreeSet<Role> = roles.iter().copied().collect();
    if roles.is_empty() { Err(OperatorError::NoRole) } else { Ok(roles.into_iter().collect()) }
}
