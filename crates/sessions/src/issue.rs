//! The pure half of the choke point (design, section 5): tokens, codes and session cookies are issued by one workflow,
//! which reads everything in one transaction and asks this function.
use crate::{
    AccountStanding, ClientStanding, IdentityStanding, OperatorStanding, PostStanding,
    SessionStanding,
};
use audit::AccessKind;
use authentication::{Assurance, Demand, MeansScale, MeansStatus, Missing, Proof, Weighed, weigh};
use chrono::{DateTime, Utc};
use directory::PersonState;
use kernel::Reach;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grant {
    /// The session cookie of the public listener.
    Session,
    /// The session cookie of the console.
    AdminSession,
    Code,
    AccessToken,
    RefreshToken,
    /// Claims about the person, at userinfo.
    Claims,
}

impl Grant {
    pub const ALL: [Self; 6] = [
        Self::Session,
        Self::AdminSession,
        Self::Code,
        Self::AccessToken,
        Self::RefreshToken,
        Self::Claims,
    ];
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::AdminSession => "admin_session",
            Self::Code => "code",
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
            Self::Claims => "claims",
        }
    }
    /// Opens a session, rather than living on one.
    pub fn opens(self) -> bool {
        self.listener().is_some()
    }
    /// The listener whose session it opens.
    pub fn listener(self) -> Option<AccessKind> {
        match self {
            Self::Session => Some(AccessKind::Public),
            Self::AdminSession => Some(AccessKind::Admin),
            Self::Code | Self::AccessToken | Self::RefreshToken | Self::Claims => None,
        }
    }
}

/// All that the decision reads, as it stands in one transaction.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    pub grant: Grant,
    pub person: PersonState,
    pub posts: PostStanding,
    pub account: AccountStanding,
    /// The status now of each means that the proofs lean on.
    pub means: &'a [MeansStatus],
    pub session: SessionStanding,
    pub client: ClientStanding,
    pub identity: IdentityStanding,
    pub operator: OperatorStanding,
    pub proofs: &'a [Proof],
    /// What the policy demands; `None` when there is no policy.
    pub demand: Option<&'a Demand>,
    pub scale: &'a MeansScale,
    pub reach: &'a Reach,
    pub now: DateTime<Utc>,
    /// The base has seen a later time than `now`: what expired looks alive again (threats ST-09).
    pub clock_behind: bool,
}

/// Why nothing is issued. Codes are stable: the journal and the API carry them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    #[error("the person has left")]
    PersonClosed,
    #[error("the person is suspended")]
    PersonSuspended,
    #[error("the person has no post")]
    NoPost,
    #[error("the person's posts have not begun")]
    PostPlanned,
    #[error("the person's posts are over")]
    PostOver,
    #[error("the person's account is disabled")]
    AccountDisabled,
    #[error("the person's account has expired")]
    AccountExpired,
    #[error("the person's account is deleted")]
    AccountDeleted,
    #[error("a means that proved the login is not active")]
    MeansNotActive,
    #[error("no session carries this")]
    NoSession,
    #[error("the session is closed")]
    SessionClosed,
    #[error("the session is over")]
    SessionExpired,
    #[error("the session is of before a restoration")]
    SessionOfBeforeRestore,
    #[error("the application is not named")]
    NoClient,
    #[error("the application is disabled")]
    ClientDisabled,
    #[error("the application takes people with a verified national identity alone")]
    NoNationalIdentity,
    #[error("the person is no operator")]
    NotAnOperator,
    #[error("the operator is disabled")]
    OperatorDisabled,
    #[error("an operator's login opens no care")]
    OperatorForCare,
    #[error("the person agreed to nothing that this application hears, or took it back")]
    NoConsent,
    #[error("the machine's clock was set back")]
    ClockBehind,
    #[error("the assurance is not enough")]
    Assurance(Missing),
}

