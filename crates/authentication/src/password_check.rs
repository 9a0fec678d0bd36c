use crate::{Password, VerifiedPassword};
use async_trait::async_trait;
use kernel::AccountId;

/// The account whose password is asked about, as our own store knows it. The name to bind with comes from the
/// directory that was read, never from what the visitor typed (threats AD-02).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryAccount {
    pub id: AccountId,
    pub distinguished_name: String,
    /// objectGUID as hexadecimal text: read back after the bind (threats AD-01).
    pub external_key: String,
}

/// Why the directory said no: Active Directory's sub-codes, which it tells only to who knows the password
/// (wrong password and unknown name share one).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DirectoryRefusal {
    /// 52e, 525: wrong password or unknown name.
    WrongPassword,
    /// 533
    Disabled,
    /// 701
    AccountExpired,
    /// 775
    LockedOut,
    /// 532
    PasswordExpired,
    /// 773
    MustChangePassword,
    /// 530
    OutsideHours,
    /// 531
    WorkstationNotAllowed,
    /// The bind went well but another object answered.
    OtherObject,
    /// Another sub-code.
    Other,
}

impl DirectoryRefusal {
    pub const ALL: [Self; 10] = [
        Self::WrongPassword,
        Self::Disabled,
        Self::AccountExpired,
        Self::LockedOut,
        Self::PasswordExpired,
        Self::MustChangePassword,
        Self::OutsideHours,
        Self::WorkstationNotAllowed,
        Self::OtherObject,
        Self::Other,
    ];

    /// The stable code of the journal.
    pub fn code(self) -> &'static str {
        match self {
            Self::WrongPassword => "directory_wrong_password",
            Self::Disabled => "directory_account_disabled",
            Self::AccountExpired => "directory_account_expired",
            Self::LockedOut => "directory_locked_out",
            Self::PasswordExpired => "directory_password_expired",
            Self::MustChangePassword => "directory_must_change_password",
            Self::OutsideHours => "directory_outside_hours",
            Self::WorkstationNotAllowed => "directory_workstation_not_allowed",
            Self::OtherObject => "directory_other_object",
            Self::Other => "directory_other",
        }
    }
}

/// What the directory answered.
#[derive(Debug)]
pub enum DirectoryVerdict {
    Right(VerifiedPassword),
    Refused(DirectoryRefusal),
}

impl DirectoryVerdict {
    /// The directory accepted this password for this very account. Only an implementation of [`PasswordCheck`] says so.
    pub fn right() -> Self {
        Self::Right(VerifiedPassword::new())
    }
}

/// The directory gave no answer: neither right nor wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordCheckError {
    #[error("the directory was not reached: {cause}")]
    Unreachable { cause: String },
    #[error("the directory did not answer in time")]
    TimedOut,
    #[error("the directory answered what cannot be understood: {cause}")]
    Unexpected { cause: String },
}

/// Asks a directory whether a password is right. [`Password`] cannot be empty: an empty one would bind as
/// anonymous and succeed (threats AD-01).
#[async_trait]
pub trait PasswordCheck: Send + Sync {
    async fn check(
        &self,
        account: &DirectoryAccount,
        password: &Password,
    ) -> Result<DirectoryVerdict, PasswordCheckError>;
}
