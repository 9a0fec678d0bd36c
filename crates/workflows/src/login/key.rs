use super::refuse::Cause;
use super::state::{LOGIN, LoginState, Step, Underway, login_ceremony};
use super::{LoginAnswer, LoginError, LoginView, Visit};
use crate::Workflows;
use audit::{AccessKind, AuditEvent, Code};
use authentication::{
    AssertionRefused, Fido2, Fido2Credential, Holder, LoginCeremony, Means, MeansKind, MeansStatus,
    Place, Presented, Proof, ThrottleScope, UserHandle, VerifiedKey, Verifier,
};
use chrono::{DateTime, Utc};
use kernel::{ActorId, MeansId, PersonId};
use store::{StoreError, Transaction};

impl Workflows {
    /// Keys of one listener: the origin of the other is not accepted here (threats FI-08).
    pub(crate) async fn fido2(&self, listener: AccessKind) -> Result<Fido2, LoginError> {
        let parts = self.parts();
        let origin = match listener {
            AccessKind::Public => &parts.public_origin,
            AccessKind::Admin => &parts.admin_origin,
        };
        let house = self.house().await?;
        Ok(Fido2::new(&parts.rp_id, &house.name, &[origin])?)
    }

    /// « Clé »: a challenge for any key, or for the keys of the person that a password named.
    pub async fn begin_key(
        &self,
        visit: &Visit<'_>,
        handle: &str,
    ) -> Result<LoginView, LoginError> {
        let mut underway: Underway<LoginState> = self.underway(visit, handle, LOGIN).await?;
        self.ask_for_key(visit, &mut underway).await?;
        self.view(handle, &underway, None).await
    }

    pub(super) async fn ask_for_key(
        &self,
        visit: &Visit<'_>,
        underway: &mut Underway<LoginState>,
    ) -> Result<(), LoginError> {
        let fido2 = self.fido2(visit.listener).await?;
        let known = match underway.login.person {
            None => None,
            Some(person) => {
                let keys = credentials(self.store().read().means().of(person).await?, |means| {
                    means.holder == Some(Holder::Person(person))
                        && means.standing(self.now()) == MeansStatus::Active
                });
                Some((UserHandle::from(Holder::Person(person)), keys))
            }
        };
        let expected = known.as_ref().map(|(handle, keys)| (*handle, keys.as_slice()));
        let (options, ceremony) = fido2.begin_login(expected, self.now())?;
        underway.state.step = Step::Key { options: options.0, ceremony: ceremony.text()? };
        underway.state.awaits_card = false;
        self.move_on(underway).await
    }

    /// The key answered. The challenge is spent by the act that the answer leads to, or by its refusal, and never twice
    /// (threats FI-02).
    pub async fn give_key(
        &self,
        visit: &Visit<'_>,
        handle: &str,
        answer: &str,
    ) -> Result<LoginAnswer, LoginError> {
        let mut underway: Underway<LoginState> = self.underway(visit, handle, LOGIN).await?;
        let Step::Key { ceremony, .. } = &underway.state.step else {
            return Ok(LoginAnswer::Page(Box::new(self.view(handle, &underway, None).await?)));
        };
        let ceremony = login_ceremony(ceremony)?;
        underway.state.step = Step::Choice;
        let fido2 = self.fido2(visit.listener).await?;
        let presented = match fido2.presented(answer) {
            Ok(presented) => presented,
            Err(refused) => {
                return self.refuse_key(visit, handle, underway, Cause::of(refused.code())).await;
            }
        };
        let asked = Asked { fido2, ceremony, presented };
        let looked = self.look_before(&asked).await?;
        let tx = self.store().begin().await?;
        let (means, holder, credential) = match self.claimed(&tx, visit, &asked.presented).await? {
            Ok(claimed) => claimed,
            Err(cause) => {
                drop(tx);
                return self.refuse_key(visit, handle, underway, cause).await;
            }
        };
        // The same answer twice at once: it is no copy of the key.
        let current = tx.logins().find(&underway.login.handle).await?;
        if current.is_none_or(|current| current.version != underway.login.version) {
            return Err(LoginError::Over);
        }
        // What it was looked at with is what stands now, or it is looked at again with the latest counter.
        let verified = match looked {
            Some(looked) if looked.at == (means.id, means.version) => looked.verified,
            _ => asked.look(holder, &credential, self.now()),
        };
        self.weigh_key(visit, handle, underway, tx, (means, holder), verified).await
    }

    /// A signature takes as long as a whole act: it is looked at before, so that nobody waits for it.
    async fn look_before(&self, asked: &Asked) -> Result<Option<Looked>, StoreError> {
        let credential = asked.presented.credential_id();
        let Some(means) = self.store().read().means().with_credential(credential).await? else {
            return Ok(None);
        };
        let (Some(Verifier::Fido2(credential)), Some(holder)) = (&means.verifier, means.holder)
        else {
            return Ok(None);
        };
        let verified = asked.look(holder, credential, self.now());
        Ok(Some(Looked { at: (means.id, means.version), verified }))
    }

