use chrono::{DateTime, Utc};
use kernel::{Actor, OperatorId, PersonId, Role};

/// An administration account of a person. Its keys serve here alone, never for care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    pub id: OperatorId,
    pub person: PersonId,
    pub roles: Vec<Role>,
    pub enabled: bool,
    pub created_at: DateTime<Utc>,
    /// The version that was read; the store raises it at each change.
    pub version: i64,
}

impl Operator {
    /// What this operator may do. A disabled one may do nothing.
    pub fn actor(&self) -> Actor {
        let roles: &[Role] = if self.enabled { &self.roles } else { &[] };
        Actor::operator(self.id, self.person, roles)
    }
}
