//! The second person's answer. What she agrees to is done in the act that spends her accord, or neither lasts.
use super::{AccordError, TwoPeopleAct};
use crate::oidc::AgreedClient;
use crate::sync::Settled;
use crate::views::ConsoleCaller;
use crate::{CaseError, DecideCase, MergeError, MergeEvidence, MergePeople, Workflows};
use audit::{AuditEvent, Code, Events};
use directory::{Decision, PersonState};
use kernel::{AccordId, Actor};
use store::{Accord, StoreError, Transaction};

/// An act in the making, and the accord that it takes where it takes one: what the journal says first of it.
pub(crate) struct Begun {
    pub tx: Transaction,
    given: Option<AuditEvent>,
}

impl Begun {
    /// An act that one person may do.
    pub fn alone(tx: Transaction) -> Self {
        Self { tx, given: None }
    }
    pub fn is_agreed(&self) -> bool {
        self.given.is_some()
    }
    pub async fn commit(self, events: impl Into<Events>) -> Result<(), StoreError> {
        let events = events.into();
        match self.given {
            Some(given) => self.tx.commit((given, events.into_iter().collect())).await,
            None => self.tx.commit(events).await,
        }
    }
    /// Nothing is left to do: the accord was given all the same.
    pub async fn commit_alone(self) -> Result<(), StoreError> {
        match self.given {
            Some(given) => self.tx.commit(given).await,
            None => Ok(()),
        }
    }
}

impl Workflows {
    /// A second person lets it happen, and shows her own key for it.
    pub async fn give_accord(
        &self,
        caller: &ConsoleCaller,
        id: AccordId,
    ) -> Result<(), AccordError> {
        let actor = &caller.actor;
        let (accord, act) = self.asked_accord(actor, id).await?;
        if !accord.waits(self.now()) {
            return Err(AccordError::Over(id));
        }
        let by = actor.id().person().ok_or(AccordError::NoPerson)?;
        if by == accord.asked_by || act.is_about(by) {
            self.trace_attempt(actor, &act, "accord_by_same_person").await?;
            return Err(AccordError::SamePerson);
        }
        if !self.may_still_ask(&accord, &act).await? {
            return Err(AccordError::Over(id));
        }
        let confirmed = act.kind().confirmed_as();
        self.must_be_confirmed(caller, confirmed).await?;
        let with = self.proved_by(caller, confirmed).await?;
        if with.is_some() && with == accord.asked_with {
            self.trace_attempt(actor, &act, "accord_by_same_means").await?;
            return Err(AccordError::SameMeans);
        }
        self.make_ready(actor, &act).await?;
        let tx = self.store().begin().await?;
        self.hold_what_it_is_about(&tx, &act).await?;
        if !tx.accords().answer(id, by, true, self.now()).await? {
            return Err(AccordError::Over(id));
        }
        let given = AuditEvent::AccordGiven {
            by: actor.id(),
            accord: id,
            act: Code::of(act.name()),
            person: act.concerns(),
            case: act.case(),
        };
        self.do_agreed(Begun { tx, given: Some(given) }, actor, act).await
    }

    /// Who tries to be two people is in the journal.
    async fn trace_attempt(
        &self,
        actor: &Actor,
        act: &TwoPeopleAct,
        attempt: &'static str,
    ) -> Result<(), AccordError> {
        let event = AuditEvent::Refused {
            by: actor.id(),
            capability: act.kind().capability(),
            act: Code::of(attempt),
            reference: self.reference(),
        };
        Ok(self.trace(event).await?)
    }

    /// Whoever was taken off, or closed, since she asked counts as one of the two no more.
    async fn may_still_ask(
        &self,
        accord: &Accord,
        act: &TwoPeopleAct,
    ) -> Result<bool, AccordError> {
        let reader = self.store().read();
        let asker = reader.people().find(accord.asked_by).await?;
        let operator = reader.operators().of(accord.asked_by).await?;
        let may = operator.is_some_and(|operator| {
            operator.enabled && operator.actor().can(act.kind().capability())
        });
        let now = self.now();
        Ok(may && asker.is_some_and(|asker| asker.state_at(now) == PersonState::Active))
    }

    /// Whoever may give it says no, or whoever asked takes it back.
    pub async fn refuse_accord(&self, actor: &Actor, id: AccordId) -> Result<(), AccordError> {
        let (_, act) = self.asked_accord(actor, id).await?;
        let by = actor.id().person().ok_or(AccordError::NoPerson)?;
        let tx = self.store().begin().await?;
        if !tx.accords().answer(id, by, false, self.now()).await? {
            return Err(AccordError::Over(id));
        }
        tx.commit(refused(actor, id, &act)).await?;
        Ok(())
    }

