use crate::{IssueGrant, SessionStanding};
use audit::AccessKind;
use authentication::Proof;
use chrono::{DateTime, Duration, Utc};
use kernel::{HandleHash, OpeningId, OperatorId, PersonId, SessionId};
use std::fmt;

/// How long a session may last. Settings of the house, by listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    pub longest: Duration,
    /// Without a sign of life.
    pub idle: Duration,
}

impl SessionLimits {
    /// One day's work, and no night over an open session.
    pub const PUBLIC: Self = Self { longest: Duration::hours(10), idle: Duration::hours(4) };
    pub const ADMIN: Self = Self { longest: Duration::hours(10), idle: Duration::minutes(30) };

    pub fn of(listener: AccessKind) -> Self {
        match listener {
            AccessKind::Public => Self::PUBLIC,
            AccessKind::Admin => Self::ADMIN,
        }
    }
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// The person said so, here.
    LoggedOut,
    /// The person said so from another session.
    EndedElsewhere,
    /// Somebody at the console.
    EndedByOperator,
    /// Another login took this browser: the earlier person's session does not stay behind (threats WB-02).
    Replaced,
    PersonClosed,
    /// Her last post is over, or none runs now.
    PostOver,
    /// Her account in the directory is over.
    AccountOver,
    MeansWithdrawn,
    TooOld,
    /// A restored database refuses what it does not remember rightly.
    Restored,
}

