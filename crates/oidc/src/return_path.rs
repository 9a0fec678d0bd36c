//! The way back to the client: made only once its address is known to be right.
use crate::OAuthError;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// How the answer travels (OAuth 2.0 Multiple Response Types, Form Post Response Mode).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseMode {
    Query,
    FormPost,
}

/// Where and how to answer; made only from a registered address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnPath {
    pub redirect_uri: String,
    pub mode: ResponseMode,
    pub state: Option<String>,
    pub issuer: String,
}

/// What may stand unescaped in a query value (RFC 3986 unreserved).
const QUERY_VALUE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl ReturnPath {
    /// The members of a success (RFC 6749 §4.1.2, with `iss` of RFC 9207).
    pub fn success(&self, code: &str) -> Vec<(&'static str, String)> {
        let mut members = vec![("code", code.to_owned())];
        self.close(&mut members);
        members
    }

    /// The members of a refusal.
    pub fn refusal(&self, error: &OAuthError) -> Vec<(&'static str, String)> {
        let mut members = vec![
            ("error", error.code.name().to_owned()),
            ("error_description", error.description.to_owned()),
        ];
        self.close(&mut members);
        members
    }

    fn close(&self, members: &mut Vec<(&'static str, String)>) {
        members.extend(self.state.as_ref().map(|state| ("state", state.clone())));
        members.push(("iss", self.issuer.clone()));
    }

    /// The address to send the browser to in mode `query`: the registered one, its own query kept.
    pub fn location(&self, members: &[(&'static str, String)]) -> String {
        let mut location = self.redirect_uri.clone();
        for (name, value) in members {
            location.push(if location.contains('?') { '&' } else { '?' });
            location.push_str(name);
            location.push('=');
            location.extend(utf8_percent_encode(value, QUERY_VALUE));
        }
        location
    }
}
