//! A directory that answers by a script, for what a real one cannot be made to say on demand.
use ldap3::asn1::{PL, StructureTag, parse_tag};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// One search as the directory hears it.
pub(super) struct Asked {
    pub base: String,
    pub attributes: Vec<String>,
    /// Searches before this one.
    pub before: usize,
}

/// A name and its attributes.
pub(super) type Said = (String, Vec<(String, Vec<Vec<u8>>)>);

/// What it says to a search.
#[derive(Default)]
pub(super) struct Answer {
    pub entries: Vec<Said>,
    pub referral: Option<String>,
    pub code: u8,
    /// The cookie of the paging control; `None` leaves the control out.
    pub cookie: Option<Vec<u8>>,
}

pub(super) type Script = Arc<dyn Fn(&Asked) -> Answer + Send + Sync>;

/// Serves one reader on `localhost`; the port, and the authority to trust.
pub(super) async fn serve(script: Script) -> (u16, String) {
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("certificate");
    let pem = key.cert.pem();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let private = rustls::pki_types::PrivatePkcs8KeyDer::from(key.signing_key.serialize_der());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private.into())
        .expect("server");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let port = listener.local_addr().expect("address").port();
    tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.expect("accept");
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let mut tls = acceptor.accept(tcp).await.expect("handshake");
        let (mut waiting, mut piece, mut before) = (Vec::new(), vec![0; 4096], 0);
        while let Ok(read @ 1..) = tls.read(&mut piece).await {
            waiting.extend_from_slice(&piece[..read]);
            while let Ok(Some(length)) = outbound::ldap::message_length(&waiting) {
                if waiting.len() < length {
                    break;
                }
                let message: Vec<u8> = waiting.drain(..length).collect();
                let said = answer(&message, &script, &mut before);
                if tls.write_all(&said).await.is_err() || tls.flush().await.is_err() {
                    return;
                }
            }
        }
    });
    (port, pem)
}

fn answer(message: &[u8], script: &Script, before: &mut usize) -> Vec<u8> {
    let (_, message) = parse_tag(message).expect("message");
    let mut parts = children(message).into_iter();
    let id = primitive(parts.next().expect("id"));
    let operation = parts.next().expect("operation");
    let reply = |content: Vec<u8>| tlv(0x30, &[tlv(2, &id), content].concat());
    match operation.id {
        0 => reply(tlv(0x61, &result(0))),
        3 => {
            let parts = children(operation);
            let text =
                |tag: &StructureTag| String::from_utf8(primitive(tag.clone())).expect("text");
            let attributes = children(parts[7].clone()).iter().map(text).collect();
            let asked = Asked { base: text(&parts[0]), attributes, before: *before };
            *before += 1;
            let said = script(&asked);
            let mut bytes: Vec<u8> =
                said.entries.iter().flat_map(|entry| reply(tlv(0x64, &entry_of(entry)))).collect();
            if let Some(url) = &said.referral {
                bytes.extend(reply(tlv(0x73, &tlv(4, url.as_bytes()))));
            }
            let mut done = tlv(0x65, &result(said.code));
            if let Some(cookie) = &said.cookie {
                let value = tlv(0x30, &[tlv(2, &[0]), tlv(4, cookie)].concat());
                let control = [tlv(4, b"1.2.840.113556.1.4.319"), tlv(4, &value)].concat();
                done.extend(tlv(0xa0, &tlv(0x30, &control)));
            }
            bytes.extend(reply(done));
            bytes
        }
        _ => Vec::new(),
    }
}

fn entry_of((dn, attributes): &Said) -> Vec<u8> {
    let list: Vec<u8> = attributes
        .iter()
        .flat_map(|(name, values)| {
            let values: Vec<u8> = values.iter().flat_map(|value| tlv(4, value)).collect();
            tlv(0x30, &[tlv(4, name.as_bytes()), tlv(0x31, &values)].concat())
        })
        .collect();
    [tlv(4, dn.as_bytes()), tlv(0x30, &list)].concat()
}

fn result(code: u8) -> Vec<u8> {
    [tlv(10, &[code]), tlv(4, b""), tlv(4, b"")].concat()
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("short").to_be_bytes();
    [&[tag, 0x82, length[0], length[1]], content].concat()
}

fn children(tag: StructureTag) -> Vec<StructureTag> {
    match tag.payload {
        PL::C(children) => children,
        PL::P(_) => panic!("a constructed element"),
    }
}

fn primitive(tag: StructureTag) -> Vec<u8> {
    match tag.payload {
        PL::P(bytes) => bytes,
        PL::C(_) => panic!("a primitive element"),
    }
}
