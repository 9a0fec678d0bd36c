//! WB-11: one request that two programs would cut in two places. Sent as bytes to the running listeners: each is refused
//! once and the connection ends, or it is one request and what follows in it is never answered.
use crate::program::Program;
use std::process::Child;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

struct Server(Child);
impl Drop for Server {
    fn drop(&mut self) {
        if self.0.kill().is_ok() {
            let _ended = self.0.wait();
        }
    }
}

/// What would be the second request, had the first been cut elsewhere.
const INNER: &str = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// The statuses of what was answered before the server closed, or was silent for two seconds.
async fn answers(port: u16, request: &str) -> (Vec<u16>, bool) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("connected");
    // A server that refuses early closes while we still write: what it answered is what counts.
    let _sent = stream.write_all(request.as_bytes()).await;
    let (mut answer, mut part) = (Vec::new(), [0; 8192]);
    let closed = loop {
        match tokio::time::timeout(Duration::from_secs(2), stream.read(&mut part)).await {
            Ok(Ok(0) | Err(_)) => break true,
            Ok(Ok(read)) => answer.extend_from_slice(&part[..read]),
            Err(_) => break false,
        }
    };
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = |part: &str| part.get(..3).and_then(|code| code.parse().ok());
    (answer.split("HTTP/1.1 ").skip(1).filter_map(status).collect(), closed)
}

/// A request of this method whose head has these lines, then this body.
fn request(method: &str, lines: &str, body: &str) -> String {
    format!("{method} /oauth2/token HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n\r\n{body}")
}

/// What two programs may read in two ways, by name. None of it is a request.
fn ambiguous() -> Vec<(String, String)> {
    let length = INNER.len();
    let chunked = "Transfer-Encoding: chunked";
    let mut cases = Vec::new();
    let mut case = |name: String, request: String| cases.push((name, request));
    // Two lengths, written in each way that somebody took one of them.
    for lines in [
        format!("Content-Length: 0\r\nContent-Length: {length}"),
        format!("Content-Length: {length}\r\nContent-Length: 0"),
        format!("Content-Length: 0, {length}"),
        format!("Content-Length: +{length}"),
        format!("Content-Length: -{length}"),
        format!("Content-Length: 0x{length:x}"),
        format!("Content-Length: {length} 0"),
        format!("Content-Length: {length}.0"),
        "Content-Length: 99999999999999999999999".to_owned(),
        "Content-Length: ".to_owned(),
    ] {
        case(lines.clone(), request("POST", &lines, INNER));
    }
    // Codings that one reader knows and another passes over.
    for coding in [
        "xchunked",
        "chunked, identity",
        "identity",
        "gzip",
        "chunked\r\nTransfer-Encoding: identity",
        "\"chunked\"",
        "chunked;q=1",
        "chun ked",
    ] {
        let lines = format!("Transfer-Encoding: {coding}\r\nContent-Length: 5");
        case(lines.clone(), request("POST", &lines, &format!("0\r\n\r\n{INNER}")));
    }
    // Names of headers that are none, ends of lines that are none, lines that go on.
    for lines in [
        "Transfer-Encoding : chunked",
        " Transfer-Encoding: chunked",
        "Transfer-Encoding\t: chunked",
        "Transfer\u{0}-Encoding: chunked",
        "X-A: b\r\n Transfer-Encoding: chunked",
        "X-A: b\r\n\tTransfer-Encoding: chunked",
        "X-A: b\rTransfer-Encoding: chunked",
        "X-A: \u{0}b",
        ": chunked",
        "Transfer-Encoding chunked",
    ] {
        case(format!("{lines:?}"), request("POST", lines, &format!("0\r\n\r\n{INNER}")));
    }
    // Sizes of chunks that are none.
    for size in
        ["0x5", "-5", "+5", "5 5", "g", "", "fffffffffffffffff", "5\u{0}", "5;\n", "5\r", "5\n"]
    {
        let body = format!("{size}\r\nabcde\r\n0\r\n\r\n{INNER}");
        case(format!("chunk {size:?}"), request("POST", chunked, &body));
    }
    for (name, body) in [
        ("chunk longer than said", format!("3\r\nabcde\r\n0\r\n\r\n{INNER}")),
        ("chunk without its end", format!("5\r\nabcdeX\r\n0\r\n\r\n{INNER}")),
        ("chunk ended by LF", format!("5\r\nabcde\n0\r\n\r\n{INNER}")),
    ] {
        case(name.to_owned(), request("POST", chunked, &body));
    }
    // First lines and heads that are none, or too long.
    let host = "Host: localhost\r\n\r\n";
    for line in [
        "GET  /oauth2/token HTTP/1.1",
        "GET /oauth2/token HTTP/1.1 x",
        "GET /oauth2/ token HTTP/1.1",
        "GET /oauth2/token HTTP/1.2",
        "GET /oauth2/token HTTP/0.9",
        "GET /oauth2/token http/1.1",
        "G\u{0}T /oauth2/token HTTP/1.1",
        "/oauth2/token",
    ] {
        case(line.to_owned(), format!("{line}\r\n{host}{INNER}"));
    }
    let long = "a".repeat(1 << 20);
    case("a first line of a megabyte".to_owned(), format!("GET /{long} HTTP/1.1\r\n{host}"));
    case("a header of a megabyte".to_owned(), request("GET", &format!("X-A: {long}"), INNER));
    let many: String = (0..2_000).map(|number| format!("X-{number}: a\r\n")).collect();
    case("two thousand headers".to_owned(), request("GET", many.trim_end(), INNER));
    cases
}

