//! A TLS server that follows a script, for tests.
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub(crate) type Key = rcgen::CertifiedKey<rcgen::KeyPair>;

pub(crate) fn authority(name: &str) -> Key {
    rcgen::generate_simple_self_signed([name.to_owned()]).expect("certificate")
}

/// Says `script` to whoever comes, after the TLS handshake; answers with the number of bytes it was sent.
pub(crate) async fn server(key: Key, script: Vec<u8>) -> (u16, JoinHandle<usize>) {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let private = rustls_pki_types::PrivatePkcs8KeyDer::from(key.signing_key.serialize_der());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private.into())
        .expect("server");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let port = listener.local_addr().expect("address").port();
    let served = tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.expect("accept");
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let Ok(mut tls) = acceptor.accept(tcp).await else { return 0 };
        tls.write_all(&script).await.expect("script");
        tls.flush().await.expect("script");
        let (mut sent, mut piece) = (0, [0; 1024]);
        while let Ok(read) = tls.read(&mut piece).await {
            if read == 0 {
                break;
            }
            sent += read;
        }
        sent
    });
    (port, served)
}
