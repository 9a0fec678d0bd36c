//! Keys that applications publish (RFC 7517), by the one way out.
use async_trait::async_trait;
use oidc::{ClientKeySource, NotifyError};
use outbound::OutboundError;
use outbound::http::{HeaderMap, HttpClient, HttpRequest, Method};

pub struct PublishedKeys(HttpClient);

impl PublishedKeys {
    pub fn new(client: HttpClient) -> Self {
        Self(client)
    }
}

#[async_trait]
impl ClientKeySource for PublishedKeys {
    async fn fetch(&self, address: &str) -> Result<String, NotifyError> {
        let (method, headers, body) = (Method::GET, HeaderMap::new(), Vec::new());
        let request = HttpRequest { method, url: address.to_owned(), headers, body };
        match self.0.send(request).await {
            Ok(answer) if answer.status == 200 => String::from_utf8(answer.body)
                .map_err(|_| NotifyError::Unreachable { cause: "no text came".to_owned() }),
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
    async fn op_24_keys_are_read_from_named_hosts_and_never_from_this_machine() {
        let authority = rcgen::generate_simple_self_signed(["x.test".to_owned()]);
        let pem = authority.expect("certificate").cert.pem();
        let anchors = Anchors::from_pem(pem.as_bytes()).expect("anchors");
        let allowed = AllowedHosts::new(["127.0.0.1", "[::1]", "169.254.169.254"]);
        let keys = PublishedKeys::new(HttpClient::new(anchors, HttpLimits::default(), allowed));
        for address in [
            "https://dpi.test/jwks",
            "https://localhost/jwks",
            "https://127.0.0.1/jwks",
            "https://0x7f000001/jwks",
            "https://[::1]/jwks",
            "https://169.254.169.254/latest/meta-data",
        ] {
            assert_eq!(keys.fetch(address).await, Err(NotifyError::NotAllowed), "{address}");
        }
        for address in ["http://dpi.test/jwks", "file:///etc/passwd", ""] {
            assert!(keys.fetch(address).await.is_err(), "{address}");
        }
    }
}
