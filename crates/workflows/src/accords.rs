//! Acts that take two people (console, section 4.3: level 4): one asks, another lets it happen within a quarter of an
//! hour. What is asked for is kept whole, so that the second person lets happen what the first one meant.
use crate::login::OperatorError;
use crate::oidc::ClientError;
use crate::sync::AcceptError;
use crate::views::ConsoleCaller;
use crate::{CaseError, ConfirmError, ConfirmedAct, MergeError, WorkflowError, Workflows};
use audit::{AuditEvent, Code, Digest};
use authentication::ProofOf;
use chrono::{Duration, NaiveDate};
use directory::{CaseKind, Person};
use kernel::{AccordId, Actor, Capability, CaseId, ClientId, MeansId, OperatorId, PersonId, Role};
use oidc::{ClientSettings, Profile};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::views::person;
use store::{Accord, StoreError, Transaction};

mod answer;

pub(crate) use answer::Begun;

/// An accord that nobody gave is void after so long.
pub const ACCORD: Duration = Duration::minutes(15);
/// A link waits until whoever decides with us is back: nothing hangs on it meanwhile.
pub const LINK_ACCORD: Duration = Duration::hours(24);
/// More are counted, not shown.
const SHOWN: u64 = 200;

/// Kinds of acts that take two people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TwoPeopleKind {
    AcceptRegister,
    DismissRegister,
    GrantRoles,
    LinkIdentity,
    MergePeople,
    RelaxClient,
}

impl TwoPeopleKind {
    pub const ALL: [Self; 6] = [
        Self::AcceptRegister,
        Self::DismissRegister,
        Self::GrantRoles,
        Self::LinkIdentity,
        Self::MergePeople,
        Self::RelaxClient,
    ];
    pub fn name(self) -> &'static str {
        match self {
            Self::AcceptRegister => "accept_register",
            Self::DismissRegister => "dismiss_register",
            Self::GrantRoles => "grant_roles",
            Self::LinkIdentity => "link_identity",
            Self::MergePeople => "merge_people",
            Self::RelaxClient => "relax_client",
        }
    }
    /// The right that both need.
    fn capability(self) -> Capability {
        match self {
            Self::AcceptRegister | Self::DismissRegister => Capability::ReleaseBrakes,
            Self::GrantRoles => Capability::ManageOperators,
            Self::LinkIdentity | Self::MergePeople => Capability::DecideCases,
            Self::RelaxClient => Capability::ManageClients,
        }
    }
    /// What the second person confirms with her key, as whoever does such an act alone (threats AM-09).
    fn confirmed_as(self) -> ConfirmedAct {
        match self {
            Self::AcceptRegister | Self::DismissRegister => ConfirmedAct::ReleaseBrake,
            Self::GrantRoles => ConfirmedAct::ManageOperators,
            Self::LinkIdentity => ConfirmedAct::LinkIdentity,
            Self::MergePeople => ConfirmedAct::MergePeople,
            Self::RelaxClient => ConfirmedAct::RelaxClient,
        }
    }
    /// How long it waits for an answer.
    fn lasts(self) -> Duration {
        match self {
            Self::LinkIdentity | Self::MergePeople => LINK_ACCORD,
            Self::AcceptRegister | Self::DismissRegister | Self::GrantRoles | Self::RelaxClient => {
                ACCORD
            }
        }
    }
}

