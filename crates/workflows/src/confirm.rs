//! « C’est bien vous ? » Acts that are wide or hard to take back ask an operator for the key again (console, section
//! 4.3: level 3). Good for ten minutes of the same kind of act, in the session that asked.
use crate::login::LoginError;
use crate::views::ConsoleCaller;
use crate::{WorkflowError, Workflows};
use audit::{AccessKind, AuditEvent, Code, Reference};
use authentication::{
    AssertionRefused, Fido2Credential, Fido2Error, Holder, LoginCeremony, Means, MeansKind,
    MeansStatus, Presented, UserHandle, Verifier,
};
use chrono::Duration;
use kernel::{Actor, Capability, ConfirmationId, DateTime, Utc};
use store::{Confirmation, StoreError, Transaction};

/// A confirmation is good for so long.
pub const CONFIRMED_FOR: Duration = Duration::minutes(10);

/// Kinds of acts that ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfirmedAct {
    ClosePeople,
    ApplyPlan,
    ReleaseBrake,
    LinkIdentity,
    RevokeMeans,
    RotateSecret,
    ChangeMapping,
    ManageOperators,
    MergePeople,
    RelaxClient,
}

impl ConfirmedAct {
    pub const ALL: [Self; 10] = [
        Self::ClosePeople,
        Self::ApplyPlan,
        Self::ReleaseBrake,
        Self::LinkIdentity,
        Self::RevokeMeans,
        Self::RotateSecret,
        Self::ChangeMapping,
        Self::ManageOperators,
        Self::MergePeople,
        Self::RelaxClient,
    ];
    pub fn name(self) -> &'static str {
        match self {
            Self::ClosePeople => "close_people",
            Self::ApplyPlan => "apply_plan",
            Self::ReleaseBrake => "release_brake",
            Self::LinkIdentity => "link_identity",
            Self::RevokeMeans => "revoke_means",
            Self::RotateSecret => "rotate_secret",
            Self::ChangeMapping => "change_mapping",
            Self::ManageOperators => "manage_operators",
            Self::MergePeople => "merge_people",
            Self::RelaxClient => "relax_client",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.name() == name)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// The key is to be shown first.
    #[error("the act {} asks for the key again", .0.name())]
    Needed(ConfirmedAct),
    #[error("no confirmation of this session bears this id, or it was answered already")]
    Unknown(ConfirmationId),
    /// The key did not answer as it should; the cause is in the journal under the reference.
    #[error("the key was refused")]
    Refused(Reference),
    #[error(transparent)]
    Keys(#[from] Fido2Error),
    #[error(transparent)]
    Login(#[from] LoginError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the browser is to ask of the key.
#[derive(Debug, Clone)]
pub struct AskedKey {
    pub id: ConfirmationId,
    /// WebAuthn's request options, as JSON.
    pub options: String,
}

impl Workflows {
    /// Refuses an act that this session has not confirmed. The right to it is checked before.
    pub async fn must_be_confirmed(
        &self,
        caller: &ConsoleCaller,
        act: ConfirmedAct,
    ) -> Result<(), ConfirmError> {
        let shown = self.last_confirmed(caller, act).await?;
        shown.map(|_| ()).ok_or(ConfirmError::Needed(act))
    }

    /// The last confirmation of this kind of act in this session, while it is good.
    pub(crate) async fn last_confirmed(
        &self,
        caller: &ConsoleCaller,
        act: ConfirmedAct,
    ) -> Result<Option<Confirmation>, StoreError> {
        let since = self.now() - CONFIRMED_FOR;
        self.store().read().confirmations().last(caller.session.id, act.name(), since).await
    }

    /// A challenge for the caller's own keys of the console.
    pub async fn begin_confirmation(
        &self,
        caller: &ConsoleCaller,
        act: ConfirmedAct,
    ) -> Result<AskedKey, ConfirmError> {
        let fido2 = self.fido2(AccessKind::Admin).await?;
        let holder = Holder::Operator { operator: caller.operator.id, person: caller.person.id };
        let means = self.store().read().means().of(caller.person.id).await?;
        let own = means.into_iter().filter(|means| {
            means.holder == Some(holder) && means.standing(self.now()) == MeansStatus::Active
        });
        let keys: Vec<Fido2Credential> = own
            .filter_map(|means| match (means.kind, means.verifier) {
                (MeansKind::Fido2, Some(Verifier::Fido2(credential))) => Some(*credential),
                _ => None,
            })
            .collect();
        let expected = Some((UserHandle::from(holder), keys.as_slice()));
        let (options, ceremony) = fido2.begin_login(expected, self.now())?;
        let asked = Confirmation {
            id: self.id(),
            session: caller.session.id,
            act: act.name().to_owned(),
            ceremony: Some(ceremony.text()?),
            begun_at: self.now(),
            confirmed_at: None,
            means: None,
        };
        self.store().upkeep().begin_confirmation(&asked).await?;
        Ok(AskedKey { id: asked.id, options: options.0 })
    }

    /// The key answered. Until when the act is confirmed.
    pub async fn confirm(
        &self,
        caller: &ConsoleCaller,
        id: ConfirmationId,
        answer: &str,
    ) -> Result<(ConfirmedAct, DateTime<Utc>), ConfirmError> {
        let unknown = || ConfirmError::Unknown(id);
        let asked = self.store().read().confirmations().find(id).await?.ok_or_else(unknown)?;
        if asked.session != caller.session.id {
            return Err(unknown());
        }
        let act = ConfirmedAct::from_name(&asked.act).ok_or_else(unknown)?;
        let ceremony = asked.ceremony.as_deref().ok_or_else(unknown)?;
        let ceremony = LoginCeremony::from_text(ceremony)?;
        // Spent before the answer is looked at (threats FI-02).
        if !self.store().upkeep().spend_confirmation(id).await? {
            return Err(unknown());
        }
        let fido2 = self.fido2(AccessKind::Admin).await?;
        let presented = match fido2.presented(answer) {
            Ok(presented) => presented,
            Err(refused) => return self.refuse_confirmation(caller, act, refused.code()).await,
        };
        let holder = Holder::Operator { operator: caller.operator.id, person: caller.person.id };
        let tx = self.store().begin().await?;
        let Some((mut means, credential)) = self.own_key(&tx, &presented, holder).await? else {
            drop(tx);
            return self.refuse_confirmation(caller, act, "key_of_somebody_else").await;
        };
        let handle = UserHandle::from(holder);
        match fido2.finish_login(ceremony, &presented, handle, &credential, self.now()) {
            Ok(verified) if verified.user_verified() => {
                let kept = verified.credential().clone();
                means.verifier = Some(Verifier::Fido2(Box::new(kept)));
                means.last_used_at = Some(self.now());
                tx.means().save(&means).await?;
                tx.confirmations().confirm(id, means.id, self.now()).await?;
                let event = AuditEvent::ActConfirmed {
                    by: caller.actor.id(),
                    session: caller.session.id,
                    means: means.id,
                    act: Code::of(act.name()),
                };
                tx.commit(event).await?;
                Ok((act, self.now() + CONFIRMED_FOR))
            }
            Ok(_) => {
                drop(tx);
                self.refuse_confirmation(caller, act, "not_verified").await
            }
            Err(refused) => {
                // FI-06: a copy of the key exists; it is stopped, here as at a login.
                match refused == AssertionRefused::CounterWentBack {
                    true => self.suspend_copied(tx, means, caller.person.id).await?,
                    false => drop(tx), // the refusal is an act of its own
                }
                self.refuse_confirmation(caller, act, refused.code()).await
            }
        }
    }

    /// The key of the console that this claims to be, if it is the caller's and serves.
    async fn own_key(
        &self,
        tx: &Transaction,
        presented: &Presented,
        holder: Holder,
    ) -> Result<Option<(Means, Fido2Credential)>, StoreError> {
        let found = tx.means().by_credential(presented.credential_id()).await?;
        let own = found.filter(|means| {
            means.holder == Some(holder) && means.standing(self.now()) == MeansStatus::Active
        });
        Ok(own.and_then(|means| match &means.verifier {
            Some(Verifier::Fido2(credential)) => {
                let credential = Fido2Credential::clone(credential);
                Some((means, credential))
            }
            _ => None,
        }))
    }

    async fn refuse_confirmation<T>(
        &self,
        caller: &ConsoleCaller,
        act: ConfirmedAct,
        reason: &'static str,
    ) -> Result<T, ConfirmError> {
        let reference = self.reference();
        let event = AuditEvent::ConfirmationRefused {
            by: caller.actor.id(),
            session: caller.session.id,
            act: Code::of(act.name()),
            reason: Code::of(reason),
            reference: reference.clone(),
        };
        self.trace(event).await?;
        Err(ConfirmError::Refused(reference))
    }
}

/// Rights to acts that ask for the key: looked at first, so that whoever lacks one is told that and no more.
impl Workflows {
    pub async fn may_apply_plans(&self, actor: &Actor) -> Result<(), WorkflowError> {
        self.must(actor, Capability::ApplyPlans, "apply_plan").await
    }
    pub async fn may_release_brakes(&self, actor: &Actor) -> Result<(), WorkflowError> {
        self.must(actor, Capability::ReleaseBrakes, "release_brake").await
    }
    pub async fn may_revoke_means(&self, actor: &Actor) -> Result<(), WorkflowError> {
        self.must(actor, Capability::RevokeMeans, "revoke_means").await
    }
    pub async fn may_manage_operators(&self, actor: &Actor) -> Result<(), WorkflowError> {
        self.must(actor, Capability::ManageOperators, "manage_operators").await
    }
    pub async fn may_manage_clients(&self, actor: &Actor) -> Result<(), WorkflowError> {
        self.must(actor, Capability::ManageClients, "rotate_client_secret").await
    }
    pub async fn may_decide_cases(&self, actor: &Actor) -> Result<(), WorkflowError> {
        self.must(actor, Capability::DecideCases, "decide_case").await
    }
}
