//! A call of an application's own server: its form, and what the call brought besides.
use super::error::Refused;
use super::form::{self, Pairs};
use axum::extract::{ConnectInfo, FromRequest, Request};
use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use oidc::{Channel, OAuthError, PeerCertificate};
use std::net::SocketAddr;

/// The certificate of the connection, put here by the listener that asked for it, and by nothing that was sent.
#[derive(Debug, Clone)]
pub struct ConnectionCertificate(pub PeerCertificate);

pub struct ClientCall {
    pub form: Pairs,
    pub query: Pairs,
    pub headers: HeaderMap,
    pub channel: Channel,
    /// Where it came from.
    pub network: Option<String>,
}

impl ClientCall {
    pub fn authorization(&self) -> Result<Option<&str>, OAuthError> {
        form::authorization(&self.headers)
    }
}

impl<S: Send + Sync> FromRequest<S> for ClientCall {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        let method = if request.method() == Method::GET { "GET" } else { "POST" };
        let certificate = request.extensions().get::<Option<ConnectionCertificate>>();
        let certificate = certificate.and_then(Option::as_ref).map(|shown| shown.0.clone());
        let query = form::pairs(request.uri().query().unwrap_or_default().as_bytes());
        let headers = request.headers().clone();
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let network = peer.map(|peer| peer.0.ip().to_string());
        let channel = Channel { method, proof: form::proof(&headers)?, certificate };
        // A body holds parameters only where it is a form; a GET has none (RFC 6750 §2.2).
        let form = if method == "GET" {
            Pairs::new()
        } else {
            let body = Bytes::from_request(request, state).await;
            let body = body.map_err(|_| OAuthError::invalid_request("the body is too long"))?;
            form::form(&headers, &body)?
        };
        Ok(Self { form, query, headers, channel, network })
    }
}
