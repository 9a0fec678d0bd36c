//! Pushed authorization requests (RFC 9126): the request comes by the client's own server, and the browser carries a
//! name for it (threats OP-13).
use crate::authorize::KNOWN;
use crate::client_request::{ClientCredentials, read_client_request};
use crate::{AuthorizeParameters, Channel, Issuer, OAuthError, parse_authorize};
use chrono::{DateTime, Utc};
use kernel::{ClientId, Handle, HandleKind};

/// How long a browser may take to bring the name.
pub const PUSHED_SECONDS: u32 = 60;
/// More requests of one client that nobody came for are a flood.
pub const MOST_PENDING: u64 = 2_000;
const URN: &str = "urn:ietf:params:oauth:request_uri:";

/// A request to keep, read.
#[derive(Debug)]
pub struct PushedRequest {
    pub credentials: ClientCredentials,
    pub channel: Channel,
    pub parameters: AuthorizeParameters,
}

impl PushedRequest {
    /// The same request, with what its call brought besides.
    #[must_use]
    pub fn over(self, channel: Channel) -> Self {
        Self { channel, ..self }
    }
}

/// A kept request, beside the hash of its handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRequest {
    pub issuer: Issuer,
    pub client: ClientId,
    /// `application/x-www-form-urlencoded`.
    pub parameters: String,
    /// It came in a signed object.
    pub signed: bool,
    pub pushed_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// When it gave a code: after that it gives nothing.
    pub used_at: Option<DateTime<Utc>>,
}

/// How a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Carriage {
    pub pushed: bool,
    pub signed: bool,
}

/// The name of a kept request, for the browser to carry.
pub fn request_uri(handle: &Handle) -> String {
    format!("{URN}{}", handle.expose())
}

/// The handle in a `request_uri`, when it is a name of ours.
pub fn read_request_uri(text: &str) -> Option<Handle> {
    text.strip_prefix(URN).and_then(|handle| Handle::parse(HandleKind::Par, handle).ok())
}

pub fn parse_pushed_request(
    form: &[(String, String)],
    query: &[(String, String)],
    authorization: Option<&str>,
) -> Result<PushedRequest, OAuthError> {
    let known: Vec<_> = KNOWN.iter().filter(|(name, _)| *name != "client_id").copied().collect();
    let (credentials, read) = read_client_request(form, query, authorization, &known)?;
    if read.find("request_uri").is_some() {
        return Err(OAuthError::invalid_request("a pushed request holds no request_uri"));
    }
    let mut pairs: Vec<(String, String)> = read
        .iter()
        .filter(|(name, _)| known.iter().any(|(known, _)| known == name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    pairs.push(("client_id".to_owned(), credentials.client_id.clone()));
    let parameters = parse_authorize(&pairs)?;
    Ok(PushedRequest { credentials, channel: Channel::default(), parameters })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SeededRandomness;

    #[test]
    fn op_12_a_request_uri_is_a_name_of_ours_and_never_an_address() {
        let chance = SeededRandomness::new(4);
        let handle = Handle::new(HandleKind::Par, &chance);
        let name = request_uri(&handle);
        assert_eq!(read_request_uri(&name).map(|read| read.hash()), Some(handle.hash()));
        let code = Handle::new(HandleKind::Code, &chance);
        for bad in [
            "",
            "https://evil.test/request.jwt",
            "http://127.0.0.1/",
            handle.expose(),
            &name.to_uppercase(),
            &format!("{name}x"),
            &format!("{URN}{}", code.expose()),
            URN,
        ] {
            assert!(read_request_uri(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_pushed_request_keeps_its_parameters_and_none_of_its_credentials() {
        let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
        };
        let good = [("client_id", "dpi"), ("client_secret", "s3cret"), ("scope", "openid")];
        let read = parse_pushed_request(&pairs(&good), &[], None).expect("readable");
        assert_eq!(read.parameters.to_text(), "client_id=dpi&scope=openid");
        let nested = [&good[..], &[("request_uri", "urn:x")]].concat();
        assert!(parse_pushed_request(&pairs(&nested), &[], None).is_err());
        let twice = [&good[..], &[("scope", "openid")]].concat();
        assert!(parse_pushed_request(&pairs(&twice), &[], None).is_err(), "OP-02");
        let in_query = parse_pushed_request(&pairs(&good), &pairs(&[("state", "s")]), None);
        assert!(in_query.is_err(), "OP-02");
    }
}
