//! A request of a client's own server: one way of authentication, each parameter once, never in the query. The same
//! at each endpoint that applications call without a browser.
use crate::assertion::{ASSERTION_TYPE, claimed_client};
use crate::parameters::Parameters;
use crate::{AuthMethod, OAuthError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::Secret;

/// What every such request may hold besides its own parameters.
const CREDENTIALS: [(&str, usize); 4] = [
    ("client_id", 128),
    ("client_secret", 512),
    ("client_assertion", 16_384),
    ("client_assertion_type", 256),
];

/// Who the client says it is, and how it proves it.
#[derive(Debug)]
pub struct ClientCredentials {
    pub client_id: String,
    pub method: AuthMethod,
    /// The secret, or the assertion.
    pub secret: Option<Secret<String>>,
}

/// Reads the credentials and the `known` parameters of a request. `query`: what stood in the URL, where no OAuth
/// parameter belongs (threats OP-02).
pub(crate) fn read_client_request(
    form: &[(String, String)],
    query: &[(String, String)],
    authorization: Option<&str>,
    known: &[(&'static str, usize)],
) -> Result<(ClientCredentials, Parameters), OAuthError> {
    let known: Vec<(&'static str, usize)> = known.iter().chain(&CREDENTIALS).copied().collect();
    if query.iter().any(|(name, _)| known.iter().any(|(known, _)| known == name)) {
        return Err(OAuthError::invalid_request("parameters belong in the body"));
    }
    let parameters = Parameters::read(form, &known)?;
    let credentials = read_credentials(&parameters, authorization)?;
    Ok((credentials, parameters))
}

fn read_credentials(
    parameters: &Parameters,
    authorization: Option<&str>,
) -> Result<ClientCredentials, OAuthError> {
    let invalid = OAuthError::invalid_request;
    let basic = authorization.map(parse_basic_auth).transpose()?;
    let body_id = parameters.find("client_id");
    let body_secret = parameters.find("client_secret");
    let assertion =
        match (parameters.find("client_assertion"), parameters.find("client_assertion_type")) {
            (None, None) => None,
            (Some(assertion), Some(kind)) if kind == ASSERTION_TYPE => Some(assertion),
            (Some(_), Some(_)) => return Err(invalid("client_assertion_type is not jwt-bearer")),
            _ => return Err(invalid("client_assertion and its type go together")),
        };
    match (basic, body_secret, assertion) {
        (Some((id, secret)), None, None) => {
            if body_id.is_some_and(|body_id| body_id != id) {
                return Err(invalid("client_id differs between header and body"));
            }
            let method = AuthMethod::ClientSecretBasic;
            Ok(ClientCredentials { client_id: id, method, secret: Some(secret) })
        }
        (None, None, Some(assertion)) => {
            let claimed = claimed_client(assertion).ok_or(OAuthError::invalid_client())?;
            if body_id.is_some_and(|body_id| body_id != claimed) {
                return Err(OAuthError::invalid_client());
            }
            let secret = Some(Secret::new(assertion.to_owned()));
            Ok(ClientCredentials { client_id: claimed, method: AuthMethod::PrivateKeyJwt, secret })
        }
        (None, secret, None) => {
            let client_id = body_id.ok_or(OAuthError::invalid_client())?.to_owned();
            let method =
                if secret.is_some() { AuthMethod::ClientSecretPost } else { AuthMethod::None };
            let secret = secret.map(|secret| Secret::new(secret.to_owned()));
            Ok(ClientCredentials { client_id, method, secret })
        }
        _ => Err(invalid("more than one way of client authentication")),
    }
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
