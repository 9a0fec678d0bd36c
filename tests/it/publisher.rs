//! A stand-in of the Annuaire Santé's publisher, for tests: extracts over TLS with ranges, and the FHIR API V2 as its
//! documentation tells (key, searches, pages followed verbatim, struck off people with their number alone).
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls;

pub const KEY: &str = "a-key-of-the-portal";

#[derive(Default)]
pub struct Published {
    /// By path: name, content. The content's length and name make its tag.
    pub files: BTreeMap<String, (String, Vec<u8>)>,
    /// Connections that break after so many bytes of a body, one after the other.
    pub breaks: Vec<usize>,
    /// Practitioner and PractitionerRole resources, each with the number and the moment that searches look at.
    pub people: Vec<Resource>,
    /// What was asked, and when.
    pub asked: Vec<(Instant, String)>,
}

#[derive(Clone)]
pub struct Resource {
    pub id_nat: String,
    pub card: String,
    pub updated: String,
    pub json: String,
}

pub struct Publisher {
    pub port: u16,
    /// The authority to believe.
    pub pem: String,
    pub state: Arc<Mutex<Published>>,
}

impl Publisher {
    pub async fn start() -> Self {
        let key =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("certificate");
        let private = rustls::pki_types::PrivatePkcs8KeyDer::from(key.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![key.cert.der().clone()], private.into())
            .expect("server");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let port = listener.local_addr().expect("address").port();
        let state: Arc<Mutex<Published>> = Arc::default();
        let kept = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (acceptor, state) = (acceptor.clone(), Arc::clone(&kept));
                tokio::spawn(async move {
                    if let Ok(tls) = acceptor.accept(tcp).await {
                        serve(tls, &state, port).await;
                    }
                });
            }
        });
        Self { port, pem: key.cert.pem(), state }
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    pub fn publish(&self, path: &str, name: &str, content: Vec<u8>) {
        let mut state = self.state.lock().expect("state");
        state.files.insert(path.to_owned(), (name.to_owned(), content));
    }

    pub fn asked(&self) -> Vec<String> {
        let state = self.state.lock().expect("state");
        state.asked.iter().map(|(_, what)| what.clone()).collect()
    }
}

async fn serve(
    mut tls: tokio_rustls::server::TlsStream<tokio::net::TcpStream>,
    state: &Mutex<Published>,
    port: u16,
) {
    let (mut request, mut piece) = (Vec::new(), [0; 4096]);
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match tls.read(&mut piece).await {
            Ok(read) if read > 0 => request.extend_from_slice(&piece[..read]),
            _ => return,
        }
    }
    let text = String::from_utf8_lossy(&request).into_owned();
    let (head, body, broken_at) = answer(&text, state, port);
    let sent = body.get(..broken_at.unwrap_or(body.len()).min(body.len())).unwrap_or(&body);
    let head = format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n");
    // Whoever asked may have left.
    let all = [head.as_bytes(), sent].concat();
    if tls.write_all(&all).await.is_ok() && tls.shutdown().await.is_err() {
        return;
    }
    drop(tls.read(&mut piece).await);
}

