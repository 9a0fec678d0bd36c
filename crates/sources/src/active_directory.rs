//! Active Directory over LDAPS: read whole, by pages, with an account that may only read.
//! Keys are objectGUIDs; what is gone is seen by its tombstone where the account may read it, else by its absence from
//! a complete reading.
mod range;
mod reading;
mod rights;

use crate::directory_line::Asked;
use crate::files::Folders;
use async_trait::async_trait;
use identity::mapping::DirectorySettings;
use identity::{Mapping, Reading, Source, SourceError};
use kernel::Secret;
use outbound::ldap::{LdapConnection, LdapTarget};
use outbound::{AllowedHosts, Anchors, OutboundError, Timeouts};
use reading::DirectoryReading;

const LONGEST_CONNECT: u64 = 10;
const INVALID_CREDENTIALS: u32 = 49;

pub struct ActiveDirectory {
    name: String,
    settings: DirectorySettings,
    asked: Asked,
    folders: Folders,
    allowed: AllowedHosts,
    /// Those of the settings file, for a source that names none.
    anchors_pem: Vec<u8>,
}

impl ActiveDirectory {
    pub fn new(
        mapping: &Mapping,
        settings: &DirectorySettings,
        folders: Folders,
        allowed: AllowedHosts,
        anchors_pem: Vec<u8>,
    ) -> Self {
        let (name, asked) = (mapping.name.clone(), Asked::new(mapping));
        Self { name, settings: settings.clone(), asked, folders, allowed, anchors_pem }
    }

    async fn connect(&self) -> Result<LdapConnection, SourceError> {
        let pem = match &self.settings.ca_file {
            Some(file) => self.folders.read_small(&self.name, file).await?,
            None => self.anchors_pem.clone(),
        };
        let before = |error| self.before_reading(error);
        let anchors = Anchors::from_pem(&pem).map_err(before)?;
        let answer = u64::from(self.settings.timeout_seconds);
        let timeouts = Timeouts::seconds(answer.min(LONGEST_CONNECT), answer);
        let target = LdapTarget::new(&self.settings.url, &anchors, timeouts, &self.allowed);
        let mut connection =
            LdapConnection::open(&target.map_err(before)?).await.map_err(before)?;
        let password = self.password().await?;
        let bound = connection.bind(&self.settings.bind_dn, &password).await.map_err(before)?;
        if bound.code == 0 {
            return Ok(connection);
        }
        let cause = match bound.code {
            INVALID_CREDENTIALS => why_not(&bound.diagnostic).to_owned(),
            code => format!("code LDAP {code}"),
        };
        Err(SourceError::Refused { name: self.name.clone(), cause })
    }

    async fn password(&self) -> Result<Secret<String>, SourceError> {
        let bytes = self.folders.read_small(&self.name, &self.settings.password_file).await?;
        let settings = |cause: &str| SourceError::Settings {
            name: self.name.clone(),
            cause: cause.to_owned(),
        };
        let text = String::from_utf8(bytes);
        let text = text.map_err(|_| settings("le fichier du mot de passe n’est pas de l’UTF-8"))?;
        let password = text.trim_end_matches(['\r', '\n']).to_owned();
        match password.is_empty() {
            true => Err(settings("le fichier du mot de passe est vide")),
            false => Ok(Secret::new(password)),
        }
    }

    /// Before the first page nothing was read, so nothing was cut short.
    fn before_reading(&self, error: OutboundError) -> SourceError {
        let name = self.name.clone();
        match error {
            OutboundError::Settings { .. }
            | OutboundError::NotAllowed { .. }
            | OutboundError::EmptyCredential => {
                SourceError::Settings { name, cause: error.to_string() }
            }
            OutboundError::Unreachable { .. }
            | OutboundError::Untrusted { .. }
            | OutboundError::TimedOut { .. }
            | OutboundError::Closed { .. }
            | OutboundError::Malformed { .. }
            | OutboundError::Refused { .. } => {
                SourceError::Unreachable { name, cause: error.to_string() }
            }
        }
    }
}

#[async_trait]
impl Source for ActiveDirectory {
    async fn read(&self) -> Result<Box<dyn Reading>, SourceError> {
        let mut connection = self.connect().await?;
        let warnings = rights::warnings(&mut connection, &self.settings.bind_dn).await;
        let warnings = warnings.map_err(|error| self.before_reading(error))?;
        let reading = DirectoryReading::new(
            self.name.clone(),
            self.settings.clone(),
            self.asked.clone(),
            connection,
            warnings,
        );
        Ok(Box::new(reading))
    }
}

/// The sub-code of a refused bind, for an operator.
fn why_not(diagnostic: &str) -> &'static str {
    let code = diagnostic.split("data ").nth(1).and_then(|rest| rest.split(',').next());
    match code.map(str::trim) {
        Some("533") => "compte désactivé",
        Some("701") => "compte expiré",
        Some("532") => "mot de passe expiré",
        Some("773") => "mot de passe à changer",
        Some("775") => "compte verrouillé",
        Some("530") => "hors des heures permises",
        Some("531") => "poste non permis",
        _ => "identifiant ou mot de passe refusé",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ad_09_the_sub_code_says_why_the_account_was_refused() {
        let text = |code: &str| {
            format!(
                "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data {code}, v1db1"
            )
        };
        for (diagnostic, why) in [
            (text("533"), "compte désactivé"),
            (text("775"), "compte verrouillé"),
            (text("52e"), "identifiant ou mot de passe refusé"),
            (String::new(), "identifiant ou mot de passe refusé"),
            ("data ".to_owned(), "identifiant ou mot de passe refusé"),
        ] {
            assert_eq!(why_not(&diagnostic), why, "{diagnostic}");
        }
    }
}