impl CloseReason {
    pub const ALL: [Self; 10] = [
        Self::LoggedOut,
        Self::EndedElsewhere,
        Self::EndedByOperator,
        Self::Replaced,
        Self::PersonClosed,
        Self::PostOver,
        Self::AccountOver,
        Self::MeansWithdrawn,
        Self::TooOld,
        Self::Restored,
    ];
    pub fn name(self) -> &'static str {
        match self {
            Self::LoggedOut => "logged_out",
            Self::EndedElsewhere => "ended_elsewhere",
            Self::EndedByOperator => "ended_by_operator",
            Self::Replaced => "replaced",
            Self::PersonClosed => "person_closed",
            Self::PostOver => "post_over",
            Self::AccountOver => "account_over",
            Self::MeansWithdrawn => "means_withdrawn",
            Self::TooOld => "too_old",
            Self::Restored => "restored",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosedSession {
    pub at: DateTime<Utc>,
    pub reason: CloseReason,
}

/// The ids and secrets of a new session, drawn by the caller.
#[derive(Debug, Clone)]
pub struct Opening {
    pub session: SessionId,
    pub sid: OpeningId,
    /// Of the cookie that will carry it.
    pub handle: HandleHash,
    /// Of the browser that made the login (threats WB-01).
    pub browser: HandleHash,
    pub epoch: u64,
}

/// Who opened it, and by what.
#[derive(Debug, Clone)]
pub struct OpenedBy {
    pub person: PersonId,
    /// Set on the admin listener alone.
    pub operator: Option<OperatorId>,
    pub proofs: Vec<Proof>,
}

/// One way of hers to practise here (profession, speciality, structure), named without being told: a MAC of what it is and
/// whose, by the appliance's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExerciseMark(pub [u8; 32]);

impl fmt::Display for ExerciseMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// An SSO session of a person in one browser.
#[derive(Debug, Clone)]
pub struct Session {
    pub id: SessionId,
    pub listener: AccessKind,
    pub handle: HandleHash,
    pub browser: HandleHash,
    pub person: PersonId,
    pub operator: Option<OperatorId>,
    pub proofs: Vec<Proof>,
    pub sid: OpeningId,
    pub opened_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    /// The end that no activity puts off.
    pub expires_at: DateTime<Utc>,
    pub closed: Option<ClosedSession>,
    /// Restore epoch in which it was opened.
    pub epoch: u64,
    /// The last full login (threats I-05).
    pub auth_time: DateTime<Utc>,
    /// What she chose among several.
    pub exercise: Option<ExerciseMark>,
}

/// This leave opens no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this leave opens no session")]
pub struct NoOpening;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the session is closed already")]
pub struct AlreadyClosed;

impl Session {
    /// Begins a session. The leave of [`crate::may_issue`] is the only way here (threats I-01); it names the listener.
    pub fn open(
        leave: &IssueGrant,
        opening: Opening,
        by: OpenedBy,
        limits: SessionLimits,
        now: DateTime<Utc>,
    ) -> Result<Self, NoOpening> {
        Ok(Self {
            id: opening.session,
            listener: leave.grant().listener().ok_or(NoOpening)?,
            handle: opening.handle,
            browser: opening.browser,
            person: by.person,
            operator: by.operator,
            proofs: by.proofs,
            sid: opening.sid,
            opened_at: now,
            last_seen_at: now,
            expires_at: now + limits.longest,
            closed: None,
            epoch: opening.epoch,
            auth_time: leave.assurance().auth_time,
            exercise: None,
        })
    }

    /// A session dies of age, of silence, and of a restored database, even if nobody closes it.
    pub fn standing(
        &self,
        limits: SessionLimits,
        epoch: u64,
        now: DateTime<Utc>,
    ) -> SessionStanding {
        if self.closed.is_some() {
            SessionStanding::Closed
        } else if self.epoch != epoch {
            SessionStanding::OtherEpoch
        } else if now >= self.expires_at || now >= self.last_seen_at + limits.idle {
            SessionStanding::Expired
        } else if now < self.opened_at - Duration::seconds(5) {
            // A clock that went back must not lengthen a life (threats I-25).
            SessionStanding::Expired
        } else {
            SessionStanding::Open
        }
    }

    /// A sign of life. Written at most once a minute, so that reading pages costs no write.
    pub fn seen(&self, now: DateTime<Utc>) -> Option<Self> {
        (now - self.last_seen_at >= Duration::minutes(1))
            .then(|| Self { last_seen_at: now, ..self.clone() })
    }

    /// Adds proofs made since. The handle changes with the privilege (threats WB-01); the `sid` stays, since the
    /// opening is the same.
    #[must_use]
    pub fn step_up(
        mut self,
        leave: &IssueGrant,
        proofs: Vec<Proof>,
        handle: HandleHash,
        now: DateTime<Utc>,
    ) -> Self {
        self.auth_time = leave.assurance().auth_time.max(self.auth_time);
        self.proofs.retain(|kept| !proofs.iter().any(|new| new.of() == kept.of()));
        self.proofs.extend(proofs);
        self.handle = handle;
        self.last_seen_at = now.max(self.last_seen_at);
        self
    }

    pub fn close(mut self, reason: CloseReason, now: DateTime<Utc>) -> Result<Self, AlreadyClosed> {
        if self.closed.is_some() {
            return Err(AlreadyClosed);
        }
        self.closed = Some(ClosedSession { at: now, reason });
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use authentication::{Factor, MeansKind, Place, ProofOf};
    use kernel::{Clock, FixedClock, Handle, HandleKind, MeansId, SeededRandomness};

    fn proof(clock: &FixedClock, chance: &SeededRandomness) -> Proof {
        let of = ProofOf::Means(MeansId::new(clock, chance));
        let place = Place { network: "10.0.0.1".into(), zone: "outside".into() };
        Proof::recalled(
            of,
            MeansKind::Password,
            [Factor::Knowledge].into(),
            false,
            clock.now(),
            place,
        )
    }

    fn leave(proofs: &[Proof], now: DateTime<Utc>) -> IssueGrant {
        crate::may_issue(&crate::Facts {
            grant: crate::Grant::Session,
            person: directory::PersonState::Active,
            posts: crate::PostStanding::Current,
            account: crate::AccountStanding::Usable,
            means: &[],
            session: SessionStanding::NotYet,
            client: crate::ClientStanding::NotConcerned,
            identity: crate::IdentityStanding::NotDemanded,
            operator: crate::OperatorStanding::NotConcerned,
            proofs,
            demand: Some(&authentication::Demand::anything()),
            scale: &authentication::MeansScale::default(),
            reach: &kernel::Reach::all_online(),
            now,
            clock_behind: false,
        })
        .expect("in order")
    }

    fn opened(clock: &FixedClock, chance: &SeededRandomness) -> Session {
        let hash = |kind| Handle::new(kind, chance).hash();
        let opening = Opening {
            session: SessionId::new(clock, chance),
            sid: OpeningId::new(clock, chance),
            handle: hash(HandleKind::Session),
            browser: hash(HandleKind::Browser),
            epoch: 1,
        };
        let person = PersonId::new(clock, chance);
        let by = OpenedBy { person, operator: None, proofs: vec![proof(clock, chance)] };
        let leave = leave(&by.proofs, clock.now());
        Session::open(&leave, opening, by, SessionLimits::PUBLIC, clock.now()).expect("opens")
    }

    #[test]
    fn a_session_dies_of_age_silence_restoration_and_people() {
        let (clock, chance) = (FixedClock::at("2026-03-01T08:00:00Z"), SeededRandomness::new(1));
        let (session, now) = (opened(&clock, &chance), clock.now());
        let busy = Session { last_seen_at: now + Duration::hours(9), ..session.clone() };
        let closed = session.clone().close(CloseReason::LoggedOut, now).expect("open");
        assert_eq!(closed.clone().close(CloseReason::TooOld, now).err(), Some(AlreadyClosed));
        use SessionStanding::*;
        for (name, session, epoch, at, expected) in [
            ("new", &session, 1, now, Open),
            ("idle almost", &session, 1, now + Duration::minutes(239), Open),
            ("idle", &session, 1, now + Duration::hours(4), Expired),
            ("busy", &busy, 1, now + Duration::minutes(599), Open),
            ("old", &busy, 1, now + Duration::hours(10), Expired),
            ("restored", &session, 2, now, OtherEpoch),
            ("clock set back", &session, 1, now - Duration::minutes(1), Expired),
            ("closed", &closed, 1, now, Closed),
        ] {
            assert_eq!(session.standing(SessionLimits::PUBLIC, epoch, at), expected, "{name}");
        }
    }

    #[test]
    fn wb_01_a_step_up_changes_the_handle_and_keeps_one_proof_of_each_secret() {
        let (clock, chance) = (FixedClock::at("2026-03-01T08:00:00Z"), SeededRandomness::new(1));
        let session = opened(&clock, &chance);
        clock.advance(Duration::minutes(9));
        let again = Proof::recalled(
            session.proofs[0].of(),
            MeansKind::Password,
            [Factor::Knowledge].into(),
            false,
            clock.now(),
            session.proofs[0].place().clone(),
        );
        let handle = Handle::new(HandleKind::Session, &chance).hash();
        let second = proof(&clock, &chance);
        let proofs = vec![again.clone(), second.clone()];
        let leave = leave(&proofs, clock.now());
        let stepped = session.clone().step_up(&leave, proofs, handle, clock.now());
        assert_eq!(stepped.auth_time, clock.now());
        assert_ne!(stepped.handle, session.handle);
        assert_eq!((stepped.sid, stepped.expires_at), (session.sid, session.expires_at));
        assert_eq!(stepped.proofs, vec![again, second]);
    }

    #[test]
    fn a_sign_of_life_is_written_once_a_minute() {
        let (clock, chance) = (FixedClock::at("2026-03-01T08:00:00Z"), SeededRandomness::new(1));
        let session = opened(&clock, &chance);
        assert!(session.seen(clock.now() + Duration::seconds(59)).is_none());
        let seen = session.seen(clock.now() + Duration::seconds(60)).expect("a minute");
        assert_eq!(seen.last_seen_at, clock.now() + Duration::seconds(60));
    }
}
