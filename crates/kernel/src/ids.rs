//! One macro makes every id: a UUID v7 drawn from the given clock and randomness, so that ids sort
//! by creation and a test can foresee them. Ids are no secrets (design §9b).
use crate::{Clock, Randomness};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// The text is not a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an identifier of this kind")]
pub struct InvalidId;

/// UUID v7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then randomness.
pub fn new_uuid(clock: &dyn Clock, randomness: &dyn Randomness) -> Uuid {
    let millis = u64::try_from(clock.now().timestamp_millis()).unwrap_or(0);
    let mut random = [0u8; 10];
    randomness.fill(&mut random);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Draws a new id.
            pub fn new(clock: &dyn Clock, randomness: &dyn Randomness) -> Self {
                Self(new_uuid(clock, randomness))
            }
            pub fn uuid(self) -> Uuid {
                self.0
            }
        }
        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
            }
        }
    )+};
}

ids! {
    /// One human being, for ever; never reused: root of the OIDC `sub` and the PSC `oid`.
    PersonId,
    /// One affectation of a person.
    PostId,
    /// One login of a person in one outside system.
    AccountId,
    /// One change that the register tells about a person we hold.
    RegisterChangeId,
    /// One declared source (an HR file, an AD).
    SourceId,
    /// One reading of one source.
    RunId,
    /// One line of the plan of a run.
    PlanItemId,
    /// What a source said once, verbatim.
    StagedId,
    /// One question for a human.
    CaseId,
    /// One link person ↔ IdNat.
    NationalIdentityId,
    /// One means of identification.
    MeansId,
    /// One code of the desk, for one enrolment.
    EnrolmentCodeId,
    /// One administration account of a person.
    OperatorId,
    /// One session of a person.
    SessionId,
    /// One opening of a session: the OIDC `sid`.
    OpeningId,
    /// One registered OpenID Connect client (the row; `client_id` is a text of its own).
    ClientId,
    /// One background job.
    JobId,
    /// One signing key.
    SigningKeyId,
    /// One list, filtered and named, that an operator keeps.
    SavedViewId,
    /// One « c’est bien vous ? » of the console, answered with a key.
    ConfirmationId,
    /// One act of the console that waits for a second person.
    AccordId,
    /// One reunion of two records of a person.
    MergeId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FixedClock, SeededRandomness};

    #[test]
    fn ids_are_version_7_and_sort_by_time() {
        let chance = SeededRandomness::new(1);
        let early = FixedClock::at("2026-01-01T00:00:00Z");
        let late = FixedClock::at("2026-01-01T00:00:01Z");
        let (first, second) = (PersonId::new(&early, &chance), PersonId::new(&late, &chance));
        assert_eq!(first.uuid().get_version_num(), 7);
        assert!(first < second);
        assert_eq!(first.to_string().parse::<PersonId>(), Ok(first));
        assert_eq!("not-an-id".parse::<PersonId>(), Err(InvalidId));
    }
}
