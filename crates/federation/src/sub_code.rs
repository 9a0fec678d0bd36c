use authentication::DirectoryRefusal;

/// Reads Active Directory's sub-code in the diagnostic message of result 49, as in
/// `80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1` (hexadecimal, MS-ERREF).
pub fn refusal_of(diagnostic: &str) -> DirectoryRefusal {
    match sub_code(diagnostic) {
        Some(0x52e | 0x525) => DirectoryRefusal::WrongPassword,
        Some(0x533) => DirectoryRefusal::Disabled,
        Some(0x701) => DirectoryRefusal::AccountExpired,
        Some(0x775) => DirectoryRefusal::LockedOut,
        Some(0x532) => DirectoryRefusal::PasswordExpired,
        Some(0x773) => DirectoryRefusal::MustChangePassword,
        Some(0x530) => DirectoryRefusal::OutsideHours,
        Some(0x531) => DirectoryRefusal::WorkstationNotAllowed,
        Some(_) => DirectoryRefusal::Other,
        // Another kind of directory, or a message cut short: a refusal all the same.
        None => DirectoryRefusal::WrongPassword,
    }
}

fn sub_code(diagnostic: &str) -> Option<u32> {
    let (_, after) = diagnostic.split_once(", data ")?;
    let digits = after.split(|letter: char| !letter.is_ascii_hexdigit()).next()?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ad_09_each_sub_code_is_understood() {
        for (data, refusal) in [
            ("52e", DirectoryRefusal::WrongPassword),
            ("525", DirectoryRefusal::WrongPassword),
            ("533", DirectoryRefusal::Disabled),
            ("701", DirectoryRefusal::AccountExpired),
            ("775", DirectoryRefusal::LockedOut),
            ("532", DirectoryRefusal::PasswordExpired),
            ("773", DirectoryRefusal::MustChangePassword),
            ("530", DirectoryRefusal::OutsideHours),
            ("531", DirectoryRefusal::WorkstationNotAllowed),
            ("52f", DirectoryRefusal::Other),
        ] {
            let text = format!(
                "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data {data}, v1db1"
            );
            assert_eq!(refusal_of(&text), refusal, "{data}");
        }
        for other in ["", "invalid credentials", ", data ", ", data zz", ", data fffffffffff, v1"] {
            assert_eq!(refusal_of(other), DirectoryRefusal::WrongPassword, "{other:?}");
        }
    }
}
