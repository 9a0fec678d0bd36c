use super::LoginError;
use crate::Workflows;

/// What every login page shows of the hospital.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct House {
    pub name: String,
    /// Telephone of the help desk, when the hospital gave one.
    pub help: Option<String>,
    /// It is a sandbox: nobody real logs in there.
    pub is_sandbox: bool,
}

impl Workflows {
    pub async fn house(&self) -> Result<House, LoginError> {
        let reader = self.store().read();
        let name = reader.counters().fact("hospital").await?;
        let help = reader.counters().fact("help_phone").await?;
        let name = name.unwrap_or_else(|| "Hygie".to_owned());
        Ok(House { name, help, is_sandbox: self.sandbox().is_some() })
    }
}
