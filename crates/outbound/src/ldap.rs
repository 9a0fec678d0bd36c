//! LDAP over TLS: `LdapTarget::new`, then `connect` for ldap3's own handle or [`LdapConnection::open`] for bounded calls.
//! No StartTLS, no plain LDAP, no referral.
mod ber;
mod carry;
mod connection;
mod entry;

pub use ber::{BerFault, check_message, message_length};
pub use connection::{BindAnswer, Control, LdapConnection, Page, Scope, Search};
pub use entry::Entry;
/// Escapes a value that goes into a filter. Filters are never built another way.
pub use ldap3::{dn_escape, ldap_escape};

use crate::{AllowedHosts, Anchors, OutboundError, Timeouts};
use ldap3::Ldap;
use rustls::pki_types::ServerName;
use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

const LDAPS_PORT: u16 = 636;

/// One directory: where it is, what proves that it is the one, how long it is waited for.
#[derive(Clone)]
pub struct LdapTarget {
    host: String,
    port: u16,
    name: ServerName<'static>,
    tls: Arc<rustls::ClientConfig>,
    timeouts: Timeouts,
}

impl fmt::Debug for LdapTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LdapTarget").field("place", &self.place()).finish_non_exhaustive()
    }
}

impl LdapTarget {
    /// `url` is `ldaps://HOST[:PORT]`, and nothing more.
    pub fn new(
        url: &str,
        anchors: &Anchors,
        timeouts: Timeouts,
        allowed: &AllowedHosts,
    ) -> Result<Self, OutboundError> {
        let fault = |cause: &str| OutboundError::Settings {
            what: "address of the directory",
            cause: cause.to_owned(),
        };
        let parsed = url::Url::parse(url).map_err(|cause| fault(&cause.to_string()))?;
        if parsed.scheme() != "ldaps" {
            return Err(fault("expected ldaps://HOST[:PORT]: nothing is sent in clear"));
        }
        let more = parsed.query().is_some()
            || parsed.fragment().is_some()
            || parsed.password().is_some()
            || !parsed.username().is_empty();
        if more || !matches!(parsed.path(), "" | "/") {
            return Err(fault("expected ldaps://HOST[:PORT] and nothing more"));
        }
        let host = parsed.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| fault("the host is missing"))?.to_owned();
        let port = parsed.port().unwrap_or(LDAPS_PORT);
        if !allowed.allows(&host, port) {
            return Err(OutboundError::NotAllowed { place: format!("{host}:{port}") });
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(bare).map_err(|cause| fault(&cause.to_string()))?;
        let tls = Arc::new(anchors.client_config()?);
        Ok(Self { host, port, name, tls, timeouts })
    }

    /// `host:port`, for messages.
    pub fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    pub fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// A fresh connection, driven by tasks that end with its last handle. ldap3 forgets a time-out after one
    /// operation: set `Ldap::with_timeout(timeouts.answer)` on each.
    pub async fn connect(&self) -> Result<Ldap, OutboundError> {
        self.connect_telling(&Arc::default()).await
    }

    /// As `connect`; what made the incoming side stop is told to `fault`.
    async fn connect_telling(&self, fault: &Arc<OnceLock<String>>) -> Result<Ldap, OutboundError> {
        let opened = tokio::time::timeout(self.timeouts.connect, self.open()).await;
        let attempted = "open a connection";
        let tls =
            opened.map_err(|_| OutboundError::TimedOut { place: self.place(), attempted })??;
        let started = carry::start(tls, Arc::clone(fault)).await;
        started.map_err(|cause| OutboundError::Unreachable { place: self.place(), cause })
    }

