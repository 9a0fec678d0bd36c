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
            means: MeansTable(self.0).of(person).await?,
            operator,
            epoch: u64::try_from(epoch).unwrap_or(0),
        })
    }
}
