//! The one choke point (design, section 5): nothing is issued but through here. One function reads person, posts,
//! accounts, means, session and client at one moment, and asks `sessions::may_issue`.
use crate::Workflows;
use authentication::{
    Demand, EnrolmentProof, Level, Means, MeansKind, MeansScale, MeansStatus, Proof, ProofOf,
};
use chrono::{DateTime, Utc};
use directory::{NationalIdentity, PersonState};
use kernel::{OperatorId, PersonId};
use oidc::{Acr, Client};
use sessions::{
    AccountStanding, ClientStanding, Facts, Grant, IdentityStanding, IssueGrant, OperatorStanding,
    PostStanding, Refusal, Session, SessionLimits, SessionStanding, may_issue,
};
use store::{Standing, StoreError, Transaction};

/// What is asked for, for whom, and on what it leans.
pub(crate) struct Ask<'a> {
    pub grant: Grant,
    pub person: PersonId,
    pub proofs: &'a [Proof],
    /// `None` while the session itself is what is asked for.
    pub session: Option<&'a Session>,
    pub client: Option<&'a Client>,
    /// Set on the admin listener alone.
    pub operator: Option<OperatorId>,
}

/// The verdict, and what it was made on.
pub(crate) struct Weighing {
    pub verdict: Result<IssueGrant, Refusal>,
    pub standing: Standing,
}

impl Workflows {
    /// Whether this may be issued in this act. Holds the person's row until the act ends: a closing that commits
    /// first is seen, one that comes later waits (threats OP-08, OP-09).
    pub(crate) async fn may_issue(
        &self,
        tx: &Transaction,
        ask: &Ask<'_>,
    ) -> Result<Weighing, StoreError> {
        let standing = tx.standings().lock(ask.person, ask.operator).await?;
        let identity = match demands_identity(ask) {
            true => identity_standing(&tx.national_identities().to_tell(ask.person).await?),
            false => IdentityStanding::NotDemanded,
        };
        let numbers = match leans_on_card(ask) {
            true => tx.national_identities().of(ask.person).await?,
            false => Vec::new(),
        };
        let verdict = self.judge(ask, &standing, (identity, &numbers));
        Ok(Weighing { verdict, standing })
    }

    /// The same judgement for an answer that lasts no longer than itself (claims at userinfo), outside any act.
    pub(crate) async fn may_tell(&self, ask: &Ask<'_>) -> Result<Weighing, StoreError> {
        let reader = self.store().read();
        let standing = reader.standings().read(ask.person).await?;
        let identity = match demands_identity(ask) {
            true => identity_standing(&reader.national_identities().to_tell(ask.person).await?),
            false => IdentityStanding::NotDemanded,
        };
        let numbers = match leans_on_card(ask) {
            true => reader.national_identities().of(ask.person).await?,
            false => Vec::new(),
        };
        let verdict = self.judge(ask, &standing, (identity, &numbers));
        Ok(Weighing { verdict, standing })
    }

    fn judge(
        &self,
        ask: &Ask<'_>,
        standing: &Standing,
        (identity, numbers): (IdentityStanding, &[NationalIdentity]),
    ) -> Result<IssueGrant, Refusal> {
        let now = self.now();
        let means = means_leaned_on(ask, standing, numbers, now);
        let demand = demand_of(ask);
        may_issue(&Facts {
            grant: ask.grant,
            // A person that the database does not know was never issued anything.
            person: standing
                .person
                .as_ref()
                .map_or(PersonState::Closed, |person| person.state_at(now)),
            posts: PostStanding::of(&standing.posts, self.today()),
            account: AccountStanding::of(&standing.accounts, now),
            means: &means,
            session: session_standing(ask.session, standing.epoch, now),
            client: client_standing(ask.client, now),
            identity,
            operator: operator_standing(ask, standing),
            proofs: ask.proofs,
            demand: Some(&demand),
            scale: &MeansScale::default(),
            reach: &self.reach(),
            now,
            clock_behind: self.is_clock_behind(),
        })
    }
}

fn leans_on_card(ask: &Ask<'_>) -> bool {
    ask.proofs.iter().any(|proof| proof.kind() == MeansKind::CpsCard)
}

