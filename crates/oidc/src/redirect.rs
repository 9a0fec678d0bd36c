//! Where an answer may be sent (threats OP-01, RFC 9700 §2.1, RFC 8252 §7.3). Equality of bytes with what was
//! registered: no parser stands between what was written and what is compared.
use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Longer ones are no addresses of an application.
const LONGEST: usize = 2048;

/// Why an address cannot be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRedirect {
    #[error("not an absolute address as a browser would write it")]
    NotAbsolute,
    #[error("only https addresses (http://127.0.0.1 and http://[::1] for public clients)")]
    Scheme,
    #[error("no fragment, user name or wildcard, and a host of letters, digits, dots, - and _")]
    Part,
}

/// A registered redirect URI: written as browsers write it, so that nothing remains to normalise.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RedirectUri(String);

impl RedirectUri {
    /// `loopback`: the client is a native one (public). `demo`: the issuer itself is plain on this machine.
    pub fn register(text: &str, loopback: bool, demo: bool) -> Result<Self, InvalidRedirect> {
        let url = Url::parse(text).map_err(|_| InvalidRedirect::NotAbsolute)?;
        if url.as_str() != text || text.len() > LONGEST || url.cannot_be_a_base() {
            return Err(InvalidRedirect::NotAbsolute);
        }
        let on_this_machine = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback() && (loopback || demo),
            Some(Host::Ipv6(address)) => address.is_loopback() && (loopback || demo),
            Some(Host::Domain(name)) => name == "localhost" && demo,
            None => false,
        };
        if url.scheme() != "https" && !(url.scheme() == "http" && on_this_machine) {
            return Err(InvalidRedirect::Scheme);
        }
        let plain = url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && !text.contains(['*', '\\'])
            && is_plain_host(&url);
        plain.then(|| Self(text.to_owned())).ok_or(InvalidRedirect::Part)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Byte for byte, but for the port of a native client on its own machine, which it learns at run time.
    pub fn matches(&self, asked: &str) -> bool {
        if self.0 == asked {
            return true;
        }
        ["http://127.0.0.1/", "http://[::1]/"].into_iter().any(|portless| {
            let Some(path) = self.0.strip_prefix(portless) else { return false };
            let host = portless.trim_end_matches('/');
            asked.strip_prefix(host).and_then(|rest| rest.strip_prefix(':')).is_some_and(|rest| {
                rest.split_once('/')
                    .is_some_and(|(port, asked_path)| asked_path == path && is_port(port))
            })
        })
    }
}

fn is_port(text: &str) -> bool {
    (1..=5).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse::<u16>().is_ok_and(|port| port != 0)
}

/// Scheme, host and port of an address, to stand in the policy of a page (`form-action`, `img-src`, `frame-src`). `None` where
/// it could say more there than where it is: a parser lets `;`, `,` and `*` into the name of a host.
pub fn policy_origin(address: &str) -> Option<String> {
    let url = Url::parse(address).ok().filter(is_plain_host)?;
    url.origin().is_tuple().then(|| url.origin().ascii_serialization())
}

