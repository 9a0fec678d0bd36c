use super::refuse::Cause;
use super::state::{LOGIN, LoginState, Step, Underway};
use super::{LoginAnswer, LoginError, Visit};
use crate::Workflows;
use audit::AuditEvent;
use authentication::{
    DirectoryAccount, DirectoryVerdict, Holder, LoginName, MeansKind, MeansStatus, Password,
    PasswordVerifier, PasswordVerifierError, Place, Proof, ProofOf, ThrottleScope,
    VerifiedPassword, Verifier,
};
use directory::Account;
use kernel::{ActorId, MeansId, PersonId};
use sessions::AccountStanding;
use std::sync::Arc;
use std::time::Duration;
use store::StoreError;

/// How long a login waits for its turn to hash (threats AU-04).
const QUEUE: Duration = Duration::from_secs(2);

/// Who the name may be, and what checks the password.
enum Candidate {
    Local {
        person: PersonId,
        means: MeansId,
        verifier: PasswordVerifier,
    },
    Directory {
        person: PersonId,
        account: DirectoryAccount,
    },
    /// Unknown, ambiguous, or without any password: the same work, and a refusal.
    Nobody {
        person: Option<PersonId>,
        reason: &'static str,
    },
}

/// The password was right.
struct Right {
    person: PersonId,
    of: ProofOf,
    verified: VerifiedPassword,
    /// Its verifier at today's cost, when it was kept at an older one.
    renewed: Option<PasswordVerifier>,
}

impl Workflows {
    pub async fn give_password(
        &self,
        visit: &Visit<'_>,
        handle: &str,
        typed: &str,
    ) -> Result<LoginAnswer, LoginError> {
        let underway: Underway<LoginState> = self.underway(visit, handle, LOGIN).await?;
        let Step::Password { name } = &underway.state.step else {
            // A step out of order shows where the login is (threats WB-06).
            return Ok(LoginAnswer::Page(Box::new(self.view(handle, &underway, None).await?)));
        };
        let canonical = LoginName::parse(name).ok();
        let counted_name = canonical.as_ref().map_or_else(|| name.to_lowercase(), LoginName::full);
        let candidate = self.candidate(canonical.as_ref()).await?;
        let account = match &candidate {
            Candidate::Directory { account, .. } => Some(account.id.to_string()),
            Candidate::Local { .. } | Candidate::Nobody { .. } => None,
        };
        let mut scopes = vec![
            ThrottleScope::Network { network: visit.network },
            ThrottleScope::Name { name: &counted_name, network: visit.network },
        ];
        scopes.extend(account.as_deref().map(|account| ThrottleScope::DirectoryBinds { account }));
        let counted = self.count_try(&scopes).await?;
        let person = candidate.person();
        let refuse = async |underway: &Underway<LoginState>, reason, wait| {
            let cause = Cause { person, client: underway.state.client, ..Cause::of(reason) };
            let refusal = self.refuse(visit, cause, wait).await?;
            let view = self.view(handle, underway, Some(refusal)).await?;
            Ok(LoginAnswer::Page(Box::new(view)))
        };
        if counted.must_wait.is_some() {
            return refuse(&underway, "too_many_tries", counted.must_wait).await;
        }
        let Ok(password) = Password::typed(typed) else {
            return refuse(&underway, "password_unusable", counted.wait_after).await;
        };
        match self.verify(candidate, password).await? {
            Err(reason) => refuse(&underway, reason, counted.wait_after).await,
            Ok(right) => {
                self.forgive_try(&scopes).await?;
                // A ward of people who know their passwords waits for nobody.
                self.give_try_back(&scopes[..1], &counted).await?;
                self.after_password(visit, handle, underway, right).await
            }
        }
    }

    async fn after_password(
        &self,
        visit: &Visit<'_>,
        handle: &str,
        mut underway: Underway<LoginState>,
        Right { person, of, verified, renewed }: Right,
    ) -> Result<LoginAnswer, LoginError> {
        let place = Place { network: visit.network.to_owned(), zone: "outside".to_owned() };
        underway.state.add(Proof::by_password(verified, of, self.now(), place))?;
        underway.login.person = Some(person);
        let tx = self.store().begin().await?;
        let mut changes = Vec::new();
        if let (Some(verifier), ProofOf::Means(id)) = (renewed, of)
            && let Some(mut means) = tx.means().lock(id).await?
        {
            means.verifier = Some(Verifier::Password(verifier));
            tx.means().save(&means).await?;
            let by = ActorId::Person { person };
            changes.push(AuditEvent::VerifierRenewed { by, person, means: id });
        }
        self.conclude(visit, handle, underway, tx, Holder::Person(person), changes).await
    }

    async fn candidate(&self, name: Option<&LoginName>) -> Result<Candidate, StoreError> {
        let unknown = Candidate::Nobody { person: None, reason: "unknown_name" };
        let Some(name) = name else { return Ok(unknown) };
        let reader = self.store().read();
        let accounts = reader.accounts().by_login(name.name()).await?;
        if accounts.is_empty() {
            return self.candidate_of_ours(name).await;
        }
        let mut of_people = accounts.iter().filter(|account| in_domain(account, name));
        let (Some(account), None) = (of_people.next(), of_people.next()) else {
            return Ok(unknown);
        };
        let Some(person) = account.person else {
            return Ok(Candidate::Nobody { person: None, reason: "account_of_nobody" });
        };
        if let Some(local) = self.local_password(person).await? {
            return Ok(local);
        }
        let reason = match AccountStanding::of_one(account, self.now()) {
            AccountStanding::Usable => {
                return Ok(Candidate::Directory { person, account: asked(account) });
            }
            AccountStanding::Disabled => "account_disabled",
            AccountStanding::Expired => "account_expired",
            AccountStanding::Deleted | AccountStanding::NoneKnown => "account_deleted",
        };
        Ok(Candidate::Nobody { person: Some(person), reason })
    }

