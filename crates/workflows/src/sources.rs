//! Sources are declared by a TOML text; every version is kept.
use crate::{WorkflowError, Workflows};
use audit::{AuditEvent, Code, Digest};
use identity::SourceError as ReadError;
use identity::mapping::{Mapping, MappingFault};
use kernel::{Actor, Capability, SourceId};
use store::{SourceDefinition, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Every fault of the definition at once.
    #[error("the definition of the source does not hold: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Definition(Vec<MappingFault>),
    #[error(transparent)]
    Opening(#[from] ReadError),
    /// A definition keeps the name and the kind of its source.
    #[error("the definition is not one of the source {0}")]
    OtherSource(String),
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
    /// The next version of a source's definition, or an earlier text again. `shown`: the version that was on screen.
    pub async fn change_source(
        &self,
        actor: &Actor,
        id: SourceId,
        shown: Option<i64>,
        definition: String,
    ) -> Result<SourceDefinition, SourceError> {
        self.must(actor, Capability::ManageSources, "change_source").await?;
        let unknown = || SourceError::Unknown(id.to_string());
        let known = self.store().read().sources().find(id).await?.ok_or_else(unknown)?;
        if shown.is_some_and(|shown| shown != known.version) {
            return Err(SourceError::Store(StoreError::Stale { table: "source" }));
        }
        let mapping = Mapping::parse(&definition).map_err(SourceError::Definition)?;
        if mapping.name != known.name || mapping.kind() != known.kind {
            return Err(SourceError::OtherSource(known.name));
        }
        self.add_source(actor, AddSource { definition }).await
    }

    /// The right to it, before the key is asked.
    pub async fn may_change_sources(&self, actor: &Actor) -> Result<(), WorkflowError> {
        self.must(actor, Capability::ManageSources, "change_source").await
    }

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