    async fn weigh_key(
        &self,
        visit: &Visit<'_>,
        handle: &str,
        underway: Underway<LoginState>,
        tx: Transaction,
        (means, holder): (Means, Holder),
        verified: Result<VerifiedKey, AssertionRefused>,
    ) -> Result<LoginAnswer, LoginError> {
        let cause = |reason| Cause {
            person: Some(holder.person()),
            means: Some(means.id),
            ..Cause::of(reason)
        };
        let of_another = underway.login.person.is_some_and(|person| person != holder.person());
        match verified {
            Ok(verified) if !of_another => {
                self.after_key(visit, handle, underway, tx, (means, holder), &verified).await
            }
            Ok(_) => {
                drop(tx);
                self.refuse_key(visit, handle, underway, cause("key_of_somebody_else")).await
            }
            Err(AssertionRefused::CounterWentBack) => {
                let cause = cause(AssertionRefused::CounterWentBack.code());
                self.suspend_copied(tx, means, holder.person()).await?;
                self.refuse_key(visit, handle, underway, cause).await
            }
            Err(refused) => {
                drop(tx);
                tracing::info!(reason = %refused, "a key's answer does not hold");
                self.refuse_key(visit, handle, underway, cause(refused.code())).await
            }
        }
    }

    async fn after_key(
        &self,
        visit: &Visit<'_>,
        handle: &str,
        mut underway: Underway<LoginState>,
        tx: Transaction,
        (mut means, holder): (Means, Holder),
        verified: &VerifiedKey,
    ) -> Result<LoginAnswer, LoginError> {
        let place = Place { network: visit.network.to_owned(), zone: "outside".to_owned() };
        underway.state.add(Proof::by_key(verified, means.id, self.now(), place))?;
        underway.login.person = Some(holder.person());
        means.verifier = Some(Verifier::Fido2(Box::new(verified.credential().clone())));
        means.last_used_at = Some(self.now());
        tx.means().used(&means).await?;
        self.conclude(visit, handle, underway, tx, holder, Vec::new()).await
    }

    /// Whose key this claims to be: known, active, and made for this listener.
    async fn claimed(
        &self,
        tx: &Transaction,
        visit: &Visit<'_>,
        presented: &Presented,
    ) -> Result<Result<(Means, Holder, Fido2Credential), Cause>, StoreError> {
        let found = tx.means().by_credential(presented.credential_id()).await?;
        let Some(means) = found else { return Ok(Err(Cause::of("key_unknown"))) };
        let person = means.holder.map(Holder::person);
        let refused =
            |reason| Ok(Err(Cause { person, means: Some(means.id), ..Cause::of(reason) }));
        if means.standing(self.now()) != MeansStatus::Active {
            return refused("means_not_active");
        }
        let holder = match (means.holder, visit.listener) {
            (Some(holder @ Holder::Person(_)), AccessKind::Public)
            | (Some(holder @ Holder::Operator { .. }), AccessKind::Admin) => holder,
            _ => return refused("key_of_the_other_side"),
        };
        match &means.verifier {
            Some(Verifier::Fido2(credential)) => {
                let credential = Fido2Credential::clone(credential);
                Ok(Ok((means, holder, credential)))
            }
            _ => refused("means_not_active"),
        }
    }

    // FI-06: a copy exists. The means is stopped at once; the desk gives another.
    pub(crate) async fn suspend_copied(
        &self,
        tx: Transaction,
        means: Means,
        person: PersonId,
    ) -> Result<(), LoginError> {
        let id = means.id;
        let Ok(suspended) = means.suspend() else { return Ok(()) };
        tx.means().save(&suspended).await?;
        let mut events = vec![AuditEvent::MeansSuspended {
            by: ActorId::Nobody,
            person,
            means: id,
            reason: Code::of("key_counter_went_back"),
            motive: None,
        }];
        events.extend(self.close_leaning_on(&tx, &ActorId::Nobody, person, id).await?);
        let first = events.remove(0);
        tx.commit((first, events)).await?;
        Ok(())
    }

    async fn refuse_key(
        &self,
        visit: &Visit<'_>,
        handle: &str,
        mut underway: Underway<LoginState>,
        cause: Cause,
    ) -> Result<LoginAnswer, LoginError> {
        self.move_on(&mut underway).await?;
        let network = ThrottleScope::Network { network: visit.network };
        let scopes = match cause.means {
            None => vec![network],
            Some(means) => {
                vec![network, ThrottleScope::Means { means, network: visit.network }]
            }
        };
        let counted = self.count_try(&scopes).await?;
        let cause = Cause { client: underway.state.client, ..cause };
        let refusal = self.refuse(visit, cause, counted.wait_after).await?;
        let view = self.view(handle, &underway, Some(refusal)).await?;
        Ok(LoginAnswer::Page(Box::new(view)))
    }
}

/// A challenge, and what a browser answers to it.
struct Asked {
    fido2: Fido2,
    ceremony: LoginCeremony,
    presented: Presented,
}

impl Asked {
    fn look(
        &self,
        holder: Holder,
        credential: &Fido2Credential,
        now: DateTime<Utc>,
    ) -> Result<VerifiedKey, AssertionRefused> {
        let (ceremony, holder) = (self.ceremony.clone(), UserHandle::from(holder));
        self.fido2.finish_login(ceremony, &self.presented, holder, credential, now)
    }
}

/// What an answer was worth, by a key in the version that it had then.
struct Looked {
    at: (MeansId, i64),
    verified: Result<VerifiedKey, AssertionRefused>,
}

/// The keys among means that pass.
pub(super) fn credentials(
    means: Vec<Means>,
    passes: impl Fn(&Means) -> bool,
) -> Vec<Fido2Credential> {
    means
        .into_iter()
        .filter(|means| means.kind == MeansKind::Fido2 && passes(means))
        .filter_map(|means| match means.verifier {
            Some(Verifier::Fido2(credential)) => Some(*credential),
            Some(Verifier::Password(_) | Verifier::Directory { .. } | Verifier::Card(_)) | None => {
                None
            }
        })
        .collect()
}
