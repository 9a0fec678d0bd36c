use audit::Reference;
use kernel::Capability;
use store::StoreError;

/// What any use case may answer besides its own errors.
#[derive(Debug, thiserror::Error)]
pub enum WorkflowError {
    #[error("this needs the capability {capability:?} (reference {reference})")]
    Forbidden { capability: Capability, reference: Reference },
    #[error(transparent)]
    Store(#[from] StoreError),
}