/// What waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum TwoPeopleAct {
    /// Takes the version of the register that a brake holds: its number on the node that read it, and its content, which
    /// is the same on each, as is the day of the extract.
    AcceptRegister {
        version: u64,
        file: Digest,
        #[serde(default)]
        extracted_on: Option<NaiveDate>,
    },
    /// Forgets that version.
    DismissRegister {
        version: u64,
        file: Digest,
        #[serde(default)]
        extracted_on: Option<NaiveDate>,
    },
    /// The right to appoint operators, for one of them.
    GrantRoles { operator: OperatorId, version: i64, person: PersonId, roles: Vec<Role> },
    /// The candidate that somebody chose for a question, on her evidence.
    LinkIdentity {
        case: CaseId,
        /// The kind of question: a number of the register, an account, or a record of one of ours.
        kind: String,
        /// The question as it was shown: answered, taken back or moved since, it is asked again.
        question: Digest,
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
    pub fn kind(&self) -> TwoPeopleKind {
        match self {
            Self::AcceptRegister { .. } => TwoPeopleKind::AcceptRegister,
            Self::DismissRegister { .. } => TwoPeopleKind::DismissRegister,
            Self::GrantRoles { .. } => TwoPeopleKind::GrantRoles,
            Self::LinkIdentity { .. } => TwoPeopleKind::LinkIdentity,
            Self::MergePeople { .. } => TwoPeopleKind::MergePeople,
            Self::RelaxClient { .. } => TwoPeopleKind::RelaxClient,
        }
    }
    pub fn name(&self) -> &'static str {
        self.kind().name()
    }
    /// What it is about, in words.
    pub fn subject(&self) -> String {
        match self {
            Self::AcceptRegister { version, extracted_on, .. }
            | Self::DismissRegister { version, extracted_on, .. } => {
                extracted_on.map_or_else(|| version.to_string(), |day| day.to_string())
            }
            Self::GrantRoles { person, .. } => person.to_string(),
            Self::LinkIdentity { case, person, .. } => {
                person.map_or_else(|| case.to_string(), |person| person.to_string())
            }
            Self::MergePeople { kept, .. } => kept.to_string(),
            Self::RelaxClient { name, .. } => name.clone(),
        }
    }
    /// The content of the register that it settles, the same on every node.
    pub fn register_content(&self) -> Option<Digest> {
        match self {
            Self::AcceptRegister { file, .. } | Self::DismissRegister { file, .. } => Some(*file),
            Self::GrantRoles { .. }
            | Self::LinkIdentity { .. }
            | Self::MergePeople { .. }
            | Self::RelaxClient { .. } => None,
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
    /// The kind of question that it answers.
    pub fn case_kind(&self) -> Option<CaseKind> {
        match self {
            Self::LinkIdentity { kind, .. } => CaseKind::from_name(kind),
            Self::AcceptRegister { .. }
            | Self::DismissRegister { .. }
            | Self::GrantRoles { .. }
            | Self::MergePeople { .. }
            | Self::RelaxClient { .. } => None,
        }
    }
    /// Whether it is about this person: whoever it is about lets nothing happen.
    pub fn is_about(&self, person: PersonId) -> bool {
        let absorbed = matches!(self, Self::MergePeople { absorbed, .. } if *absorbed == person);
        absorbed || self.concerns() == Some(person)
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
    /// Two people, and what proved one proves the other: that is one key in two hands.
    #[error("both were proved by the same means")]
    SameMeans,
    #[error(transparent)]
    Confirm(#[from] ConfirmError),
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

/// The first of those that wait, short-lived ones before the others, and how many there are.
#[derive(Debug, Clone)]
pub struct WaitingAccords {
    pub items: Vec<WaitingAccord>,
    pub total: u64,
}

impl Workflows {
    /// Asks for a second person. Nothing happens before her answer.
    pub async fn ask_accord(
        &self,
        caller: &ConsoleCaller,
        act: &TwoPeopleAct,
    ) -> Result<Accord, AccordError> {
        self.must(&caller.actor, act.kind().capability(), act.name()).await?;
        let asked_with = self.proved_by(caller, act.kind().confirmed_as()).await?;
        let tx = self.store().begin().await?;
        self.ask_in(tx, &caller.actor, act, asked_with).await
    }

    pub(crate) async fn ask_in(
        &self,
        tx: Transaction,
        actor: &Actor,
        act: &TwoPeopleAct,
        asked_with: Option<MeansId>,
    ) -> Result<Accord, AccordError> {
        let asked_by = actor.id().person().ok_or(AccordError::NoPerson)?;
        let now = self.now();
        let accord = Accord {
            id: self.id(),
            act: act.name().to_owned(),
            payload: serde_json::to_string(act).expect("acts are plain JSON"),
            asked_by,
            asked_at: now,
            expires_at: now + act.kind().lasts(),
            answered_by: None,
            answered_at: None,
            given: false,
            case: act.case(),
            asked_with,
        };
        match (tx.accords().ask(&accord).await, accord.case) {
            (Err(StoreError::Conflict(_)), Some(case)) => {
                return Err(CaseError::AccordWaits(case).into());
            }
            (asked, _) => asked?,
        }
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

    /// What showed that it is this caller: the key for this kind of act, or else what she logged in with.
    pub(crate) async fn proved_by(
        &self,
        caller: &ConsoleCaller,
        act: ConfirmedAct,
    ) -> Result<Option<MeansId>, StoreError> {
        let shown = self.last_confirmed(caller, act).await?.and_then(|shown| shown.means);
        Ok(shown.or_else(|| {
            caller.session.proofs.iter().find_map(|proof| match proof.of() {
                ProofOf::Means(means) => Some(means),
                ProofOf::Account(_) => None,
            })
        }))
    }

    /// Asks that an operator be given the right to appoint others.
    pub async fn ask_roles(
        &self,
        caller: &ConsoleCaller,
        id: OperatorId,
        roles: &[Role],
    ) -> Result<Accord, AccordError> {
        let known = self.store().read().operators().find(id).await?;
        let known = known.ok_or(OperatorError::Unknown(id))?;
        let (version, person) = (known.version, known.person);
        let act = TwoPeopleAct::GrantRoles { operator: id, version, person, roles: roles.to_vec() };
        self.ask_accord(caller, &act).await
    }

    /// What waits for somebody; each of those who may give it sees it.
    pub async fn waiting_accords(&self, actor: &Actor) -> Result<WaitingAccords, WorkflowError> {
        let may = |kind: &TwoPeopleKind| actor.can(kind.capability());
        let (late, soon): (Vec<TwoPeopleKind>, Vec<TwoPeopleKind>) =
            TwoPeopleKind::ALL.into_iter().filter(may).partition(|kind| kind.lasts() > ACCORD);
        let names = |kinds: Vec<TwoPeopleKind>| kinds.into_iter().map(TwoPeopleKind::name);
        let (soon, late): (Vec<&str>, Vec<&str>) = (names(soon).collect(), names(late).collect());
        let reader = self.store().read();
        let (waiting, total) = reader.accords().waiting((&soon, &late), SHOWN, self.now()).await?;
        Ok(WaitingAccords { items: self.named_accords(waiting).await?, total })
    }

    /// Each with its act and the people of it by name. One that another version of the product wrote is not understood,
    /// and lets nothing happen.
    pub(crate) async fn named_accords(
        &self,
        accords: Vec<Accord>,
    ) -> Result<Vec<WaitingAccord>, StoreError> {
        let seen: Vec<(Accord, TwoPeopleAct)> = accords
            .into_iter()
            .filter_map(|accord| {
                let act = serde_json::from_str(&accord.payload).ok()?;
                Some((accord, act))
            })
            .collect();
        let named = seen.iter().map(|(accord, _)| accord.asked_by);
        let ids: Vec<PersonId> =
            named.chain(seen.iter().filter_map(|(_, act)| act.concerns())).collect();
        let people: BTreeMap<PersonId, Person> = person::named(&self.store().read(), &ids).await?;
        let shown = seen.into_iter().map(|(accord, act)| WaitingAccord {
            asked_by: people.get(&accord.asked_by).cloned(),
            about: act.concerns().and_then(|person| people.get(&person).cloned()),
            accord,
            act,
        });
        Ok(shown.collect())
    }
}
