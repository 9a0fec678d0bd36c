//! Any text as an assertion, a request object, a key set, an access token or a name of a kept request, any bytes as a
//! certificate: refused, never a panic. Nobody holds the client's private key, so that whatever is taken for signed by it
//! is a find.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oidc::{
    AccessTokenText, ClientKeys, PeerCertificate, TlsSubject, judge_assertion,
    read_hint_token, read_request_object, read_request_uri, read_signed_ask, verify_jws,
};

#[path = "shared/client.rs"]
mod client;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(certificate) = PeerCertificate::read(bytes, true) {
        assert_eq!(certificate.thumbprint.len(), 43);
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let client = client::client();
    let now = client.created_at;
    let endpoint = ["https://hygie.hopital.test/oauth2/token".to_owned()];
    assert!(judge_assertion(text, &client, &endpoint, now).is_err());
    assert!(read_request_object(text, &client, now).is_err());
    assert!(read_signed_ask(text, &client, now).is_err());
    assert!(read_hint_token(text, &client, now).is_err());
    assert!(verify_jws(text, "JWT", &[]).is_err());
    if let Ok(keys) = ClientKeys::read(text) {
        assert!(!keys.to_document().to_string().contains("\"d\""), "a private member was kept");
    }
    if let Some(TlsSubject::SubjectDn(name)) = TlsSubject::SubjectDn(text.to_owned()).normalised() {
        assert!(!name.is_empty());
    }
    let _answered = (read_request_uri(text), AccessTokenText::parse(text).is_some());
});
