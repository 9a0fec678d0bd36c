//! The request at the token endpoint: one way of authentication, each parameter once, never in the query.
use crate::parameters::Parameters;
use crate::{AuthMethod, CodeRedemption, ErrorCode, OAuthError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::Secret;

const KNOWN: [(&str, usize); 12] = [
    ("grant_type", 128),
    ("code", 512),
    ("redirect_uri", 2048),
    ("code_verifier", 256),
    ("client_id", 128),
    ("client_secret", 512),
    ("client_assertion", 16_384),
    ("client_assertion_type", 256),
    ("scope", 2048),
    ("resource", 2048),
    ("username", 512),
    ("password", 512),
];

/// Who the client says it is, and how it proves it.
#[derive(Debug)]
pub struct ClientCredentials {
    pub client_id: String,
    pub method: AuthMethod,
    pub secret: Option<Secret<String>>,
}

/// A token request, read; its client is judged first, then its grant.
#[derive(Debug)]
pub struct TokenRequest {
    pub credentials: ClientCredentials,
    parameters: Parameters,
}

impl TokenRequest {
    /// The code and what is shown beside it. Any other grant than the code's is refused here.
    pub fn redemption(&self) -> Result<(&str, CodeRedemption), OAuthError> {
        match self.parameters.find("grant_type") {
            Some("authorization_code") => {}
            Some(_) => {
                let description = "the only grant_type is authorization_code";
                return Err(OAuthError::new(ErrorCode::UnsupportedGrantType, description));
            }
            None => return Err(OAuthError::invalid_request("grant_type is missing")),
        }
        let code =
            self.parameters.find("code").ok_or(OAuthError::invalid_request("code is missing"))?;
        let shown = CodeRedemption {
            redirect_uri: self.parameters.find("redirect_uri").map(str::to_owned),
            code_verifier: self.parameters.find("code_verifier").map(str::to_owned),
        };
        Ok((code, shown))
    }
}

/// Reads a token request. `query`: what stood in the URL, where no OAuth parameter belongs (threats OP-02).
pub fn parse_token_request(
    form: &[(String, String)],
    query: &[(String, String)],
    authorization: Option<&str>,
) -> Result<TokenRequest, OAuthError> {
    let invalid = OAuthError::invalid_request;
    if query.iter().any(|(name, _)| KNOWN.iter().any(|(known, _)| known == name)) {
        return Err(invalid("parameters belong in the body"));
    }
    let parameters = Parameters::read(form, &KNOWN)?;
    let basic = authorization.map(parse_basic_auth).transpose()?;
    let body_id = parameters.find("client_id");
    let body_secret = parameters.find("client_secret");
    let assertion = parameters.find("client_assertion").is_some()
        || parameters.find("client_assertion_type").is_some();
    let credentials = match (basic, body_secret, assertion) {
        (Some((id, secret)), None, false) => {
            if body_id.is_some_and(|body_id| body_id != id) {
                return Err(invalid("client_id differs between header and body"));
            }
            ClientCredentials {
                client_id: id,
                method: AuthMethod::ClientSecretBasic,
                secret: Some(secret),
            }
        }
        (None, secret, false) => {
            let client_id = body_id.ok_or(OAuthError::invalid_client())?.to_owned();
            let method =
                if secret.is_some() { AuthMethod::ClientSecretPost } else { AuthMethod::None };
            let secret = secret.map(|secret| Secret::new(secret.to_owned()));
            ClientCredentials { client_id, method, secret }
        }
        (None, None, true) => return Err(OAuthError::invalid_client()),
        _ => return Err(invalid("more than one way of client authentication")),
    };
    Ok(TokenRequest { credentials, parameters })
}

/// `Basic` credentials: form-encoded identifier and secret (RFC 6749 §2.3.1).
pub fn parse_basic_auth(header: &str) -> Result<(String, Secret<String>), OAuthError> {
    const LONGEST: usize = 2048;
    let refused = || OAuthError::invalid_client();
    if header.len() > LONGEST {
        return Err(refused());
    }
    let (scheme, encoded) = header.split_once(' ').ok_or_else(refused)?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return Err(refused());
    }
    let decoded = Secret::new(STANDARD.decode(encoded.trim()).map_err(|_| refused())?);
    let text = std::str::from_utf8(decoded.expose()).map_err(|_| refused())?;
    let (id, secret) = text.split_once(':').ok_or_else(refused)?;
    if id.is_empty() || secret.is_empty() {
        return Err(refused());
    }
    let secret = form_decoded(secret).ok_or_else(refused)?;
    Ok((form_decoded(id).ok_or_else(refused)?, Secret::new(secret)))
}

/// One form-encoded value: `+` is a space, `%xx` a byte.
fn form_decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8().ok().map(|text| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn basic(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    fn outcome(form: &[(&str, &str)], query: &[(&str, &str)], header: Option<&str>) -> String {
        match parse_token_request(&pairs(form), &pairs(query), header) {
            Ok(request) => match request.redemption() {
                Ok((code, _)) => {
                    let credentials = &request.credentials;
                    format!("{} {} {code}", credentials.client_id, credentials.method.name())
                }
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
            (with(&[("client_assertion", "x")]), &[], None, "invalid_client"),
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
            ("refresh_token", "unsupported_grant_type"),
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
