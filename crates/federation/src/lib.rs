//! Federation: asks another who this is. Today a directory, whether a password is right.
//! Refuses to know sessions, policies and SQL; judges no one, only tells what was answered.
//! Start at `directory_password.rs`.
mod directory_password;
#[cfg(test)]
mod fake_directory;
mod sub_code;

pub use directory_password::DirectoryPasswords;
pub use sub_code::refusal_of;
