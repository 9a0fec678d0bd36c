//! One act on many people: closed, or their sessions ended. Never a link (console, section 5.5).
use crate::{ClosePerson, PersonError, WorkflowError, Workflows};
use kernel::{Actor, Capability, PersonId};
use store::StoreError;
use store::views::people::{self, PeopleFilter, PeopleSort, PeopleStart};

/// So many at once; more is the work of a source.
pub const MOST_AT_ONCE: u64 = 2_000;

/// What is done to each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkAct {
    Close { motive: String },
    EndSessions,
}

/// To whom.
#[derive(Debug, Clone)]
pub enum Chosen {
    These(Vec<PersonId>),
    Filter(Box<PeopleFilter>),
}

#[derive(Debug, thiserror::Error)]
pub enum BulkError {
    /// Who answers the filter has changed since it was counted.
    #[error("{0} people answer now")]
    CountMoved(u64),
    #[error("{0} people at once are too many")]
    TooMany(u64),
    #[error("nobody was chosen")]
    Nobody,
    #[error("a motive is needed")]
    NoMotive,
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What came of it, person by person where nothing was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BulkReport {
    pub done: u64,
    pub sessions: u64,
    pub left: Vec<(PersonId, &'static str)>,
}

impl Workflows {
    /// Each person is an act of its own, committed with its events: what is done stays done if the next one fails.
    /// `count`: how many were on screen when it was asked.
    pub async fn act_on_people(
        &self,
        actor: &Actor,
        act: &BulkAct,
        chosen: Chosen,
        count: u64,
    ) -> Result<BulkReport, BulkError> {
        self.may_act_on_people(actor, act).await?;
        if matches!(act, BulkAct::Close { motive } if motive.trim().is_empty()) {
            return Err(BulkError::NoMotive);
        }
        let people = self.chosen_people(chosen).await?;
        let now = people.len() as u64;
        match now {
            0 => return Err(BulkError::Nobody),
            _ if now > MOST_AT_ONCE => return Err(BulkError::TooMany(now)),
            _ if now != count => return Err(BulkError::CountMoved(now)),
            _ => {}
        }
        let mut report = BulkReport::default();
        for person in people {
            match self.act_on_one(actor, act, person).await? {
                Ok(sessions) => {
                    report.done += 1;
                    report.sessions += sessions;
                }
                Err(code) => report.left.push((person, code)),
            }
        }
        Ok(report)
    }

    /// The right to it, before anything is confirmed or counted.
    pub async fn may_act_on_people(
        &self,
        actor: &Actor,
        act: &BulkAct,
    ) -> Result<(), WorkflowError> {
        let (needed, name) = match act {
            BulkAct::Close { .. } => (Capability::ClosePeople, "close_person"),
            BulkAct::EndSessions => (Capability::CloseSessions, "end_sessions"),
        };
        self.must(actor, needed, name).await?;
        self.must(actor, Capability::ReadPeople, "act_on_people").await
    }

    async fn act_on_one(
        &self,
        actor: &Actor,
        act: &BulkAct,
        person: PersonId,
    ) -> Result<Result<u64, &'static str>, BulkError> {
        match act {
            BulkAct::EndSessions => {
                let ended = self.end_sessions_of(actor, person).await?;
                Ok(ended.ok_or("person_unknown"))
            }
            BulkAct::Close { motive } => {
                let close = ClosePerson { person, motive: motive.clone() };
                match self.close_person(actor, close).await {
                    Ok(_) => Ok(Ok(0)),
                    Err(PersonError::AlreadyClosed(_)) => Ok(Err("person_closed")),
                    Err(PersonError::Unknown(_)) => Ok(Err("person_unknown")),
                    Err(PersonError::Own) => Ok(Err("own_access")),
                    Err(PersonError::LastOperator) => Ok(Err("last_operator")),
                    Err(
                        PersonError::NotSuspended(_)
                        | PersonError::NothingPlanned(_)
                        | PersonError::DayOver,
                    ) => unreachable!("closing at once resumes nobody and plans nothing"),
                    Err(PersonError::NoMotive) => Err(BulkError::NoMotive),
                    Err(PersonError::Store(StoreError::Stale { .. })) => Ok(Err("stale")),
                    Err(PersonError::Workflow(cause)) => Err(cause.into()),
                    Err(PersonError::Store(cause)) => Err(cause.into()),
                }
            }
        }
    }

    async fn chosen_people(&self, chosen: Chosen) -> Result<Vec<PersonId>, BulkError> {
        let filter = match chosen {
            Chosen::These(mut people) => {
                people.sort();
                people.dedup();
                return Ok(people);
            }
            Chosen::Filter(filter) => filter,
        };
        let (mut found, mut start) = (Vec::new(), PeopleStart::First);
        loop {
            let sort = (PeopleSort::Name, false);
            let reader = self.store().read();
            let page = people::page(&reader, &filter, sort, &start, 500).await?;
            if page.counts.total > MOST_AT_ONCE {
                return Err(BulkError::TooMany(page.counts.total));
            }
            found.extend(page.lines.iter().map(|line| line.person.id));
            match page.next {
                Some(place) => start = PeopleStart::After(place, page.counts),
                None => return Ok(found),
            }
        }
    }
}
