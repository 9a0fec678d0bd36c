//! Keys of a client that it publishes at an address of its own.
use crate::NotifyError;
use async_trait::async_trait;

/// Whoever reads them; outside this appliance.
#[async_trait]
pub trait ClientKeySource: Send + Sync {
    /// The text of the key set at this address.
    async fn fetch(&self, address: &str) -> Result<String, NotifyError>;
}