impl Refusal {
    pub fn code(self) -> &'static str {
        match self {
            Self::PersonClosed => "person_closed",
            Self::PersonSuspended => "person_suspended",
            Self::NoPost => "no_post",
            Self::PostPlanned => "post_planned",
            Self::PostOver => "post_over",
            Self::AccountDisabled => "account_disabled",
            Self::AccountExpired => "account_expired",
            Self::AccountDeleted => "account_deleted",
            Self::MeansNotActive => "means_not_active",
            Self::NoSession => "no_session",
            Self::SessionClosed => "session_closed",
            Self::SessionExpired => "session_expired",
            Self::SessionOfBeforeRestore => "session_of_before_restore",
            Self::NoClient => "no_client",
            Self::ClientDisabled => "client_disabled",
            Self::NoNationalIdentity => "no_national_identity",
            Self::NotAnOperator => "not_an_operator",
            Self::OperatorDisabled => "operator_disabled",
            Self::OperatorForCare => "operator_for_care",
            Self::NoConsent => "no_consent",
            Self::ClockBehind => "clock_behind",
            Self::Assurance(missing) => missing.code(),
        }
    }
}

/// The leave to issue one thing. Made by [`may_issue`] alone, so that nothing is issued without it (threats I-01).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueGrant {
    grant: Grant,
    assurance: Assurance,
}

impl IssueGrant {
    pub fn grant(&self) -> Grant {
        self.grant
    }
    pub fn assurance(&self) -> &Assurance {
        &self.assurance
    }
}

/// Whether this may be issued to this person, now. A restriction added never allows more (threats I-17).
pub fn may_issue(facts: &Facts<'_>) -> Result<IssueGrant, Refusal> {
    let console = facts.grant == Grant::AdminSession;
    if facts.clock_behind {
        return Err(Refusal::ClockBehind);
    }
    person(facts.person)?;
    posts(facts.posts, console)?;
    account(facts.account)?;
    if facts.means.iter().any(|status| *status != MeansStatus::Active) {
        return Err(Refusal::MeansNotActive);
    }
    session(facts.session, facts.grant)?;
    client(facts.client, facts.grant)?;
    if facts.identity == IdentityStanding::Missing {
        return Err(Refusal::NoNationalIdentity);
    }
    operator(facts.operator, console)?;
    match weigh(facts.proofs, facts.demand, facts.scale, facts.reach, facts.now) {
        Weighed::Enough(assurance) => Ok(IssueGrant { grant: facts.grant, assurance }),
        Weighed::Missing(missing) => Err(Refusal::Assurance(missing)),
    }
}

/// What refuses this person everything for care, whatever she would prove: the same that [`may_issue`] looks at first. It
/// says no more than that; nothing is issued by it.
pub fn refused_whatever_is_proved(
    state: PersonState,
    post: PostStanding,
    directory: AccountStanding,
) -> Option<Refusal> {
    person(state).and_then(|()| posts(post, false)).and_then(|()| account(directory)).err()
}

fn person(state: PersonState) -> Result<(), Refusal> {
    match state {
        PersonState::Active => Ok(()),
        PersonState::Suspended => Err(Refusal::PersonSuspended),
        PersonState::Closed => Err(Refusal::PersonClosed),
    }
}

// The console is opened by people of whom no source may know: a supplier, the first administrator.
fn posts(standing: PostStanding, console: bool) -> Result<(), Refusal> {
    match standing {
        PostStanding::Current => Ok(()),
        PostStanding::NoneKnown if console => Ok(()),
        PostStanding::NoneKnown => Err(Refusal::NoPost),
        PostStanding::Planned => Err(Refusal::PostPlanned),
        PostStanding::Over => Err(Refusal::PostOver),
    }
}

fn account(standing: AccountStanding) -> Result<(), Refusal> {
    match standing {
        AccountStanding::NoneKnown | AccountStanding::Usable => Ok(()),
        AccountStanding::Expired => Err(Refusal::AccountExpired),
        AccountStanding::Disabled => Err(Refusal::AccountDisabled),
        AccountStanding::Deleted => Err(Refusal::AccountDeleted),
    }
}

