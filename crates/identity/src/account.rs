//! A directory's entry becomes an account: the attributes whose names Active Directory fixes.
use crate::fault::{Expected, Fault};
use crate::mapping::Target;
use crate::normalise::RecordReader;
use crate::stage::{OBJECT_GUID, StagedRecord};
use crate::{AccountFields, Identity, IdentityKind, Line};
use chrono::{DateTime, Utc};

pub const LOGIN: &str = "sAMAccountName";
pub const UPN: &str = "userPrincipalName";
pub const DISTINGUISHED_NAME: &str = "distinguishedName";
pub const ACCOUNT_CONTROL: &str = "userAccountControl";
pub const ACCOUNT_EXPIRES: &str = "accountExpires";
pub const PASSWORD_LAST_SET: &str = "pwdLastSet";
pub const IS_DELETED: &str = "isDeleted";

/// What is asked of a directory by name, besides the mapped attributes.
pub const ACCOUNT_ATTRIBUTES: [&str; 8] = [
    OBJECT_GUID,
    LOGIN,
    UPN,
    DISTINGUISHED_NAME,
    ACCOUNT_CONTROL,
    ACCOUNT_EXPIRES,
    PASSWORD_LAST_SET,
    IS_DELETED,
];

/// `ADS_UF_ACCOUNTDISABLE`.
const DISABLED: i64 = 0x2;
/// Seconds from 1 January 1601 (FILETIME) to 1 January 1970.
const FILETIME_TO_UNIX: i64 = 11_644_473_600;

impl RecordReader<'_> {
    pub(crate) fn account(&mut self, record: &StagedRecord) -> Option<Identity> {
        let line = record.lines.first()?;
        for other in &record.lines[1..] {
            let fault = |expected| Fault::new(other.number, OBJECT_GUID, &record.key.0, expected);
            match other.columns == line.columns {
                true => self.warnings.push(fault(Expected::OneLine)),
                false => self.faults.push(fault(Expected::OneObject)),
            }
        }
        let mut identity = self.person(line);
        identity.kind = IdentityKind::Account;
        identity.key = record.key.clone();
        identity.matricule = self.words(line, Target::Matricule).and_then(|text| {
            let matricule = text.parse().ok();
            if matricule.is_none() {
                self.warn_at(line, Target::Matricule.name(), &text, Expected::Matricule);
            }
            matricule
        });
        identity.account = self.account_fields(line);
        Some(identity)
    }

    fn account_fields(&mut self, line: &Line) -> Option<AccountFields> {
        let deleted =
            attribute(line, IS_DELETED).is_some_and(|text| text.eq_ignore_ascii_case("TRUE"));
        let login = self.needed(line, LOGIN, Expected::Login);
        let distinguished_name = self.needed(line, DISTINGUISHED_NAME, Expected::DistinguishedName);
        let control = match (self.number(line, ACCOUNT_CONTROL), deleted) {
            (Some(control), _) => control,
            (None, true) => DISABLED,
            (None, false) => {
                self.fault_at(line, ACCOUNT_CONTROL, "", Expected::AccountControl);
                return None;
            }
        };
        let expires_at = self.number(line, ACCOUNT_EXPIRES).and_then(time_of);
        let last_set = self.number(line, PASSWORD_LAST_SET);
        Some(AccountFields {
            login: login?,
            upn: attribute(line, UPN).map(str::to_owned),
            distinguished_name: distinguished_name?,
            enabled: !deleted && control & DISABLED == 0,
            deleted,
            expires_at,
            must_change_password: last_set == Some(0),
        })
    }

    fn needed(&mut self, line: &Line, name: &str, expected: Expected) -> Option<String> {
        // A tombstone's name holds a line feed before `DEL:`; elsewhere nothing hidden belongs in a name.
        let text = attribute(line, name).unwrap_or_default();
        let hidden = text.chars().any(|letter| crate::value::is_hidden(letter) && letter != '\n');
        if text.is_empty() || hidden {
            self.fault_at(line, name, text, if hidden { Expected::VisibleText } else { expected });
            return None;
        }
        Some(text.to_owned())
    }

    fn number(&mut self, line: &Line, name: &str) -> Option<i64> {
        let text = attribute(line, name)?;
        let number = text.parse().ok();
        if number.is_none() {
            self.fault_at(line, name, text, Expected::Number);
        }
        number
    }

    fn fault_at(&mut self, line: &Line, column: &str, found: &str, expected: Expected) {
        self.faults.push(Fault::new(line.number, column, found, expected));
    }

    fn warn_at(&mut self, line: &Line, column: &str, found: &str, expected: Expected) {
        self.warnings.push(Fault::new(line.number, column, found, expected));
    }
}

fn attribute<'l>(line: &'l Line, name: &str) -> Option<&'l str> {
    line.columns.get(name).map(String::as_str).filter(|text| !text.is_empty())
}

/// 0 and the greatest number mean never.
fn time_of(filetime: i64) -> Option<DateTime<Utc>> {
    if filetime <= 0 || filetime == i64::MAX {
        return None;
    }
    let (seconds, hundred_nanoseconds) = (filetime / 10_000_000, filetime % 10_000_000);
    let nanoseconds = u32::try_from(hundred_nanoseconds * 100).ok()?;
    DateTime::from_timestamp(seconds - FILETIME_TO_UNIX, nanoseconds)
}
