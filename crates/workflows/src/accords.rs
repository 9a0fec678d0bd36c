//! Acts that take two people (console, section 4.3: level 4): one asks, another lets it happen within a quarter of an
//! hour. What is asked for is kept whole, so that the second person lets happen what the first one meant.
use crate::login::OperatorError;
use crate::oidc::ClientError;
use crate::sync::AcceptError;
use crate::{
    CaseError, DecideCase, MergeError, MergeEvidence, MergePeople, WorkflowError, Workflows,
};
use audit::{AuditEvent, Code};
use chrono::Duration;
use directory::{Decision, Person};
use kernel::{AccordId, Actor, Capability, CaseId, ClientId, OperatorId, PersonId, Role};
use oidc::{ClientSettings, Profile};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::views::person;
use store::{Accord, StoreError};

/// An accord that nobody gave is void after so long.
pub const ACCORD: Duration = Duration::minutes(15);
/// A link waits until whoever decides with us is back: nothing hangs on it meanwhile.
pub const LINK_ACCORD: Duration = Duration::hours(24);

/// What waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum TwoPeopleAct {
    /// Takes the version of the register that a brake holds.
    AcceptRegister { version: u64 },
    /// Forgets that version.
    DismissRegister { version: u64 },
    /// The right to appoint operators, for one of them.
    GrantRoles { operator: OperatorId, version: i64, person: PersonId, roles: Vec<Role> },
    /// The candidate that somebody chose for a question, on her evidence.
    LinkIdentity {
        case: CaseId,
        /// The question as it was shown: answered, taken back or moved since, it is asked again.
        version: i64,
        /// Whose it would be.
        person: Option<PersonId>,
        candidate: String,
        evidence: String,
        note: Option<String>,
    },
    /// Two records of one person, where one of them bears a number of the register.
    MergePeople { kept: PersonId, absorbed: PersonId, evidence: String, motive: String },
    /// A client with relaxations, new or changed.
    RelaxClient {
        client: ClientId,
        version: i64,
        name: String,
        profile: Profile,
        settings: Box<ClientSettings>,
        enabled: bool,
    },
}

