//! Calls of applications, by the one way out: back-channel logout (OpenID Connect Back-Channel Logout 1.0 §2.5), and that
//! somebody has answered (CIBA Core §10.2).
use async_trait::async_trait;
use kernel::Secret;
use oidc::{Notifier, NotifyError};
use outbound::OutboundError;
use outbound::http::{HeaderMap, HeaderName, HeaderValue, HttpClient, HttpRequest, Method};

pub struct LogoutCalls(HttpClient);

impl LogoutCalls {
    pub fn new(client: HttpClient) -> Self {
        Self(client)
    }
}

#[async_trait]
impl Notifier for LogoutCalls {
    async fn log_out(&self, address: &str, logout_token: &str) -> Result<(), NotifyError> {
        let mut headers = HeaderMap::new();
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(HeaderName::from_static("content-type"), form);
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("logout_token", logout_token)
            .finish()
            .into_bytes();
        let request = HttpRequest { method: Method::POST, url: address.to_owned(), headers, body };
        match self.0.send(request).await {
            // 204 is what some libraries answer for the 200 of the text.
            Ok(answer) if matches!(answer.status, 200 | 204) => Ok(()),
            Ok(answer) => Err(NotifyError::Refused { status: answer.status }),
            Err(OutboundError::NotAllowed { .. }) => Err(NotifyError::NotAllowed),
            Err(OutboundError::TimedOut { .. }) => Err(NotifyError::TimedOut),
            Err(cause) => Err(NotifyError::Unreachable { cause: cause.to_string() }),
        }
    }

    async fn ping(
        &self,
        address: &str,
        token: &Secret<String>,
        id: &Secret<String>,
    ) -> Result<(), NotifyError> {
        let mut headers = HeaderMap::new();
        let json = HeaderValue::from_static("application/json");
        headers.insert(HeaderName::from_static("content-type"), json);
        let unsendable =
            |_| NotifyError::Unreachable { cause: "its token is no header".to_owned() };
        let mut bearer =
            HeaderValue::from_str(&format!("Bearer {}", token.expose())).map_err(unsendable)?;
        bearer.set_sensitive(true);
        headers.insert(HeaderName::from_static("authorization"), bearer);
        // A handle of ours: letters, digits and `_`.
        let body = format!(r#"{{"auth_req_id": "{}"}}"#, id.expose()).into_bytes();
        let request = HttpRequest { method: Method::POST, url: address.to_owned(), headers, body };
        match self.0.send(request).await {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
            Ok(answer) => Err(NotifyError::Refused { status: answer.status }),
            Err(OutboundError::NotAllowed { .. }) => Err(NotifyError::NotAllowed),
            Err(OutboundError::TimedOut { .. }) => Err(NotifyError::TimedOut),
            Err(cause) => Err(NotifyError::Unreachable { cause: cause.to_string() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use outbound::http::HttpLimits;
    use outbound::{AllowedHosts, Anchors};

    #[tokio::test]
    async fn op_24_a_logout_address_outside_the_list_or_on_this_machine_is_never_called() {
        let authority = rcgen::generate_simple_self_signed(["x.test".to_owned()]);
        let pem = authority.expect("certificate").cert.pem();
        let anchors = Anchors::from_pem(pem.as_bytes()).expect("anchors");
        let allowed =
            AllowedHosts::new(["127.0.0.1", "[::1]", "[::ffff:7f00:1]", "169.254.169.254"]);
        let calls = LogoutCalls::new(HttpClient::new(anchors, HttpLimits::default(), allowed));
        for address in [
            "https://dpi.test/logout",
            "https://localhost/logout",
            "https://127.0.0.1/logout",
            "https://127.1/logout",
            "https://0x7f000001/logout",
            "https://[::1]/logout",
            "https://[::ffff:127.0.0.1]/logout",
            "https://169.254.169.254/latest/meta-data",
        ] {
            let answer = calls.log_out(address, "t").await;
            assert_eq!(answer, Err(NotifyError::NotAllowed), "{address}");
            let secret = || Secret::new("t".to_owned());
            let answer = calls.ping(address, &secret(), &secret()).await;
            assert_eq!(answer, Err(NotifyError::NotAllowed), "{address}");
        }
        for address in [
            "https://dpi.test@127.0.0.1/logout",
            "http://dpi.test/logout",
            "gopher://dpi.test/",
            "file:///etc/passwd",
            "",
        ] {
            assert!(calls.log_out(address, "t").await.is_err(), "{address}");
        }
    }
}