/// A host by its address, or by a name as hosts are named.
pub(crate) fn is_plain_host(url: &Url) -> bool {
    let named = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    match url.host() {
        Some(Host::Domain(name)) => !name.is_empty() && name.chars().all(named),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

/// Where the browser goes after a logout: same rules, exact match always.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PostLogoutUri(RedirectUri);

impl PostLogoutUri {
    pub fn register(text: &str, demo: bool) -> Result<Self, InvalidRedirect> {
        RedirectUri::register(text, false, demo).map(Self)
    }
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
    pub fn matches(&self, asked: &str) -> bool {
        self.as_str() == asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn op_01_only_the_registered_bytes_match() {
        let registered = RedirectUri::register("https://dpi.test/cb", false, false).expect("good");
        assert!(registered.matches("https://dpi.test/cb"));
        for asked in [
            "https://dpi.test/cb/",
            "https://dpi.test/cb?x",
            "https://dpi.test/cb#f",
            "https://DPI.test/cb",
            "https://dpi.test:443/cb",
            "https://dpi.test/./cb",
            "https://dpi.test/x/..;/cb",
            "https://dpi.test/%63b",
            "https://a@dpi.test/cb",
            "https://a@@dpi.test/cb",
            "https://dpi.test\\@evil/cb",
            "https://dpi.test%00.evil/cb",
            "JavaScript:1",
            "http://dpi.test/cb",
            "http://localhost/cb",
            "https://dpi.test/c\u{ff42}",
            "https://\u{ff44}pi.test/cb",
            " https://dpi.test/cb",
            "https://dpi.test/cb\n",
            "//dpi.test/cb",
            "",
        ] {
            assert!(!registered.matches(asked), "{asked:?}");
        }
    }

    #[test]
    fn op_01_a_native_client_chooses_its_port_and_nothing_else() {
        let portless = RedirectUri::register("http://127.0.0.1/cb", true, false).expect("good");
        let fixed = RedirectUri::register("http://127.0.0.1:8080/cb", true, false).expect("good");
        let six = RedirectUri::register("http://[::1]/cb", true, false).expect("good");
        for (registered, asked, matches) in [
            (&portless, "http://127.0.0.1/cb", true),
            (&portless, "http://127.0.0.1:51004/cb", true),
            (&portless, "http://127.0.0.1:0/cb", false),
            (&portless, "http://127.0.0.1:99999/cb", false),
            (&portless, "http://127.0.0.1:+80/cb", false),
            (&portless, "http://127.0.0.1:/cb", false),
            (&portless, "http://127.0.0.1:80@evil/cb", false),
            (&portless, "http://127.0.0.1:80/cb/", false),
            (&portless, "http://127.0.0.1:80/cb?x", false),
            (&portless, "http://127.0.0.1.evil:80/cb", false),
            (&portless, "http://localhost:80/cb", false),
            (&portless, "https://127.0.0.1:80/cb", false),
            (&fixed, "http://127.0.0.1:8081/cb", false),
            (&six, "http://[::1]:9/cb", true),
            (&six, "http://[::2]:9/cb", false),
        ] {
            assert_eq!(registered.matches(asked), matches, "{asked:?}");
        }
    }

    #[test]
    fn op_01_what_may_be_registered() {
        for (text, web, native, demo) in [
            ("https://dpi.test/cb", true, true, true),
            ("https://dpi.test/cb?entity=1", true, true, true),
            ("https://dpi.test", false, false, false),
            ("https://dpi.test/a/../cb", false, false, false),
            ("https://dpi.test:443/cb", false, false, false),
            ("https://DPI.test/cb", false, false, false),
            ("https://dpi.test/*", false, false, false),
            ("https://dpi.test/cb#f", false, false, false),
            ("https://my_dpi.test:8443/cb", true, true, true),
            ("https://[2001:db8::1]/cb", true, true, true),
            ("https://x;form-action/cb", false, false, false),
            ("https://x,y/cb", false, false, false),
            ("https://a:b@dpi.test/cb", false, false, false),
            ("http://dpi.test/cb", false, false, false),
            ("http://127.0.0.1/cb", false, true, true),
            ("http://[::1]/cb", false, true, true),
            ("http://192.168.1.1/cb", false, false, false),
            ("http://localhost:8081/cb", false, false, true),
            ("javascript:alert(1)", false, false, false),
            ("com.editor.dpi:/cb", false, false, false),
            ("/cb", false, false, false),
            ("", false, false, false),
        ] {
            let register = |loopback, demo| RedirectUri::register(text, loopback, demo).is_ok();
            assert_eq!(register(false, false), web, "web {text:?}");
            assert_eq!(register(true, false), native, "native {text:?}");
            assert_eq!(register(false, true), demo, "demo {text:?}");
            assert_eq!(PostLogoutUri::register(text, false).is_ok(), web, "logout {text:?}");
        }
    }

    #[test]
    fn wb_15_an_origin_says_nothing_more_in_the_policy_of_a_page() {
        for (address, origin) in [
            ("https://dpi.test/cb?a;b", Some("https://dpi.test")),
            ("https://dpi.test:8443/", Some("https://dpi.test:8443")),
            ("http://[::1]:9/cb", Some("http://[::1]:9")),
            ("https://x;form-action/l.png", None),
            ("https://x;sandbox/", None),
            ("https://a,b/", None),
            ("https://*/l.png", None),
            ("https://*.dpi.test/l.png", None),
            ("data:image/png;base64,AAAA", None),
            ("javascript:alert(1)", None),
            ("/cb", None),
        ] {
            assert_eq!(policy_origin(address).as_deref(), origin, "{address}");
        }
    }
}
