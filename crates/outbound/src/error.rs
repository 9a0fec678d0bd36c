/// Why something outside could not be asked, or its answer not believed. No secret and no value of an answer in it.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    #[error("{place} is not among the hosts that the settings allow")]
    NotAllowed { place: String },
    #[error("{what}: {cause}")]
    Settings { what: &'static str, cause: String },
    #[error("{place} cannot be reached: {cause}")]
    Unreachable { place: String, cause: String },
    #[error("{place} did not prove who it is: {cause}")]
    Untrusted { place: String, cause: String },
    #[error("{place} gave no answer in time while asked to {attempted}")]
    TimedOut { place: String, attempted: &'static str },
    #[error("{place} ended the exchange while asked to {attempted}")]
    Closed { place: String, attempted: &'static str },
    #[error("{place} gave an answer that cannot be read: {cause}")]
    Malformed { place: String, cause: String },
    /// It answered no. `code` is the LDAP result code or the HTTP status.
    #[error("{place} refused to {attempted}: {code} {text}")]
    Refused { place: String, attempted: &'static str, code: u32, text: String },
    #[error("{place} cannot be written: {cause}")]
    Disk { place: String, cause: String },
    /// An empty name or password: many directories would take it for an anonymous login and say yes.
    #[error("an empty name or password is never sent")]
    EmptyCredential,
}