    async fn asked_accord(
        &self,
        actor: &Actor,
        id: AccordId,
    ) -> Result<(Accord, TwoPeopleAct), AccordError> {
        let found = self.store().read().accords().find(id).await?;
        let accord = found.ok_or(AccordError::Unknown(id))?;
        let act: TwoPeopleAct =
            serde_json::from_str(&accord.payload).map_err(|_| AccordError::Unknown(id))?;
        self.must(actor, act.kind().capability(), act.name()).await?;
        Ok((accord, act))
    }

    /// What has to be there before the act, and is of no harm without it.
    async fn make_ready(&self, actor: &Actor, act: &TwoPeopleAct) -> Result<(), AccordError> {
        match act {
            TwoPeopleAct::AcceptRegister { file, .. }
            | TwoPeopleAct::DismissRegister { file, .. } => Ok(self.must_be_held(*file).await?),
            TwoPeopleAct::RelaxClient { settings, .. } => {
                Ok(self.ready_for(actor, settings).await?)
            }
            TwoPeopleAct::GrantRoles { .. }
            | TwoPeopleAct::LinkIdentity { .. }
            | TwoPeopleAct::MergePeople { .. } => Ok(()),
        }
    }

    /// Rows are taken in the same order as everywhere: people, then what hangs on them, the accord last.
    async fn hold_what_it_is_about(
        &self,
        tx: &Transaction,
        act: &TwoPeopleAct,
    ) -> Result<(), AccordError> {
        match act {
            TwoPeopleAct::LinkIdentity { case, question, .. } => {
                let case = self.held_case(tx, *case).await?;
                match crate::case_accord::as_shown(&case) == *question {
                    true => Ok(()),
                    false => Err(CaseError::Stale.into()),
                }
            }
            TwoPeopleAct::MergePeople { kept, absorbed, .. } => {
                tx.people().hold_all(&[*kept, *absorbed]).await?;
                Ok(())
            }
            TwoPeopleAct::AcceptRegister { .. }
            | TwoPeopleAct::DismissRegister { .. }
            | TwoPeopleAct::GrantRoles { .. }
            | TwoPeopleAct::RelaxClient { .. } => Ok(()),
        }
    }

    async fn do_agreed(
        &self,
        begun: Begun,
        actor: &Actor,
        act: TwoPeopleAct,
    ) -> Result<(), AccordError> {
        match act {
            // Done here if it waits here; each node on which it waits does it within a minute.
            TwoPeopleAct::AcceptRegister { file, .. } => {
                self.settle_in(begun, actor, file, Settled::Accepted).await?;
                self.follow_at_once().await;
            }
            TwoPeopleAct::DismissRegister { file, .. } => {
                self.settle_in(begun, actor, file, Settled::Dismissed).await?;
                self.follow_at_once().await;
            }
            TwoPeopleAct::GrantRoles { operator, version, roles, .. } => {
                self.keep_operator(begun, actor, operator, Some(version), &roles, true).await?;
            }
            TwoPeopleAct::LinkIdentity { case, candidate, evidence, note, .. } => {
                let decision = Decision::Link { candidate, evidence };
                let decide = DecideCase { case, version: None, decision, note };
                self.decide_in(begun, actor, decide).await?;
            }
            TwoPeopleAct::MergePeople { kept, absorbed, evidence, motive } => {
                // Written by `ask_accord` from the closed list.
                let evidence = MergeEvidence::from_name(&evidence).ok_or(MergeError::NoMotive)?;
                let wish = MergePeople { kept, absorbed, evidence, motive };
                self.merge_in(begun, actor, wish).await?;
            }
            TwoPeopleAct::RelaxClient { client, version, name, profile, settings, enabled } => {
                let wanted = AgreedClient { name, profile, settings: *settings };
                self.write_client(begun, actor, client, version, wanted, enabled).await?;
            }
        }
        Ok(())
    }

    /// The accord is given and kept: what fails here is done by the beat, within the minute.
    async fn follow_at_once(&self) {
        if let Err(error) = self.follow_settled_register().await {
            tracing::error!(%error, "the register that waits was not settled; it will be tried again");
        }
    }
}

fn refused(actor: &Actor, id: AccordId, act: &TwoPeopleAct) -> AuditEvent {
    AuditEvent::AccordRefused {
        by: actor.id(),
        accord: id,
        act: Code::of(act.name()),
        person: act.concerns(),
        case: act.case(),
    }
}