/// Head, body, and where the connection breaks.
fn answer(request: &str, state: &Mutex<Published>, port: u16) -> (String, Vec<u8>, Option<usize>) {
    let mut state = state.lock().expect("state");
    let mut words = request.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    state.asked.push((Instant::now(), format!("{method} {path}")));
    let header = |name: &str| {
        let lines = request.lines().filter_map(|line| line.split_once(": "));
        let mut named = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.to_owned())
    };
    if path.starts_with("/fhir/v2/") {
        if header("esante-api-key").as_deref() != Some(KEY) {
            return ("403 Forbidden\r\nContent-Length: 0".to_owned(), Vec::new(), None);
        }
        let body = fhir(path, &state.people, port).into_bytes();
        let head = format!(
            "200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: {}",
            body.len()
        );
        return (head, body, None);
    }
    let Some((name, content)) = state.files.get(path).cloned() else {
        return ("404 Not Found\r\nContent-Length: 0".to_owned(), Vec::new(), None);
    };
    let tag = format!("\"{name}-{}\"", content.len());
    let about = format!("ETag: {tag}\r\nContent-Disposition: attachment; filename=\"{name}\"");
    if method == "HEAD" {
        return (
            format!("200 OK\r\n{about}\r\nContent-Length: {}", content.len()),
            Vec::new(),
            None,
        );
    }
    let broken = (!state.breaks.is_empty()).then(|| state.breaks.remove(0));
    let from = header("range")
        .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
    match from.filter(|_| header("if-range").as_deref() == Some(tag.as_str())) {
        Some(from) if from < content.len() => {
            let (last, all) = (content.len() - 1, content.len());
            let head = format!(
                "206 Partial Content\r\n{about}\r\nContent-Range: bytes {from}-{last}/{all}\r\nContent-Length: {}",
                all - from
            );
            (head, content[from..].to_vec(), broken)
        }
        _ => (format!("200 OK\r\n{about}\r\nContent-Length: {}", content.len()), content, broken),
    }
}

/// Two people a page, so that a delta has several.
fn fhir(path: &str, people: &[Resource], port: u16) -> String {
    let (place, query) = path.split_once('?').unwrap_or((path, ""));
    let parameters: BTreeMap<String, String> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.replace("%3A", ":")))
        .collect();
    let get = |name: &str| parameters.get(name).map(String::as_str);
    // A page's id bears the moment that was asked: opaque for the client, enough for us.
    let (since, page) = match (place, get("id")) {
        ("/fhir/v2/_page", Some(id)) => {
            let (since, page) = id.split_once("~").unwrap_or((id, "0"));
            (Some(since.to_owned()), page.parse().unwrap_or(0))
        }
        _ => (get("_lastUpdated").and_then(|it| it.strip_prefix("ge")).map(str::to_owned), 0),
    };
    let found: Vec<&Resource> = people
        .iter()
        .filter(|it| get("identifier").is_none_or(|number| it.id_nat == number))
        .filter(|it| get("number-smartcard").is_none_or(|card| it.card == card))
        .filter(|it| since.as_deref().is_none_or(|since| it.updated.as_str() >= since))
        .collect();
    let shown: Vec<String> = found
        .iter()
        .skip(page * 2)
        .take(2)
        .map(|it| format!("{{\"resource\":{}}}", it.json))
        .collect();
    let next = match since.filter(|_| found.len() > (page + 1) * 2) {
        Some(since) => format!(
            ",{{\"relation\":\"next\",\"url\":\"https://localhost:{port}/fhir/v2/_page?id={since}~{}\"}}",
            page + 1
        ),
        None => String::new(),
    };
    format!(
        "{{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"link\":[{{\"relation\":\"self\",\"url\":\"x\"}}{next}],\
         \"entry\":[{}]}}",
        shown.join(",")
    )
}

/// A Practitioner as the API gives it, trimmed to what is read.
pub fn practitioner(
    id_nat: &str,
    names: (&str, &str),
    profession: &str,
    card: &str,
    updated: &str,
) -> Resource {
    let (family, given) = names;
    let json = format!(
        r#"{{"resourceType":"Practitioner","id":"003-{id_nat}","meta":{{"lastUpdated":"{updated}"}},"active":true,
        "extension":[{{"url":"https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-smartcard",
          "extension":[{{"url":"type","valueCodeableConcept":{{"coding":[{{"code":"CPS"}}]}}}},
           {{"url":"number","valueString":"{card}"}}]}}],
        "identifier":[{{"type":{{"coding":[{{"code":"IDNPS"}}]}},"system":"urn:oid:1.2.250.1.71.4.2.1","value":"{id_nat}"}}],
        "name":[{{"family":"{family}","given":["{given}"]}}],
        "qualification":[{{"code":{{"coding":[{{"system":"https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante","code":"{profession}"}}]}}}}]}}"#
    );
    Resource { id_nat: id_nat.to_owned(), card: card.to_owned(), updated: updated.to_owned(), json }
}
