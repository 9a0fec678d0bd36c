//! The listener that asks applications for their certificate, on the running program: who shows the right one is known,
//! who shows another or writes one in a header is not.
use crate::program::{Program, path};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::net::TcpListener;
use std::process::Child;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName,
};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

type Identity = (CertificateDer<'static>, PrivateKeyDer<'static>);

struct Server(Child);
impl Drop for Server {
    fn drop(&mut self) {
        if self.0.kill().is_ok() {
            let _ended = self.0.wait();
        }
    }
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut parameters = CertificateParams::new(vec![name.to_owned()]).expect("names");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().expect("key")).expect("authority")
}

fn signed(
    authority: &CertifiedIssuer<'static, KeyPair>,
    name: &str,
) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().expect("key");
    let parameters = CertificateParams::new(vec![name.to_owned()]).expect("names");
    (parameters.signed_by(&key, authority).expect("certificate"), key)
}

fn identity((certificate, key): &(rcgen::Certificate, KeyPair)) -> Identity {
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    (certificate.der().clone(), key.into())
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("address").port()
}

/// The status of a token request with nothing but the name of the client.
async fn asked(
    port: u16,
    roots: &CertificateDer<'static>,
    shown: Option<Identity>,
    header: &str,
) -> (u16, String) {
    let mut store = RootCertStore::empty();
    store.add(roots.clone()).expect("root");
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(store);
    let config = match shown {
        Some((certificate, key)) => {
            builder.with_client_auth_cert(vec![certificate], key).expect("identity")
        }
        None => builder.with_no_client_auth(),
    };
    let tcp = TcpStream::connect(("127.0.0.1", port)).await.expect("connected");
    let name = ServerName::try_from("mtls.hopital.test").expect("name");
    let mut tls = TlsConnector::from(Arc::new(config)).connect(name, tcp).await.expect("TLS");
    let body = "client_id=labo&grant_type=authorization_code&code=x";
    let request = format!(
        "POST /oauth2/token HTTP/1.1\r\nHost: mtls.hopital.test:{port}\r\nConnection: close\r\n{header}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    tls.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    // A server that closes without a farewell is no matter here.
    let _read = tls.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or(0), answer)
}

#[tokio::test]
async fn op_17_wb_10_a_client_is_known_by_the_certificate_of_its_connection_alone() {
    let Some(program) = Program::init() else { return };
    let (house, stranger) = (authority("ac.hopital.test"), authority("ac.ailleurs.test"));
    let server = signed(&house, "mtls.hopital.test");
    let port = free_port();
    let file = |name: &str, text: String| {
        let file = program.folder.join(name);
        std::fs::write(&file, text).expect("written");
        path(&file)
    };
    let settings = std::fs::read_to_string(program.settings()).expect("settings");
    let more = format!(
        "\n[mtls]\nbind = \"127.0.0.1:{port}\"\norigin = \"https://mtls.hopital.test:{port}\"\n\
         certificate = \"{}\"\nprivate_key = \"{}\"\nclient_anchors_file = \"{}\"\n",
        file("mtls.pem", server.0.pem()),
        file("mtls.key", server.1.serialize_pem()),
        file("clients.pem", house.as_ref().pem()),
    );
    std::fs::write(program.settings(), settings + &more).expect("settings");
    let made = program.done(&[
        "client",
        "create",
        "--client-id",
        "labo",
        "--name",
        "Labo",
        "--tls-dns",
        "labo.hopital.test",
        "--bound-by",
        "mtls",
        "--redirect-uri",
        "https://labo.test/cb",
    ]);
    assert_eq!(made["client_secret"], serde_json::Value::Null);
    let _server = Server(program.command(&["serve"]).spawn().expect("serves"));
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(60), "the listener is not there");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let root = house.as_ref().der().clone();
    let ours = identity(&signed(&house, "labo.hopital.test"));
    let header = format!("X-Client-Cert: {}\r\n", "AAAA");
    for (shown, header, status, says) in [
        (Some((ours.0.clone(), ours.1.clone_key())), "", 400, "invalid_grant"),
        (None, "", 401, "invalid_client"),
        (Some(identity(&signed(&house, "dpi.hopital.test"))), "", 401, "invalid_client"),
        (Some(identity(&signed(&stranger, "labo.hopital.test"))), "", 401, "invalid_client"),
        (None, header.as_str(), 401, "invalid_client"),
        (Some(ours), "", 400, "invalid_grant"),
    ] {
        let (told, answer) = asked(port, &root, shown, header).await;
        assert_eq!(told, status, "{answer}");
        assert!(answer.contains(says), "{answer}");
    }
}