    async fn open(&self) -> Result<TlsStream<TcpStream>, OutboundError> {
        let unreachable = |cause: io::Error| OutboundError::Unreachable {
            place: self.place(),
            cause: cause.to_string(),
        };
        let tcp = TcpStream::connect(self.place()).await.map_err(unreachable)?;
        tcp.set_nodelay(true).map_err(unreachable)?;
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        let opened = connector.connect(self.name.clone(), tcp).await;
        opened.map_err(|cause| match cause.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                OutboundError::Untrusted { place: self.place(), cause: cause.to_string() }
            }
            _ => unreachable(cause),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{authority, server};
    use kernel::Secret;
    use tokio::net::TcpListener;

    fn target(url: &str, pem: &str) -> Result<LdapTarget, OutboundError> {
        let anchors = Anchors::from_pem(pem.as_bytes()).expect("anchors");
        let hosts = ["dc1.hopital.test", "127.0.0.1", "127.0.0.10", "localhost", "[::1]"];
        LdapTarget::new(url, &anchors, Timeouts::seconds(2, 2), &AllowedHosts::new(hosts))
    }

    #[test]
    fn ad_03_only_an_allowed_directory_over_tls_is_a_target() {
        let pem = authority("dc1.hopital.test").cert.pem();
        for (url, good) in [
            ("ldaps://dc1.hopital.test", true),
            ("ldaps://DC1.hopital.test:3269/", true),
            ("ldaps://127.0.0.10", true),
            ("ldaps://[::1]:636", true),
            ("ldap://dc1.hopital.test", false),
            ("ldapi://dc1.hopital.test", false),
            ("https://dc1.hopital.test", false),
            ("dc1.hopital.test:636", false),
            ("ldaps://dc2.hopital.test", false),
            ("ldaps://dc1.hopital.test/DC=x", false),
            ("ldaps://u:p@dc1.hopital.test", false),
            ("ldaps://dc1.hopital.test?x", false),
            ("ldaps://", false),
            ("", false),
        ] {
            assert_eq!(target(url, &pem).is_ok(), good, "{url}");
        }
    }

    #[tokio::test]
    async fn ad_03_another_authority_or_another_name_ends_before_anything_is_sent() {
        for (bears, asked, trusted) in
            [("localhost", "localhost", false), ("dc1.hopital.test", "localhost", true)]
        {
            let key = authority(bears);
            let pem = if trusted { key.cert.pem() } else { authority(bears).cert.pem() };
            let (port, served) = server(key, Vec::new()).await;
            let error =
                target(&format!("ldaps://{asked}:{port}"), &pem).expect("target").connect().await;
            let error = error.expect_err("untrusted");
            assert!(matches!(error, OutboundError::Untrusted { .. }), "{error}");
            assert_eq!(served.await.expect("server"), 0);
        }
    }

    /// Threat AD-01: many directories take an empty password for an anonymous login and say yes.
    #[tokio::test]
    async fn ad_01_an_empty_password_is_never_sent() {
        let key = authority("localhost");
        let pem = key.cert.pem();
        // Message 1, bind response, success.
        let yes = vec![0x30, 12, 2, 1, 1, 0x61, 7, 10, 1, 0, 4, 0, 4, 0];
        let (port, served) = server(key, yes).await;
        let target = target(&format!("ldaps://localhost:{port}"), &pem).expect("target");
        let mut connection = LdapConnection::open(&target).await.expect("connection");
        for (name, password) in [("cn=a", ""), ("", "secret"), (" ", "secret"), ("", "")] {
            let answer = connection.bind(name, &Secret::new(password.to_owned())).await;
            assert!(matches!(answer, Err(OutboundError::EmptyCredential)), "{name:?}");
        }
        drop(connection);
        assert_eq!(served.await.expect("server"), 0);
    }

    /// Threat AD-14: what cannot be an answer ends the exchange with a cause, in bounded time and memory.
    #[tokio::test]
    async fn ad_14_a_hostile_answer_ends_the_exchange() {
        let deep: Vec<u8> = (0..100).fold(Vec::new(), |inside, _| {
            let length = u16::try_from(inside.len()).expect("short").to_be_bytes();
            [&[0x30, 0x82, length[0], length[1]], &inside[..]].concat()
        });
        for (script, says) in [
            (b"HTTP/1.1 400 Bad Request\r\n".to_vec(), "not an LDAP message"),
            (b"\x30\x84\x7f\xff\xff\xff".to_vec(), "16 MiB"),
            (deep, "too deep"),
            (vec![0x30, 4, 2, 9, 0, 0], "longer than what holds it"),
        ] {
            let key = authority("localhost");
            let pem = key.cert.pem();
            let (port, _served) = server(key, script).await;
            let target = target(&format!("ldaps://localhost:{port}"), &pem).expect("target");
            let mut connection = LdapConnection::open(&target).await.expect("connection");
            let answer = connection.bind("cn=a", &Secret::new("b".to_owned())).await;
            let error = answer.expect_err("hostile").to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[tokio::test]
    async fn a_directory_that_never_answers_is_left_in_time() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let port = listener.local_addr().expect("address").port();
        let pem = authority("localhost").cert.pem();
        let anchors = Anchors::from_pem(pem.as_bytes()).expect("anchors");
        let short = std::time::Duration::from_millis(50);
        let timeouts = Timeouts { connect: short, answer: short };
        let allowed = AllowedHosts::new(["localhost"]);
        let url = format!("ldaps://localhost:{port}");
        let target = LdapTarget::new(&url, &anchors, timeouts, &allowed).expect("target");
        let error = target.connect().await.expect_err("silent");
        assert!(matches!(error, OutboundError::TimedOut { .. }), "{error}");
    }
}
