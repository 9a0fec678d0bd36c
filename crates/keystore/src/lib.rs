//! Keystore: the master key and what hangs under it. Seals, signs and MACs; issues the certificates of `init`.
//! Refuses to know what is sealed or signed, and never hands out a private key.
//! Start at `MasterKeyFile::open`, then `MasterKey`.
mod certificates;
mod file;
mod master;
mod seal;
mod signing;

pub use certificates::{ApplianceCertificates, CertificateError, issue_appliance_certificates};
pub use file::{MasterKeyFile, MasterKeyFileError};
pub use master::MasterKey;