impl TwoPeopleAct {
    pub fn name(&self) -> &'static str {
        match self {
            Self::AcceptRegister { .. } => "accept_register",
            Self::DismissRegister { .. } => "dismiss_register",
            Self::GrantRoles { .. } => "grant_roles",
            Self::LinkIdentity { .. } => "link_identity",
            Self::MergePeople { .. } => "merge_people",
            Self::RelaxClient { .. } => "relax_client",
        }
    }
    /// The right that both need.
    fn capability(&self) -> Capability {
        match self {
            Self::AcceptRegister { .. } | Self::DismissRegister { .. } => Capability::ReleaseBrakes,
            Self::GrantRoles { .. } => Capability::ManageOperators,
            Self::LinkIdentity { .. } | Self::MergePeople { .. } => Capability::DecideCases,
            Self::RelaxClient { .. } => Capability::ManageClients,
        }
    }
    /// How long it waits for an answer.
    fn lasts(&self) -> Duration {
        match self {
            Self::LinkIdentity { .. } | Self::MergePeople { .. } => LINK_ACCORD,
            Self::AcceptRegister { .. }
            | Self::DismissRegister { .. }
            | Self::GrantRoles { .. }
            | Self::RelaxClient { .. } => ACCORD,
        }
    }
    /// What it is about, in words.
    pub fn subject(&self) -> String {
        match self {
            Self::AcceptRegister { version } | Self::DismissRegister { version } => {
                version.to_string()
            }
            Self::GrantRoles { person, .. } => person.to_string(),
            Self::LinkIdentity { case, person, .. } => {
                person.map_or_else(|| case.to_string(), |person| person.to_string())
            }
            Self::MergePeople { kept, .. } => kept.to_string(),
            Self::RelaxClient { name, .. } => name.clone(),
        }
    }
    /// The question that it answers.
    pub fn case(&self) -> Option<CaseId> {
        match self {
            Self::LinkIdentity { case, .. } => Some(*case),
            Self::AcceptRegister { .. }
            | Self::DismissRegister { .. }
            | Self::GrantRoles { .. }
            | Self::MergePeople { .. }
            | Self::RelaxClient { .. } => None,
        }
    }
    /// Whom it is about: she does not let it happen herself (threats AM-09).
    pub fn concerns(&self) -> Option<PersonId> {
        match self {
            Self::GrantRoles { person, .. } => Some(*person),
            Self::LinkIdentity { person, .. } => *person,
            Self::MergePeople { kept, .. } => Some(*kept),
            Self::AcceptRegister { .. }
            | Self::DismissRegister { .. }
            | Self::RelaxClient { .. } => None,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum AccordError {
    #[error("no accord bears this id")]
    Unknown(AccordId),
    #[error("somebody answered before, or it is too late")]
    Over(AccordId),
    /// Who asks, or who answers, is nobody in particular: the accord of a person is needed.
    #[error("an accord is asked for and given by people")]
    NoPerson,
    #[error("whoever asks does not answer herself")]
    SamePerson,
    #[error(transparent)]
    Register(#[from] AcceptError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Operator(#[from] OperatorError),
    #[error(transparent)]
    Case(#[from] CaseError),
    #[error(transparent)]
    Merge(#[from] MergeError),
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An accord that waits, and who asked for it.
#[derive(Debug, Clone)]
pub struct WaitingAccord {
    pub accord: Accord,
    pub act: TwoPeopleAct,
    pub asked_by: Option<Person>,
    /// Whom it is about, where it is about somebody.
    pub about: Option<Person>,
}

impl Workflows {
    /// Asks for a second person. Nothing happens before her answer.
    pub async fn ask_accord(
        &self,
        actor: &Actor,
        act: &TwoPeopleAct,
    ) -> Result<Accord, AccordError> {
        self.must(actor, act.capability(), act.name()).await?;
        let asked_by = actor.id().person().ok_or(AccordError::NoPerson)?;
        let now = self.now();
        let accord = Accord {
            id: self.id(),
            act: act.name().to_owned(),
            payload: serde_json::to_string(act).expect("acts are plain JSON"),
            asked_by,
            asked_at: now,
            expires_at: now + act.lasts(),
            answered_by: None,
            answered_at: None,
            given: false,
        };
        let tx = self.store().begin().await?;
        tx.accords().ask(&accord).await?;
        let event = AuditEvent::AccordAsked {
            by: actor.id(),
            accord: accord.id,
            act: Code::of(act.name()),
            person: act.concerns(),
            case: act.case(),
            expires_at: accord.expires_at,
        };
        tx.commit(event).await?;
        Ok(accord)
    }

    /// Asks that an operator be given the right to appoint others.
    pub async fn ask_roles(
        &self,
        actor: &Actor,
        id: OperatorId,
        roles: &[Role],
    ) -> Result<Accord, AccordError> {
        let known = self.store().read().operators().find(id).await?;
        let known = known.ok_or(OperatorError::Unknown(id))?;
        let (version, person) = (known.version, known.person);
        let act = TwoPeopleAct::GrantRoles { operator: id, version, person, roles: roles.to_vec() };
        self.ask_accord(actor, &act).await
    }

    /// What waits for somebody; each of those who may give it sees it.
    pub async fn waiting_accords(
        &self,
        actor: &Actor,
    ) -> Result<Vec<WaitingAccord>, WorkflowError> {
        let reader = self.store().read();
        let waiting = reader.accords().waiting(self.now()).await?;
        let mut seen: Vec<(Accord, TwoPeopleAct)> = waiting
            .into_iter()
            .filter_map(|accord| {
                let act = serde_json::from_str(&accord.payload).ok()?;
                Some((accord, act))
            })
            .collect();
        seen.retain(|(_, act)| actor.can(act.capability()));
        let named = seen.iter().map(|(accord, _)| accord.asked_by);
        let ids: Vec<PersonId> =
            named.chain(seen.iter().filter_map(|(_, act)| act.concerns())).collect();
        let people: BTreeMap<PersonId, Person> = person::named(&reader, &ids).await?;
        let shown = seen.into_iter().map(|(accord, act)| WaitingAccord {
            asked_by: people.get(&accord.asked_by).cloned(),
            about: act.concerns().and_then(|person| people.get(&person).cloned()),
            accord,
            act,
        });
        Ok(shown.collect())
    }

    /// A second person lets it happen, or not. The first answer holds.
    pub async fn answer_accord(
        &self,
        actor: &Actor,
        id: AccordId,
        given: bool,
    ) -> Result<(), AccordError> {
        let found = self.store().read().accords().find(id).await?;
        let accord = found.ok_or(AccordError::Unknown(id))?;
        let act: TwoPeopleAct =
            serde_json::from_str(&accord.payload).map_err(|_| AccordError::Unknown(id))?;
        self.must(actor, act.capability(), act.name()).await?;
        let by = actor.id().person().ok_or(AccordError::NoPerson)?;
        if given && (by == accord.asked_by || act.concerns() == Some(by)) {
            return Err(AccordError::SamePerson);
        }
        let tx = self.store().begin().await?;
        if !tx.accords().answer(id, by, given, self.now()).await? {
            return Err(AccordError::Over(id));
        }
        let (by, name) = (actor.id(), Code::of(act.name()));
        let (person, case) = (act.concerns(), act.case());
        let event = match given {
            true => AuditEvent::AccordGiven { by, accord: id, act: name, person, case },
            false => AuditEvent::AccordRefused { by, accord: id, act: name, person, case },
        };
        tx.commit(event).await?;
        if given { self.do_agreed(actor, act).await } else { Ok(()) }
    }

    async fn do_agreed(&self, actor: &Actor, act: TwoPeopleAct) -> Result<(), AccordError> {
        match act {
            TwoPeopleAct::AcceptRegister { version } => {
                self.must_wait(version)?;
                self.accept_register(actor).await?;
            }
            TwoPeopleAct::DismissRegister { version } => {
                self.must_wait(version)?;
                self.dismiss_register(actor).await?;
            }
            TwoPeopleAct::GrantRoles { operator, version, roles, .. } => {
                self.keep_operator(actor, operator, Some(version), &roles, true).await?;
            }
            TwoPeopleAct::LinkIdentity { case, version, candidate, evidence, note, .. } => {
                let decision = Decision::Link { candidate, evidence };
                let decide = DecideCase { case, version: Some(version), decision, note };
                self.decide_agreed(actor, decide).await?;
            }
            TwoPeopleAct::MergePeople { kept, absorbed, evidence, motive } => {
                // Written by `ask_accord` from the closed list.
                let evidence = MergeEvidence::from_name(&evidence).ok_or(MergeError::NoMotive)?;
                let wish = MergePeople { kept, absorbed, evidence, motive };
                self.merge_agreed(actor, wish).await?;
            }
            TwoPeopleAct::RelaxClient { client, version, name, profile, settings, enabled } => {
                let wanted = crate::oidc::AgreedClient { name, profile, settings: *settings };
                self.keep_client(actor, client, version, wanted, enabled).await?;
            }
        }
        Ok(())
    }

    /// The version that was looked at is still the one that waits.
    fn must_wait(&self, version: u64) -> Result<(), AcceptError> {
        match self.waiting_register()? {
            Some(waiting) if waiting.number == version => Ok(()),
            Some(_) | None => Err(AcceptError::Nothing),
        }
    }
}
