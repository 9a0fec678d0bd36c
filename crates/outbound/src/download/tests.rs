use super::*;
use crate::http::HttpLimits;
use crate::script::{Key, authority};
use crate::{AllowedHosts, Anchors};
use std::sync::{Arc, Mutex};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

/// A server that says the next of its answers to each connection, and keeps what it was asked.
async fn server(key: Key, answers: Vec<Vec<u8>>) -> (u16, Arc<Mutex<Vec<String>>>) {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let private = rustls_pki_types::PrivatePkcs8KeyDer::from(key.signing_key.serialize_der());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private.into())
        .expect("server");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let port = listener.local_addr().expect("address").port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    tokio::spawn(async move {
        for answer in answers {
            let (tcp, _) = listener.accept().await.expect("accept");
            let Ok(mut tls) = acceptor.accept(tcp).await else { continue };
            let (mut request, mut piece) = (Vec::new(), [0; 1024]);
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                let read = tls.read(&mut piece).await.expect("request");
                request.extend_from_slice(&piece[..read]);
            }
            let text = String::from_utf8(request).expect("ascii").to_lowercase();
            kept.lock().expect("kept").push(text);
            tls.write_all(&answer).await.expect("answer");
            tls.shutdown().await.expect("end");
        }
    });
    (port, asked)
}

fn answer(head: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n{body}").into_bytes()
}

struct Fetch {
    client: HttpClient,
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
    folder: tempfile::TempDir,
}

async fn fetch(answers: Vec<Vec<u8>>) -> Fetch {
    let key = authority("localhost");
    let anchors = Anchors::from_pem(key.cert.pem().as_bytes()).expect("anchors");
    let limits = HttpLimits { local_addresses: true, ..HttpLimits::default() };
    let client = HttpClient::new(anchors, limits, AllowedHosts::new(["localhost"]));
    let (port, asked) = server(key, answers).await;
    let folder = tempfile::tempdir().expect("folder");
    Fetch { client, url: format!("https://localhost:{port}/extract.zip"), asked, folder }
}

impl Fetch {
    fn target(&self) -> PathBuf {
        self.folder.path().join("extract.zip")
    }

    async fn run(&self, attempts: u32) -> Result<Published, OutboundError> {
        let silence = Duration::from_secs(5);
        let whole = Duration::from_secs(60);
        let limits = DownloadLimits { most_bytes: 1_000, silence, attempts, whole };
        let none = HeaderMap::new();
        let mut watch = |_, _| ControlFlow::Continue(());
        self.client.download(&self.url, &none, &self.target(), limits, &mut watch).await
    }

    fn content(&self) -> Option<String> {
        std::fs::read_to_string(self.target()).ok()
    }
}

#[tokio::test]
async fn a_download_goes_on_where_it_stopped() {
    let fetch = fetch(vec![
        answer("200 OK\r\nETag: \"v1\"\r\nContent-Length: 10", "01234"),
        answer("206 Partial Content\r\nETag: \"v1\"\r\nContent-Length: 5\r\nContent-Range: bytes 5-9/10", "56789"),
    ])
    .await;
    let published = fetch.run(3).await.expect("whole");
    assert_eq!(published.etag.as_deref(), Some("\"v1\""));
    assert_eq!(fetch.content().as_deref(), Some("0123456789"));
    let asked = fetch.asked.lock().expect("asked").clone();
    assert!(!asked[0].contains("range:"), "{}", asked[0]);
    assert!(asked[1].contains("range: bytes=5-\r\n") && asked[1].contains("if-range: \"v1\""));
    let left = std::fs::read_dir(fetch.folder.path()).expect("list").count();
    assert_eq!(left, 1, "nothing is left beside the file");
}

#[tokio::test]
async fn another_file_in_between_begins_again() {
    let fetch = fetch(vec![
        answer(
            "200 OK\r\nLast-Modified: Mon, 02 Nov 2026 06:13:00 GMT\r\nContent-Length: 10",
            "01234",
        ),
        answer(
            "200 OK\r\nLast-Modified: Tue, 03 Nov 2026 06:13:00 GMT\r\nContent-Length: 4",
            "abcd",
        ),
    ])
    .await;
    fetch.run(2).await.expect("whole");
    assert_eq!(fetch.content().as_deref(), Some("abcd"));
}

/// A truncated download is no file, also when the server closes politely.
#[tokio::test]
async fn what_is_not_whole_never_bears_the_name() {
    for answers in [
        vec![answer("200 OK\r\nETag: \"a\"\r\nContent-Length: 10", "01234")],
        vec![answer("404 Not Found\r\nContent-Length: 0", "")],
        vec![answer("302 Found\r\nLocation: https://localhost/other\r\nContent-Length: 0", "")],
        vec![answer("200 OK\r\nContent-Length: 2000", "x")],
        vec![answer("200 OK\r\nTransfer-Encoding: chunked", "5\r\n01234\r\n")],
        vec![
            answer("200 OK\r\nETag: \"a\"\r\nContent-Length: 10", "01234"),
            answer(
                "206 Partial Content\r\nContent-Length: 5\r\nContent-Range: bytes 0-4/10",
                "56789",
            ),
        ],
    ] {
        let count = u32::try_from(answers.len()).expect("few");
        let fetch = fetch(answers).await;
        let error = fetch.run(count).await.expect_err("not whole");
        assert_eq!(fetch.content(), None, "{error}");
    }
}

/// DA-07: another authority ends before anything is asked, and no unnamed host is spoken to.
#[tokio::test]
async fn only_the_pinned_authority_is_believed_da_07() {
    let real = fetch(vec![answer("200 OK\r\nContent-Length: 2", "ok")]).await;
    let stranger = authority("localhost");
    let anchors = Anchors::from_pem(stranger.cert.pem().as_bytes()).expect("anchors");
    let limits = HttpLimits { local_addresses: true, ..HttpLimits::default() };
    let client = HttpClient::new(anchors, limits.clone(), AllowedHosts::new(["localhost"]));
    let wrong = Fetch {
        client,
        url: real.url.clone(),
        asked: real.asked.clone(),
        folder: tempfile::tempdir().expect("folder"),
    };
    let error = wrong.run(1).await.expect_err("another authority");
    assert!(error.to_string().contains("cannot be reached"), "{error}");
    assert!(real.asked.lock().expect("asked").is_empty());
    let elsewhere = HttpClient::new(
        Anchors::from_pem(stranger.cert.pem().as_bytes()).expect("anchors"),
        limits,
        AllowedHosts::new(["service.annuaire.sante.example"]),
    );
    let elsewhere = Fetch { client: elsewhere, ..wrong };
    let error = elsewhere.run(1).await.expect_err("not allowed");
    assert!(matches!(error, OutboundError::NotAllowed { .. }), "{error}");
}

#[test]
fn a_proposed_name_is_harmless_or_none() {
    for (value, expected) in [
        (
            "attachment; filename=\"PS_LibreAcces_202611020613.zip\"",
            Some("PS_LibreAcces_202611020613.zip"),
        ),
        ("attachment; filename=PS.zip; size=3", Some("PS.zip")),
        ("attachment; filename=\"../../etc/passwd\"", Some("passwd")),
        ("attachment; filename=\"..\"", None),
        ("attachment; filename=\"a b.zip\"", None),
        ("inline", None),
    ] {
        assert_eq!(disposition_name(value).as_deref(), expected, "{value}");
    }
}
