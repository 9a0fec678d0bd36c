use super::LoginError;
use crate::Workflows;

/// What every login page shows of the hospital.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct House {
    pub name: String,
    /// Telephone of the help desk, when the hospital gave one.
    pub help: Option<String>,
}

impl Workflows {
    pub async fn house(&self) -> Result<House, LoginError> {
        let reader = self.store().read();
        let name = reader.counters().fact("hospital").await?;
        let help = reader.counters().fact("help_phone").await?;
        Ok(House { name: name.unwrap_or_else(|| "Hygie".to_owned()), help })
    }
}
