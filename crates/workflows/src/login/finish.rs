//! The end of a login: weighed, then opened through the choke point, in one transaction.
use super::refuse::Cause;
use super::state::{LoginState, Underway, oldest_proof};
use super::{LoginAnswer, LoginError, Visit};
use crate::Workflows;
use crate::issue::Ask;
use audit::{AccessKind, AuditEvent, Code};
use authentication::{
    Demand, Holder, Means, MeansKind, MeansScale, MeansStatus, Missing, Proof, ProofOf, Weighed,
    weigh,
};
use kernel::{ActorId, Handle, HandleKind, MeansId};
use sessions::{
    CloseReason, Grant, IssueGrant, OpenedBy, Opening, Refusal, Session, SessionLimits,
    SessionStanding,
};
use store::{Counter, StoreError, Transaction};

impl Workflows {
    /// Weighs what was proved; opens or strengthens the session, asks for the key that is missing, or refuses.
    pub(super) async fn conclude(
        &self,
        visit: &Visit<'_>,
        handle: &str,
        mut underway: Underway<LoginState>,
        tx: Transaction,
        holder: Holder,
        changes: Vec<AuditEvent>,
    ) -> Result<LoginAnswer, LoginError> {
        let oldest = oldest_proof(self.now());
        let new: Vec<Proof> =
            underway.state.proofs()?.into_iter().filter(|proof| proof.at() >= oldest).collect();
        tx.people().hold(holder.person()).await?;
        let here = tx.sessions().unclosed_in(visit.listener, &visit.browser.hash()).await?;
        let epoch = tx.counters().read(Counter::RestoreEpoch).await?;
        let epoch = u64::try_from(epoch).unwrap_or(0);
        let mut own = here.iter().find(|session| {
            session.person == holder.person()
                && session.operator == holder.operator()
                && session.standing(SessionLimits::of(session.listener), epoch, self.now())
                    == SessionStanding::Open
        });
        let (proofs, weighing) = loop {
            let proofs = own.map_or_else(|| new.clone(), |session| merged(session, &new));
            let asked = Ask {
                grant: grant_of(visit.listener),
                person: holder.person(),
                proofs: &proofs,
                session: own,
                client: None,
                operator: holder.operator(),
            };
            let weighing = self.may_issue(&tx, &asked).await?;
            // What her session here leaned on was withdrawn: what she proves now stands by itself.
            if own.is_some() && weighing.verdict.as_ref().err() == Some(&Refusal::MeansNotActive) {
                own = None;
                continue;
            }
            break (proofs, weighing);
        };
        let has_key = weighing.standing.means.iter().any(|means| self.is_key_of(means, holder));
        let verdict = weighing.verdict.and_then(|leave| {
            self.weigh_here(visit, &underway.state, &proofs, has_key).map(|()| leave)
        });
        match verdict {
            Ok(leave) => {
                let own = own.cloned();
                let others = here
                    .into_iter()
                    .filter(|session| own.as_ref().is_none_or(|own| own.id != session.id));
                let mut events = changes;
                events.extend(self.replace(&tx, others.collect()).await?);
                let opened = Opened { leave, holder, new, own, epoch };
                self.open_session(visit, underway, tx, opened, events).await
            }
            Err(refusal) if has_key && self.wants_key(&underway.state, refusal)? => {
                drop(tx);
                self.ask_for_key(visit, &mut underway).await?;
                let view = self.view(handle, &underway, None).await?;
                Ok(LoginAnswer::Page(Box::new(view)))
            }
            Err(refusal) => {
                self.refuse_in(visit, handle, underway, tx, (holder, refusal), changes).await
            }
        }
    }

    /// What the policy of this place, who sent here, and the person's own means demand besides.
    fn weigh_here(
        &self,
        visit: &Visit<'_>,
        state: &LoginState,
        proofs: &[Proof],
        has_key: bool,
    ) -> Result<(), Refusal> {
        let client = state.client.map(|client| client.to_string()).unwrap_or_default();
        let place = authentication::Ask { application: &client, zone: "outside", populations: &[] };
        let standing = self.policy(visit.listener).standing(&place, self.now());
        // Whoever showed her key or her card has proved all that a login can: what an application asks beyond is told there, in
        // words, and the rest stays open to her (console, L12).
        let full = proofs
            .iter()
            .any(|proof| matches!(proof.kind(), MeansKind::Fido2 | MeansKind::CpsCard));
        let demand = standing.map(|standing| {
            let demand =
                if full { standing.demand.clone() } else { state.demand(&standing.demand) };
            // AU-10: who holds a key that cannot be phished is not let in by less.
            if has_key { demand.join(&Demand::two_factors()) } else { demand }
        });
        let (scale, reach) = (MeansScale::default(), self.reach());
        match weigh(proofs, demand.as_ref(), &scale, &reach, self.now()) {
            Weighed::Enough(_) => Ok(()),
            Weighed::Missing(missing) => Err(Refusal::Assurance(missing)),
        }
    }

    fn is_key_of(&self, means: &Means, holder: Holder) -> bool {
        means.kind == MeansKind::Fido2
            && means.holder == Some(holder)
            && means.standing(self.now()) == MeansStatus::Active
    }

    /// Whether the key that is still to be shown could mend this refusal.
    fn wants_key(&self, state: &LoginState, refusal: Refusal) -> Result<bool, LoginError> {
        let mendable = matches!(
            refusal,
            Refusal::Assurance(Missing::SecondFactor | Missing::HigherLevel | Missing::HardwareKey)
        );
        let shown = state.proofs()?.iter().any(|proof| proof.kind() == MeansKind::Fido2);
        Ok(mendable && !shown)
    }

