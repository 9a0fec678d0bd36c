//! The request at the token endpoint, read: its client is judged first, then its grant.
use crate::client_request::{ClientCredentials, read_client_request};
use crate::parameters::{Parameters, words};
use crate::{Channel, CodeRedemption, DecoupledKind, ErrorCode, OAuthError};
use std::collections::BTreeSet;

const KNOWN: [(&str, usize); 11] = [
    ("grant_type", 128),
    ("code", 512),
    ("redirect_uri", 2048),
    ("code_verifier", 256),
    ("refresh_token", 512),
    ("auth_req_id", 512),
    ("device_code", 512),
    ("scope", 2048),
    ("resource", 2048),
    ("username", 512),
    ("password", 512),
];

/// What a client may be given tokens for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GrantType {
    AuthorizationCode,
    RefreshToken,
    /// CIBA Core §10.1.
    Backchannel,
    /// RFC 8628 §3.4.
    DeviceCode,
}

impl GrantType {
    pub const ALL: [Self; 4] =
        [Self::AuthorizationCode, Self::RefreshToken, Self::Backchannel, Self::DeviceCode];
    pub fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::Backchannel => "urn:openid:params:grant-type:ciba",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
        }
    }
    /// As the journal names it.
    pub fn word(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::Backchannel => "backchannel",
            Self::DeviceCode => "device_code",
        }
    }
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.name() == name)
    }
}

/// What is shown to be given tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown<'a> {
    Code {
        code: &'a str,
        with: CodeRedemption,
    },
    /// `scopes`: fewer than before, when the client asks for fewer.
    Refresh {
        token: &'a str,
        scopes: Option<BTreeSet<String>>,
    },
    /// What waits for a person's word.
    Elsewhere {
        kind: DecoupledKind,
        handle: &'a str,
    },
}

/// A token request, read.
#[derive(Debug)]
pub struct TokenRequest {
    pub credentials: ClientCredentials,
    pub channel: Channel,
    parameters: Parameters,
}

impl TokenRequest {
    /// The same request, with what its call brought besides.
    #[must_use]
    pub fn over(self, channel: Channel) -> Self {
        Self { channel, ..self }
    }

    /// The grant that is asked for, if it is one of ours.
    pub fn grant(&self) -> Result<GrantType, OAuthError> {
        let name = self.parameters.find("grant_type");
        let name = name.ok_or(OAuthError::invalid_request("grant_type is missing"))?;
        let description = "this grant_type is not one of those that discovery lists";
        GrantType::from_name(name)
            .ok_or(OAuthError::new(ErrorCode::UnsupportedGrantType, description))
    }

    /// What is shown for that grant.
    pub fn shown(&self) -> Result<Shown<'_>, OAuthError> {
        let find =
            |name, missing| self.parameters.find(name).ok_or(OAuthError::invalid_request(missing));
        let owned = |name| self.parameters.find(name).map(str::to_owned);
        match self.grant()? {
            GrantType::AuthorizationCode => {
                let (redirect_uri, code_verifier) = (owned("redirect_uri"), owned("code_verifier"));
                let with = CodeRedemption { redirect_uri, code_verifier, proved_key: None };
                Ok(Shown::Code { code: find("code", "code is missing")?, with })
            }
            GrantType::RefreshToken => {
                let scopes = self.parameters.find("scope");
                let scopes = scopes.map(|scopes| words(Some(scopes)).into_iter().collect());
                let token = find("refresh_token", "refresh_token is missing")?;
                Ok(Shown::Refresh { token, scopes })
            }
            GrantType::Backchannel => {
                let handle = find("auth_req_id", "auth_req_id is missing")?;
                Ok(Shown::Elsewhere { kind: DecoupledKind::Backchannel, handle })
            }
            GrantType::DeviceCode => {
                let handle = find("device_code", "device_code is missing")?;
                Ok(Shown::Elsewhere { kind: DecoupledKind::Device, handle })
            }
        }
    }
}

