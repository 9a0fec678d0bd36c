//! A directory that answers by script, for what a real one cannot be made to say on demand.
use outbound::ldap::LdapTarget;
use outbound::{AllowedHosts, Anchors, Timeouts};
use rustls::ServerConfig;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// What it does with each connection.
#[derive(Clone)]
pub enum Script {
    /// Says yes to the bind, and that the object read has this GUID.
    Bound {
        guid: Vec<u8>,
    },
    Refused {
        code: u8,
        diagnostic: String,
    },
    Silent,
    HangsUp,
}

pub struct FakeDirectory {
    port: u16,
    certificate: String,
    messages: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for FakeDirectory {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl FakeDirectory {
    pub async fn start(script: Script) -> Self {
        let made =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("certificate and key");
        let listener = TcpListener::bind("localhost:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let messages = Arc::new(AtomicUsize::new(0));
        let (acceptor, counted) = (TlsAcceptor::from(Arc::new(config)), Arc::clone(&messages));
        let task = tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                play(&acceptor, tcp, &script, &counted).await;
            }
        });
        Self { port, certificate: made.cert.pem(), messages, task }
    }

    /// How many messages came in.
    pub fn messages(&self) -> usize {
        self.messages.load(Ordering::SeqCst)
    }

    pub fn target(&self) -> LdapTarget {
        self.target_trusting(self)
    }

    pub fn target_trusting(&self, other: &Self) -> LdapTarget {
        let anchors = Anchors::from_pem(other.certificate.as_bytes()).expect("anchors");
        let url = format!("ldaps://localhost:{}", self.port);
        let allowed = AllowedHosts::new(["localhost"]);
        LdapTarget::new(&url, &anchors, Timeouts::seconds(20, 20), &allowed).expect("target")
    }
}

async fn play(acceptor: &TlsAcceptor, tcp: TcpStream, script: &Script, messages: &AtomicUsize) {
    let Ok(mut tls) = acceptor.accept(tcp).await else { return };
    let mut buffer = [0u8; 4096];
    while let Ok(read) = tls.read(&mut buffer).await {
        if read == 0 {
            return;
        }
        messages.fetch_add(1, Ordering::SeqCst);
        let id = buffer[4];
        let answer = match (script, id) {
            (Script::HangsUp, _) => return,
            (Script::Silent, _) => continue,
            (Script::Refused { code, diagnostic }, _) => result(id, 0x61, *code, diagnostic),
            (Script::Bound { .. }, 1) => result(id, 0x61, 0, ""),
            (Script::Bound { guid }, _) => {
                let mut both = entry(id, guid);
                both.extend(result(id, 0x65, 0, ""));
                both
            }
        };
        if tls.write_all(&answer).await.is_err() {
            return;
        }
    }
}

fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).expect("short");
    let head = if length < 128 { vec![tag, length] } else { vec![tag, 0x81, length] };
    [head.as_slice(), content].concat()
}

fn message(id: u8, operation: &[u8]) -> Vec<u8> {
    wrap(0x30, &[&[2, 1, id][..], operation].concat())
}

fn result(id: u8, tag: u8, code: u8, diagnostic: &str) -> Vec<u8> {
    let inside = [&[10, 1, code, 4, 0][..], &wrap(4, diagnostic.as_bytes())].concat();
    message(id, &wrap(tag, &inside))
}

fn entry(id: u8, guid: &[u8]) -> Vec<u8> {
    let attribute = [wrap(4, b"objectGUID"), wrap(0x31, &wrap(4, guid))].concat();
    let list = wrap(0x30, &wrap(0x30, &attribute));
    message(id, &wrap(0x64, &[wrap(4, b"CN=mmartin"), list].concat()))
}
