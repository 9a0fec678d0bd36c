//! HTTPS, one host at a time: no redirect, no proxy of the environment, a bounded answer in a bounded time.
use crate::{AllowedHosts, Anchors, OutboundError, Timeouts};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

pub use reqwest::Method;
pub use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// What one destination may do to us.
#[derive(Debug, Clone)]
pub struct HttpLimits {
    pub timeouts: Timeouts,
    pub longest_answer: usize,
    /// Addresses of this machine and link-local ones are refused unless the settings allow them (tests, sidecars).
    pub local_addresses: bool,
}

impl Default for HttpLimits {
    fn default() -> Self {
        let timeouts = Timeouts { connect: Duration::from_secs(3), answer: Duration::from_secs(3) };
        Self { timeouts, longest_answer: 64 * 1024, local_addresses: false }
    }
}

#[derive(Debug, Clone)]
pub struct HttpRequest {
    pub method: Method,
    pub url: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone)]
pub struct HttpAnswer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone)]
pub struct HttpClient {
    anchors: Anchors,
    limits: HttpLimits,
    allowed: AllowedHosts,
}

impl HttpClient {
    pub fn new(anchors: Anchors, limits: HttpLimits, allowed: AllowedHosts) -> Self {
        Self { anchors, limits, allowed }
    }

    /// The name is resolved once, its addresses are judged, and only those are connected to: a name that changes its
    /// answer in between gains nothing.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpAnswer, OutboundError> {
        let attempted = "answer a request";
        let whole = self.limits.timeouts.connect + self.limits.timeouts.answer;
        let place = self.place(&request.url)?;
        let exchange = async {
            let (client, url, place) = self.client_for(&request.url, Some(whole)).await?;
            let unreachable =
                |cause: String| OutboundError::Unreachable { place: place.clone(), cause };
            let sent = client
                .request(request.method, url)
                .headers(request.headers)
                .body(request.body)
                .send()
                .await
                .map_err(|cause| unreachable(why(&cause)))?;
            self.receive(sent, &place).await
        };
        let late = |_| OutboundError::TimedOut { place: place.clone(), attempted };
        tokio::time::timeout(whole, exchange).await.map_err(late)?
    }

    pub(crate) fn timeouts(&self) -> Timeouts {
        self.limits.timeouts
    }

    pub(crate) fn place(&self, url: &str) -> Result<String, OutboundError> {
        let (_, host, port) = self.destination(url)?;
        Ok(format!("{host}:{port}"))
    }

    /// A client that connects to the addresses of this one host alone, the parsed address, and `host:port`.
    pub(crate) async fn client_for(
        &self,
        text: &str,
        whole: Option<Duration>,
    ) -> Result<(reqwest::Client, url::Url, String), OutboundError> {
        let (url, host, port) = self.destination(text)?;
        let place = format!("{host}:{port}");
        let addresses = self.resolve(&host, port, &place).await?;
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(self.anchors.client_config()?)
            .https_only(true)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(self.limits.timeouts.connect)
            .resolve_to_addrs(&host, &addresses);
        let builder = match whole {
            Some(whole) => builder.timeout(whole),
            None => builder,
        };
        let fault = |cause| OutboundError::Settings { what: "HTTP client", cause: why(&cause) };
        Ok((builder.build().map_err(fault)?, url, place))
    }

    fn destination(&self, text: &str) -> Result<(url::Url, String, u16), OutboundError> {
        let fault =
            |cause: &str| OutboundError::Settings { what: "address", cause: cause.to_owned() };
        let url = url::Url::parse(text).map_err(|cause| fault(&cause.to_string()))?;
        if url.scheme() != "https" || !url.username().is_empty() || url.password().is_some() {
            return Err(fault("expected https://HOST[:PORT]/PATH"));
        }
        let host = url.host_str().ok_or_else(|| fault("the host is missing"))?.to_owned();
        if host.ends_with('.') {
            return Err(fault("a final dot names the same host twice"));
        }
        let port = url.port_or_known_default().unwrap_or(443);
        if !self.allowed.allows(&host, port) {
            return Err(OutboundError::NotAllowed { place: format!("{host}:{port}") });
        }
        Ok((url, host, port))
    }

    async fn resolve(
        &self,
        host: &str,
        port: u16,
        place: &str,
    ) -> Result<Vec<SocketAddr>, OutboundError> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let found = tokio::net::lookup_host((bare, port)).await;
        let found = found.map_err(|cause| OutboundError::Unreachable {
            place: place.to_owned(),
            cause: cause.to_string(),
        })?;
        let addresses: Vec<SocketAddr> = found.collect();
        let forbidden =
            |address: &SocketAddr| !self.limits.local_addresses && is_ours(address.ip());
        if addresses.is_empty() || addresses.iter().any(forbidden) {
            return Err(OutboundError::NotAllowed { place: place.to_owned() });
        }
        Ok(addresses)
    }

    async fn receive(
        &self,
        mut answer: reqwest::Response,
        place: &str,
    ) -> Result<HttpAnswer, OutboundError> {
        let malformed = |cause: String| OutboundError::Malformed { place: place.to_owned(), cause };
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|cause| malformed(why(&cause)))? {
            if body.len() + piece.len() > self.limits.longest_answer {
                let most = self.limits.longest_answer;
                return Err(malformed(format!("an answer of more than {most} bytes")));
            }
            body.extend_from_slice(&piece);
        }
        Ok(HttpAnswer { status, headers, body })
    }
}

