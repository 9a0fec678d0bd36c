use crate::{Run, RunState};
use chrono::{DateTime, Duration, Utc};
use kernel::ActorId;

/// The second accord on a plan that a brake holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    pub by: ActorId,
    pub at: DateTime<Utc>,
}

/// Why an accord is not one, or why there is none to apply the plan on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FourEyes {
    #[error("the run is {0}: no brake holds it")]
    NotHeld(&'static str),
    #[error("a person gives this accord, at the console, under her own name")]
    NoPerson,
    #[error("whoever began the run, or applies its plan, cannot give the second accord")]
    SamePerson,
    #[error("a brake holds this plan until a second person lets it go")]
    NoAccord,
}

/// Four eyes on a brake (console, level 4): one person asks, another lets go, and neither does both. The command line
/// may read and apply; it names a user of the machine and no person, so it never lets go.
impl Run {
    /// An accord is for what was just looked at.
    pub const ACCORD_LIVES: Duration = Duration::minutes(15);

    pub fn release(&mut self, by: &ActorId, now: DateTime<Utc>) -> Result<(), FourEyes> {
        if self.state != RunState::Waiting {
            return Err(FourEyes::NotHeld(self.state.name()));
        }
        let person = by.person().ok_or(FourEyes::NoPerson)?;
        if self.by.person() == Some(person) {
            return Err(FourEyes::SamePerson);
        }
        self.released = Some(Release { by: by.clone(), at: now });
        Ok(())
    }

    /// The accord that still counts.
    pub fn accord(&self, now: DateTime<Utc>) -> Option<&Release> {
        self.released.as_ref().filter(|release| now < release.at + Self::ACCORD_LIVES)
    }

    /// May this actor apply the plan, as far as brakes are concerned?
    pub fn let_go_for(&self, by: &ActorId, now: DateTime<Utc>) -> Result<(), FourEyes> {
        if self.state != RunState::Waiting {
            return Ok(());
        }
        let accord = self.accord(now).ok_or(FourEyes::NoAccord)?;
        if accord.by.person() == by.person() { Err(FourEyes::SamePerson) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RunCounts, RunKind};
    use kernel::{Clock, FixedClock, PersonId};

    fn at(minute: u32) -> DateTime<Utc> {
        FixedClock::at(&format!("2026-11-22T05:{minute:02}:00Z")).now()
    }

    fn person(number: u128) -> PersonId {
        PersonId::from(kernel::Uuid::from_u128(number))
    }

    fn operator(account: u128, of: u128) -> ActorId {
        let operator = kernel::Uuid::from_u128(account).into();
        ActorId::Operator { operator, person: person(of) }
    }

    fn held_run(by: ActorId) -> Run {
        Run {
            id: kernel::Uuid::from_u128(1).into(),
            source: None,
            kind: RunKind::Sync,
            state: RunState::Waiting,
            started_at: at(0),
            ended_at: None,
            lines: 0,
            counts: RunCounts::default(),
            brakes: Vec::new(),
            faults: Vec::new(),
            warnings: Vec::new(),
            data_version: 0,
            error: None,
            by,
            released: None,
        }
    }

    #[test]
    fn am_09_two_distinct_persons_let_a_held_plan_go() {
        let job = ActorId::Job { name: "schedule".to_owned() };
        let root = ActorId::CommandLine { uid: 0 };
        let (anne, ben) = (operator(1, 1), operator(2, 2));
        // Her second account is no second person.
        let anne_again = operator(3, 1);
        use FourEyes::{NoPerson, SamePerson};
        for (began, releases, applies, released, applied) in [
            (&anne, &ben, &anne, Ok(()), Ok(())),
            (&job, &ben, &anne, Ok(()), Ok(())),
            (&root, &ben, &root, Ok(()), Ok(())),
            (&job, &ben, &ben, Ok(()), Err(SamePerson)),
            (&anne, &ben, &ben, Ok(()), Err(SamePerson)),
            (&anne, &anne, &ben, Err(SamePerson), Err(FourEyes::NoAccord)),
            (&anne, &anne_again, &ben, Err(SamePerson), Err(FourEyes::NoAccord)),
            (&job, &anne, &anne_again, Ok(()), Err(SamePerson)),
            (&root, &root, &anne, Err(NoPerson), Err(FourEyes::NoAccord)),
        ] {
            let mut run = held_run(began.clone());
            let words = format!("{began:?} began, {releases:?} releases, {applies:?} applies");
            assert_eq!(run.release(releases, at(1)), released, "{words}");
            assert_eq!(run.let_go_for(applies, at(2)), applied, "{words}");
        }
    }

    #[test]
    fn an_accord_lives_a_quarter_of_an_hour_and_is_for_held_plans_alone() {
        let (anne, ben) = (operator(1, 1), operator(2, 2));
        let mut run = held_run(anne.clone());
        run.release(&ben, at(0)).expect("an accord");
        assert_eq!(run.let_go_for(&anne, at(14)), Ok(()));
        assert_eq!(run.let_go_for(&anne, at(15)), Err(FourEyes::NoAccord));
        run.release(&ben, at(16)).expect("given again");
        assert_eq!(run.let_go_for(&anne, at(17)), Ok(()));
        run.state = RunState::Planned;
        assert_eq!(run.release(&ben, at(18)), Err(FourEyes::NotHeld("planned")));
        assert_eq!(run.let_go_for(&anne, at(50)), Ok(()), "no brake, no second person");
    }
}
