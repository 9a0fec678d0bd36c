//! What a client under check did, as it was seen from here.
use super::{LogoutPlay, Play};
use serde::{Deserialize, Serialize};

/// The client as its editor described it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedClient {
    pub name: String,
    /// The check's own issuer.
    pub issuer: String,
    pub client_id: String,
    pub redirect_uri: String,
    pub post_logout_redirect_uri: Option<String>,
    pub backchannel_logout_uri: Option<String>,
}

/// What whoever sat before the application saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Told {
    Opened,
    Refused,
}

impl Told {
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "opened" => Some(Self::Opened),
            "refused" => Some(Self::Refused),
            _ => None,
        }
    }
}

/// One login, from the client's request on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    pub play: Play,
    pub response_type: Option<String>,
    pub redirect_uri: Option<String>,
    pub scopes: Option<String>,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub challenge: Option<String>,
    pub challenge_method: Option<String>,
    /// A secret stood in the address of the browser.
    pub secret_in_address: bool,
    pub sid: String,
    pub token_calls: Vec<TokenCall>,
    pub userinfo_calls: Vec<UserinfoCall>,
    /// The browser was sent to the client with the same answer once more.
    pub replayed: bool,
    pub told: Option<Told>,
}

impl Visit {
    /// Bytes that are kept of what the client wrote.
    pub fn text_length(&self) -> usize {
        let texts = [
            &self.response_type,
            &self.redirect_uri,
            &self.scopes,
            &self.state,
            &self.nonce,
            &self.challenge,
            &self.challenge_method,
        ];
        texts.into_iter().flatten().map(String::len).sum()
    }
}

/// A call of the token endpoint for the code of this visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenCall {
    pub secret_right: bool,
    pub redirect_right: bool,
    /// `None`: no challenge was sent, none is due.
    pub verifier_right: Option<bool>,
    /// By a page of the browser rather than by a server.
    pub from_browser: bool,
}

/// A call of userinfo with the token of this visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserinfoCall {
    pub in_address: bool,
    pub from_browser: bool,
}

/// The browser at the end-session endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoutVisitSeen {
    pub with_hint: bool,
    /// `None`: none was asked.
    pub return_right: Option<bool>,
    pub with_state: bool,
}

/// The client's answer to a logout call: a status, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoutCall {
    pub play: LogoutPlay,
    pub answer: Result<(), String>,
    /// The client was reached and answered.
    pub reached: bool,
}
