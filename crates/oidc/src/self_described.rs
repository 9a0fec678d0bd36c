//! What a client says of itself when it registers (RFC 7591 §2, OpenID Connect Dynamic Client Registration 1.0 §2). Nobody
//! of the house looked at it, so that it stands in a sandbox alone.
use crate::client_security::is_callable;
use kernel::SigningAlgorithm;
use serde::{Deserialize, Serialize};

/// Longer addresses than this are no page, and no request (OpenID Connect Core §6.2 knows 512).
const LONGEST: usize = 2048;
/// More places of requests than a program has.
const MOST_REQUESTS: usize = 20;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SelfDescribed {
    #[serde(skip_serializing_if = "ClientPages::is_empty")]
    pub pages: ClientPages,
    /// The document that its pairwise sector was read from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<String>,
    /// Where it may keep its requests.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub request_uris: Vec<String>,
    /// Its requests are signed by this one alone.
    #[serde(skip_serializing_if = "Option::is_none", with = "crate::client_security::algorithm")]
    pub request_algorithm: Option<SigningAlgorithm>,
    /// It proves itself by this one alone.
    #[serde(skip_serializing_if = "Option::is_none", with = "crate::client_security::algorithm")]
    pub assertion_algorithm: Option<SigningAlgorithm>,
    /// It asks that people be asked (CIBA) by this one alone.
    #[serde(skip_serializing_if = "Option::is_none", with = "crate::client_security::algorithm")]
    pub ask_algorithm: Option<SigningAlgorithm>,
}

/// Pages of an application, for its users: linked to, and never loaded where people are real. A picture of somebody else's
/// host would tell that host who logs in here and when, and needs a hole in the policy of the page: a sandbox shows the logo.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientPages {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
}

impl ClientPages {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl SelfDescribed {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What it said to sign by, whatever for.
    pub(crate) fn algorithms(&self) -> impl Iterator<Item = SigningAlgorithm> {
        [self.request_algorithm, self.assertion_algorithm, self.ask_algorithm].into_iter().flatten()
    }

    /// The address to read a request at, where this client registered it. The fragment marks a version of what stands
    /// there (OpenID Connect Core §6.2): nothing is kept of it here, so that it is not sent and not compared.
    pub fn request_address<'a>(&self, asked: &'a str) -> Option<&'a str> {
        let address = without_fragment(asked);
        let registered = self.request_uris.iter().any(|known| without_fragment(known) == address);
        (registered && is_request_address(asked)).then_some(address)
    }
}

fn without_fragment(address: &str) -> &str {
    address.split_once('#').map_or(address, |(address, _)| address)
}

/// Judged at the registration, and again before a call.
pub(crate) fn is_request_address(address: &str) -> bool {
    address.len() <= LONGEST && is_callable(without_fragment(address))
}

pub(crate) fn are_request_addresses(addresses: &[String]) -> bool {
    addresses.len() <= MOST_REQUESTS && addresses.iter().all(|address| is_request_address(address))
}

/// A page that may be linked to. Shown as it was written: a bare host is one.
pub(crate) fn is_page(address: &str) -> bool {
    let plain =
        address.chars().all(|letter| letter.is_ascii_graphic() && !"<>\"'\\".contains(letter));
    plain
        && address.len() <= LONGEST
        && url::Url::parse(address).is_ok_and(|url| {
            url.scheme() == "https"
                && url.username().is_empty()
                && url.password().is_none()
                && crate::redirect::is_plain_host(&url)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn op_24_a_request_is_read_at_a_registered_https_address_alone() {
        let described = SelfDescribed {
            request_uris: vec![
                "https://rp.test/requests/1#GkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM".to_owned(),
                "https://rp.test/requests/2?a=b".to_owned(),
                "http://rp.test/plain".to_owned(),
            ],
            ..SelfDescribed::default()
        };
        for (asked, address) in [
            ("https://rp.test/requests/1", Some("https://rp.test/requests/1")),
            ("https://rp.test/requests/1#other", Some("https://rp.test/requests/1")),
            ("https://rp.test/requests/2?a=b", Some("https://rp.test/requests/2?a=b")),
            ("https://rp.test/requests/2", None),
            ("https://rp.test/requests/1?x", None),
            ("https://rp.test/requests/1/../1", None),
            ("https://RP.test/requests/1", None),
            ("https://u@rp.test/requests/1", None),
            ("https://169.254.169.254/latest", None),
            ("http://rp.test/plain", None),
            ("", None),
        ] {
            assert_eq!(described.request_address(asked), address, "{asked}");
        }
        assert_eq!(SelfDescribed::default().request_address("https://rp.test/requests/1"), None);
    }

    #[test]
    fn a_page_is_https_and_nothing_that_leaves_its_place_in_the_markup() {
        for (address, page) in [
            ("https://rp.test", true),
            ("https://rp.test/images/logo.png?v=2#top", true),
            ("http://rp.test/", false),
            ("javascript:alert(1)", false),
            ("data:image/png;base64,AAAA", false),
            ("//rp.test/x", false),
            ("https://rp.test/\"onclick=x", false),
            ("https://u:p@rp.test/", false),
            ("https://rp.test/ x", false),
            ("https://rp_1.test:8443/logo.png", true),
            ("https://[2001:db8::1]/logo.png", true),
            ("https://x;form-action/logo.png", false),
            ("https://x,y/logo.png", false),
            ("https://*/logo.png", false),
            ("", false),
        ] {
            assert_eq!(is_page(address), page, "{address}");
        }
        assert!(!is_page(&format!("https://rp.test/{}", "a".repeat(LONGEST))));
    }
}