/// A card is its holder's as long as she bears the number by which it was known to be hers; other means are hers.
pub(crate) fn is_hers(means: &Means, links: &[NationalIdentity]) -> bool {
    match &means.enrolment {
        Some(EnrolmentProof::Certificate { id_nat, .. }) => {
            links.iter().any(|link| link.id_nat == *id_nat)
        }
        _ => means.kind != MeansKind::CpsCard,
    }
}

/// The status now of each secret that the proofs lean on; one that is gone counts as revoked, as a card whose number she no
/// longer bears does, and a directory's password as its account. An operator's key opens no care, and a key for care no
/// console.
fn means_leaned_on(
    ask: &Ask<'_>,
    standing: &Standing,
    numbers: &[NationalIdentity],
    now: DateTime<Utc>,
) -> Vec<MeansStatus> {
    let is_hers = |means: &&Means| is_hers(means, numbers);
    let serves_here =
        |means: &&Means| means.holder.and_then(|holder| holder.operator()) == ask.operator;
    let status = |proof: &Proof| match proof.of() {
        ProofOf::Means(id) => {
            let means = standing
                .means
                .iter()
                .find(|means| means.id == id)
                .filter(serves_here)
                .filter(is_hers);
            means.map_or(MeansStatus::Revoked, |means| means.standing(now))
        }
        ProofOf::Account(id) => {
            let account = standing.accounts.iter().find(|account| account.id == id);
            match account.map(|account| AccountStanding::of_one(account, now)) {
                Some(AccountStanding::Usable) => MeansStatus::Active,
                Some(AccountStanding::Expired) => MeansStatus::Expired,
                Some(
                    AccountStanding::NoneKnown
                    | AccountStanding::Disabled
                    | AccountStanding::Deleted,
                )
                | None => MeansStatus::Revoked,
            }
        }
    };
    ask.proofs.iter().map(status).collect()
}

/// The policy of a house that has set none: any verified means opens a session; the console takes two factors; an
/// application may ask more.
fn demand_of(ask: &Ask<'_>) -> Demand {
    let base = match ask.grant {
        Grant::AdminSession => Demand { kinds: [MeansKind::Fido2].into(), ..Demand::two_factors() },
        Grant::Session | Grant::Code | Grant::AccessToken | Grant::RefreshToken | Grant::Claims => {
            Demand::anything()
        }
    };
    match ask.client {
        None => base,
        Some(client) => {
            let level = match client.settings.least_level() {
                Acr::Eidas1 => Level::Faible,
                Acr::Eidas2 => Level::Substantiel,
                Acr::Eidas3 => Level::Eleve,
            };
            base.join(&Demand { level, ..Demand::anything() })
        }
    }
}

fn session_standing(session: Option<&Session>, epoch: u64, now: DateTime<Utc>) -> SessionStanding {
    match session {
        None => SessionStanding::NotYet,
        Some(session) => session.standing(SessionLimits::of(session.listener), epoch, now),
    }
}

fn client_standing(client: Option<&Client>, now: DateTime<Utc>) -> ClientStanding {
    match client {
        None => ClientStanding::NotConcerned,
        Some(client) if client.is_open(now) => ClientStanding::Enabled,
        Some(_) => ClientStanding::Disabled,
    }
}

fn demands_identity(ask: &Ask<'_>) -> bool {
    ask.client.is_some_and(|client| client.settings.security.needs_national_identity)
}

/// Of those that may be told: one that somebody else claims stands for nobody.
pub(crate) fn identity_standing(told: &[NationalIdentity]) -> IdentityStanding {
    if told.is_empty() { IdentityStanding::Missing } else { IdentityStanding::Linked }
}

fn operator_standing(ask: &Ask<'_>, standing: &Standing) -> OperatorStanding {
    let of_this_person = |operator: &authentication::Operator| operator.person == ask.person;
    match (ask.operator, standing.operator.as_ref().filter(|found| of_this_person(found))) {
        (None, _) => OperatorStanding::NotConcerned,
        (Some(_), Some(operator)) if operator.enabled => OperatorStanding::Enabled,
        (Some(_), _) => OperatorStanding::Disabled,
    }
}