    /// Somebody without any account of a directory: known by her matricule or her mail, if one person bears it.
    async fn candidate_of_ours(&self, name: &LoginName) -> Result<Candidate, StoreError> {
        let unknown = Candidate::Nobody { person: None, reason: "unknown_name" };
        let reader = self.store().read();
        let bearers = reader.people().called(name.name(), &name.full()).await?;
        let [person] = bearers.as_slice() else { return Ok(unknown) };
        let nobody = Candidate::Nobody { person: Some(*person), reason: "no_password" };
        Ok(self.local_password(*person).await?.unwrap_or(nobody))
    }

    /// The one person who logs in by this name.
    pub(crate) async fn person_called(
        &self,
        name: &LoginName,
    ) -> Result<Option<PersonId>, StoreError> {
        let reader = self.store().read();
        let accounts = reader.accounts().by_login(name.name()).await?;
        if accounts.is_empty() {
            let bearers = reader.people().called(name.name(), &name.full()).await?;
            return Ok(if let [person] = bearers.as_slice() { Some(*person) } else { None });
        }
        let mut of_people = accounts.iter().filter(|account| in_domain(account, name));
        match (of_people.next(), of_people.next()) {
            (Some(account), None) => Ok(account.person),
            _ => Ok(None),
        }
    }

    /// The password that this person has here.
    async fn local_password(&self, person: PersonId) -> Result<Option<Candidate>, StoreError> {
        for means in self.store().read().means().of(person).await? {
            let local = means.kind == MeansKind::Password
                && means.holder == Some(Holder::Person(person))
                && means.standing(self.now()) == MeansStatus::Active;
            if let (true, Some(Verifier::Password(verifier))) = (local, means.verifier) {
                return Ok(Some(Candidate::Local { person, means: means.id, verifier }));
            }
        }
        Ok(None)
    }

    async fn verify(
        &self,
        candidate: Candidate,
        password: Password,
    ) -> Result<Result<Right, &'static str>, LoginError> {
        match candidate {
            Candidate::Local { person, means, verifier } => {
                let right = self.verify_hash(verifier, password).await?;
                let of = ProofOf::Means(means);
                let proved = |(verified, renewed)| Right { person, of, verified, renewed };
                Ok(right.map(proved).ok_or("wrong_password"))
            }
            Candidate::Nobody { reason, .. } => {
                self.verify_hash(PasswordVerifier::of_nobody(), password).await?;
                Ok(Err(reason))
            }
            Candidate::Directory { person, account } => {
                match self.parts().passwords.check(&account, &password).await {
                    Ok(DirectoryVerdict::Right(verified)) => {
                        let of = ProofOf::Account(account.id);
                        Ok(Ok(Right { person, of, verified, renewed: None }))
                    }
                    Ok(DirectoryVerdict::Refused(refusal)) => Ok(Err(refusal.code())),
                    Err(cause) => {
                        tracing::warn!(error = %cause, "the directory did not judge a password");
                        Ok(Err("directory_unreachable"))
                    }
                }
            }
        }
    }

    /// As many at once as there are cores, off the threads that serve keys and tokens.
    pub(super) async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Workflows) -> T + Send + 'static,
    ) -> Result<T, LoginError> {
        let hashing = Arc::clone(&self.0.hashing);
        let turn = tokio::time::timeout(QUEUE, hashing.acquire_owned()).await;
        let turn = turn.map_err(|_| LoginError::Busy)?.map_err(|_| LoginError::Busy)?;
        let workflows = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let result = work(&workflows);
            drop(turn);
            result
        });
        done.await.map_err(|cause| LoginError::Hashing(cause.to_string()))
    }

    async fn verify_hash(
        &self,
        verifier: PasswordVerifier,
        password: Password,
    ) -> Result<Option<(VerifiedPassword, Option<PasswordVerifier>)>, LoginError> {
        let done = self.hashing(move |workflows| {
            let keys = workflows.keys();
            let right = verifier.verify(&password, keys)?;
            // The cost was raised since: made again now that the password is there, in the same turn.
            let renewed = match right.is_some() && verifier.is_outdated() {
                true => Some(PasswordVerifier::make(&password, keys, workflows.randomness())?),
                false => None,
            };
            Ok::<_, PasswordVerifierError>(right.map(|right| (right, renewed)))
        });
        done.await?.map_err(|cause| LoginError::Hashing(cause.to_string()))
    }
}

impl Candidate {
    fn person(&self) -> Option<PersonId> {
        match self {
            Self::Local { person, .. } | Self::Directory { person, .. } => Some(*person),
            Self::Nobody { person, .. } => *person,
        }
    }
}

// `name@domain` is the UPN; `DOMAIN\name` names a domain whose short form we do not keep: the login decides.
fn in_domain(account: &Account, name: &LoginName) -> bool {
    let Some(domain) = name.domain().filter(|domain| domain.contains('.')) else { return true };
    let upn = account.fields.upn.as_deref().and_then(|upn| upn.rsplit_once('@'));
    upn.is_none_or(|(_, of)| of.eq_ignore_ascii_case(domain))
}

fn asked(account: &Account) -> DirectoryAccount {
    DirectoryAccount {
        id: account.id,
        distinguished_name: account.fields.distinguished_name.clone(),
        external_key: account.external_key.0.clone(),
    }
}
