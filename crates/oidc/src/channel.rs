//! What a call brings besides its parameters: the proof of a key, the certificate of its connection. Tokens are bound
//! to one of them (RFC 9449, RFC 8705), so that a stolen one opens nothing (threats OP-17).
use crate::PeerCertificate;
use serde::{Deserialize, Serialize};

/// What a client must bind its tokens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SenderConstraint {
    /// A key that it proves with each call.
    Dpop,
    /// The certificate of its TLS connection.
    Mtls,
}

impl SenderConstraint {
    pub const ALL: [Self; 2] = [Self::Dpop, Self::Mtls];
    pub fn name(self) -> &'static str {
        match self {
            Self::Dpop => "dpop",
            Self::Mtls => "mtls",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|constraint| constraint.name() == name)
    }
}

/// What a token is bound to, in the words of the claim `cnf` (RFC 7800).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Confirmation {
    /// The thumbprint of a key (RFC 9449 §6.1).
    #[serde(rename = "jkt")]
    Key(String),
    /// The thumbprint of a certificate (RFC 8705 §3.1).
    #[serde(rename = "x5t#S256")]
    Certificate(String),
}

impl Confirmation {
    /// What stands in `token_type`.
    pub fn token_type(confirmation: Option<&Self>) -> &'static str {
        match confirmation {
            Some(Self::Key(_)) => "DPoP",
            Some(Self::Certificate(_)) | None => "Bearer",
        }
    }
}

/// How one call came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Channel {
    pub method: &'static str,
    /// The header `DPoP`.
    pub proof: Option<String>,
    pub certificate: Option<PeerCertificate>,
}
