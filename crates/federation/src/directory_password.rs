use crate::refusal_of;
use async_trait::async_trait;
use authentication::{
    DirectoryAccount, DirectoryRefusal, DirectoryVerdict, Password, PasswordCheck,
    PasswordCheckError,
};
use outbound::OutboundError;
use outbound::ldap::{LdapConnection, LdapTarget};
use std::time::Duration;

const INVALID_CREDENTIALS: u32 = 49;

/// Checks passwords by a simple bind over LDAPS, on a connection of its own each time: a bind changes who the
/// connection is.
#[derive(Debug, Clone)]
pub struct DirectoryPasswords {
    target: LdapTarget,
    /// For the whole check: a directory that answers badly must not hold the login page.
    longest: Duration,
}

impl DirectoryPasswords {
    pub fn new(target: LdapTarget, longest: Duration) -> Self {
        Self { target, longest }
    }

    async fn ask(
        &self,
        account: &DirectoryAccount,
        password: &Password,
    ) -> Result<DirectoryVerdict, OutboundError> {
        let mut connection = LdapConnection::open(&self.target).await?;
        let answer = connection.bind(&account.distinguished_name, password.as_typed()).await?;
        match answer.code {
            0 => {}
            INVALID_CREDENTIALS => {
                return Ok(DirectoryVerdict::Refused(refusal_of(&answer.diagnostic)));
            }
            code => {
                let (place, attempted) = (connection.place().to_owned(), "log in");
                return Err(OutboundError::Refused { place, attempted, code, text: String::new() });
            }
        }
        // AD-01: an anonymous success, or a name given to somebody else since, would stop here.
        let entry = connection.read(&account.distinguished_name, &["objectGUID"]).await?;
        let read_back = entry.map(|entry| match entry.values("objectGUID") {
            [guid] => hexadecimal(guid),
            _ => String::new(),
        });
        if read_back.is_some_and(|key| key.eq_ignore_ascii_case(&account.external_key)) {
            Ok(DirectoryVerdict::right())
        } else {
            Ok(DirectoryVerdict::Refused(DirectoryRefusal::OtherObject))
        }
    }
}

#[async_trait]
impl PasswordCheck for DirectoryPasswords {
    async fn check(
        &self,
        account: &DirectoryAccount,
        password: &Password,
    ) -> Result<DirectoryVerdict, PasswordCheckError> {
        match tokio::time::timeout(self.longest, self.ask(account, password)).await {
            Ok(answer) => answer.map_err(unanswered),
            Err(_) => Err(PasswordCheckError::TimedOut),
        }
    }
}

fn unanswered(error: OutboundError) -> PasswordCheckError {
    let cause = error.to_string();
    match error {
        OutboundError::TimedOut { .. } => PasswordCheckError::TimedOut,
        OutboundError::Unreachable { .. }
        | OutboundError::Untrusted { .. }
        | OutboundError::Closed { .. }
        | OutboundError::NotAllowed { .. }
        | OutboundError::Settings { .. } => PasswordCheckError::Unreachable { cause },
        OutboundError::Malformed { .. }
        | OutboundError::Refused { .. }
        | OutboundError::Disk { .. }
        | OutboundError::EmptyCredential => PasswordCheckError::Unexpected { cause },
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake_directory::{FakeDirectory, Script};
    use kernel::{AccountId, FixedClock, SeededRandomness};

    const GUID: [u8; 16] = *b"0123456789abcdef";

    fn account() -> DirectoryAccount {
        let (clock, chance) = (FixedClock::at("2026-03-01T08:00:00Z"), SeededRandomness::new(1));
        DirectoryAccount {
            id: AccountId::new(&clock, &chance),
            distinguished_name: "CN=mmartin,OU=Personnel,DC=hopital,DC=test".into(),
            external_key: hexadecimal(&GUID),
        }
    }

    async fn checked(script: Script) -> (Result<DirectoryVerdict, PasswordCheckError>, usize) {
        let directory = FakeDirectory::start(script.clone()).await;
        // Long enough for a busy machine; only the silent one is waited for to the end.
        let longest = if matches!(script, Script::Silent) { 2 } else { 20 };
        let check = DirectoryPasswords::new(directory.target(), Duration::from_secs(longest));
        let password = Password::typed("Mot de passe 1").expect("typed");
        let verdict = check.check(&account(), &password).await;
        (verdict, directory.messages())
    }

    fn said(data: &str) -> String {
        format!(
            "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data {data}, v1db1"
        )
    }

    #[tokio::test]
    async fn ad_09_the_directory_decides_and_its_reasons_are_kept() {
        let (verdict, _) = checked(Script::Bound { guid: GUID.to_vec() }).await;
        assert!(matches!(verdict, Ok(DirectoryVerdict::Right(_))), "{verdict:?}");
        for (data, refusal) in
            [("52e", DirectoryRefusal::WrongPassword), ("533", DirectoryRefusal::Disabled)]
        {
            let (verdict, _) = checked(Script::Refused { code: 49, diagnostic: said(data) }).await;
            assert!(
                matches!(&verdict, Ok(DirectoryVerdict::Refused(told)) if *told == refusal),
                "{verdict:?}"
            );
        }
    }

    #[tokio::test]
    async fn ad_01_a_yes_counts_only_for_the_object_that_was_meant() {
        for guid in [vec![0; 16], vec![], b"short".to_vec()] {
            let (verdict, _) = checked(Script::Bound { guid }).await;
            assert!(
                matches!(verdict, Ok(DirectoryVerdict::Refused(DirectoryRefusal::OtherObject))),
                "{verdict:?}"
            );
        }
        assert!(Password::typed("").is_err(), "an empty password cannot even be asked about");
        let directory = FakeDirectory::start(Script::Bound { guid: GUID.to_vec() }).await;
        let check = DirectoryPasswords::new(directory.target(), Duration::from_secs(2));
        let nameless = DirectoryAccount { distinguished_name: String::new(), ..account() };
        let password = Password::typed("Mot de passe 1").expect("typed");
        assert!(check.check(&nameless, &password).await.is_err());
        assert_eq!(directory.messages(), 0, "nothing was sent");
    }

    #[tokio::test]
    async fn ad_03_a_directory_of_another_authority_gets_no_password() {
        let directory = FakeDirectory::start(Script::Bound { guid: GUID.to_vec() }).await;
        let other = FakeDirectory::start(Script::Bound { guid: GUID.to_vec() }).await;
        let target = directory.target_trusting(&other);
        let check = DirectoryPasswords::new(target, Duration::from_secs(2));
        let password = Password::typed("Mot de passe 1").expect("typed");
        let verdict = check.check(&account(), &password).await;
        assert!(matches!(verdict, Err(PasswordCheckError::Unreachable { .. })), "{verdict:?}");
        assert_eq!(directory.messages(), 0);
    }

    #[tokio::test]
    async fn a_directory_that_is_silent_gone_or_strange_is_neither_yes_nor_no() {
        let (verdict, messages) = checked(Script::Silent).await;
        assert!(matches!(verdict, Err(PasswordCheckError::TimedOut)), "{verdict:?}");
        assert_eq!(messages, 1);
        let (verdict, _) = checked(Script::HangsUp).await;
        assert!(matches!(verdict, Err(PasswordCheckError::Unreachable { .. })), "{verdict:?}");
        let (verdict, _) = checked(Script::Refused { code: 51, diagnostic: String::new() }).await;
        assert!(matches!(verdict, Err(PasswordCheckError::Unexpected { .. })), "{verdict:?}");
    }
}
