use crate::{Accounts, Counter, Counters, MeansTable, Operators, People, Posts, StoreError};
use authentication::{Means, Operator};
use directory::{Account, Person, Post};
use kernel::{OperatorId, PersonId};
use sea_orm::ConnectionTrait;

/// Everything that decides whether something may be issued to a person, read at one moment.
#[derive(Debug)]
pub struct Standing {
    pub person: Option<Person>,
    pub posts: Vec<Post>,
    pub accounts: Vec<Account>,
    /// What they verify by left out.
    pub means: Vec<Means>,
    pub operator: Option<Operator>,
    /// The restore epoch in force.
    pub epoch: u64,
}

/// What the choke point reads.
pub struct Standings<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> Standings<'_, C> {
    /// Reads, and holds the person's row until the act ends, so that a closing and an issue never cross (OP-09).
    pub async fn lock(
        &self,
        person: PersonId,
        operator: Option<OperatorId>,
    ) -> Result<Standing, StoreError> {
        let found = People(self.0).lock(person).await?;
        self.around(found, person, operator).await
    }

    /// Reads what stands now; nothing is issued on it that outlives the answer.
    pub async fn read(&self, person: PersonId) -> Result<Standing, StoreError> {
        let found = People(self.0).find(person).await?;
        self.around(found, person, None).await
    }

    async fn around(
        &self,
        found: Option<Person>,
        person: PersonId,
        operator: Option<OperatorId>,
    ) -> Result<Standing, StoreError> {
        let operator = match operator {
            Some(operator) => Operators(self.0).find(operator).await?,
            None => None,
        };
        let epoch = Counters(self.0).read(Counter::RestoreEpoch).await?;
        Ok(Standing {
            person: found,
            posts: Posts(self.0).of(person).await?,
            accounts: Accounts(self.0).of(person).await?,
            means: MeansTable(self.0).standing_of(person).await?,
            operator,
            epoch: u64::try_from(epoch).unwrap_or(0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestStore, on_each};
    use audit::AuditEvent;
    use directory::PersonState;
    use identity::{BirthPlace, Names};
    use kernel::{ActorId, Clock, SeededRandomness};
    use std::sync::Mutex;
    use tokio::sync::Notify;

    async fn somebody(test: &TestStore) -> Person {
        let person = Person {
            id: PersonId::new(&*test.clock, &SeededRandomness::new(1)),
            state: PersonState::Active,
            names: Names { birth_family: Some("Petit".to_owned()), ..Names::default() },
            sex: None,
            birth_date: None,
            birth_place: BirthPlace::default(),
            mail: None,
            declared_rpps: None,
            closing: None,
            created_at: test.clock.now(),
            version: 1,
        };
        let tx = test.store.begin().await.expect("begin");
        tx.people().insert(&person).await.expect("insert");
        tx.commit(said(&person)).await.expect("commit");
        person
    }

    fn said(person: &Person) -> AuditEvent {
        AuditEvent::PersonCreated { by: ActorId::Nobody, person: person.id, run: None }
    }

    /// Whoever holds the person's row makes many round trips before its end, and the other has begun meanwhile: a
    /// lock that does not hold would let the other through in between.
    const ROUND_TRIPS: usize = 50;

    #[tokio::test]
    async fn op_09_who_issues_first_is_waited_for_and_who_closes_first_is_seen() {
        for closes_first in [false, true] {
            on_each(async |test: TestStore| {
                let person = somebody(&test).await;
                let (held, order) = (Notify::new(), Mutex::new(Vec::new()));
                let tell = |word: &'static str| order.lock().expect("order").push(word);
                let linger = async |tx: &crate::Transaction| {
                    held.notify_one();
                    for _ in 0..ROUND_TRIPS {
                        tx.people().find(person.id).await.expect("read");
                    }
                };
                let issue = async {
                    if closes_first {
                        held.notified().await;
                    }
                    let tx = test.store.begin().await.expect("begin");
                    let standing = tx.standings().lock(person.id, None).await.expect("lock");
                    let state = standing.person.expect("person").state;
                    tell(if state == PersonState::Active {
                        "issue: active"
                    } else {
                        "issue: closed"
                    });
                    if !closes_first {
                        linger(&tx).await;
                        tell("issue: done");
                    }
                    tx.commit(said(&person)).await.expect("commit");
                };
                let close = async {
                    if !closes_first {
                        held.notified().await;
                    }
                    let tx = test.store.begin().await.expect("begin");
                    let mut read =
                        tx.people().lock(person.id).await.expect("lock").expect("person");
                    tell("close: held");
                    read.state = PersonState::Closed;
                    tx.people().save(&read).await.expect("save");
                    if closes_first {
                        linger(&tx).await;
                        tell("close: done");
                    }
                    tx.commit(said(&person)).await.expect("commit");
                };
                tokio::join!(issue, close);
                let expected = match closes_first {
                    false => vec!["issue: active", "issue: done", "close: held"],
                    true => vec!["close: held", "close: done", "issue: closed"],
                };
                assert_eq!(*order.lock().expect("order"), expected);
            })
            .await;
        }
    }
}
