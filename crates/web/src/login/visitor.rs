//! Who knocks: the browser's own cookie, made when absent, and the address of the connection.
use super::{Lang, LoginState};
use crate::cookies;
use crate::guard::is_same_origin;
use audit::AccessKind;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{Handle, HandleKind};
use std::net::SocketAddr;
use workflows::login::Visit;

/// A browser in front of one listener.
pub struct Visitor {
    listener: AccessKind,
    browser: Handle,
    /// To be set, since the browser had none.
    is_new: bool,
    network: String,
    /// Its session's cookie, whatever that is worth.
    session: Option<String>,
    lang: Lang,
}

impl Visitor {
    /// From the headers of a request of this listener. Forwarded addresses are not believed (threats WB-07).
    pub fn of(state: &LoginState, headers: &HeaderMap, peer: Option<SocketAddr>) -> Self {
        let (browser, session) = names(state.listener);
        let known = cookies::read_one(headers, browser)
            .and_then(|text| Handle::parse(HandleKind::Browser, text).ok());
        let is_new = known.is_none();
        Self {
            listener: state.listener,
            browser: known.unwrap_or_else(|| state.workflows.new_browser()),
            is_new,
            network: peer.map_or_else(|| "unknown".to_owned(), |peer| peer.ip().to_string()),
            session: cookies::read_one(headers, session).map(str::to_owned),
            lang: Lang::of(headers),
        }
    }

    pub fn visit(&self) -> Visit<'_> {
        Visit { listener: self.listener, browser: &self.browser, network: &self.network }
    }
    pub fn lang(&self) -> Lang {
        self.lang
    }
    pub fn listener(&self) -> AccessKind {
        self.listener
    }
    pub fn session_cookie(&self) -> Option<&str> {
        self.session.as_deref()
    }
    pub fn browser_cookie(&self) -> &str {
        self.browser.expose()
    }

    /// Gives the browser its secret, if it had none.
    pub fn remember(&self, mut response: Response) -> Response {
        if self.is_new {
            let (browser, _) = names(self.listener);
            append(
                &mut response,
                cookies::set(browser, self.browser.expose(), site(self.listener)),
            );
        }
        response
    }

    /// A session was opened: its cookie takes the place of any before (threats WB-01).
    pub fn opened(&self, session: &Handle, mut response: Response) -> Response {
        let (_, name) = names(self.listener);
        append(&mut response, cookies::set(name, session.expose(), site(self.listener)));
        self.remember(response)
    }

    /// Both cookies go: the next person at this browser begins with nothing (threats WB-02).
    pub fn forgotten(&self, mut response: Response) -> Response {
        let (browser, session) = names(self.listener);
        append(&mut response, cookies::cleared(session));
        append(&mut response, cookies::cleared(browser));
        append(&mut response, cookies::cleared(cookies::LANGUAGE));
        response
    }
}

/// What belongs to the public side is never read at the console, nor the other way round.
fn names(listener: AccessKind) -> (&'static str, &'static str) {
    match listener {
        AccessKind::Public => (cookies::BROWSER, cookies::SESSION),
        AccessKind::Admin => (cookies::CONSOLE_BROWSER, cookies::CONSOLE),
    }
}

// Applications lead browsers here from their own sites; nobody leads to the console.
fn site(listener: AccessKind) -> &'static str {
    match listener {
        AccessKind::Public => "Lax",
        AccessKind::Admin => "Strict",
    }
}

fn append(response: &mut Response, cookie: HeaderValue) {
    response.headers_mut().append(header::SET_COOKIE, cookie);
}

impl FromRequestParts<LoginState> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &LoginState) -> Result<Self, Response> {
        // WB-05: forms come from our own pages. Engines that say neither are held by the cookies and the page's handle.
        let tells = parts.headers.contains_key(header::ORIGIN)
            || parts.headers.contains_key("sec-fetch-site");
        let reads = parts.method.is_safe();
        if !reads && tells && !is_same_origin(&parts.headers, &state.origin) {
            return Err(StatusCode::FORBIDDEN.into_response());
        }
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
        Ok(Self::of(state, &parts.headers, peer))
    }
}
