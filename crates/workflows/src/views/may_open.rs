//! What stands between a person and an application before any login, by what the choke point looks at: a page promises
//! nothing that would be refused.
use crate::issue::{identity_standing, is_hers};
use authentication::{Means, MeansKind, MeansStatus};
use chrono::{DateTime, NaiveDate, Utc};
use directory::{Account, NationalIdentity, PersonState, Post};
use oidc::{Acr, Client};
use sessions::{
    AccountStanding, IdentityStanding, PostStanding, Refusal, refused_whatever_is_proved,
};

/// Read once for a person, asked for each application.
pub(super) struct MayOpen {
    whatever_is_proved: Option<Refusal>,
    has_key: bool,
    has_identity: bool,
    can_log_in: bool,
    now: DateTime<Utc>,
}

impl MayOpen {
    pub fn of(
        person: PersonState,
        posts: &[Post],
        accounts: &[Account],
        (means, identities): (&[Means], &[NationalIdentity]),
        (today, now): (NaiveDate, DateTime<Utc>),
    ) -> Self {
        let account = AccountStanding::of(accounts, now);
        let posts = PostStanding::of(posts, today);
        // A key of the console opens no care.
        let for_care = |means: &&Means| {
            means.holder.and_then(|holder| holder.operator()).is_none()
                && means.standing(now) == MeansStatus::Active
        };
        let hers = |means: &&Means| is_hers(means, identities);
        let mut means = means.iter().filter(for_care).filter(hers).peekable();
        let can_log_in = means.peek().is_some() || account == AccountStanding::Usable;
        Self {
            whatever_is_proved: refused_whatever_is_proved(person, posts, account),
            has_key: means.any(|means| matches!(means.kind, MeansKind::Fido2 | MeansKind::CpsCard)),
            has_identity: identity_standing(identities) == IdentityStanding::Linked,
            can_log_in,
            now,
        }
    }

    /// `None`: nothing stands in the way but the login itself.
    pub fn refused(&self, client: &Client) -> Option<&'static str> {
        if !client.is_open(self.now) {
            Some("client_suspended")
        } else if let Some(refusal) = self.whatever_is_proved {
            Some(refusal.code())
        } else if client.settings.security.needs_national_identity && !self.has_identity {
            Some(Refusal::NoNationalIdentity.code())
        } else if !self.can_log_in {
            Some("no_means")
        } else if client.settings.least_level() > Acr::Eidas1 && !self.has_key {
            Some("needs_key")
        } else {
            None
        }
    }
}