/// `base` with these parameters, escaped.
pub fn with_query(base: &str, parameters: &[(&str, &str)]) -> Result<String, OutboundError> {
    let fault = |cause: url::ParseError| OutboundError::Settings {
        what: "address",
        cause: cause.to_string(),
    };
    let mut url = url::Url::parse(base).map_err(fault)?;
    url.query_pairs_mut().extend_pairs(parameters);
    Ok(url.into())
}

/// Loopback, unspecified, link-local (cloud metadata included), multicast; also when written as an IPv6 address.
fn is_ours(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            v4.is_loopback()
                || v4.is_unspecified()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.octets()[0] == 0
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unicast_link_local()
        }
    }
}

/// The causes of a reqwest error, without the URL, which may hold a secret.
pub(crate) fn why(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    match causes.is_empty() {
        true => "no exchange".to_owned(),
        false => causes.join(": "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(local_addresses: bool, hosts: &[&str]) -> HttpClient {
        let authority = rcgen::generate_simple_self_signed(["x.test".to_owned()]);
        let pem = authority.expect("certificate").cert.pem();
        let anchors = Anchors::from_pem(pem.as_bytes()).expect("anchors");
        let limits = HttpLimits { local_addresses, ..HttpLimits::default() };
        HttpClient::new(anchors, limits, AllowedHosts::new(hosts))
    }

    async fn refusal(client: &HttpClient, url: &str) -> OutboundError {
        let request = HttpRequest {
            method: Method::GET,
            url: url.to_owned(),
            headers: HeaderMap::new(),
            body: Vec::new(),
        };
        client.send(request).await.expect_err(url)
    }

    /// Threat OP-24: a client's URL never makes us speak to ourselves.
    #[tokio::test]
    async fn op_24_no_url_reaches_this_machine_or_an_unnamed_host() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let port = listener.local_addr().expect("address").port();
        let everything =
            ["127.0.0.1", "localhost", "[::1]", "[::ffff:7f00:1]", "169.254.169.254", "0.0.0.0"];
        let open = client(false, &everything);
        for host in [
            "127.1",
            "127.0.0.1",
            "0x7f000001",
            "2130706433",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "localhost",
            "169.254.169.254",
            "0.0.0.0",
            "0",
        ] {
            let error = refusal(&open, &format!("https://{host}:{port}/")).await;
            assert!(matches!(error, OutboundError::NotAllowed { .. }), "{host}: {error}");
        }
        let closed = client(true, &["idp.hopital.test"]);
        for url in [
            format!("https://127.0.0.1:{port}/"),
            format!("http://idp.hopital.test:{port}/"),
            "gopher://idp.hopital.test/".to_owned(),
            "file:///etc/passwd".to_owned(),
            "https://user:pass@idp.hopital.test/".to_owned(),
            "https://idp.hopital.test.evil.test/".to_owned(),
            "https://idp.hopital.test./".to_owned(),
            "not a url".to_owned(),
        ] {
            let error = refusal(&closed, &url).await;
            let refused =
                matches!(error, OutboundError::NotAllowed { .. } | OutboundError::Settings { .. });
            assert!(refused, "{url}: {error}");
        }
        let nobody_came = futures_util::FutureExt::now_or_never(listener.accept()).is_none();
        assert!(nobody_came);
    }

    #[tokio::test]
    async fn an_answer_is_bounded_and_a_redirect_is_an_answer() {
        use crate::script::{authority, server};
        let long =
            format!("HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n{}", "x".repeat(99_999));
        for (says, outcome) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\noui", Ok((200, "ou"))),
            (
                "HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
                Ok((302, "")),
            ),
            (long.as_str(), Err("more than 65536 bytes")),
        ] {
            let key = authority("localhost");
            let anchors = Anchors::from_pem(key.cert.pem().as_bytes()).expect("anchors");
            let limits = HttpLimits { local_addresses: true, ..HttpLimits::default() };
            let client = HttpClient::new(anchors, limits, AllowedHosts::new(["localhost"]));
            let (port, _served) = server(key, says.as_bytes().to_vec()).await;
            let request = HttpRequest {
                method: Method::GET,
                url: format!("https://localhost:{port}/jwks"),
                headers: HeaderMap::new(),
                body: Vec::new(),
            };
            match (client.send(request).await, outcome) {
                (Ok(answer), Ok((status, body))) => {
                    assert_eq!((answer.status, answer.body.as_slice()), (status, body.as_bytes()));
                }
                (Err(error), Err(says)) => assert!(error.to_string().contains(says), "{error}"),
                (answer, outcome) => panic!("{answer:?}, expected {outcome:?}"),
            }
        }
    }
}
