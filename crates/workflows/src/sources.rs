//! Sources are declared by a TOML text; every version is kept.
use crate::{WorkflowError, Workflows};
use audit::{AuditEvent, Code, Digest};
use identity::SourceError as ReadError;
use identity::mapping::{Mapping, MappingFault};
use kernel::{Actor, Capability};
use store::{SourceDefinition, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Every fault of the definition at once.
    #[error("the definition of the source does not hold: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Definition(Vec<MappingFault>),
    #[error(transparent)]
    Opening(#[from] ReadError),
    #[error("no source bears the name {0}")]
    Unknown(String),
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The whole TOML text of a definition.
pub struct AddSource {
    pub definition: String,
}

impl Workflows {
    /// Adds a source, or the next version of the one that bears this name. The same text twice changes nothing.
    pub async fn add_source(
        &self,
        actor: &Actor,
        add: AddSource,
    ) -> Result<SourceDefinition, SourceError> {
        self.must(actor, Capability::ManageSources, "add_source").await?;
        let mapping = Mapping::parse(&add.definition).map_err(SourceError::Definition)?;
        self.parts().sources.open(&add.definition)?;
        let now = self.now();
        let tx = self.store().begin().await?;
        let known = tx.sources().by_name(&mapping.name).await?;
        let source = match &known {
            Some(known) if known.definition == add.definition => return Ok(known.clone()),
            Some(known) => SourceDefinition {
                definition: add.definition,
                kind: mapping.kind(),
                version: known.version + 1,
                ..known.clone()
            },
            None => SourceDefinition {
                id: self.id(),
                name: mapping.name.clone(),
                kind: mapping.kind(),
                enabled: true,
                definition: add.definition,
                version: 1,
                created_at: now,
            },
        };
        tx.sources().save(&source, now, &actor.id()).await?;
        let digest = Digest::of(source.definition.as_bytes());
        let mapping_version = u32::try_from(source.version).unwrap_or(u32::MAX);
        let event = if known.is_some() {
            AuditEvent::SourceMappingChanged {
                by: actor.id(),
                source: source.id,
                mapping_version,
                mapping: digest,
            }
        } else {
            AuditEvent::SourceAdded {
                by: actor.id(),
                source: source.id,
                kind: Code::of(source.kind.name()),
                mapping_version,
                mapping: digest,
            }
        };
        tx.commit(event).await?;
        Ok(source)
    }
}
