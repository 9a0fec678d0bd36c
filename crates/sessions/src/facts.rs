use chrono::{DateTime, NaiveDate, Utc};
use directory::{Account, Post, PostState};

/// Whether the person works here now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PostStanding {
    /// No source ever told a post: the first administrator, who has no care to open.
    NoneKnown,
    Current,
    /// Not yet.
    Planned,
    /// No longer.
    Over,
}

impl PostStanding {
    pub const ALL: [Self; 4] = [Self::NoneKnown, Self::Current, Self::Planned, Self::Over];

    /// One current post is enough; a locum between two contracts is not at work.
    pub fn of(posts: &[Post], today: NaiveDate) -> Self {
        let states: Vec<PostState> = posts.iter().map(|post| post.state(today)).collect();
        if states.contains(&PostState::Current) {
            Self::Current
        } else if states.contains(&PostState::Planned) {
            Self::Planned
        } else if states.is_empty() {
            Self::NoneKnown
        } else {
            Self::Over
        }
    }
}

/// Whether the person's accounts in the directory are in order (threats AD-09).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountStanding {
    /// None is linked.
    NoneKnown,
    Usable,
    Expired,
    Disabled,
    Deleted,
}

impl AccountStanding {
    pub const ALL: [Self; 5] =
        [Self::NoneKnown, Self::Usable, Self::Expired, Self::Disabled, Self::Deleted];

    /// One usable account is enough: people change accounts, and the old one stays disabled beside the new.
    pub fn of(accounts: &[Account], now: DateTime<Utc>) -> Self {
        let each = accounts.iter().map(|account| Self::of_one(account, now));
        each.reduce(|best, next| if best.rank() <= next.rank() { best } else { next })
            .unwrap_or(Self::NoneKnown)
    }

    pub fn of_one(account: &Account, now: DateTime<Utc>) -> Self {
        let fields = &account.fields;
        if fields.deleted {
            Self::Deleted
        } else if !fields.enabled {
            Self::Disabled
        } else if fields.expires_at.is_some_and(|end| end <= now) {
            Self::Expired
        } else {
            Self::Usable
        }
    }

    fn rank(self) -> u8 {
        match self {
            Self::Usable => 0,
            Self::Expired => 1,
            Self::Disabled => 2,
            Self::Deleted => 3,
            Self::NoneKnown => 4,
        }
    }
}

/// Whether the session may carry anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionStanding {
    /// The session is what is being issued.
    NotYet,
    Open,
    Expired,
    Closed,
    /// Of before a restoration.
    OtherEpoch,
}

impl SessionStanding {
    pub const ALL: [Self; 5] =
        [Self::NotYet, Self::Open, Self::Expired, Self::Closed, Self::OtherEpoch];
}

/// Whether the application may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientStanding {
    /// No application is concerned: the session cookie itself.
    NotConcerned,
    Enabled,
    Disabled,
}

impl ClientStanding {
    pub const ALL: [Self; 3] = [Self::NotConcerned, Self::Enabled, Self::Disabled];
}

/// Whether the person is who the national register says, where the application demands it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdentityStanding {
    NotDemanded,
    Linked,
    Missing,
}

impl IdentityStanding {
    pub const ALL: [Self; 3] = [Self::NotDemanded, Self::Linked, Self::Missing];
}

/// Whether the person acts as an operator, and may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperatorStanding {
    NotConcerned,
    Enabled,
    Disabled,
}

impl OperatorStanding {
    pub const ALL: [Self; 3] = [Self::NotConcerned, Self::Enabled, Self::Disabled];
}
