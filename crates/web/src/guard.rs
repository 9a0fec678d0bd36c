//! What every answer of a listener obeys: its own host names, forms and calls from its own pages only, strict headers.
use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::TryFutureExt;
use futures_util::future::{Either, MapOk, Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};
use tower::{Layer, Service};

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
        let bare = host.strip_suffix(":443").unwrap_or(host);
        let same =
            |known: &String| known.eq_ignore_ascii_case(host) || known.eq_ignore_ascii_case(bare);
        self.hosts.iter().any(same)
    }
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

/// Every request of a listener passes here first, so nothing is boxed or copied on the way: discovery is asked for
/// by every application, and costs little more than this.
#[derive(Debug, Clone)]
pub struct Guard {
    listener: Listener,
    /// Tests call a router by paths alone, without a host.
    any_host: bool,
}

impl Guard {
    /// The listener's own names alone, and strict headers on every answer.
    pub fn new(listener: Listener) -> Self {
        Self { listener, any_host: false }
    }
    /// Strict headers alone.
    #[cfg(test)]
    pub fn headers_of(listener: Listener) -> Self {
        Self { listener, any_host: true }
    }

    /// WB-08: an unknown Host is another site's business, whatever forwarded headers say.
    fn lets_in<B>(&self, request: &axum::http::Request<B>) -> bool {
        let mut hosts = request.headers().get_all(header::HOST).iter().map(HeaderValue::to_str);
        let authority = request.uri().authority().map(|authority| authority.as_str());
        let named = authority.is_some() || request.headers().contains_key(header::HOST);
        named
            && hosts.all(|host| host.is_ok_and(|host| self.listener.answers_to(host)))
            && authority.is_none_or(|host| self.listener.answers_to(host))
    }
}

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;
    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { guard: self.clone(), inner }
    }
}

#[derive(Debug, Clone)]
pub struct Guarded<S> {
    guard: Guard,
    inner: S,
}

type Finish = fn(Response) -> Response;

impl<S> Service<Request> for Guarded<S>
where
    S: Service<Request, Response = Response>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Either<Ready<Result<Response, S::Error>>, MapOk<S::Future, Finish>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let https = self.guard.listener.origin.starts_with("https://");
        let finish: Finish = if https { strict_over_tls } else { strict };
        if self.guard.any_host || self.guard.lets_in(&request) {
            return Either::Right(self.inner.call(request).map_ok(finish));
        }
        let refused = Problem::new(StatusCode::MISDIRECTED_REQUEST, "misdirected").into_response();
        Either::Left(ready(Ok(finish(refused))))
    }
}

/// Headers of every answer; what an answer set itself stays.
fn strict(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.reserve(HEADERS.len() + 3);
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(STRICT_POLICY));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn strict_over_tls(response: Response) -> Response {
    let mut response = strict(response);
    response
        .headers_mut()
        .entry(header::STRICT_TRANSPORT_SECURITY)
        .or_insert(HeaderValue::from_static("max-age=63072000"));
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