/// Reads a token request. `query`: what stood in the URL, where no OAuth parameter belongs (threats OP-02).
pub fn parse_token_request(
    form: &[(String, String)],
    query: &[(String, String)],
    authorization: Option<&str>,
) -> Result<TokenRequest, OAuthError> {
    let (credentials, parameters) = read_client_request(form, query, authorization, &KNOWN)?;
    Ok(TokenRequest { credentials, channel: Channel::default(), parameters })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client_request::parse_basic_auth;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    const ASSERTED: (&str, &str) =
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    /// `{"sub":"dpi"}`, signed by nobody: this is only read, not believed.
    const DPI: &str = "e30.eyJzdWIiOiJkcGkifQ.";

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn basic(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    fn outcome(form: &[(&str, &str)], query: &[(&str, &str)], header: Option<&str>) -> String {
        match parse_token_request(&pairs(form), &pairs(query), header) {
            Ok(request) => match request.shown() {
                Ok(Shown::Code { code, .. }) => {
                    let credentials = &request.credentials;
                    format!("{} {} {code}", credentials.client_id, credentials.method.name())
                }
                Ok(Shown::Refresh { token, .. }) => format!("refresh {token}"),
                Ok(Shown::Elsewhere { handle, .. }) => format!("elsewhere {handle}"),
                Err(error) => error.code.name().to_owned(),
            },
            Err(error) => error.code.name().to_owned(),
        }
    }

    #[test]
    fn op_10_one_way_of_authentication_and_op_02_each_parameter_once() {
        let code = [("grant_type", "authorization_code"), ("code", "c")];
        let with = |extra: &[(&'static str, &'static str)]| [&code[..], extra].concat();
        let header = basic("dpi:s3cret");
        let empty = basic("dpi:");
        for (form, query, header, expected) in [
            (with(&[]), &[][..], Some(header.as_str()), "dpi client_secret_basic c"),
            (with(&[("client_id", "dpi")]), &[], Some(&header), "dpi client_secret_basic c"),
            (with(&[("client_id", "other")]), &[], Some(&header), "invalid_request"),
            (
                with(&[("client_id", "dpi"), ("client_secret", "s")]),
                &[],
                None,
                "dpi client_secret_post c",
            ),
            (
                with(&[("client_id", "dpi"), ("client_secret", "s")]),
                &[],
                Some(&header),
                "invalid_request",
            ),
            (with(&[("client_assertion", "x")]), &[], Some(&header), "invalid_request"),
            (with(&[("client_assertion", "x")]), &[], None, "invalid_request"),
            (with(&[ASSERTED]), &[], None, "invalid_request"),
            (with(&[("client_assertion", "x"), ASSERTED]), &[], Some(&header), "invalid_request"),
            (with(&[("client_assertion", "x"), ASSERTED]), &[], None, "invalid_client"),
            (
                with(&[("client_assertion", "x"), ("client_assertion_type", "other")]),
                &[],
                None,
                "invalid_request",
            ),
            (with(&[("client_assertion", DPI), ASSERTED]), &[], None, "dpi private_key_jwt c"),
            (
                with(&[("client_assertion", DPI), ASSERTED, ("client_id", "other")]),
                &[],
                None,
                "invalid_client",
            ),
            (
                with(&[("client_assertion", DPI), ASSERTED, ("client_secret", "s")]),
                &[],
                None,
                "invalid_request",
            ),
            (with(&[("client_id", "dpi")]), &[], None, "dpi none c"),
            (with(&[("client_id", "dpi"), ("client_secret", "")]), &[], None, "dpi none c"),
            (with(&[]), &[], None, "invalid_client"),
            (with(&[]), &[], Some(&empty), "invalid_client"),
            (with(&[]), &[], Some("Basic !!!"), "invalid_client"),
            (with(&[]), &[], Some("Bearer x"), "invalid_client"),
            (with(&[("code", "d")]), &[], Some(&header), "invalid_request"),
            (with(&[("code", "")]), &[], Some(&header), "invalid_request"),
            (with(&[]), &[("code", "c")], Some(&header), "invalid_request"),
            (with(&[]), &[("client_secret", "s")], Some(&header), "invalid_request"),
            (
                with(&[("extra", "1"), ("extra", "2")]),
                &[("x", "y")],
                Some(&header),
                "dpi client_secret_basic c",
            ),
        ] {
            assert_eq!(outcome(&form, query, header), expected, "{form:?} {query:?} {header:?}");
        }
    }

    #[test]
    fn op_21_no_other_grant_is_known() {
        let header = basic("dpi:s3cret");
        for (grant, expected) in [
            ("password", "unsupported_grant_type"),
            ("client_credentials", "unsupported_grant_type"),
            ("implicit", "unsupported_grant_type"),
            ("refresh_token", "invalid_request"),
            ("urn:ietf:params:oauth:grant-type:jwt-bearer", "unsupported_grant_type"),
            ("urn:ietf:params:oauth:grant-type:token-exchange", "unsupported_grant_type"),
            ("Authorization_Code", "unsupported_grant_type"),
            ("", "invalid_request"),
        ] {
            let form = [("grant_type", grant), ("code", "c"), ("username", "u"), ("password", "p")];
            assert_eq!(outcome(&form, &[], Some(&header)), expected, "{grant}");
        }
    }

    #[test]
    fn basic_credentials_are_form_encoded() {
        for (text, expected) in [
            ("a:b", Some(("a", "b"))),
            ("a%3Ab:c%2Bd+e", Some(("a:b", "c+d e"))),
            ("a:b:c", Some(("a", "b:c"))),
            ("a", None),
            (":b", None),
            ("a:", None),
            ("a:%ff", None),
        ] {
            let read = parse_basic_auth(&basic(text)).ok();
            let read = read.as_ref().map(|(id, secret)| (id.as_str(), secret.expose().as_str()));
            assert_eq!(read, expected, "{text}");
        }
        let long = basic(&format!("a:{}", "b".repeat(4000)));
        assert!(parse_basic_auth(&long).is_err());
    }
}