fn session(standing: SessionStanding, grant: Grant) -> Result<(), Refusal> {
    match standing {
        SessionStanding::Open => Ok(()),
        SessionStanding::NotYet if grant.opens() => Ok(()),
        SessionStanding::NotYet => Err(Refusal::NoSession),
        SessionStanding::Closed => Err(Refusal::SessionClosed),
        SessionStanding::Expired => Err(Refusal::SessionExpired),
        SessionStanding::OtherEpoch => Err(Refusal::SessionOfBeforeRestore),
    }
}

fn client(standing: ClientStanding, grant: Grant) -> Result<(), Refusal> {
    match standing {
        ClientStanding::Enabled => Ok(()),
        ClientStanding::NotConcerned if grant.opens() => Ok(()),
        ClientStanding::NotConcerned => Err(Refusal::NoClient),
        ClientStanding::Disabled => Err(Refusal::ClientDisabled),
    }
}

fn operator(standing: OperatorStanding, console: bool) -> Result<(), Refusal> {
    match (standing, console) {
        (OperatorStanding::Enabled, true) | (OperatorStanding::NotConcerned, false) => Ok(()),
        (OperatorStanding::NotConcerned, true) => Err(Refusal::NotAnOperator),
        (OperatorStanding::Disabled, _) => Err(Refusal::OperatorDisabled),
        (OperatorStanding::Enabled, false) => Err(Refusal::OperatorForCare),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use authentication::{Factor, Level, MeansKind, Place, ProofOf};
    use kernel::{Clock, Dependency, FixedClock, MeansId, SeededRandomness};

    struct World {
        proofs: Vec<Proof>,
        demand: Demand,
        scale: MeansScale,
        reach: Reach,
        now: DateTime<Utc>,
    }

    fn world() -> World {
        let (clock, chance) = (FixedClock::at("2026-03-01T08:00:00Z"), SeededRandomness::new(1));
        let of = ProofOf::Means(MeansId::new(&clock, &chance));
        let factors = [Factor::Possession, Factor::UserVerification].into();
        let place = Place { network: "10.0.0.1".into(), zone: "outside".into() };
        let key = Proof::recalled(of, MeansKind::Fido2, factors, false, clock.now(), place);
        World {
            proofs: vec![key],
            demand: Demand::two_factors(),
            scale: MeansScale::default(),
            reach: Reach::all_online(),
            now: clock.now(),
        }
    }

    impl World {
        fn password(&self) -> Proof {
            let (clock, chance) =
                (FixedClock::at("2026-03-01T08:00:00Z"), SeededRandomness::new(2));
            let of = ProofOf::Means(MeansId::new(&clock, &chance));
            let place = Place { network: "10.0.0.1".into(), zone: "outside".into() };
            let factors = [Factor::Knowledge].into();
            Proof::recalled(of, MeansKind::Password, factors, false, self.now, place)
        }
        fn good(&self, grant: Grant) -> Facts<'_> {
            let console = grant == Grant::AdminSession;
            Facts {
                grant,
                person: PersonState::Active,
                posts: PostStanding::Current,
                account: AccountStanding::Usable,
                means: &[MeansStatus::Active],
                session: if grant.opens() {
                    SessionStanding::NotYet
                } else {
                    SessionStanding::Open
                },
                client: if grant.opens() {
                    ClientStanding::NotConcerned
                } else {
                    ClientStanding::Enabled
                },
                identity: IdentityStanding::NotDemanded,
                operator: if console {
                    OperatorStanding::Enabled
                } else {
                    OperatorStanding::NotConcerned
                },
                proofs: &self.proofs,
                demand: Some(&self.demand),
                scale: &self.scale,
                reach: &self.reach,
                now: self.now,
                clock_behind: false,
            }
        }
    }

    #[test]
    fn st_09_nothing_is_issued_by_a_clock_that_was_set_back() {
        let world = world();
        for grant in Grant::ALL {
            assert!(may_issue(&world.good(grant)).is_ok());
            let behind = Facts { clock_behind: true, ..world.good(grant) };
            assert_eq!(may_issue(&behind), Err(Refusal::ClockBehind), "{grant:?}");
        }
    }

    /// What a page says beforehand is what is refused: every state, with everything else in order.
    #[test]
    fn what_refuses_whatever_is_proved_is_what_the_choke_point_refuses() {
        let world = world();
        let good = world.good(Grant::Code);
        for person in PersonState::ALL {
            for posts in PostStanding::ALL {
                for account in AccountStanding::ALL {
                    let told = refused_whatever_is_proved(person, posts, account);
                    let facts = Facts { person, posts, account, ..good.clone() };
                    assert_eq!(told, may_issue(&facts).err(), "{person:?} {posts:?} {account:?}");
                }
            }
        }
    }

    /// What this comes to whatever can be reached, on a clock that holds and on one that was set back: how many were
    /// issued, and how many refused.
    fn met(facts: &Facts<'_>, reaches: &[Reach], in_order: bool) -> (u64, u64) {
        let (mut issued, mut refused) = (0, 0);
        for reach in reaches {
            for clock_behind in [false, true] {
                let facts = Facts { reach, clock_behind, ..facts.clone() };
                let wanted = in_order && !clock_behind;
                assert_eq!(may_issue(&facts).is_ok(), wanted, "{facts:?}");
                if wanted { issued += 1 } else { refused += 1 }
            }
        }
        (issued, refused)
    }

    /// Every grant crossed with every state of everything, with what is demanded and proved, with what can be reached and
    /// with the clock: issued if and only if each part is in order.
    #[test]
    fn i_02_each_grant_meets_each_state() {
        let world = world();
        let without = |gone: &[Dependency]| {
            let lose = |reach: Reach, lost: &Dependency| reach.without(*lost, world.now);
            gone.iter().fold(Reach::all_online(), lose)
        };
        let reaches = [without(&[]), without(&[Dependency::Database]), without(&GONE)];
        let (mut issued, mut refused) = (0, 0);
        let password = [world.password()];
        let (any, two) = (Demand::anything(), Demand::two_factors());
        let care = Demand { level: Level::Substantiel, ..Demand::anything() };
        let most = Demand { level: Level::Eleve, ..Demand::anything() };
        let policies = [
            (Some(&most), &world.proofs[..], false),
            (Some(&two), &world.proofs, true),
            (Some(&two), &password, false),
            (Some(&care), &world.proofs, true),
            (Some(&care), &password, false),
            (Some(&any), &password, true),
            (None, &world.proofs, false),
        ];
        let crossed = Grant::ALL.into_iter().flat_map(|grant| policies.map(|met| (grant, met)));
        for (grant, (demand, proofs, enough)) in crossed {
            let console = grant == Grant::AdminSession;
            let good = Facts { demand, proofs, ..world.good(grant) };
            for person in PersonState::ALL {
                for posts in PostStanding::ALL {
                    for account in AccountStanding::ALL {
                        for status in MeansStatus::ALL {
                            for session in SessionStanding::ALL {
                                for client in ClientStanding::ALL {
                                    let whose = IdentityStanding::ALL.into_iter();
                                    let whose = whose.flat_map(|identity| {
                                        OperatorStanding::ALL.map(|operator| (operator, identity))
                                    });
                                    for (operator, identity) in whose {
                                        let means = [MeansStatus::Active, status];
                                        let facts = Facts {
                                            person,
                                            posts,
                                            account,
                                            means: &means,
                                            session,
                                            client,
                                            identity,
                                            operator,
                                            ..good.clone()
                                        };
                                        let in_order = enough
                                            && identity != IdentityStanding::Missing
                                            && person == PersonState::Active
                                            && (posts == PostStanding::Current
                                                || console && posts == PostStanding::NoneKnown)
                                            && matches!(
                                                account,
                                                AccountStanding::NoneKnown
                                                    | AccountStanding::Usable
                                            )
                                            && status == MeansStatus::Active
                                            && (session == SessionStanding::Open
                                                || grant.opens()
                                                    && session == SessionStanding::NotYet)
                                            && (client == ClientStanding::Enabled
                                                || grant.opens()
                                                    && client == ClientStanding::NotConcerned)
                                            && operator
                                                == if console {
                                                    OperatorStanding::Enabled
                                                } else {
                                                    OperatorStanding::NotConcerned
                                                };
                                        let met = met(&facts, &reaches, in_order);
                                        (issued, refused) = (issued + met.0, refused + met.1);
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        assert!(issued > 0 && refused > issued, "{issued} issued, {refused} refused");
    }

    #[test]
    fn each_refusal_is_named() {
        let world = world();
        let code = |change: &dyn Fn(&mut Facts<'_>)| {
            let mut facts = world.good(Grant::Code);
            change(&mut facts);
            may_issue(&facts).expect_err("refused").code()
        };
        assert_eq!(code(&|f| f.person = PersonState::Closed), "person_closed");
        assert_eq!(code(&|f| f.person = PersonState::Suspended), "person_suspended");
        assert_eq!(code(&|f| f.posts = PostStanding::NoneKnown), "no_post");
        assert_eq!(code(&|f| f.posts = PostStanding::Over), "post_over");
        assert_eq!(code(&|f| f.account = AccountStanding::Disabled), "account_disabled");
        assert_eq!(code(&|f| f.account = AccountStanding::Deleted), "account_deleted");
        assert_eq!(code(&|f| f.means = &[MeansStatus::Suspended]), "means_not_active");
        assert_eq!(code(&|f| f.session = SessionStanding::NotYet), "no_session");
        assert_eq!(code(&|f| f.session = SessionStanding::OtherEpoch), "session_of_before_restore");
        assert_eq!(code(&|f| f.client = ClientStanding::Disabled), "client_disabled");
        assert_eq!(code(&|f| f.identity = IdentityStanding::Missing), "no_national_identity");
        assert_eq!(code(&|f| f.operator = OperatorStanding::Enabled), "operator_for_care");
        assert_eq!(code(&|f| f.demand = None), "no_policy");
        assert_eq!(code(&|f| f.proofs = &[]), "no_proof");
    }

    const GONE: [Dependency; 6] = [
        Dependency::Internet,
        Dependency::ActiveDirectory,
        Dependency::HumanResources,
        Dependency::Register,
        Dependency::ProSanteConnect,
        Dependency::Database,
    ];

    /// Whatever is gone, nothing is issued that would not be issued with everything there.
    #[test]
    fn ds_08_a_dependency_that_is_gone_opens_nothing() {
        let world = world();
        let gone = GONE;
        let demands = [Demand::anything(), Demand::two_factors()];
        let (mut issued, mut refused) = (0, 0);
        for missing in 0..1u32 << gone.len() {
            let mut reach = Reach::all_online();
            for (place, dependency) in gone.iter().enumerate() {
                if missing & (1 << place) != 0 {
                    reach = reach.without(*dependency, world.now);
                }
            }
            for grant in Grant::ALL {
                for person in PersonState::ALL {
                    for means in MeansStatus::ALL {
                        for demand in demands.iter().map(Some).chain([None]) {
                            for proofs in [&world.proofs[..], &[]] {
                                let means = [means];
                                let online = Facts {
                                    person,
                                    means: &means,
                                    demand,
                                    proofs,
                                    ..world.good(grant)
                                };
                                let degraded = Facts { reach: &reach, ..online.clone() };
                                let (online, degraded) = (may_issue(&online), may_issue(&degraded));
                                assert!(online.is_ok() || degraded.is_err(), "{reach:?} {grant:?}");
                                if degraded.is_ok() { issued += 1 } else { refused += 1 }
                            }
                        }
                    }
                }
            }
        }
        assert!(issued > 0 && refused > issued, "{issued} issued, {refused} refused");
    }
}
