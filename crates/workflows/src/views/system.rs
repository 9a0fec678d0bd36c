//! What the base knows of the appliance itself.
use crate::{WorkflowError, Workflows};
use kernel::{Actor, Capability, DateTime, PersonId, Role, Utc};
use store::views::{keys, person};

pub use store::views::keys::KeyLine;

#[derive(Debug, Clone)]
pub struct SystemSheet {
    pub node: String,
    pub backend: &'static str,
    pub keys: Vec<KeyLine>,
    /// Roles and the name of whoever holds them.
    pub operators: Vec<(Vec<Role>, String)>,
    pub at: DateTime<Utc>,
}

impl Workflows {
    pub async fn show_system(&self, actor: &Actor) -> Result<SystemSheet, WorkflowError> {
        self.must(actor, Capability::ReadSystem, "show_system").await?;
        let reader = self.store().read();
        let operators = reader.operators().all().await?;
        let ids: Vec<PersonId> = operators.iter().map(|operator| operator.person).collect();
        let people = person::named(&reader, &ids).await?;
        let named = operators.iter().filter(|operator| operator.enabled).filter_map(|operator| {
            let person = people.get(&operator.person)?;
            Some((operator.roles.clone(), person.display_name()))
        });
        Ok(SystemSheet {
            node: self.store().node().to_owned(),
            backend: self.store().backend(),
            keys: keys::all(&reader).await?,
            operators: named.collect(),
            at: self.now(),
        })
    }
}
