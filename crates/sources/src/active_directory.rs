//! Active Directory over LDAPS: read whole, by pages, with an account that may only read.
//! Keys are objectGUIDs; what is gone is seen by its tombstone where the account may read it, else by its absence from
//! a complete reading.
mod range;
mod reading;
mod rights;
#[cfg(test)]
mod script;

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
            Some(file) => self.own_file("ca_file", file).await?,
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

    /// A file that the definition names: without it the fault is here, and the directory is not to blame.
    async fn own_file(&self, key: &str, file: &str) -> Result<Vec<u8>, SourceError> {
        self.folders.read_small(&self.name, file).await.map_err(|error| match error {
            SourceError::Unreachable { name, cause } => {
                SourceError::Settings { name, cause: format!("{key} : {cause}") }
            }
            other => other,
        })
    }

    async fn password(&self) -> Result<Secret<String>, SourceError> {
        let bytes = self.own_file("password_file", &self.settings.password_file).await?;
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
            | OutboundError::Disk { .. }
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

    use super::script::{Answer, Asked as Heard, Script, serve};
    use crate::{Opener, OpenerSettings};
    use identity::{Line, SourceOpener};
    use std::sync::Arc;

    const BASE: &str = "OU=Personnel,DC=hopital,DC=test";

    type Attributes = Vec<(String, Vec<Vec<u8>>)>;

    fn account(login: &str, unit: &str, more: Attributes) -> (String, Attributes) {
        let mut attributes = vec![
            ("objectGUID".to_owned(), vec![format!("{login:0>16}").into_bytes()]),
            ("sAMAccountName".to_owned(), vec![login.into()]),
        ];
        attributes.extend(more);
        (format!("CN={login},{unit}"), attributes)
    }

    /// The account's own entry and the root are asked before the people are.
    fn people(answer: impl Fn(&Heard) -> Answer + Send + Sync + 'static) -> Script {
        Arc::new(move |asked| match asked.base.as_str() {
            BASE => answer(asked),
            "" | "CN=svc" => Answer::default(),
            // One entry asked for by its name: the rest of a range.
            _ => answer(asked),
        })
    }

    async fn read(script: Script) -> Result<(Vec<Line>, Vec<String>), SourceError> {
        let (port, pem) = serve(script).await;
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join("pw"), "secret").expect("password");
        let definition = format!(
            "[source]\nname='ad'\nkind='active_directory'\nurl='ldaps://localhost:{port}'\nbase='{BASE}'\n\
             bind_dn='CN=svc'\npassword_file='pw'\npage_size=2\ntimeout_seconds=5\n\
             [[field]]\ncolumn='proxyAddresses'\nto='mail'\n"
        );
        let settings = OpenerSettings {
            folders: vec![folder.path().to_owned()],
            allowed_hosts: AllowedHosts::new(["localhost"]),
            anchors_pem: pem.into_bytes(),
        };
        let mut reading = Opener::new(settings).open(&definition)?.read().await?;
        let mut lines = Vec::new();
        while let Some(batch) = reading.next_batch().await? {
            lines.extend(batch);
        }
        Ok((lines, reading.warnings()))
    }

    fn page(logins: &[&str], cookie: &[u8]) -> Answer {
        let entries = logins.iter().map(|login| account(login, BASE, Vec::new())).collect();
        Answer { entries, cookie: Some(cookie.to_vec()), ..Answer::default() }
    }

    #[tokio::test]
    async fn ad_02_what_lies_outside_the_base_and_referrals_are_left_out() {
        let script = people(|_| Answer {
            referral: Some("ldaps://evil.test/DC=x".to_owned()),
            entries: vec![
                account("dedans", BASE, Vec::new()),
                account("dehors", "OU=Ailleurs,DC=hopital,DC=test", Vec::new()),
            ],
            cookie: Some(Vec::new()),
            ..Answer::default()
        });
        let (lines, warnings) = read(script).await.expect("reading");
        let logins: Vec<_> =
            lines.iter().map(|line| line.columns["sAMAccountName"].as_str()).collect();
        assert_eq!(logins, ["dedans"]);
        assert_eq!(warnings.len(), 1, "its own entry is not visible: {warnings:?}");
    }

    #[tokio::test]
    async fn an_attribute_of_many_values_is_read_range_by_range() {
        let values = |range: &str, values: &[&str]| {
            let values = values.iter().map(|value| value.as_bytes().to_vec()).collect();
            vec![(format!("proxyAddresses;range={range}"), values)]
        };
        let script = people(move |asked| {
            let more = match asked.attributes.first().map(String::as_str) {
                Some("proxyAddresses;range=2-*") => values("2-3", &["c", "d"]),
                Some("proxyAddresses;range=4-*") => values("4-*", &["e"]),
                _ => values("0-1", &["a", "b"]),
            };
            let entries = vec![account("a", BASE, more)];
            Answer { entries, cookie: Some(Vec::new()), ..Answer::default() }
        });
        let (lines, _) = read(script).await.expect("reading");
        assert_eq!(lines[0].columns["proxyAddresses"], "a\u{1f}b\u{1f}c\u{1f}d\u{1f}e");
    }

    /// Threat AD-14: nothing that a directory answers makes half a reading pass for a whole one, or lasts for ever.
    #[tokio::test]
    async fn ad_14_answers_that_are_not_whole_give_no_reading() {
        let again = |_: &Heard| {
            let same =
                vec![("proxyAddresses;range=0-1".to_owned(), vec![b"a".to_vec(), b"b".to_vec()])];
            let entries = vec![account("a", BASE, same)];
            Answer { entries, cookie: Some(Vec::new()), ..Answer::default() }
        };
        let scripts: [(&str, Script); 7] = [
            ("pages without end", people(|_| page(&[], b"again"))),
            ("no paging control", people(|_| Answer { cookie: None, ..page(&["a"], b"") })),
            ("more than was asked for", people(|_| page(&["a", "b", "c"], b""))),
            ("size limit exceeded", people(|_| Answer { code: 4, ..page(&["a"], b"") })),
            (
                "busy at the second page",
                people(|asked| match asked.before {
                    0 | 1 => page(&["a"], b"next"),
                    _ => Answer { code: 51, ..Answer::default() },
                }),
            ),
            ("the same range again", people(again)),
            ("nobody", people(|_| page(&[], b""))),
        ];
        for (what, script) in scripts {
            let error = read(script).await.err().unwrap_or_else(|| panic!("{what} was believed"));
            assert!(matches!(error, SourceError::Truncated { .. }), "{what}: {error}");
        }
    }
}
