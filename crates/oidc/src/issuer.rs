use std::fmt;
use std::str::FromStr;
use url::{Host, Url};

/// The text is not an issuer that Hygie may bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an issuer is https://<host> or https://<host>/<entity>, without trailing slash, query or fragment \
     (http://localhost:<port> in a demonstration)"
)]
pub struct InvalidIssuer;

/// Issuer identifier (OpenID Connect Discovery §3): the origin of the public listener, or one path segment
/// under it for a legal entity. Never with a trailing slash, so that it is one text everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Issuer {
    text: String,
    plain_loopback: bool,
}

impl Issuer {
    pub fn as_str(&self) -> &str {
        &self.text
    }
    /// A demonstration on this machine, without TLS.
    pub fn is_plain_loopback(&self) -> bool {
        self.plain_loopback
    }
    /// The URL of a route under this issuer; `path` begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }
    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        let host = self.text.find("://").map_or(0, |at| at + 3);
        self.text[host..].find('/').map_or(&self.text, |slash| &self.text[..host + slash])
    }
}

impl FromStr for Issuer {
    type Err = InvalidIssuer;
    fn from_str(text: &str) -> Result<Self, InvalidIssuer> {
        let url = Url::parse(text).map_err(|_| InvalidIssuer)?;
        let plain_loopback =
            url.scheme() == "http" && url.host() == Some(Host::Domain("localhost"));
        let entity = |segment: &str| {
            (1..=64).contains(&segment.len())
                && segment
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        let path_is_plain = url.path() == "/" || url.path().strip_prefix('/').is_some_and(entity);
        // Written back as it was read: no default port, no capitals, no escapes, nothing more.
        let as_written = url.as_str().trim_end_matches('/') == text;
        let bare = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        let well_formed =
            (url.scheme() == "https" || plain_loopback) && path_is_plain && as_written && bare;
        well_formed.then(|| Self { text: text.to_owned(), plain_loopback }).ok_or(InvalidIssuer)
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_one_text_and_nothing_else() {
        for (text, accepted) in [
            ("https://hygie.hopital.test", true),
            ("https://hygie.hopital.test:8443", true),
            ("https://hygie.hopital.test/ej-a", true),
            ("http://localhost:8080", true),
            ("https://hygie.hopital.test/", false),
            ("https://hygie.hopital.test:443", false),
            ("https://HYGIE.hopital.test", false),
            ("https://hygie.hopital.test/EJ-A", false),
            ("https://hygie.hopital.test/a/b", false),
            ("https://hygie.hopital.test/..", false),
            ("https://hygie.hopital.test?x", false),
            ("https://hygie.hopital.test#x", false),
            ("https://user@hygie.hopital.test", false),
            ("http://hygie.hopital.test", false),
            ("http://127.0.0.1:8080", false),
            ("hygie.hopital.test", false),
            ("", false),
        ] {
            assert_eq!(text.parse::<Issuer>().is_ok(), accepted, "{text:?}");
        }
    }

    #[test]
    fn routes_hang_under_the_issuer_and_the_origin_is_bare() {
        let entity: Issuer = "https://hygie.test:8443/ej-a".parse().expect("issuer");
        assert_eq!(entity.url("/oauth2/token"), "https://hygie.test:8443/ej-a/oauth2/token");
        assert_eq!(entity.origin(), "https://hygie.test:8443");
        let bare: Issuer = "http://localhost:8080".parse().expect("issuer");
        assert_eq!(bare.origin(), "http://localhost:8080");
        assert!(bare.is_plain_loopback() && !entity.is_plain_loopback());
    }
}