/// What is one request: a body that looks like the next one is a body.
fn whole() -> Vec<(String, String)> {
    let length = INNER.len();
    let chunk = format!("{length:x}\r\n{INNER}\r\n0\r\n\r\n");
    let close = "Connection: close";
    let mut cases = vec![
        (
            "a body of its length".to_owned(),
            request("POST", &format!("{close}\r\nContent-Length: {length}"), INNER),
        ),
        (
            "a body in one chunk".to_owned(),
            request("POST", &format!("{close}\r\nTransfer-Encoding: chunked"), &chunk),
        ),
        (
            "a GET with a body".to_owned(),
            request("GET", &format!("{close}\r\nContent-Length: {length}"), INNER),
        ),
        (
            "an upgrade that is none".to_owned(),
            request(
                "POST",
                &format!("Connection: close, Upgrade\r\nUpgrade: h2c\r\nContent-Length: {length}"),
                INNER,
            ),
        ),
    ];
    // RFC 9112 §6.1: both are an attack, or one request by its chunks whose connection ends with it.
    for lines in [
        format!("Content-Length: {length}\r\nTransfer-Encoding: chunked"),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {length}"),
        "Content-Length: 4\r\nTransfer-Encoding: chunked".to_owned(),
        "transfer-ENCODING: Chunked\r\ncontent-length: 4".to_owned(),
    ] {
        cases.push((lines.clone(), request("POST", &lines, &format!("0\r\n\r\n{INNER}"))));
    }
    cases
}

#[tokio::test]
async fn wb_11_no_request_is_cut_in_two_places() {
    let Some(program) = Program::init_with(&["--demo-http".to_owned()]) else { return };
    let free = || {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("address").port()
    };
    let (public, admin) = (free(), free());
    let mut settings = std::fs::read_to_string(program.settings()).expect("settings");
    for port in [public, admin] {
        settings = settings.replacen("127.0.0.1:0", &format!("127.0.0.1:{port}"), 1);
    }
    std::fs::write(program.settings(), settings).expect("settings");
    let _server = Server(program.command(&["serve"]).spawn().expect("serves"));
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", admin)).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(60), "the listeners are not there");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (ambiguous, whole) = (ambiguous(), whole());
    assert!(ambiguous.len() + whole.len() >= 60, "{} and {}", ambiguous.len(), whole.len());
    let mut told = Vec::new();
    for port in [public, admin] {
        for (name, request) in &ambiguous {
            let (statuses, closed) = answers(port, request).await;
            let refused = statuses.iter().all(|status| (400..500).contains(status));
            if statuses.len() > 1 || !refused || !closed {
                told.push(format!("{name:?}: {statuses:?}, closed: {closed}"));
            }
        }
        for (name, request) in &whole {
            let (statuses, closed) = answers(port, request).await;
            if statuses.len() != 1 || !closed {
                told.push(format!("{name:?}: {statuses:?}, closed: {closed}"));
            }
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}
