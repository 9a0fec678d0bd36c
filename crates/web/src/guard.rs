//! What every answer of a listener obeys: its own host names, forms and calls from its own pages only, strict headers.
use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The names that a listener answers to.
#[derive(Debug, Clone)]
pub struct Listener {
    /// `host[:port]` as browsers send it, lower case.
    pub hosts: Arc<[String]>,
    /// `https://host[:port]` of its own pages.
    pub origin: Arc<str>,
}

impl Listener {
    /// A listener reached by its origin, and by other host names when given.
    pub fn new(origin: &str, other_hosts: &[String]) -> Self {
        let own = origin.split_once("://").map_or(origin, |(_, host)| host);
        let hosts = std::iter::once(own).chain(other_hosts.iter().map(String::as_str));
        Self { hosts: hosts.map(str::to_ascii_lowercase).collect(), origin: origin.into() }
    }

    fn answers_to(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let bare = host.strip_suffix(":443").unwrap_or(&host);
        self.hosts.iter().any(|known| known == &host || known == bare)
    }
}

/// WB-08: an unknown Host is another site's business, whatever forwarded headers say.
pub async fn check_host(
    State(listener): State<Listener>,
    request: Request,
    next: Next,
) -> Response {
    let named = request.headers().get_all(header::HOST);
    let mut hosts: Vec<&str> = named.iter().filter_map(|value| value.to_str().ok()).collect();
    let unreadable = named.iter().count() != hosts.len();
    if let Some(authority) = request.uri().authority() {
        hosts.push(authority.as_str());
    }
    let known = hosts.iter().all(|host| listener.answers_to(host));
    if hosts.is_empty() || unreadable || !known {
        return Problem::new(StatusCode::MISDIRECTED_REQUEST, "misdirected").into_response();
    }
    next.run(request).await
}

/// WB-05: what changes something comes from our own pages.
pub async fn check_origin(
    State(listener): State<Listener>,
    request: Request,
    next: Next,
) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !safe && !is_same_origin(request.headers(), &listener.origin) {
        return Problem::new(StatusCode::FORBIDDEN, "origin_refused").into_response();
    }
    next.run(request).await
}

/// `Origin` is ours; where a browser sends none, its `Sec-Fetch-Site` says so.
pub fn is_same_origin(headers: &HeaderMap, ours: &str) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (Some(origin), None) => origin.as_bytes() == ours.as_bytes(),
        (Some(_), Some(_)) => false,
        (None, _) => headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin"),
    }
}

const HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), payment=(), \
         publickey-credentials-get=(self), publickey-credentials-create=(self)",
    ),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// The console's policy, unless the answer brought its own: nothing inline, nothing from elsewhere.
pub const STRICT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; \
     frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'";

/// Headers of every answer; what an answer set itself stays.
pub async fn strict_headers(
    State(listener): State<Listener>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(STRICT_POLICY));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if listener.origin.starts_with("https://") {
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(HeaderValue::from_static("max-age=63072000"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wb_08_a_listener_answers_to_its_own_names_alone() {
        let listener = Listener::new("https://admin.hopital.test:8443", &["Console.test".into()]);
        for (host, known) in [
            ("admin.hopital.test:8443", true),
            ("ADMIN.hopital.test:8443", true),
            ("console.test", true),
            ("console.test:443", true),
            ("admin.hopital.test", false),
            ("evil.test", false),
            ("admin.hopital.test:8443.evil.test", false),
            ("", false),
        ] {
            assert_eq!(listener.answers_to(host), known, "{host}");
        }
    }

    #[test]
    fn wb_05_only_our_own_pages_may_change_something() {
        let ours = "https://admin.hopital.test";
        let sent = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, HeaderValue::from_static(value));
            }
            is_same_origin(&headers, ours)
        };
        for (pairs, same) in [
            (&[("origin", "https://admin.hopital.test")][..], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[], false),
            (&[("origin", "null")], false),
            (&[("origin", "https://wiki.hopital.test")], false),
            (&[("origin", "http://admin.hopital.test")], false),
            (&[("origin", "null"), ("sec-fetch-site", "same-origin")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("origin", "https://admin.hopital.test"), ("origin", "null")], false),
        ] {
            assert_eq!(sent(pairs), same, "{pairs:?}");
        }
    }
}
