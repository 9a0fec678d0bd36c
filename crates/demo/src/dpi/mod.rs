//! The demo DPI: a patient record application as an editor would plug it in, with the stock
//! `openidconnect` client (code flow, PKCE, nonce, state, userinfo, RP-initiated logout). It knows an
//! issuer and a client id, nothing else of Hygie, and shows who logged in with which claims.
mod client;
mod pages;
mod routes;
mod visitors;

pub use client::LoggedIn;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// What an editor is given by the hospital.
#[derive(Debug, Clone)]
pub struct DpiConfig {
    /// Where people reach it, without a final slash: `http://localhost:PORT`.
    pub base_url: String,
    pub issuer: String,
    pub client_id: String,
    /// None for a public client.
    pub client_secret: Option<String>,
    /// Asked besides `openid`.
    pub scopes: Vec<String>,
    pub acr_values: Vec<String>,
    /// PEM of the authority that signed the issuer's certificate, where no public one did.
    pub ca_pem: Option<Vec<u8>>,
}

impl DpiConfig {
    /// To be registered as redirect URI of the client.
    pub fn redirect_uri(&self) -> String {
        format!("{}{}", self.base_url, routes::BACK)
    }

    /// To be registered as post-logout redirect URI of the client.
    pub fn post_logout_redirect_uri(&self) -> String {
        format!("{}{}", self.base_url, routes::LOGGED_OUT)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum DpiError {
    #[error("the setting {what} is not usable: {cause}")]
    Settings { what: &'static str, cause: String },
    #[error("cannot {attempted} {address}: {cause}")]
    Listener {
        attempted: &'static str,
        address: String,
        #[source]
        cause: std::io::Error,
    },
    #[error("the identity provider could not {attempted}: {cause}")]
    Provider { attempted: &'static str, cause: String },
    #[error("the answer of the identity provider is refused: {0}")]
    Refused(String),
}

/// A port on loopback; 0 takes a free one. Bound before the configuration is known, since the client's
/// redirect URI bears the port.
pub async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), DpiError> {
    let wanted = SocketAddr::from(([127, 0, 0, 1], port));
    let fault =
        |cause| DpiError::Listener { attempted: "listen on", address: wanted.to_string(), cause };
    let listener = TcpListener::bind(wanted).await.map_err(fault)?;
    let address = listener.local_addr().map_err(fault)?;
    Ok((listener, address))
}

/// Serves until `stop` ends.
pub async fn serve(
    config: DpiConfig,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), DpiError> {
    let address = config.base_url.clone();
    let application = Arc::new(routes::Application::new(config)?);
    axum::serve(listener, routes::router(application))
        .with_graceful_shutdown(stop)
        .await
        .map_err(|cause| DpiError::Listener { attempted: "serve on", address, cause })
}

#[cfg(test)]
mod tests;