    /// The refusal is committed with what the attempt changed (a key's counter), so that nothing is tried twice.
    async fn refuse_in(
        &self,
        visit: &Visit<'_>,
        handle: &str,
        mut underway: Underway<LoginState>,
        tx: Transaction,
        (holder, refusal): (Holder, Refusal),
        changes: Vec<AuditEvent>,
    ) -> Result<LoginAnswer, LoginError> {
        let cause = Cause {
            person: Some(holder.person()),
            client: underway.state.client,
            ..Cause::of(refusal.code())
        };
        underway.state.proofs = "[]".to_owned();
        underway.login.person = None;
        // Spent in the same act as the counter of the key: the same answer sent again is over, and no copy (FI-02, FI-06).
        self.move_on_in(&tx, &mut underway).await?;
        let reference = self.reference();
        tx.commit((self.refusal_event(visit, &cause, reference.clone()), changes)).await?;
        tracing::info!(reason = cause.reason, reference = %reference, "a login was refused");
        let refusal = super::RefusalView { reference, wait: None };
        let view = self.view(handle, &underway, Some(refusal)).await?;
        Ok(LoginAnswer::Page(Box::new(view)))
    }

    // WB-02: whoever was here before does not stay behind the new one.
    async fn replace(
        &self,
        tx: &Transaction,
        others: Vec<Session>,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        let mut events = Vec::new();
        for session in others {
            events.extend(
                self.close_one(tx, &ActorId::Nobody, session, CloseReason::Replaced).await?,
            );
        }
        Ok(events)
    }

    async fn open_session(
        &self,
        visit: &Visit<'_>,
        underway: Underway<LoginState>,
        tx: Transaction,
        opened: Opened,
        mut events: Vec<AuditEvent>,
    ) -> Result<LoginAnswer, LoginError> {
        let kind = match visit.listener {
            AccessKind::Public => HandleKind::Session,
            AccessKind::Admin => HandleKind::AdminSession,
        };
        let cookie = Handle::new(kind, self.randomness());
        let Opened { leave, holder, new, own, epoch } = opened;
        let now = self.now();
        let actor = actor_of(holder);
        let means = means_of(&new);
        let level = Code::of(leave.assurance().level.name());
        let session = match own {
            Some(own) => {
                let stronger = own.step_up(&leave, new, cookie.hash(), now);
                tx.sessions().save(&stronger).await?;
                events.push(AuditEvent::SessionSteppedUp {
                    by: actor.clone(),
                    person: stronger.person,
                    session: stronger.id,
                    level: level.clone(),
                    means: means.clone(),
                });
                stronger
            }
            None => {
                let opening = Opening {
                    session: self.id(),
                    sid: self.id(),
                    handle: cookie.hash(),
                    browser: visit.browser.hash(),
                    epoch,
                };
                let by =
                    OpenedBy { person: holder.person(), operator: holder.operator(), proofs: new };
                let limits = SessionLimits::of(visit.listener);
                let session = Session::open(&leave, opening, by, limits, now)
                    .expect("a login asks for the leave of a session");
                tx.sessions().insert(&session).await?;
                events.push(AuditEvent::SessionOpened {
                    by: actor.clone(),
                    person: session.person,
                    session: session.id,
                    opening: session.sid,
                    listener: visit.listener,
                });
                session
            }
        };
        tx.logins().end(&underway.login).await?;
        let succeeded = AuditEvent::LoginSucceeded {
            by: actor,
            person: session.person,
            means,
            amr: leave.assurance().amr.iter().map(|name| amr_code(name)).collect(),
            level,
            session: session.id,
            client: underway.state.client,
            listener: visit.listener,
            place: Some(self.place(visit)),
        };
        tx.commit((succeeded, events)).await?;
        Ok(LoginAnswer::Opened { session: cookie, next: underway.state.next })
    }
}

struct Opened {
    leave: IssueGrant,
    holder: Holder,
    new: Vec<Proof>,
    own: Option<Session>,
    epoch: u64,
}

fn merged(session: &Session, new: &[Proof]) -> Vec<Proof> {
    let kept = session.proofs.iter().filter(|old| !new.iter().any(|new| new.of() == old.of()));
    kept.chain(new).cloned().collect()
}

pub(super) fn grant_of(listener: AccessKind) -> Grant {
    match listener {
        AccessKind::Public => Grant::Session,
        AccessKind::Admin => Grant::AdminSession,
    }
}

pub(super) fn actor_of(holder: Holder) -> ActorId {
    match holder {
        Holder::Person(person) => ActorId::Person { person },
        Holder::Operator { operator, person } => ActorId::Operator { operator, person },
    }
}

fn means_of(proofs: &[Proof]) -> Vec<MeansId> {
    proofs
        .iter()
        .filter_map(|proof| match proof.of() {
            ProofOf::Means(means) => Some(means),
            ProofOf::Account(_) => None,
        })
        .collect()
}

// The journal holds words of the program alone; the table of `amr` may be edited by the house.
fn amr_code(name: &str) -> Code {
    const KNOWN: [&str; 10] =
        ["pwd", "pin", "otp", "hwk", "swk", "user", "mfa", "sc", "wia", "fpt"];
    let known = KNOWN.into_iter().find(|known| *known == name);
    Code::of(known.unwrap_or("other"))
}
